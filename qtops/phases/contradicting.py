"""What speaks against a phase beside its own criteria: anything critical about its services, or about what they publish."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

from qtops.checks import proposals_wrong
from qtops.checks.proposals import price_far
from qtops.checks.proposals import registry as proposals
from qtops.facts.service import ServiceFacts
from qtops.findings import Doubt, Finding, Severity
from qtops.phases.look import Look, sources_of
from qtops.phases.verdict import Contradiction, Told

TITLE: Final = "Nothing contradicts it: no check finds anything critical about its services, or about what they publish"
IMMATERIAL: Final = frozenset({price_far.CHECK.code})  # its doubt is that there is no second price to compare with
SHOWN: Final = 3


class Against(NamedTuple):
    """Everything that was found, and why not all could be looked for."""

    contradictions: tuple[Contradiction, ...]
    remarks: tuple[Contradiction, ...]
    off: tuple[Finding, ...]
    doubts: tuple[str, ...]


def against(units: Sequence[str], about: Sequence[str], look: Look) -> Against:
    """What is found about these units, and about these streams."""
    services = [service for unit in units if (service := look.service(unit)) is not None]
    found = [
        Contradiction(finding=finding, sources=sources_of(finding.code, unit)) for unit, finding in _found(services, about, look)
    ]
    doubts = chain((f"{unit} was not looked at" for unit in units if look.service(unit) is None), _doubts(services, look))
    if not units and not (about and look.facts.streams is not None):
        doubts = chain(doubts, ("it names no service, and its streams were not looked at",))
    critical = Severity.CRITICAL
    return Against(
        contradictions=tuple(one for one in found if one.finding.severity is critical),
        remarks=tuple(one for one in found if one.finding.severity is not critical),
        off=tuple(finding for service in services for finding in look.diagnosis(service).off),
        doubts=tuple(dict.fromkeys(doubts)),
    )


def told(found: Against, units: Sequence[str]) -> Told:
    """The answer to the criterion that every phase has."""
    if found.contradictions:
        codes = tuple(dict.fromkeys(one.finding.code for one in found.contradictions))
        sources = tuple(dict.fromkeys(source for one in found.contradictions for source in one.sources))
        first = [f"{one.finding.code} {one.finding.summary}" for one in found.contradictions[:SHOWN]]
        others = len(found.contradictions) - len(first)
        return Told("no", "critical: " + "; ".join(first) + (f"; and {others} more" if others else ""), sources, codes)
    sources = tuple((unit, source) for unit in units for source in ("unit", "start", "journal", "keys", "proposals", "events"))
    if found.doubts:
        more = f"; and {len(found.doubts) - SHOWN} more" if found.doubts[SHOWN:] else ""
        return Told("could not tell", "; ".join(found.doubts[:SHOWN]) + more, sources)
    warned = sorted({one.finding.code for one in found.remarks if one.finding.severity is Severity.WARNING})
    off = sorted({finding.code for finding in found.off})
    rest = (f"warnings of {', '.join(warned)}" if warned else "", f"switched off by decision: {', '.join(off)}" if off else "")
    return Told("yes", "; ".join(filter(None, ("nothing critical is found", *rest))), sources)


def _found(services: Sequence[ServiceFacts], about: Sequence[str], look: Look) -> Iterator[tuple[str, Finding]]:
    for service in services:
        for finding in (*look.diagnosis(service).findings, *look.cadence(service).findings):
            yield service.subject, finding
    for finding in (*look.streams.findings, *look.wiring.findings):
        if finding.subject in about:
            yield "", finding


def _doubts(services: Sequence[ServiceFacts], look: Look) -> Iterator[str]:
    """What could not be looked for."""
    for service in services:
        judged = _of_proposals(service, look)
        folded = set(proposals_wrong.untold(service, look.facts))
        yield from (why for why in look.diagnosis(service).unknown if why not in folded)
        yield from (doubt.told for doubt in judged if doubt.code not in IMMATERIAL)
        if service.unit is None and not look.lack(service, "systemd"):
            yield f"{service.subject}: its unit was not read"
        families = look.families(service)
        yield from (
            f"{name} is no family of the configuration" for name in service.families if name not in {f.name for f in families}
        )
        if families and not service.keys and not look.lack(service, "keys", "redis"):
            yield f"{service.subject}: none of its keys was read"
        if any(family.content == "risk-proposal" for family in families):
            if service.proposals is None and not look.lack(service, "proposals", "keys", "redis"):
                yield f"{service.subject}: its proposals were not read"
            if service.events is None:
                yield f"{service.subject}: risk events were not read"


def _of_proposals(service: ServiceFacts, look: Look) -> tuple[Doubt, ...]:
    if service.proposals is None:
        return ()
    return proposals.judge(service.proposals, look.off(service)).doubts
