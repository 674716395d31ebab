"""What was true of a recovery: what was observed after it, whether that proves its effect, and when each thing was done."""

from typing import Literal

import msgspec

from qtops.facts.service import ServiceFacts
from qtops.facts.unit import UnitState

Answer = Literal["yes", "no", "could not tell"]


class Criterion(msgspec.Struct, frozen=True):
    """One thing that must hold for a recovery to count as one, and what was seen of it."""

    name: str  # "one process", "no new traceback", "check clear", "fresh", "sane", "written by the new process"
    holds: Answer
    evidence: str


class Proof(msgspec.Struct, frozen=True):
    """All criteria. Proven is what every one of them holds for."""

    criteria: tuple[Criterion, ...]
    at_s: float | None = None  # when the last of them was seen to hold

    @property
    def is_proven(self) -> bool:
        """Whether each was seen to hold."""
        return bool(self.criteria) and all(criterion.holds == "yes" for criterion in self.criteria)


class UnitSample(msgspec.Struct, frozen=True):
    """The unit at one moment of the settle time."""

    at_s: float
    unit: UnitState | None  # None: systemd could not be asked
    why: str = ""


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """Everything seen after the service was started anew: samples of its unit, and a last look at all of it."""

    restarted_at_s: float
    samples: tuple[UnitSample, ...]
    service: ServiceFacts
    taken_at_s: float
    settle_s: float
    started: bool = True  # False: nothing was to be started, and ``restarted_at_s`` is when the change was done
    host: str = ""
    pids: tuple[int, ...] = ()  # of the processes in its control group when the look was taken; empty: could not be seen


class Moment(msgspec.Struct, frozen=True):
    """When something was done, and who says so: "journal", "ledger", "systemd". None where nothing tells."""

    name: Literal["failed", "noticed", "diagnosed", "patched", "restarted", "verified", "undone"]
    at_s: float | None
    source: str


class RecoveryRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One recovery as the ledger has it."""

    id: str
    unit: str
    codes: tuple[str, ...]
    remedies: tuple[str, ...]
    fingerprint: str
    state: Literal["begun", "verified", "undone", "undo failed", "refused"]
    """``begun``: not ended, its qtops is at work or was killed; ``refused``: it ended before anything was changed."""
    begun_s: float
    ended_s: float | None
    by: str  # the login name behind sudo where there is one
    folder: str  # where its plan and its backups lie
    paths: tuple[str, ...] = ()  # files that it replaced
    after: dict[str, str] = {}  # path to the hash that it left there
    why: str = ""  # what ended it, where that was no success
