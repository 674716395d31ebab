"""A daemon that ended by itself, with success.

What it is: the main process exited with status 0 and nobody had asked it to: a module that only defines things, a main
function that returns after it has started its tasks, a loop that was left.

Why it matters: to systemd all is well. With Restart=on-failure the unit is inactive, no failure, and not in `systemctl
--failed`; with Restart=always it loops until the start limit.

What to do: let the script call its main function and wait in it. If it is a job, Type=oneshot with a timer says so.
"""

from collections.abc import Iterator
from typing import Final

from qtops.checks.ending import is_restarted
from qtops.checks.standing import LastRun, is_daemon, is_looping, is_wanted, last_run, runs, stop_request
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment, span
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT204", "It ended by itself, with success", Severity.CRITICAL, ("systemd",))
SHOWN: Final = 3
AT_ONCE_S: Final = 5  # importing everything takes longer than this only rarely; work that is worth a daemon always


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding, for units that are to stay."""
    unit, last = service.unit, last_run(service, facts.taken_at_s)
    if unit is None or last.end.kind != "clean" or last.end.code not in {"exited", ""} or not is_daemon(unit):
        return
    if not (is_wanted(unit) or unit.restart != "no" or service.families):
        return  # started by hand, for once
    is_loop = is_looping(service, facts.taken_at_s)
    at_once = last.ran_s is not None and last.ran_s < AT_ONCE_S
    is_told = service.journal is not None and stop_request(service) is None
    if not is_loop and (runs(unit) or not (is_told or (at_once and service.journal is None))):
        return
    after = f" after {span(last.ran_s)}" if last.ran_s is not None else ""
    why = "a library, not a daemon, or a main function that does not wait" if at_once else "its main function returned"
    why = "which SuccessExitStatus= of the unit counts as success" if last.end.status else why
    again = is_restarted(unit, last.end)
    effect = "starts it again, and again" if again else "does not start it again: it stays inactive, which is no failure"
    evidence = [*_when(last, facts), f"Restart={unit.restart} {effect}", f"Type={unit.type}", *_last_lines(service)]
    how = f"with status {last.end.status}" if last.end.code else "with success"
    summary = f"its program ended by itself {how}{after}: {why}"
    if not last.end.code:
        evidence.append("whether with status 0 or by SIGTERM is not logged: of both systemd says that it deactivated successfully")
    yield CHECK.finding(service.subject, summary, tuple(evidence), _remedy(at_once, last.end.status))


def _when(last: LastRun, facts: Facts) -> tuple[str, ...]:
    return () if last.ended_s is None else (f"it ended at {moment(last.ended_s, facts.taken_at_s)}; systemd had not asked it to",)


def _last_lines(service: ServiceFacts) -> tuple[str, ...]:
    lines = [line.text for line in service.journal.lines if line.source == "service"] if service.journal else []
    return tuple(f"its last lines: {line}" for line in lines[-SHOWN:])


def _remedy(at_once: bool, status: int) -> str:
    if status:
        return f"Do what its last lines say; take {status} out of SuccessExitStatus= where it is to be started again after that"
    if at_once:
        return "Let the script call its main function, and main wait for what it started; for a job: Type=oneshot and a timer"
    return "Find in its last lines why its loop was left; Restart=always in [Service] brings it back meanwhile"
