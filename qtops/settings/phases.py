"""A plan in phases: what each is for, and the criteria by which it counts as complete."""

from math import inf

import msgspec


class PhaseCriterion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that must be seen to hold, of one service of the phase or of all of them. Every binding that is given has to hold.

    A criterion without any binding is measured by nothing: it never holds.
    """

    title: str
    services: tuple[str, ...] = ()  # names; empty: all services of the phase
    runs: bool = False  # systemd has it running, by a start of its own
    clear: tuple[str, ...] = ()  # codes of checks: each could look, and found nothing
    written: bool = False  # every key of its families is there
    symbols: tuple[str, ...] = ()  # and those of these symbols in particular
    within_s: float | None = None  # the newest time in each of its keys is no older when it is looked at
    every_s: float | None = None  # measured: its keys are updated at least this often
    says: str = ""  # stands in its journal since its last start
    never_says: str = ""  # does not, and the journal was read from that start on

    def __post_init__(self) -> None:
        if not (self.title and self.title.isprintable()):
            raise ValueError("wants a printable title")
        if any(limit is not None and not 0 < limit < inf for limit in (self.within_s, self.every_s)):
            raise ValueError("wants within_s and every_s above 0, finite")


class Deliverable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that a phase leaves behind. ``by`` says what shows that it is there; without it nothing does."""

    title: str
    by: str = ""  # "recovery", "backup", "unit", "baseline", "wiring"


class Phase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One phase of the plan."""

    number: int
    title: str
    objective: str = ""
    services: tuple[str, ...] = ()  # names of services, or of units
    criteria: tuple[PhaseCriterion, ...] = ()
    deliverables: tuple[Deliverable, ...] = ()
    depends: tuple[int, ...] = ()
    next: tuple[str, ...] = ()  # what is to be done after it


PHASES: tuple[Phase, ...] = ()
