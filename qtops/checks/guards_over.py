"""What risk events say to whoever looks at a service that writes proposals: a guard in force is told with any diagnosis of it."""

from collections.abc import Iterator

from msgspec.structs import replace

from qtops.checks.events import registry
from qtops.facts.service import Facts, ServiceFacts
from qtops.findings import Finding, Judged


def findings(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """Findings of the checks of events, told of the service."""
    for finding in _judged(service, facts).findings:
        about = f"{finding.subject}: " if finding.subject not in finding.summary else ""
        yield replace(finding, subject=service.subject, summary=about + finding.summary)


def untold(service: ServiceFacts, facts: Facts) -> Iterator[str]:
    """What the checks of events could not tell."""
    yield from (doubt.told for doubt in _judged(service, facts).doubts)


def _judged(service: ServiceFacts, facts: Facts) -> Judged:
    """What is switched off is sorted out later, with all other findings on the service."""
    return registry.judge(service.events, replace(facts.settings, off={})) if service.events is not None else Judged()
