"""It is down, and nobody is told.

What it is: the service has been failed, or inactive though it is wanted, for more than ten minutes, and its unit has no
OnFailure= that works.

Why it matters: a service that nobody hears of stays down; seventeen hours is what it took in the founding incident.

What to do: OnFailure= with a unit that alerts, for all services at once in /etc/systemd/system/service.d/, and
monitoring that looks at what the service produces.
"""

from collections.abc import Iterator

from qtops.checks.standing import is_daemon, is_wanted
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment
from qtops.facts.unit import UnitState
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT217", "It is down, and nobody is told", Severity.WARNING, ("systemd",), role="symptom")
DOWN_S = 600  # ten minutes: a restart or a deployment is over by then, and whoever is on call has read an alert


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding."""
    unit = service.unit
    if unit is None or not _is_down(unit):
        return
    since_s = unit.inactive_enter_s or unit.state_changed_s
    if since_s is None or facts.taken_at_s - since_s < DOWN_S:
        return
    routes = unit.named("OnFailure")
    if any(route.load_state in {"loaded", ""} and route.active_state != "failed" for route in routes):
        return
    evidence = [f"{unit.active_state} since {moment(since_s, facts.taken_at_s)}"]
    evidence += [f"OnFailure={route.unit}: {route.load_state}, {route.active_state}" for route in routes]
    summary = "it is down, and its OnFailure= does not work" if routes else "it is down, and there is no OnFailure= to tell anyone"
    remedy = "OnFailure= with a unit that alerts, in [Unit]; monitoring of what it produces sees what systemd calls success"
    yield CHECK.finding(service.subject, summary, tuple(evidence if routes else [*evidence, "there is no OnFailure="]), remedy)


def _is_down(unit: UnitState) -> bool:
    if unit.load_state != "loaded":
        return False
    return unit.active_state == "failed" or (unit.active_state == "inactive" and is_daemon(unit) and is_wanted(unit))
