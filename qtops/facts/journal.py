"""What the journal holds of one service: the lines of its current or last invocation, and what they say when put together.

Texts are stripped of control characters and of secrets; times are seconds since the epoch. An invocation is one start
(systemd.exec(5), ``$INVOCATION_ID``).
"""

from typing import Literal

import msgspec

EventKind = Literal[
    "starting", "started", "stopping", "stopped", "deactivated", "exited", "failed", "spawn_failed", "job_failed",
    "restart_scheduled", "start_limit", "unit_file", "oom", "other",
]  # fmt: skip
"""By MESSAGE_ID (systemd's sd-messages.h); ``start_limit`` has none and is told by its words."""


class Line(msgspec.Struct, frozen=True):
    """One entry. ``priority`` as in syslog: 3 is an error; what a program writes to stderr has 6 all the same."""

    at_s: float
    text: str
    source: Literal["service", "systemd", "kernel"] = "service"
    priority: int = 6
    pid: int = 0


class Event(msgspec.Struct, frozen=True):
    """One step of systemd's own with this unit. What does not apply is empty."""

    at_s: float
    kind: EventKind
    text: str
    command: str = ""  # exited: ExecStart, ExecStartPre …
    code: str = ""  # exited: exited, killed, dumped
    status: int | None = None
    result: str = ""  # UNIT_RESULT, JOB_RESULT
    errno: int | None = None  # spawn_failed
    path: str = ""  # spawn_failed: the program; unit_file: the file
    restarts: int | None = None  # restart_scheduled: the counter
    invocation: str = ""


class Frame(msgspec.Struct, frozen=True):
    """One line of a traceback."""

    file: str
    line: int
    function: str = ""


class Traceback(msgspec.Struct, frozen=True):
    """A Python traceback, put together from single lines. ``message`` is its last line, as CPython prints it."""

    at_s: float
    type: str  # "ModuleNotFoundError", "redis.exceptions.ConnectionError"
    message: str
    frames: tuple[Frame, ...] = ()  # outermost first; of a chain, those of the last
    causes: tuple[str, ...] = ()  # the last lines of the tracebacks it was raised from, first one first
    invocation: str = ""
    final: bool = False  # the program wrote nothing after it, and ended


class Signature(msgspec.Struct, frozen=True):
    """Error lines that differ in digits, ids, times and quoted values only."""

    pattern: str
    sample: str
    count: int
    share: float  # of all error lines in the window
    first_s: float
    last_s: float


class Run(msgspec.Struct, frozen=True):
    """One run of a service that is started again and again. ``last_line`` is its own, before its end."""

    invocation: str
    began_s: float | None
    ended_s: float | None
    code: str = ""
    status: int | None = None
    last_line: str = ""
    result: str = ""  # why systemd calls it failed (UNIT_RESULT); empty where it does not


class JournalFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The journal of one service."""

    invocation: str = ""  # of ``lines`` and ``tracebacks``; empty: none is known, and they are the unit's newest
    lines: tuple[Line, ...] = ()  # the newest, oldest first
    events: tuple[Event, ...] = ()  # of that invocation and of the jobs around it
    tracebacks: tuple[Traceback, ...] = ()
    signatures: tuple[Signature, ...] = ()  # the most frequent first
    runs: tuple[Run, ...] = ()  # as far back as was read, oldest first
    cut: bool = False  # older lines of the invocation were left out
