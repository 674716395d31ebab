"""A service that systemd has given up on.

What it is: it failed, was started again until StartLimitBurst within StartLimitIntervalSec was reached, and is left
down.

Why it matters: nothing will start it any more, not even its own Restart=; a `systemctl start` is refused as well until
the interval is over.

What to do: mend the cause first, then `systemctl reset-failed NAME && systemctl start NAME`.
"""

from collections.abc import Iterator

from qtops.checks.ending import is_restarted
from qtops.checks.standing import last_run, stop_request
from qtops.facts.journal import Event
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment, span
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT202", "systemd gave up starting it", Severity.CRITICAL, ("systemd",), role="symptom")


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding, for a unit that is failed."""
    unit = service.unit
    if unit is None or unit.active_state != "failed":
        return
    end = last_run(service, facts.taken_at_s).end
    said = _said(service)
    followed = unit.n_restarts >= 1 and bool(unit.interval_s) and is_restarted(unit, end) and stop_request(service) is None
    if unit.result != "start-limit-hit" and said is None and not followed:
        return
    evidence = [f"{unit.n_restarts} restarts, Restart={unit.restart}, Result={unit.result}"]
    if unit.interval_s:
        evidence.append(f"the limit: {unit.burst} starts within {span(unit.interval_s)}")
    if said is not None:
        evidence.append(f"{moment(said.at_s, facts.taken_at_s)}: {said.text}")
    remedy = f"Mend the cause, then `systemctl reset-failed {service.subject} && systemctl start {service.subject}`"
    summary = f"systemd gave up after {unit.n_restarts} starts"  # the counter takes in the one that was refused
    if not unit.n_restarts:
        summary = "systemd refuses to start it: it was started too often"
    yield CHECK.finding(service.subject, summary, tuple(evidence), remedy)


def _said(service: ServiceFacts) -> Event | None:
    events = service.journal.events if service.journal else ()
    return next((event for event in reversed(events) if event.kind == "start_limit"), None)
