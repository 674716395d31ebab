"""What is to be done, as plain values: carried out by an operator, or by ``qtops.actions``.

A remedy says what to change, in terms of what was found; nothing was read for it. A plan says what will be done, step by step, with
the hash of every file before and after. Only steps that carry an ``action`` are ever carried out by qtops.
"""

from typing import Literal, TypeAlias

import msgspec

Verb = Literal["daemon-reload", "reset-failed", "start", "restart"]


class RemoveStatement(msgspec.Struct, frozen=True, tag="remove_statement"):
    """Take one statement out of a Python file, the one that begins on this line. Everything else stays byte for byte."""

    path: str
    line: int  # from 1


class DropIn(msgspec.Struct, frozen=True, tag="drop_in"):
    """Add lines to a unit by a drop-in of its own, below /etc: the unit's file itself is never touched."""

    unit: str
    section: Literal["Unit", "Service"]
    lines: tuple[str, ...]


class UnixLineEnds(msgspec.Struct, frozen=True, tag="unix_line_ends"):
    """Take the carriage returns off the ends of all lines of a file."""

    path: str


class Shebang(msgspec.Struct, frozen=True, tag="shebang"):
    """Have the first line of a script name this interpreter."""

    path: str
    interpreter: str


class MakeExecutable(msgspec.Struct, frozen=True, tag="make_executable"):
    """Let whoever may read a file execute it."""

    path: str


Change: TypeAlias = RemoveStatement | DropIn | UnixLineEnds | Shebang | MakeExecutable


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """One way to mend one finding. Several may serve: the smallest comes first, each with its reason.

    ``command`` is something that qtops runs only when the remedy is asked for by name; ``by_hand`` says why it never does it.
    A remedy without changes, command and ``by_hand`` mends by starting the service alone.
    """

    name: str  # "remove-path-edit": what an operator asks for it by, once per diagnosis
    code: str  # of the finding
    title: str  # "Remove the edit of sys.path at /srv/app/main.py:29"
    why: str
    changes: tuple[Change, ...] = ()
    command: tuple[str, ...] = ()
    command_as: str = ""  # the account that owns what the command writes to; empty: root
    by_hand: str = ""
    verb: Literal["restart", "start", ""] = "restart"  # how the service is to pick it up; empty: it need not

    @property
    def is_offered(self) -> bool:
        """Whether qtops carries it out without being asked for it by name."""
        return not self.command and not self.by_hand


class FileState(msgspec.Struct, frozen=True, kw_only=True):
    """A regular file as it is: what a replacement has to keep, and what an undo brings back."""

    sha256: str
    size: int
    mode: int  # permission bits, 0o7777 at most
    uid: int
    gid: int
    xattrs: dict[str, str] = {}  # name to value in hexadecimal digits, POSIX ACLs and file capabilities among them
    mtime_ns: int = 0  # brought back by an undo; another one alone is no other state. 0: the time of writing


class Replace(msgspec.Struct, frozen=True, kw_only=True, tag="replace"):
    """Put a file in place of another, as a whole. ``before`` is None where there must be no file yet."""

    path: str  # absolute, without links
    before: FileState | None
    after: FileState
    makes: tuple[str, ...] = ()  # directories that have to be made for it, the uppermost first
    interpreter: tuple[str, ...] = ()  # of a Python source: the command that must be able to compile it, else empty
    account: str = ""  # and the user as whom that interpreter is run


class Call(msgspec.Struct, frozen=True, tag="call"):
    """Ask systemd for something. ``unit`` is empty for a daemon-reload."""

    verb: Verb
    unit: str = ""


class Run(msgspec.Struct, frozen=True, tag="run"):
    """Run a command that was asked for by name, as the owner of what it changes. There is no way back from it."""

    argv: tuple[str, ...]
    account: str = ""  # empty: as root


Action: TypeAlias = Replace | Call | Run


class Step(msgspec.Struct, frozen=True):
    """One action of a plan. ``command`` is what an operator would type; ``way_back`` is empty where there is none."""

    command: tuple[str, ...]
    why: str
    effect: str = ""  # what it changes, counted: "moves 12 entries to consumer worker-2"
    way_back: str = ""
    risk: str = ""  # why a person has to ask for it by name; empty: safe
    action: Action | None = None  # None: only ever carried out by an operator
    diff: str = ""  # of a replacement: unified, printable


class Plan(msgspec.Struct, frozen=True):
    """Steps in order, for one subject. The first that fails ends it."""

    code: str  # of the finding that it is for
    subject: str
    steps: tuple[Step, ...]
    why_none: str = ""  # without steps: why there is nothing that could be done by command


class RecoveryPlan(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="qtops.plan/1"):
    """A recovery as it will be carried out. The contents of its files lie beside it, by hash."""

    id: str  # "20261123T093000Z-risk-proposal-1f3a": sorts by time
    host: str
    unit: str
    made_at_s: float
    codes: tuple[str, ...]  # findings that it mends, the root first
    remedies: tuple[str, ...]  # names of those chosen
    fingerprint: str  # of unit, codes and what is changed, not of the files' contents: tells a recurrence
    was_up: bool  # how an undo leaves the service: up as it was, or down as it was
    steps: tuple[Step, ...]
