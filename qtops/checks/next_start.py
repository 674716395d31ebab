"""What the next start would fail at, as far as the files tell: which predictions stand, and which a running process refutes."""

from typing import Final

from qtops.checks.starts import CHECKS
from qtops.facts.service import ServiceFacts
from qtops.findings import Finding, Severity

BY_SOURCE: Final = frozenset({"IMPORT101", "IMPORT103", "CODE101", "CODE102", "UNIT117"})  # predicted by walking the source
BY_UNIT: Final = frozenset({"UNIT109", "UNIT113"})  # read off the unit itself: it runs with the same text


def blocking(service: ServiceFacts) -> tuple[Finding, ...]:
    """Findings that stop the next start of a service that runs, what comes first in a start first."""
    if service.start is None:
        return ()
    found = [
        finding
        for known in CHECKS
        if known.check.role == "cause"
        for finding in known.judge(service.start)
        if finding.severity is Severity.CRITICAL
    ]
    return tuple(finding for finding in found if not is_refuted(finding, service))


def is_refuted(finding: Finding, service: ServiceFacts) -> bool:
    """The process began after all that the prediction rests on last changed, and runs: then the prediction is wrong."""
    if finding.code in BY_UNIT:
        is_reloaded = service.unit is not None and not service.unit.need_daemon_reload
        return is_reloaded and not any(file.kind == "unit" for file in service.changed)
    if finding.code not in BY_SOURCE:
        return False
    began_s = service.unit.exec_main_start_s if service.unit else None  # by the clock of files
    if began_s is None or service.source_changed_s is None:
        return True  # nothing says that anything changed
    return service.source_changed_s < began_s
