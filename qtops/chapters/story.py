"""One incident put together from its case: what was seen when, what was proven, and when each thing was done.

Everything here is judged anew from what was recorded; nothing is taken from what the ledger concluded.
"""

from dataclasses import dataclass, replace

from qtops.chapters.ledger import recorded
from qtops.chapters.looks import Look, look
from qtops.evidence.case import Case
from qtops.evidence.citing import Citing
from qtops.evidence.document import Cites
from qtops.evidence.records import Record
from qtops.facts.recovery import Moment, Observed, Proof
from qtops.facts.service import ServiceFacts
from qtops.facts.times import moment
from qtops.proof.effect import prove
from qtops.proof.moments import moments


@dataclass(frozen=True)
class Story:
    """An incident as chapters tell it."""

    case: Case
    citing: Citing
    before: Look | None
    after: Look | None
    now: Look | None
    proof: Proof | None  # None: it could not be judged, see ``unproven``
    unproven: str
    moments: tuple[Moment, ...]

    @property
    def looks(self) -> tuple[Look, ...]:
        """Those that were taken, the oldest first."""
        return tuple(one for one in (self.before, self.after, self.now) if one is not None)

    @property
    def latest(self) -> Look | None:
        """The newest look."""
        return self.looks[-1] if self.looks else None

    @property
    def found(self) -> Look | None:
        """The look that shows the fault: from before the recovery, or the newest where nothing was recovered."""
        recovery = self.case.recovery
        return self.before or (self.latest if recovery is None or recovery.state == "refused" else None)

    @property
    def codes(self) -> tuple[str, ...]:
        """The findings that the recovery was to mend; without one, the root that was found."""
        if self.case.recovery is not None:
            return self.case.recovery.codes
        root = self.found.diagnosis.root if self.found is not None else None
        return (root.code,) if root is not None else ()

    @property
    def was_changed(self) -> bool:
        """Whether a step of a recovery was carried out."""
        return any(entry.event == "step done" for entry in self.case.entries)

    def named(self, *names: str) -> Cites:
        """The records of these parts of the case."""
        return tuple(dict.fromkeys(one for name in names for one in self.citing.named(name)))

    def at(self, name: str) -> float | None:
        """When something was done."""
        return next((one.at_s for one in self.moments if one.name == name), None)

    def borne(self, name: str) -> Cites:
        """The records that tell when something was done."""
        source = next((one.source for one in self.moments if one.name == name), "")
        seen = self.found if name == "failed" else self.after or self.now
        if source == "ledger":
            return self.named("ledger")
        if seen is None:
            return ()
        return seen.cites("journal" if source.startswith("journal") else "unit")

    def when(self, at_s: float) -> str:
        """A moment in UTC, and its age."""
        return moment(at_s, self.case.made_at_s)


def story(case: Case, records: tuple[Record, ...]) -> Story:
    """Put an incident together."""
    citing = Citing(records)
    before, after, now = (look(case, name, citing) for name in ("before", "after", "now"))
    proof, unproven = _proof(case, before, after)
    known = Story(case, citing, before, after, now, proof, unproven, ())
    return replace(known, moments=_moments(case, known.found, after or now))


def _moments(case: Case, found: Look | None, later: Look | None) -> tuple[Moment, ...]:
    seen = found.service if found is not None else ServiceFacts(subject=case.subject)
    known = moments(seen, later.service if later is not None else None, recorded(case.entries))
    return known if found is not None else (Moment("failed", None, "no look at it as it was found is on record"), *known[1:])


def _proof(case: Case, before: Look | None, after: Look | None) -> tuple[Proof | None, str]:
    """Whether the recovery worked, from what was observed of it; else why that cannot be judged."""
    settling, codes = case.settling, case.recovery.codes if case.recovery is not None else ()
    if case.recovery is None:
        return None, "there is no recovery on record here"
    lacking = [
        what
        for what, there in (
            ("the look from before it", before),
            ("the look after it", after),
            ("the watch over its settle time", settling),
        )
        if there is None
    ]
    if before is None or after is None or settling is None:
        return None, f"{' and '.join(lacking)} {'are' if len(lacking) > 1 else 'is'} not on record"
    observed = Observed(
        restarted_at_s=settling.restarted_at_s, samples=settling.samples, service=after.service, taken_at_s=after.facts.taken_at_s,
        settle_s=settling.settle_s, started=settling.started, host=after.facts.host, pids=settling.pids,
    )  # fmt: skip
    return prove(before.service, observed, codes, after.facts.settings), ""
