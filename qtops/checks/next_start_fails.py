"""It runs, and its next start will fail.

What it is: the process is up, and what it was started from is not any more: a module, the interpreter, an environment
file or the user has gone or changed since.

Why it matters: nothing shows until something restarts it, hours or weeks later: an upgrade at night, a reboot, a
watchdog. Then all services with the same fault go down together.

What to do: mend what the finding names while it still runs, `qtops preflight` the unit, then restart it at a time that
you choose.
"""

from collections.abc import Iterator

from qtops.checks.next_start import blocking
from qtops.checks.standing import is_looping, runs
from qtops.facts.service import Facts, ServiceFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT219", "It runs, and the next start will fail", Severity.WARNING, ("systemd",), role="symptom")


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding; none where the running process itself refutes the prediction."""
    unit = service.unit
    if unit is None or not runs(unit) or is_looping(service, facts.taken_at_s):
        return
    found = blocking(service)
    if found:
        evidence = tuple(f"{finding.code}: {finding.summary}" for finding in found)
        summary = f"it runs, and its next start will fail: {found[0].summary}"
        remedy = f"Before anything restarts it: {found[0].remedy}"
        yield CHECK.finding(service.subject, summary, evidence, remedy, where=found[0].where)
