"""Everything that a report is written from. A report is a function of it, and of nothing else."""

from typing import Any, Literal

import msgspec

from qtops.facts.host import FailedUnit, UnitText
from qtops.facts.recovery import RecoveryRecord, UnitSample
from qtops.facts.service import Facts
from qtops.steps import RecoveryPlan

Kind = Literal["incident", "phase"]


class Entry(msgspec.Struct, frozen=True):
    """One line of the ledger about one recovery. ``step`` counts from 0; None where it is about the whole.

    When somebody first looked at the fault is an entry as well, "noticed", although the ledger keeps it apart.
    """

    event: str
    at_s: float
    step: int | None = None
    detail: dict[str, Any] = {}


class Settling(msgspec.Struct, frozen=True, kw_only=True):
    """The watch over a service after its start, without the facts that it ended with: those are the look ``after``."""

    restarted_at_s: float
    samples: tuple[UnitSample, ...]
    settle_s: float
    started: bool = True
    pids: tuple[int, ...] = ()


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """What a recovery kept of a file that it replaced, looked for at the time of writing."""

    path: str  # the file that it was taken of
    sha256: str  # its name in the folder of the recovery
    trouble: str = ""  # why it cannot be put back; empty: it is there, and has this hash


class Stood(msgspec.Struct, frozen=True, kw_only=True):
    """How a phase stood in the last report on it."""

    number: int
    state: str
    reported_s: float


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One incident of one service, or one phase. What is None was not there to be had; what is in none of it is not claimed."""

    kind: Kind
    host: str
    subject: str  # the unit's full name, or "phase 3"
    made_at_s: float  # when the report is written: ages are counted from it
    before: Facts | None = None  # an incident: as the fault was found
    after: Facts | None = None  # as its effect was proven
    now: Facts | None = None  # at the time of writing
    settling: Settling | None = None
    recovery: RecoveryRecord | None = None
    plan: RecoveryPlan | None = None
    entries: tuple[Entry, ...] = ()  # of the ledger, about that recovery
    backups: tuple[Backup, ...] = ()
    patch: str = ""  # for the repository
    units: tuple[UnitText, ...] = ()  # files of its units, the fragment before its drop-ins
    failed: tuple[FailedUnit, ...] | None = None  # all failed units of the host, at the time of writing
    failed_before: tuple[FailedUnit, ...] | None = None  # the same as the recovery found it
    recoveries: tuple[RecoveryRecord, ...] = ()  # all others of this unit, the newest first
    last: tuple[Stood, ...] = ()  # how phases stood when they were last reported on
    lacking: tuple[str, ...] = ()  # what should have been there and could not be had, each with why; printable sentences
