"""How a phase stands: each criterion answered with yes, no or "could not tell", with what was seen.

A phase is complete when every criterion was measured and holds, and nothing contradicts it. What nothing measures never holds.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from qtops.evidence.case import Case
from qtops.facts.service import Facts, ServiceFacts
from qtops.phases import contradicting
from qtops.phases.cleared import cleared
from qtops.phases.flowing import fed, read
from qtops.phases.look import Look
from qtops.phases.plan import unit_of, units_of
from qtops.phases.publishing import fresh, there, written
from qtops.phases.running import never_says, runs, says, stays
from qtops.phases.updating import every
from qtops.phases.verdict import ORDER, CriterionVerdict, Dependency, PhaseVerdict, State, Told
from qtops.settings import Phase
from qtops.settings.phases import PhaseCriterion

SHOWN: Final = 10  # answers that are told; the rest is alike, and in the records
UNBOUND: Final = "nothing is bound to it: it is measured by nothing"


def judge(phase: Phase, facts: Facts, case: Case | None = None) -> PhaseVerdict:
    """Judge a phase on one look. ``case``: what tells how the phases that it depends on stood when they were reported on."""
    look = Look(facts)
    units = units_of(phase, facts.settings)
    about = tuple(dict.fromkeys(name for criterion in phase.criteria for name in criterion.about))
    found = contradicting.against(units, about, look)
    own = tuple(_verdict(criterion, phase, look) for criterion in phase.criteria)
    last = _criterion(contradicting.TITLE, contradicting.told(found, units))
    return PhaseVerdict(
        phase=phase,
        state=_state(own, last),
        criteria=(*own, last),
        contradictions=found.contradictions,
        remarks=found.remarks,
        off=found.off,
        doubts=found.doubts,
        depends=tuple(_depends(phase, facts, case)),
    )


def _state(own: Sequence[CriterionVerdict], last: CriterionVerdict) -> State:
    answers = {criterion.holds for criterion in own}
    if "no" in answers or last.holds == "no":
        return "PARTIAL"
    if "yes" not in answers:
        return "PENDING"
    return "COMPLETE" if answers == {"yes"} and last.holds == "yes" else "UNVERIFIED"


def _depends(phase: Phase, facts: Facts, case: Case | None) -> Iterator[Dependency]:
    titles = {known.number: known.title for known in facts.settings.phases}
    states = {stood.number: stood.state for stood in case.last} if case is not None else {}
    for number in phase.depends:
        yield Dependency(number=number, title=titles.get(number, ""), state=states.get(number, ""))


def _verdict(criterion: PhaseCriterion, phase: Phase, look: Look) -> CriterionVerdict:
    if not criterion.is_bound:
        return _criterion(criterion.title, Told("could not tell", UNBOUND))
    units = tuple(dict.fromkeys(unit_of(name, look.settings) for name in criterion.services or phase.services))
    services = [service for unit in units if (service := look.service(unit)) is not None]
    answers = [Told("could not tell", f"{unit} was not looked at") for unit in units if look.service(unit) is None]
    for service in services:
        whose = f"{service.subject}: " if len(units) > 1 else ""
        answers += [told._replace(seen=f"{whose}{told.seen}") for told in _of_service(criterion, service, look)]
    answers += fed(criterion.about, look) if criterion.fed else ()
    answers += read(criterion.about, look) if criterion.read else ()
    answers += cleared(criterion.clear, services, criterion.about, look)
    return _criterion(criterion.title, _joined(answers, len(units)))


def _of_service(criterion: PhaseCriterion, service: ServiceFacts, look: Look) -> Iterator[Told]:
    """The answer to each of its bindings that is about one service."""
    if criterion.runs:
        yield runs(service, look)
    if criterion.stays:
        yield stays(service, look)
    if criterion.written:
        yield written(service, look)
    if criterion.symbols:
        yield there(service, look, criterion.symbols)
    if criterion.within_s is not None:
        yield fresh(service, look, criterion.within_s)
    if criterion.every_s is not None:
        yield every(service, look, criterion.every_s)
    if criterion.says:
        yield says(service, look, criterion.says)
    if criterion.never_says:
        yield never_says(service, look, criterion.never_says)


def _joined(answers: Sequence[Told], units: int) -> Told:
    """The gravest answer, with what was seen of all that gave it."""
    if not answers:
        return Told("could not tell", "it is bound to a service, and the phase names none" if not units else UNBOUND)
    holds = next(answer for answer in ORDER if any(told.holds == answer for told in answers))
    telling = [told for told in answers if told.holds == holds]
    seen = list(dict.fromkeys(told.seen for told in telling))
    more = f"; and {len(seen) - SHOWN} more" if len(seen) > SHOWN else ""
    return Told(
        holds,
        "; ".join(seen[:SHOWN]) + more,
        tuple(dict.fromkeys(source for told in telling for source in told.sources)),
        tuple(dict.fromkeys(code for told in telling for code in told.codes)),
    )


def _criterion(title: str, told: Told) -> CriterionVerdict:
    return CriterionVerdict(title=title, holds=told.holds, seen=told.seen, sources=told.sources, codes=told.codes)
