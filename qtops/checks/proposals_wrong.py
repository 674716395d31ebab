"""What the checks of proposals say of the service that writes them: one finding per check, however many symbols."""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from qtops.checks.proposals import input_invented, registry
from qtops.facts.proposals import ProposalFacts
from qtops.facts.service import Facts, ServiceFacts
from qtops.findings import Finding, Judged, Severity

SHOWN: Final = 3  # symbols whose findings are told; the rest are alike, or `qtops verify proposals` lists them
NAMED: Final = 8  # symbols that are named
GRAVITY: Final = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFO: 2}


def findings(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """Findings on the service, what lies upstream first."""
    if service.proposals is None:
        return
    groups: dict[str, list[Finding]] = {}
    for finding in _judged(service.proposals, facts).findings:
        groups.setdefault(finding.code, []).append(finding)
    for group in groups.values():
        yield _folded(service, service.proposals, sorted(group, key=lambda finding: GRAVITY[finding.severity]))


def untold(service: ServiceFacts, facts: Facts) -> Iterator[str]:
    """What the checks of proposals could not tell."""
    if service.proposals is not None:
        doubts = [doubt.told for doubt in _judged(service.proposals, facts).doubts]
        yield from doubts[:SHOWN]
        if len(doubts) > SHOWN:
            yield f"{len(doubts) - SHOWN} more of its proposals: `qtops verify proposals` lists them"


def _judged(proposals: ProposalFacts, facts: Facts) -> Judged:
    """What is switched off is sorted out later, with all other findings on the service."""
    return registry.judge(proposals, replace(facts.settings, off={}))


def _folded(service: ServiceFacts, proposals: ProposalFacts, group: Sequence[Finding]) -> Finding:
    first = group[0]
    is_invented = first.code == input_invented.CHECK.code and first.severity is Severity.CRITICAL
    word = f"{input_invented.HEADLINE}: " if is_invented else ""
    if len(group) == 1:
        summary, evidence = f"{first.subject}: {first.summary}", first.evidence
    else:
        names = ", ".join(finding.subject for finding in group[:NAMED]) + (", …" if len(group) > NAMED else "")
        readings = proposals.looks[-1].readings if proposals.looks else ()
        total = sum(reading.present is not False for reading in readings)
        summary = f"{len(group)} of {max(total, len(group))} proposals ({names}): {first.summary}"
        evidence = tuple(f"{finding.subject}: {line}" for finding in group[:SHOWN] for line in (finding.summary, *finding.evidence))
        evidence += (f"and {len(group) - SHOWN} more",) if len(group) > SHOWN else ()
    remedy = f"{first.remedy}; `qtops verify proposals` shows each"
    return replace(first, subject=service.subject, summary=word + summary, evidence=evidence, remedy=remedy)
