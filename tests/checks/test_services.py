"""Each check of a live service: where it fires, and what is next to it and healthy."""

import pytest
from msgspec.structs import replace

from qtops.facts.journal import Event, Signature
from qtops.facts.keys import ServerReading
from qtops.facts.service import ChangedFile, RedisFacts, ServiceFacts
from qtops.facts.unit import ConditionFact, ControlCommand, RelatedUnit

from .services import (
    ALERT,
    BEGAN_S,
    ENDED_S,
    FRESH,
    HEALTHY,
    NAME,
    NOW_S,
    REDIS_UNIT,
    TARGET,
    URL,
    down,
    findings,
    journal,
    looping,
    never_started,
    said,
    service,
    stopped,
    traceback,
    unit,
)
from .starts import failing

STOP = Event(ENDED_S, "stopping", "Stopping app.service...")
LIMIT = Event(ENDED_S, "start_limit", "app.service: Start request repeated too quickly.")
DEPENDENCY = Event(ENDED_S, "job_failed", "Job app.service/start failed with result 'dependency'.", result="dependency")
OOM = Event(ENDED_S, "oom", "app.service: A process of this unit has been killed by the OOM killer.")
CYCLE = Event(ENDED_S, "other", "app.service: Found ordering cycle on b.service/start")
PRE = (ControlCommand("ExecStartPre", "/srv/app/migrate.sh", "exited", 4),)
UNMET = (ConditionFact("ConditionPathExists", "/etc/app/enabled", met=False),)
LOST = replace(REDIS_UNIT, active_state="failed", result="exit-code")
ONE_ERROR = Signature("lost #", "ERROR lost BTC-7", 400, 0.99, NOW_S - 7_200, NOW_S - 3)
BROKEN = failing("missing")
EDITED = ChangedFile("code", "/srv/app/lib.py", NOW_S - 60)
STALE = replace(FRESH, values=("2026-09-21T12:00:00Z",))
REFUSED = RedisFacts(ServerReading(URL, "down", "nothing listens there", "Connection refused"), "--redis")
CLEAN = {"restart": "on-failure"}


def exited_0(ran_s: float = 0.4, **changes: object) -> ServiceFacts:
    return stopped(exec_main_code="exited", exec_main_status=0, exec_main_start_s=ENDED_S - ran_s, **changes)


def starting(**changes: object) -> ServiceFacts:
    """It has been starting for five minutes, and is not up."""
    state = {
        "active_state": "activating",
        "sub_state": "start-pre",
        "main_pid": 0,
        "inactive_exit_s": NOW_S - 300,
        "active_enter_s": None,
    }
    return unit(**{**state, "timeout_start_s": None, **changes})


SICK: list[tuple[str, ServiceFacts, str]] = [
    ("UNIT201", looping(), "it is started again and again: 40 restarts"),
    ("UNIT201", looping(0), "it ended, and waits to be started again"),
    ("UNIT201", looping(5, active_state="active", sub_state="running", exec_main_code=""), "again and again: 5 restarts"),
    ("UNIT202", down("start-limit-hit", "exited", 0, n_restarts=4), "systemd gave up after 4 starts"),
    ("UNIT202", down(n_restarts=3, restart="on-failure"), "systemd gave up after 3 starts"),
    ("UNIT202", journal(down(), events=(LIMIT,)), "systemd refuses to start it: it was started too often"),
    ("UNIT203", down(), "its main process exited with status 1"),
    ("UNIT203", looping(), "its main process exited with status 1"),
    ("UNIT204", exited_0(), "with status 0 after 0.4 s: a library, not a daemon"),
    ("UNIT204", exited_0(5_000.0), "its main function returned"),
    ("UNIT204", looping(result="success", exec_main_status=0), "a library, not a daemon"),
    ("UNIT205", stopped(STOP), "it was stopped at 2026-"),
    ("UNIT205", never_started(), "it was never started since the host booted"),
    ("UNIT205", never_started(DEPENDENCY), "a unit that it requires failed then, and does not now"),
    ("UNIT205", never_started(job="start waiting"), "a job of it waits"),
    ("UNIT205", replace(stopped(), journal=None), "it was stopped, or ended, at 2026-"),
    ("UNIT206", unit(load_state="not-found", active_state="inactive"), "systemd knows no unit app.service"),
    ("UNIT206", unit(load_state="masked", active_state="inactive"), "the unit is masked"),
    ("UNIT206", unit(load_state="bad-setting", load_error="Service has no ExecStart=", active_state="inactive"), "no ExecStart="),
    ("UNIT207", stopped(condition_result=False, conditions=UNMET), "ConditionPathExists=/etc/app/enabled is not met"),
    ("UNIT207", stopped(result="exec-condition"), "ExecCondition= is not met"),
    ("UNIT208", never_started(DEPENDENCY, related=(TARGET, LOST)), "redis-server.service, which it requires, failed"),
    ("UNIT208", never_started(related=(RelatedUnit("Requires", "no.service", "not-found", "inactive"),)), "does not exist"),
    ("UNIT208", never_started(related=(RelatedUnit("BindsTo", "dev-x.device", "loaded", "inactive"),)), "is not up"),
    ("UNIT209", journal(down("exit-code", "exited", 203), lines=()), "systemd could not start the program: status=203/EXEC"),
    ("UNIT209", down("resources", "", 0), "Result=resources"),
    ("UNIT210", down("exit-code", "", 0, control_commands=PRE), "ExecStartPre=/srv/app/migrate.sh ended with status 4"),
    ("UNIT210", down("exit-code", "", 0, type="forking"), "ExecStart of the unit failed"),
    ("UNIT211", down("signal", "killed", 11), "SIGSEGV ended its main process"),
    ("UNIT211", down("core-dump", "dumped", 6), "SIGABRT ended its main process, with a core dump"),
    ("UNIT211", stopped(Event(ENDED_S, "deactivated", "Deactivated successfully.")), "SIGTERM ended its main process"),
    ("UNIT212", down("oom-kill", "killed", 9), "the kernel killed it: memory ran out"),
    ("UNIT212", journal(down("signal", "killed", 9), events=(OOM,)), "the kernel killed it: memory ran out"),
    ("UNIT212", journal(HEALTHY, events=(OOM,)), "the kernel killed a process of it"),
    ("UNIT213", down("watchdog", "killed", 6, watchdog_s=2.0), "no sign of life within WatchdogSec=2 s"),
    ("UNIT214", down("timeout", "killed", 15, active_enter_s=None), "not ready within TimeoutStartSec=1 min 30 s"),
    ("UNIT214", said(down("timeout", "killed", 9), "State 'stop-sigterm' timed out.", source="systemd"), "did not end within"),
    ("UNIT214", down("timeout", "killed", 15), "it ran longer than RuntimeMaxSec= allows"),
    ("UNIT220", starting(), "it has been starting for 5 min: a command before ExecStart= has not ended"),
    ("UNIT220", starting(sub_state="start", type="notify"), "READY=1 has not come"),
    ("UNIT215", down("protocol", "exited", 0, type="notify"), "it ended before systemd took it for ready (Type=notify)"),
    ("UNIT216", unit(need_daemon_reload=True), "systemd has not read them again"),
    ("UNIT217", down(related=(TARGET,)), "there is no OnFailure="),
    ("UNIT217", stopped(related=(TARGET, replace(ALERT, load_state="not-found"))), "its OnFailure= does not work"),
    ("UNIT218", never_started(CYCLE), "part of an ordering cycle"),
    ("UNIT219", service(start=BROKEN, source_changed_s=NOW_S - 60), "its next start will fail: ModuleNotFoundError"),
    ("CODE201", service(changed=(EDITED,)), "older than what is on disk (code 1)"),
    ("CODE201", service(process=replace(HEALTHY.process, exe_deleted=True)), "older than what is on disk (program 1)"),
    ("PROCESS201", service(process=replace(HEALTHY.process, state="stopped")), "process 4711 is stopped by a signal"),
    ("LOG201", journal(down(), tracebacks=(traceback(),)), "RuntimeError: boom at /srv/app/jobs.py:7"),
    ("LOG201", journal(looping(), tracebacks=(traceback(invocation="of an earlier run"),)), "RuntimeError: boom"),
    ("LOG202", journal(HEALTHY, signatures=(ONE_ERROR,)), "the same error 400 times: ERROR lost BTC-7"),
    ("LOG202", journal(looping(), signatures=(replace(ONE_ERROR, count=5, first_s=NOW_S - 90),)), "the same error 5 times"),
    ("LOG203", said(down(), "config error: QUEUE_URL is not set"), "it gave up with status 1: config error: QUEUE_URL is not set"),
    ("LOG203", said(down("exit-code", "exited", 2), "usage: app [-h]", "app: error: unrecognized arguments: --fast"), "--fast"),
    ("LOG203", said(down(), "caf\\xe9 is closed"), "it gave up with status 1: caf\\xe9 is closed"),
    ("LOG203", said(down(), "error: no URL", "flushed 3 symbols"), "it gave up with status 1: error: no URL"),
    ("LOG203", said(down(), "ERROR upload 1 failed", "ERROR upload 2 failed", "no symbols configured"), "status 1: no symbols"),
    ("REDIS201", service(redis=REFUSED), f"Redis at {URL} does not serve it: down"),
    ("REDIS201", service(redis=replace(HEALTHY.redis, writes_refused="out_of_memory")), "takes no writes: out of memory"),
    ("KEYS201", service(keys=(STALE, FRESH)), "1 of 2 keys that it writes are not fresh: 1 STALE, the oldest by"),
    ("KEYS201", service(keys=(replace(FRESH, present=False, values=(None,)),)), "1 NEVER"),
]  # fmt: skip
QUIET: list[tuple[str, ServiceFacts]] = [
    (
        "UNIT201",
        looping(9, active_state="active", sub_state="running", exec_main_code="", exec_main_start_s=NOW_S - 120),
    ),  # it is over
    ("UNIT201", unit(n_restarts=7)),  # over months: one run is in the journal, and lasts
    ("UNIT201", looping(0, active_state="active", sub_state="running")),  # restarted by hand, three times in a minute
    ("UNIT201", down(n_restarts=5)),
    ("UNIT202", down()),
    ("UNIT202", down("timeout", "killed", 9, n_restarts=2, restart="no")),
    ("UNIT202", journal(down("timeout", "killed", 9, n_restarts=2, restart="on-failure"), events=(STOP,))),
    ("UNIT202", down(n_restarts=3, restart="on-abort")),
    ("UNIT203", HEALTHY),
    ("UNIT203", journal(down("exit-code", "exited", 203), lines=())),
    ("UNIT204", exited_0(type="oneshot")),
    ("UNIT204", exited_0(related=(TARGET, RelatedUnit("TriggeredBy", "app.timer", "loaded", "active")))),
    ("UNIT204", exited_0(active_state="active", sub_state="exited", remain_after_exit=True)),
    ("UNIT204", journal(exited_0(), events=(STOP,))),  # it ended well because it was asked to
    ("UNIT204", replace(exited_0(related=(), unit_file_state="disabled", restart="no"), families=())),
    ("UNIT205", down()),
    ("UNIT205", exited_0()),
    ("UNIT205", never_started(type="oneshot")),
    ("UNIT205", never_started(related=(RelatedUnit("TriggeredBy", "app.socket", "loaded", "active"),))),
    ("UNIT205", never_started(DEPENDENCY, related=(TARGET, LOST))),
    ("UNIT206", HEALTHY),
    ("UNIT207", HEALTHY),
    ("UNIT207", never_started(condition_result=False)),  # never tried
    ("UNIT208", unit(related=(TARGET, LOST))),  # it runs all the same
    ("UNIT208", down(related=(TARGET, LOST))),  # it failed for a reason of its own
    ("UNIT208", never_started(related=(TARGET, replace(REDIS_UNIT, active_state="inactive")))),  # a start would pull it in
    ("UNIT209", said(down("exit-code", "exited", 203), "ending with 203", at_s=ENDED_S)),
    ("UNIT210", unit(control_commands=(ControlCommand("ExecStartPre", "/bin/x", "exited", 1, ignored=True),))),
    ("UNIT211", stopped(STOP)),
    ("UNIT211", journal(down("signal", "killed", 9), events=(OOM,))),
    ("UNIT212", down("signal", "killed", 9)),
    ("UNIT213", down("signal", "killed", 6)),
    ("UNIT214", down("signal", "killed", 15)),
    ("UNIT215", exited_0()),
    ("UNIT216", HEALTHY),
    ("UNIT216", stopped(load_state="bad-setting", need_daemon_reload=True)),  # systemd says so of each with a drop-in
    ("UNIT220", HEALTHY),
    ("UNIT220", starting(inactive_exit_s=NOW_S - 30)),
    ("UNIT220", starting(sub_state="start", type="oneshot")),  # a job at work
    ("UNIT217", down()),
    ("UNIT217", down(related=(), inactive_enter_s=NOW_S - 60)),
    ("UNIT217", looping(related=())),
    ("UNIT218", journal(HEALTHY, events=(CYCLE,))),
    ("UNIT218", stopped(replace(CYCLE, at_s=BEGAN_S - 60))),
    ("UNIT219", service(start=BROKEN)),  # nothing changed since it began: it refutes the prediction
    ("UNIT219", replace(down(), start=BROKEN, source_changed_s=NOW_S - 60)),
    ("CODE201", HEALTHY),
    ("CODE201", replace(unit(need_daemon_reload=True), changed=(replace(EDITED, kind="unit"),))),
    ("PROCESS201", HEALTHY),
    ("PROCESS201", service(process=replace(HEALTHY.process, state="tracing-stop"))),  # strace looks at it
    ("LOG201", journal(HEALTHY, tracebacks=(traceback(),))),
    ("LOG201", journal(down(), tracebacks=(traceback(final=False),))),  # it lived on
    ("LOG201", journal(down(), tracebacks=(traceback(invocation="of an earlier run"),))),
    ("LOG201", journal(down("timeout", "killed", 15), tracebacks=(traceback("KeyboardInterrupt"),))),
    ("LOG202", journal(HEALTHY, signatures=(replace(ONE_ERROR, share=0.6),))),
    ("LOG202", journal(HEALTHY, signatures=(replace(ONE_ERROR, count=9),))),
    ("LOG202", journal(HEALTHY, signatures=(replace(ONE_ERROR, last_s=NOW_S - 5_000),))),  # it got over it
    ("LOG203", said(down(), "error: retrying", at_s=BEGAN_S)),  # it lived on
    ("LOG203", said(down(), "INFO cycle done")),
    ("LOG203", said(down(), "INFO errors so far: 0")),
    ("LOG203", journal(said(down(), "error: 1"), tracebacks=(traceback(),))),
    ("REDIS201", HEALTHY),
    ("REDIS201", service(redis=None)),
    ("KEYS201", service(keys=(replace(FRESH, present=None, values=()),))),  # could not be read
    ("KEYS201", HEALTHY),
]


@pytest.mark.parametrize(("code", "facts", "told"), SICK, ids=[f"{code}-{i}" for i, (code, *_) in enumerate(SICK)])
def test_it_fires(code, facts, told):
    (finding,) = findings(code, facts)
    assert told in finding.summary
    assert (finding.code, finding.subject) == (code, NAME)
    assert finding.remedy
    assert finding.evidence
    assert all(finding.evidence)


@pytest.mark.parametrize(("code", "facts"), QUIET, ids=[f"{code}-{i}" for i, (code, _) in enumerate(QUIET)])
def test_it_stays_quiet(code, facts):
    assert findings(code, facts) == []
