"""Where something is written, and what systemd makes of what is wrong with it."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Origin:
    """A line of a file; counted from 1."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


class Effect(StrEnum):
    """What comes of it."""

    NOTED = "noted"
    """It works as written, which may not be what was meant."""
    IGNORED = "ignored"
    """systemd leaves this assignment, word or line out and goes on."""
    CUT = "cut"
    """systemd reads no further in this file."""
    REFUSED = "refused"
    """The unit cannot be started: LoadState is bad-setting or error."""
    UNKNOWN = "unknown"
    """It depends on something that no file tells."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong, odd or not to be known. ``text`` quotes the file: hostile until it is made printable."""

    origin: Origin
    effect: Effect
    text: str

    def __str__(self) -> str:
        return f"{self.origin}: {self.text} ({self.effect})"
