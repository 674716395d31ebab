"""The service did not report to the watchdog in time.

What it is: WatchdogSec= is set and no WATCHDOG=1 came within that time; systemd aborted the process.

Why it matters: the process was alive and did not get on: a blocked event loop, a lock, a call without a time limit.

What to do: find what blocks; PYTHONFAULTHANDLER=1 prints the stack at SIGABRT. Raise WatchdogSec= only if one turn of
the loop may rightly take that long.
"""

from collections.abc import Iterator

from qtops.checks.readiness import LISTEN, unheard
from qtops.checks.standing import last_run
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment, span
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT213", "The watchdog was not served", Severity.CRITICAL, ("systemd",))


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding."""
    unit, last = service.unit, last_run(service, facts.taken_at_s)
    if unit is None or last.end.kind != "watchdog":
        return
    limit = f"WatchdogSec={span(unit.watchdog_s)}" if unit.watchdog_s else "the watchdog's limit"
    evidence = [f"it ended at {moment(last.ended_s, facts.taken_at_s)}"] if last.ended_s is not None else []
    evidence += [f"it ran for {span(last.ran_s)}"] if last.ran_s is not None else []
    evidence += [f"its last status text: {unit.status_text}"] if unit.status_text else []
    summary = f"it was stuck: no sign of life within {limit}, and systemd aborted it"
    remedy = "Environment=PYTHONFAULTHANDLER=1 in [Service] prints what it was doing; give every blocking call a time limit"
    if refused := unheard(service):
        summary = f"no sign of life within {limit} came from its main process, and systemd aborted it"
        evidence, remedy = [f"systemd: {refused}", *evidence], LISTEN
    yield CHECK.finding(service.subject, summary, tuple(evidence) or ("Result=watchdog",), remedy)
