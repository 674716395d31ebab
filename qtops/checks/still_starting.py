"""A start that does not come to an end.

What it is: the unit is "activating": ExecStartPre= waits for something, READY=1 has not come (Type=notify), or the first
process has not exited (Type=forking).

Why it matters: nothing has failed, and nothing serves; what is ordered after it waits as well. With
TimeoutStartSec=infinity it may stay so for ever.

What to do: find what it waits for, and give that a time limit. A job that takes its time is Type=oneshot, of which this
is not said.
"""

from collections.abc import Iterator
from typing import Final

from qtops.checks.readiness import LISTEN, unheard
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment, span
from qtops.facts.unit import UnitState
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT220", "It is still starting", Severity.WARNING, ("systemd",))
PATIENCE_S: Final = 60  # a start that loads models or warms caches is over by then, as a rule
BEFORE: Final = frozenset({"condition", "start-pre"})


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding."""
    unit = service.unit
    if unit is None or not is_starting(unit) or unit.inactive_exit_s is None:
        return
    waits_s = facts.taken_at_s - unit.inactive_exit_s
    if waits_s < PATIENCE_S:
        return
    limit = "infinity" if unit.timeout_start_s is None else span(unit.timeout_start_s)
    evidence = [f"it began at {moment(unit.inactive_exit_s, facts.taken_at_s)}", f"Type={unit.type}, TimeoutStartSec={limit}"]
    lines = [line.text for line in service.journal.lines if line.source == "service"] if service.journal else []
    evidence += [f"its last line: {lines[-1]}"] if lines else []
    refused = unheard(service)
    evidence += [f"systemd: {refused}"] if refused else []
    waits, remedy = _waits(unit, service.subject)
    yield CHECK.finding(
        service.subject, f"it has been starting for {span(waits_s)}: {waits}", tuple(evidence), LISTEN if refused else remedy
    )


def is_starting(unit: UnitState) -> bool:
    """Whether a start is under way that is to end; the run of a job (Type=oneshot) is none."""
    if unit.active_state != "activating" or unit.sub_state.startswith("auto-restart"):
        return False
    return unit.type != "oneshot" or unit.sub_state in BEFORE


def _waits(unit: UnitState, name: str) -> tuple[str, str]:
    look = f"`systemctl status {name}` shows which process runs"
    if unit.sub_state in BEFORE:
        return "a command before ExecStart= has not ended", f"{look}; give what it waits for a time limit of its own"
    if unit.sub_state == "start-post":
        return "ExecStartPost= has not ended", f"{look}; give what it waits for a time limit of its own"
    if unit.type in {"notify", "notify-reload"}:
        return "READY=1 has not come", "Let it send READY=1 (sd_notify) once it serves; Type=exec if it never does"
    if unit.type == "forking":
        return "its first process has not exited", "Type=exec instead of Type=forking if it stays in the foreground"
    if unit.type == "dbus":
        return "the name of BusName= is not taken", "Let it take that name on the bus, or correct it"
    return f"it is at {unit.sub_state}", look
