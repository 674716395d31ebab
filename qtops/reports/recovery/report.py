"""What became of a recovery, in the form that all renderers share."""

from typing import Final, Literal

import msgspec

from qtops.errors import Exit
from qtops.facts.recovery import Moment, Proof, RecoveryRecord
from qtops.findings import Diagnosis
from qtops.steps import RecoveryPlan, Remedy

Outcome = Literal[
    "nothing to do", "planned", "refused", "failed", "verified", "rolled back", "undone", "undo failed", "interrupted"
]  # fmt: skip
"""``refused`` leaves it to a person, before anything was changed; ``failed`` ended before anything was changed as well;
``rolled back``: its effect could not be proven; ``interrupted``: an earlier one has not ended.
"""
EXITS: Final[dict[Outcome, Exit]] = {
    "nothing to do": Exit.OK,
    "verified": Exit.OK,
    "undone": Exit.OK,
    "planned": Exit.NOT_APPLIED,
    "refused": Exit.NOT_APPLIED,
    "failed": Exit.NOT_APPLIED,
    "rolled back": Exit.NOT_APPLIED,
    "interrupted": Exit.NOT_APPLIED,
    "undo failed": Exit.UNDO_FAILED,
}


class Option(msgspec.Struct, frozen=True):
    """A remedy, and whether it is taken: if not, why not."""

    remedy: Remedy
    is_taken: bool
    why_not: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One recovery, as far as it went."""

    outcome: Outcome
    unit: str
    host: str
    at_s: float  # this host's clock, which ages are counted from
    why: str = ""  # of whatever did not go as wished, in one sentence
    advice: tuple[str, ...] = ()  # what to run, or to look at, next
    diagnosis: Diagnosis | None = None  # before
    options: tuple[Option, ...] = ()
    plan: RecoveryPlan | None = None
    notes: tuple[str, ...] = ()  # imports left unused, what the patched tree was seen to do
    proof: Proof | None = None
    moments: tuple[Moment, ...] = ()
    disorders: tuple[str, ...] = ()  # moments that cannot lie so: a clock was set in between
    folder: str = ""  # where the plan and the backups lie
    repository: tuple[str, ...] = ()  # what has to happen in the repository, so that the fix stays
    patch: str = ""  # the file that `git apply` takes
    after: str = ""  # the state in which the service was left, in one line
    code: int | None = None  # another exit code than that of the outcome: of the error that ended it

    @property
    def exit_code(self) -> int:
        """What the command tells its caller."""
        return self.code if self.code is not None else EXITS[self.outcome]


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """All recoveries that the ledger of this host knows, the newest first."""

    host: str
    at_s: float
    records: tuple[RecoveryRecord, ...]
    notices: tuple[str, ...] = ()  # what is wrong with the ledger itself
