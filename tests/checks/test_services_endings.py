"""What ended a service, what would end its next start, and what else is wrong: evidence, severity and the command that helps."""

import pytest
from msgspec.structs import replace

from qtops.facts.journal import Line
from qtops.facts.keys import ServerReading
from qtops.facts.preflight import CommandFact, PathFact
from qtops.facts.service import ChangedFile, RedisFacts
from qtops.findings import Severity

from .services import (
    ALERT,
    BEGAN_S,
    ENDED_S,
    HEALTHY,
    INVOCATION,
    NOW_S,
    TARGET,
    down,
    findings,
    host,
    journal,
    looping,
    never_started,
    said,
    service,
    severity,
    told,
    traceback,
    unit,
)  # fmt: skip
from .starts import HEALTHY as HEALTHY_START
from .starts import command, failing
from .test_services import CYCLE, EDITED, OOM


@pytest.mark.parametrize(
    ("status", "words"),
    [(203, "namei -l"), (200, "WorkingDirectory="), (226, "ReadWritePaths="), (217, "User="), (231, "systemd.exec(5)")],
)
def test_a_step_that_failed_says_where_to_look(status, words):
    assert words in told("UNIT209", journal(down("exit-code", "exited", status), lines=()))


def test_systemds_line_about_its_step_is_evidence():
    line = "app.service: Failed to execute /srv/app/run.sh: No such file or directory"
    quiet = journal(down("exit-code", "exited", 203), lines=())
    assert line in told("UNIT209", said(quiet, line, source="systemd"))


def test_sigkill_is_not_called_out_of_memory_without_proof():
    assert "could not be proven: MemoryMax=48 MiB" in told("UNIT211", down("signal", "killed", 9, memory_max_bytes=48 << 20))
    assert "could not be told" in told("UNIT211", down("signal", "killed", 9))
    kernel = "Memory cgroup out of memory: Killed process 4711 (python)"
    assert kernel in told("UNIT212", said(down("signal", "killed", 9), kernel, source="kernel"))


def test_what_survived_the_lack_of_memory_is_a_warning():
    assert severity("UNIT212", journal(HEALTHY, events=(OOM,))) is Severity.WARNING


def test_a_core_dump_is_looked_at_with_coredumpctl():
    assert "coredumpctl info app.service" in told("UNIT211", down("core-dump", "dumped", 11))
    assert "signal 40 ended" in told("UNIT211", down("signal", "killed", 40))


@pytest.mark.parametrize(
    ("kind", "words"),
    [("notify", "READY=1"), ("forking", "Type=exec instead of Type=forking"), ("simple", "a time limit of its own")],
)
def test_a_start_that_took_too_long_depends_on_the_type(kind, words):
    assert words in told("UNIT214", down("timeout", "killed", 15, type=kind, active_enter_s=None))


def test_what_ended_before_it_was_ready_may_never_say_so():
    assert "Type=exec if it never sends READY=1" in told("UNIT215", down("protocol", "exited", 0, type="notify"))
    assert "PIDFile=" in told("UNIT215", down("protocol", "exited", 0, type="forking"))


def test_which_unit_file_is_newer():
    dropin = ChangedFile("unit", "/etc/systemd/system/app.service.d/x.conf", NOW_S - 120)
    (finding,) = findings("UNIT216", replace(unit(need_daemon_reload=True), changed=(dropin,)))
    assert finding.evidence == ("/etc/systemd/system/app.service.d/x.conf changed at 2026-09-21 14:11:20 UTC (2 min ago)",)
    assert finding.where == dropin.path


def test_since_when_nobody_is_told():
    assert "failed since 2026-09-21 13:43:20 UTC (30 min ago)" in told("UNIT217", down(related=(TARGET,)))
    assert "OnFailure=alert@app.service: not-found" in told("UNIT217", down(related=(replace(ALERT, load_state="not-found"),)))


def test_the_circle_is_spelt_out():
    assert "Found ordering cycle on b.service/start" in told("UNIT218", never_started(CYCLE))
    lines = said(never_started(), "app.service: Job app.service/start deleted to break ordering cycle", source="systemd")
    assert "deleted to break" in told("UNIT218", lines)


def test_what_stops_the_next_start_whatever_runs_is_told():
    gone = command(PathFact("ExecStart", "/etc/systemd/system/app.service:9", "/srv/app/venv/bin/python", "broken_link", "a -> b"))
    assert "UNIT101: /srv/app/venv/bin/python is a link that leads nowhere" in told("UNIT219", service(start=gone))


def test_what_the_running_process_refutes_is_not():
    broken = service(start=failing("missing"))
    assert findings("UNIT219", replace(broken, source_changed_s=None)) == []
    assert findings("UNIT219", replace(broken, source_changed_s=BEGAN_S + 1)) != []
    hidden = replace(
        HEALTHY_START, commands=(CommandFact("ExecStart", "u:9", PathFact("ExecStart", "u:9", "/home/qt/python", "file")),)
    )
    assert findings("UNIT219", service(start=hidden)) == []  # ProtectHome=yes was there before
    edited = ChangedFile("unit", "/etc/systemd/system/app.service", NOW_S - 60)
    assert findings("UNIT219", service(start=hidden, changed=(edited,))) != []


def test_each_kind_of_newer_file_is_told_apart_and_whether_a_restart_would_succeed():
    environment = ChangedFile("environment", "/etc/app.env", NOW_S - 30)
    older = ChangedFile("code", "/srv/app/old.py", NOW_S - 90)
    changed = service(changed=(environment, EDITED, older))
    words = told("CODE201", changed)
    assert "code: /srv/app/lib.py changed at 2026-09-21 14:12:20 UTC (1 min ago), and 1 more" in words
    assert "environment: /etc/app.env" in words
    assert "the next start would succeed, as far as the files tell" in words
    assert "the next start would fail: IMPORT101" in told(
        "CODE201", replace(changed, start=failing("missing"), source_changed_s=NOW_S - 60)
    )
    assert "could not be told" in told("CODE201", replace(changed, start=None))


def test_an_exception_is_told_with_its_cause_its_place_and_how_often():
    cause = "ConnectionRefusedError: [Errno 111] Connection refused"
    crash = traceback("RuntimeError: boom", causes=(cause,), invocation=INVOCATION)
    (finding,) = findings("LOG201", journal(looping(), tracebacks=(crash,)))
    assert finding.where == "/srv/app/jobs.py:7"
    assert f"raised from: {cause}" in finding.evidence
    assert "in run, /srv/app/jobs.py:7" in finding.evidence
    assert "5 runs ended so" in finding.evidence


def test_options_that_the_program_does_not_know():
    usage = said(down("exit-code", "exited", 2), "usage: app [-h]", "app: error: unrecognized arguments: --fast")
    assert "Correct the options in ExecStart=" in told("LOG203", usage)
    logged = journal(down(), lines=(Line(ENDED_S, "giving up", priority=3),))
    assert "giving up" in told("LOG203", logged)


@pytest.mark.parametrize(
    ("state", "helps"), [("down", "systemctl start"), ("wrong_password", "password"), ("refused", "see its words")]
)
def test_what_helps_redis(state, helps):
    reading = ServerReading("redis://h:1/0", state, "see its words", "detail")
    words = told("REDIS201", service(redis=RedisFacts(reading, "REDIS_URL at /etc/app.env:3")))
    assert helps in words
    assert "redis://h:1/0, named by REDIS_URL at /etc/app.env:3" in words


def test_keys_are_told_by_number_and_the_worst_first():
    late = replace(HEALTHY.keys[0], key="app:ETH", values=("2026-09-21T14:12:55Z",))
    stale = replace(late, key="app:SOL", values=("2026-09-21T12:00:00Z",))
    (finding,) = findings("KEYS201", service(keys=(late, stale)))
    assert finding.summary == "2 of 2 keys that it writes are not fresh: 1 STALE, 1 LATE, the oldest by 2 h 13 min"
    assert finding.evidence[0].startswith("app:SOL: STALE: beat is 8000.0 s old")
    assert severity("KEYS201", service(keys=(late,))) is Severity.WARNING
    unknown = host(service(keys=(replace(late, family="not configured"),)))
    assert unknown.services[0].keys
    assert findings("KEYS201", unknown.services[0]) == []


def test_a_limit_is_raised_only_where_there_is_one():
    killed = down("oom-kill", "killed", 9)
    assert "MemoryMax= in [Service] keeps it from taking the host along" in told("UNIT212", killed)
    limited = replace(killed, unit=replace(killed.unit, memory_max_bytes=64 << 20))
    assert "raise MemoryMax= only if it needs that much by design" in told("UNIT212", limited)
    assert "MemoryMax=64 MiB, 60 MiB in use now" in told("UNIT212", limited)
