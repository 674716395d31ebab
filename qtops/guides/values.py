"""What a runbook says: parameters, and steps with what is expected of each."""

import re
from typing import Final

import msgspec

from qtops.errors import UsageError
from qtops.guides.expressions import Expression

LONGEST_S: Final = 3_600.0  # what takes longer is no step that somebody waits for
NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
PARAMETER: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
PLAIN_VALUE: Final = r"[A-Za-z0-9:_.,@/+=-]{1,255}"  # names of units, keys, streams, files: nothing that a terminal or glob minds


class RunbookError(UsageError):
    """A file that is no runbook, or a value that it does not take. The message begins with the file."""


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a runbook is told: ``{service}`` in a word of a command. Without a default it has to be given."""

    help: str
    default: str | None = None
    pattern: str = PLAIN_VALUE  # of the whole value

    def __post_init__(self) -> None:
        _one_line("help", self.help)
        expression = Expression(self.pattern)
        if self.default is not None and not expression.fits(self.default):
            raise ValueError(f"its own default {self.default[:64]!a} does not match its pattern")


class Expectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What must hold of a command that was run. Its output is both streams, without control characters."""

    exit: tuple[int, ...] = (0,)
    contains: tuple[str, ...] = ()  # every one of these texts; ``{name}`` is a parameter
    lacks: tuple[str, ...] = ()  # none of these; likewise
    matches: tuple[str, ...] = ()  # for each of these expressions a line that it is found in; no parameters

    def __post_init__(self) -> None:
        if not self.exit or not all(0 <= code <= 255 for code in self.exit):
            raise ValueError("exit: wants codes from 0 to 255, one at least")
        for text in (*self.contains, *self.lacks):
            _one_line("contains and lacks", text)
        for pattern in self.matches:
            Expression(pattern)


class RunbookStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One command. ``line`` is that of its block in the file."""

    name: str
    command: tuple[str, ...]
    why: str
    changes: bool  # False: it only looks
    expect: Expectation = Expectation()
    timeout_s: float = 60.0
    way_back: tuple[str, ...] = ()  # what takes the change back; empty: nothing does
    line: int = 0

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError("name: wants small letters, digits and dashes, such as read-the-log")
        if self.way_back and not self.changes:
            raise ValueError("way_back: a step that changes nothing has none")
        _one_line("why", self.why)
        if not 0 < self.timeout_s <= LONGEST_S:
            raise ValueError(f"timeout_s: wants a time above 0 and up to {LONGEST_S:g} s")


class Runbook(msgspec.Struct, frozen=True, kw_only=True):
    """A runbook as read. A page without steps is one as well: it can be shown, not run."""

    title: str
    origin: str  # the file
    sha256: str  # of its text
    text: str
    parameters: dict[str, Parameter]
    steps: tuple[RunbookStep, ...]


def _one_line(what: str, text: str) -> None:
    if not text.strip() or not text.isprintable():
        raise ValueError(f"{what}: wants printable text on one line")
