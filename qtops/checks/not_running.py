"""A service that does not run although it should.

What it is: the unit is inactive, which is no failure, while something that is up wants it, or the configuration says
what it writes. It was stopped, was never started since the boot, or a dependency failed at the time and is well now.

Why it matters: `systemctl --failed` does not list it and no alert goes off; services have been forgotten so for weeks.

What to do: start it, or `systemctl disable --now` what is not wanted any more, so that the next reader knows. For a
disabled unit that nothing wants the finding is for information only.
"""

from collections.abc import Iterator
from typing import NamedTuple

from qtops.checks import daemon_ended, killed_by_signal, ordering_cycle, required_unit_down
from qtops.checks.killed_by_signal import name_of
from qtops.checks.standing import UP, asked_to_end, is_wanted, last_run, stop_request, taken_along
from qtops.facts.journal import Event
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment
from qtops.facts.unit import UnitState
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT205", "It does not run", Severity.CRITICAL, ("systemd",))
ENABLED = frozenset({"enabled", "enabled-runtime"})
SAY_WHY = (required_unit_down, ordering_cycle, daemon_ended, killed_by_signal)  # where one of these speaks, it says more


class Reason(NamedTuple):
    """Why it does not run, in the three parts of a finding."""

    summary: str
    evidence: tuple[str, ...]
    remedy: str


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding."""
    unit = service.unit
    if unit is None or unit.load_state != "loaded":
        return
    if (stop := asked_to_end(service)) is not None and unit.active_state == "failed" and unit.type != "oneshot":
        yield _ended_badly(service, unit, stop, facts)
    if unit.active_state != "inactive":
        return
    if last_run(service, facts.taken_at_s).end.kind not in {"none", "clean"}:
        return
    if unit.named("TriggeredBy"):
        yield from _untriggered(service, unit)
    elif unit.type != "oneshot" and not any(True for why in SAY_WHY for _ in why.check(service, facts)):
        is_needed = is_wanted(unit) or bool(service.families)
        reason = _reason(service, unit, facts)
        wanting = ", ".join(dict.fromkeys(other.unit for other in unit.named("WantedBy", "RequiredBy")))
        state = f"unit file state: {unit.unit_file_state or 'none'}" + (f"; wanted by {wanting}" if wanting else "")
        summary = reason.summary if is_needed else f"{reason.summary}; nothing asks for it ({unit.unit_file_state or 'no file'})"
        severity = Severity.CRITICAL if is_needed else Severity.INFO
        yield CHECK.finding(service.subject, summary, (*reason.evidence, state), reason.remedy, severity=severity)


def _ended_badly(service: ServiceFacts, unit: UnitState, stop: Event, facts: Facts) -> Finding:
    """A stop that was asked for, after which it ended with an error: to systemd that is a failure."""
    end = last_run(service, facts.taken_at_s).end
    how = f"status {end.status}" if end.kind == "status" else name_of(end.status)
    reason = _stopped(stop, taken_along(unit), moment(stop.at_s, facts.taken_at_s), f"`systemctl start {service.subject}`")
    counted = f"SuccessExitStatus={how.removeprefix('status ')} in [Service] has such an end taken for a stop"
    return CHECK.finding(service.subject, f"{reason.summary}, and ended with {how}", reason.evidence, f"{reason.remedy}; {counted}")


def _reason(service: ServiceFacts, unit: UnitState, facts: Facts) -> Reason:
    now_s, name = facts.taken_at_s, service.subject
    start = f"`systemctl start {name}`"
    if unit.job:
        waits = ("it waits for other units, such as those of After=",)
        return Reason(f"a job of it waits: {unit.job}", waits, "`systemctl list-jobs --after` names what it waits for")
    stop, failed = stop_request(service), _failed_job(service)
    is_of_this_boot = stop is not None and stop.at_s >= (facts.booted_s or 0.0)
    if unit.inactive_exit_s is None and failed is None and not (is_of_this_boot and facts.booted_s is not None):
        booted = f"the host booted at {moment(facts.booted_s, now_s)}" if facts.booted_s is not None else "since the host booted"
        return Reason("it was never started since the host booted", (booted,), start)
    if stop is not None and is_of_this_boot:
        return _stopped(stop, taken_along(unit), moment(stop.at_s, now_s), start)
    if failed is not None:
        what = "a unit that it requires failed then, and does not now" if failed.result == "dependency" else "its start job failed"
        return Reason(f"{what}: {moment(failed.at_s, now_s)}", (f"systemd: {failed.text}",), start)
    ended_s = unit.inactive_enter_s or unit.state_changed_s
    when = f"at {moment(ended_s, now_s)}" if ended_s is not None else "at a time that is not known"
    return Reason(f"it was stopped, or ended, {when}", ("the journal does not say which",), start)


def _stopped(stop: Event, along: tuple[str, ...], at: str, start: str) -> Reason:
    """A stop: on somebody's request, or because another unit's state wanted it so."""
    since = f"journalctl --since @{int(stop.at_s) - 60} --until @{int(stop.at_s) + 2}"
    evidence = (f"systemd: {stop.text}", *along)
    if along:
        summary = f"it was stopped at {at}" + (f": {along[0]}" if not along[0].startswith("a stop of") else "")
        return Reason(summary, evidence, f"`{since} _PID=1` tells what was stopped or started with it; then {start}")
    return Reason(f"it was stopped on request at {at}", evidence, f"{start}; who: `{since} _COMM=sudo + _COMM=systemctl`")


def _failed_job(service: ServiceFacts) -> Event | None:
    events = service.journal.events if service.journal else ()
    return next((event for event in reversed(events) if event.kind == "job_failed"), None)


def _untriggered(service: ServiceFacts, unit: UnitState) -> Iterator[Finding]:
    """What a timer, a socket or a path starts rests between; unless that is down as well."""
    triggers = unit.named("TriggeredBy")
    if any(other.active_state in {*UP, "activating", ""} for other in triggers):
        return
    names = " and ".join(other.unit for other in triggers)
    is_broken = any(other.active_state == "failed" or other.load_state not in {"loaded", ""} for other in triggers)
    is_broken = is_broken or any(other.unit_file_state in ENABLED for other in triggers)
    evidence = tuple(
        ", ".join(filter(None, (f"{other.unit}: {other.load_state or 'not asked'}", other.active_state, other.unit_file_state)))
        for other in triggers
    )
    yield CHECK.finding(
        service.subject,
        f"nothing starts it: {names} does not run",
        evidence,
        f"`systemctl start {names.replace(' and ', ' ')}`, and enable it, if this is to run at all",
        severity=Severity.CRITICAL if is_broken else Severity.INFO,
    )
