"""It ended before it said that it is ready.

What it is: with Type=notify the process exited with success and never sent READY=1; with Type=forking or dbus what
systemd waited for did not come (Result=protocol).

Why it matters: the status is 0, so that the program's own log shows nothing wrong.

What to do: Type=exec for a program that does not know sd_notify; otherwise look for why its main function returned.
"""

from collections.abc import Iterator

from qtops.checks.standing import last_run
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment, span
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT215", "It ended before it was ready", Severity.CRITICAL, ("systemd",))


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding."""
    unit, last = service.unit, last_run(service, facts.taken_at_s)
    if unit is None or last.end.kind != "protocol":
        return
    evidence = [f"Type={unit.type}, Result=protocol"]
    if last.ended_s is not None:
        after = f" after {span(last.ran_s)}" if last.ran_s is not None else ""
        evidence.append(f"it ended at {moment(last.ended_s, facts.taken_at_s)}{after}, status {last.end.status}")
    lines = [line.text for line in service.journal.lines if line.source == "service"] if service.journal else []
    evidence += [f"its last line: {lines[-1]}"] if lines else []
    remedy = "Type=exec if it never sends READY=1; otherwise let its main function wait until it is told to end"
    if unit.type == "forking":
        remedy = "Type=exec if it stays in the foreground; otherwise correct PIDFile="
    yield CHECK.finding(service.subject, f"it ended before systemd took it for ready (Type={unit.type})", tuple(evidence), remedy)
