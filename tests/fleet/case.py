"""One case of the fleet: a few units, what is in Redis, and what the map has to say of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import dedent
from typing import Literal

Kind = Literal[
    "no writer", "no reader", "near miss", "two writers", "wrong type", "writer off", "fields",
    "stays", "too wide", "uncapped",
]  # fmt: skip
HEADER = "import os\n\nimport redis\n\nr = redis.Redis(decode_responses=True)\n"


@dataclass(frozen=True)
class State:
    """How systemd has a unit."""

    active: str = "active"
    sub: str = "running"
    file: str = "enabled"
    result: str = "success"
    load: str = "loaded"


RUNNING = State()
DISABLED = State("inactive", "dead", "disabled")
STOPPED = State("inactive", "dead", "enabled")
FAILED = State("failed", "failed", "enabled", "exit-code")
MASKED = State("inactive", "dead", "masked", load="masked")
RESTING = State("inactive", "dead", "static")  # a timer's job between two runs


@dataclass(frozen=True)
class Program:
    """One unit. ``lines`` are further lines of its [Service]; ``timer``: it is started by one."""

    name: str
    source: str
    lines: tuple[str, ...] = ()
    state: State = RUNNING
    timer: bool = False
    command: str = ""  # after the interpreter; empty: its own file


@dataclass(frozen=True)
class Fault:
    """What is wrong. ``subjects``: the finding may be on any of these names; ``also``: what else may rightly be said of them."""

    kind: Kind
    subjects: tuple[str, ...]
    also: tuple[Kind, ...] = ()


@dataclass(frozen=True)
class Case:
    """Units that belong together. Without faults they are healthy: no warning may come of them."""

    name: str
    programs: tuple[Program, ...]
    faults: tuple[Fault, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)  # beside the programs: modules and environment files
    redis: tuple[tuple[str, ...], ...] = ()  # commands that set the scene
    unresolved: tuple[str, ...] = ()  # programs of which some name has to be reported as unresolved
    verdicts: Mapping[str, str] = field(default_factory=dict)  # of streams: broken, unfed, idle, unknown

    def unit(self, program: str) -> str:
        """The unit's full name."""
        return f"{self.name}-{program}.service"


def unit(name: str, source: str, *lines: str, **options: object) -> Program:
    """A program; without imports of its own it begins with a client ``r``."""
    text = dedent(source).strip("\n") + "\n"
    return Program(name, text if text.startswith(("import", "from", "#!")) else HEADER + text, lines, **options)  # type: ignore[arg-type]


def sick(name: str, kind: Kind, subjects: str, *programs: Program, also: tuple[Kind, ...] = (), **options: object) -> Case:
    """A case with one fault, on one of the names (parted by blanks)."""
    return Case(name, programs, (Fault(kind, tuple(subjects.split()), also),), **options)  # type: ignore[arg-type]


def well(name: str, *programs: Program, **options: object) -> Case:
    """A healthy case that looks like a sick one."""
    return Case(name, programs, **options)  # type: ignore[arg-type]
