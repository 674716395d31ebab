"""One incident put together from its case: what was seen when, what was proven, and when each thing was done.

Everything here is judged anew from what was recorded; nothing is taken from what the ledger concluded.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from qtops.chapters.ledger import recorded
from qtops.chapters.looks import LOOKS, Look, look
from qtops.chapters.telling import cited
from qtops.evidence.case import Case
from qtops.evidence.citing import Citing
from qtops.evidence.document import Cites
from qtops.evidence.records import Record
from qtops.facts.recovery import Moment, Observed, Proof, RecoveryRecord
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment, span
from qtops.findings import Finding, Verdict
from qtops.proof.effect import prove
from qtops.proof.moments import JUMPED_S, disorders, moments


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
    lacking: tuple[str, ...]  # what should be there and is not, each with why

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
        return (self.root.code,) if self.root is not None else ()

    @property
    def root(self) -> Finding | None:
        """The cause: of a recovery what it was to mend, where that was found, although something else kept the service down."""
        if self.found is None:
            return None
        diagnosis, recovery = self.found.diagnosis, self.case.recovery
        if recovery is None or (diagnosis.root is not None and diagnosis.root.code in recovery.codes):
            return diagnosis.root
        return next((finding for finding in diagnosis.findings if finding.code in recovery.codes), diagnosis.root)

    @property
    def is_trouble(self) -> bool:
        """Whether there is anything to report on: a recovery, or a look that finds something or could not tell."""
        return self.case.recovery is not None or self.found is None or self.found.diagnosis.verdict is not Verdict.OK

    @property
    def fell(self) -> str:
        """The word for how it ended: what somebody stopped, or what ended well, has not failed."""
        return "failed" if self.found is None or self.found.diagnosis.condition in {"failed", "restarts"} else "went down"

    @property
    def was_changed(self) -> bool:
        """Whether a step of a recovery was carried out."""
        return any(entry.event == "step done" for entry in self.case.entries)

    def named(self, *names: str) -> Cites:
        """The records of these parts of the case."""
        return tuple(dict.fromkeys(one for name in names for one in self.citing.named(name)))

    @property
    def disorders(self) -> tuple[str, ...]:
        """What cannot be right about its times: moments, or looks, that lie before those that they ought to follow."""
        taken = zip(self.looks, self.looks[1:], strict=False)
        looks = (
            f"the look {other.name} lies {span(one.facts.taken_at_s - other.facts.taken_at_s)} before the look {one.name}"
            for one, other in taken
            if other.facts.taken_at_s < one.facts.taken_at_s
        )
        return (*disorders(self.moments), *looks)

    @property
    def timed(self) -> Cites:
        """The records that its times come from."""
        told = (self.borne(one.name) for one in self.moments if one.at_s is not None)
        return cited(*told, *(one.cites("host") for one in self.looks))

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
    before, after, now = (look(case, name, citing) for name in LOOKS)
    proof, unproven = _proof(case, before, after)
    known = Story(case, citing, before, after, now, proof, unproven, (), (*_foreign(case), *case.lacking))
    return replace(known, moments=_moments(case, known.found, after or now))


def _moments(case: Case, found: Look | None, later: Look | None) -> tuple[Moment, ...]:
    seen = found.service if found is not None else ServiceFacts(subject=case.subject)
    known = moments(seen, later.service if later is not None else None, recorded(case.entries))
    return known if found is not None else (Moment("failed", None, "no look at it as it was found is on record"), *known[1:])


def _proof(case: Case, before: Look | None, after: Look | None) -> tuple[Proof | None, str]:
    """Whether the recovery worked, from what was observed of it; else why that cannot be judged."""
    recovery, settling = case.recovery, case.settling
    if recovery is None:
        return None, "there is no recovery on record here"
    if recovery.unit != case.subject:
        return None, f"the recovery on record is one of {recovery.unit}"
    if before is None or after is None or settling is None:
        wanted = {"the look from before it": before, "the look after it": after, "the watch over its settle time": settling}
        lacking = [what for what, there in wanted.items() if there is None]
        return None, f"{' and '.join(lacking)} {'are' if len(lacking) > 1 else 'is'} not on record"
    if why := next(_apart(case, recovery, before, after), ""):
        return None, why
    observed = Observed(
        restarted_at_s=settling.restarted_at_s, samples=settling.samples, service=after.service, taken_at_s=after.facts.taken_at_s,
        settle_s=settling.settle_s, started=settling.started, host=after.facts.host, pids=settling.pids,
    )  # fmt: skip
    return prove(before.service, observed, recovery.codes, after.facts.settings), ""


def _apart(case: Case, recovery: RecoveryRecord, before: Look, after: Look) -> Iterator[str]:
    """Why what is on record is not all of one recovery: then no part of it proves anything of another."""
    plan = case.plan
    if plan is not None and (plan.id, plan.unit, plan.host) != (recovery.id, case.subject, case.host):
        yield f"the plan on record is {plan.id}, of {plan.unit} on {plan.host}, and the recovery {recovery.id}"
    units = tuple(dict.fromkeys(look.service.unit.name for look in (before, after) if look.service.unit is not None))
    if len(units) > 1:
        yield f"the looks before and after it are at two units, {' and '.join(units)}"
    early_s = before.facts.taken_at_s - after.facts.taken_at_s
    if early_s > JUMPED_S:
        yield f"the look after it lies {span(early_s)} before the look from before it"


def _foreign(case: Case) -> Iterator[str]:
    """Looks that are none at this service on this host, each with why."""
    for name in LOOKS:
        facts: Facts | None = getattr(case, name)
        if facts is not None and facts.host != case.host:
            yield f"the look {name} is of host {facts.host}, not of {case.host}"
        elif facts is not None and all(service.subject != case.subject for service in facts.services):
            yield f"the look {name} is not at {case.subject}"
