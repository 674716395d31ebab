"""How the last run ended: every recorded kind of failure (systemd 252, 255 and 257 agree on these properties), and what is odd."""

from typing import get_args

import pytest

from qtops.checks.ending import NAMES, POLICIES, Ending, Kind, ending, is_restarted
from qtops.facts.journal import Event, JournalFacts, Line
from qtops.facts.unit import ConditionFact, ControlCommand, UnitState

T = 1_790_000_000.0
FAILED = ("loaded", "failed", "failed")
INACTIVE = ("loaded", "inactive", "dead")
RUNNING = ("loaded", "active", "running")
PRE = {"control_commands": (ControlCommand("ExecStartPre", "/bin/sh", "exited", 4),)}
ROWS = [
    # name, (load, active, sub), result, code, status, what else is told, how it ended
    ("module-not-found", FAILED, "exit-code", "exited", 1, {}, "status"),
    ("syntax-error", FAILED, "exit-code", "exited", 1, {}, "status"),
    ("exit-message", FAILED, "exit-code", "exited", 1, {}, "status"),
    ("file-permission", FAILED, "exit-code", "exited", 1, {}, "status"),
    ("port-in-use", FAILED, "exit-code", "exited", 1, {}, "status"),
    ("memory-error", FAILED, "exit-code", "exited", 1, {}, "status"),
    ("redis-connection-refused", FAILED, "exit-code", "exited", 1, {}, "status"),
    ("redis-auth", FAILED, "exit-code", "exited", 1, {}, "status"),
    ("bad-setting-ignored", FAILED, "exit-code", "exited", 1, {}, "status"),
    ("exec-missing-binary", FAILED, "exit-code", "exited", 203, {}, "step"),
    ("exec-broken-venv-symlink", FAILED, "exit-code", "exited", 203, {}, "step"),
    ("exec-missing-interpreter", FAILED, "exit-code", "exited", 203, {}, "step"),
    ("exec-crlf-shebang", FAILED, "exit-code", "exited", 203, {}, "step"),
    ("exec-no-shebang", FAILED, "exit-code", "exited", 203, {}, "step"),
    ("exec-permission-denied", FAILED, "exit-code", "exited", 203, {}, "step"),
    ("chdir", FAILED, "exit-code", "exited", 200, {}, "step"),
    ("user-missing", FAILED, "exit-code", "exited", 217, {}, "step"),
    ("group-missing", FAILED, "exit-code", "exited", 216, {}, "step"),
    ("stdout-file", FAILED, "exit-code", "exited", 209, {}, "step"),
    ("namespace", FAILED, "exit-code", "exited", 226, {}, "step"),
    ("credential-missing", FAILED, "exit-code", "exited", 243, {}, "step"),
    ("environment-file-missing", FAILED, "resources", "", 0, {}, "resources"),
    ("exec-start-pre", FAILED, "exit-code", "", 0, PRE, "control"),
    ("bad-setting-no-exec", ("bad-setting", "inactive", "dead"), "success", "", 0, {}, "not loaded"),
    ("bad-setting-relative-exec", ("bad-setting", "inactive", "dead"), "success", "", 0, {}, "not loaded"),
    ("masked", ("masked", "inactive", "dead"), "success", "", 0, {}, "not loaded"),
    ("not-found", ("not-found", "inactive", "dead"), "success", "", 0, {}, "not loaded"),
    ("dependency-failed", INACTIVE, "success", "", 0, {}, "none"),
    ("dependency-missing", INACTIVE, "success", "", 0, {}, "none"),
    ("ordering-cycle", INACTIVE, "success", "", 0, {"condition_result": False, "assert_result": False}, "none"),
    ("condition-failed", INACTIVE, "success", "", 0, {"condition_result": False, "condition_s": T}, "condition"),
    ("assert-failed", INACTIVE, "success", "", 0, {"condition_s": T, "assert_result": False, "assert_s": T}, "condition"),
    ("exit-0-at-once", INACTIVE, "success", "exited", 0, {}, "clean"),
    ("exit-0-at-once, not enabled", INACTIVE, "success", "", 0, {}, "none"),
    ("start-limit-hit", FAILED, "exit-code", "exited", 1, {"n_restarts": 3}, "status"),
    ("start-limit-hit-result", FAILED, "start-limit-hit", "exited", 0, {"n_restarts": 3}, "clean"),
    ("start-limit-hit-manual", FAILED, "exit-code", "exited", 1, {"n_restarts": 3}, "status"),
    ("restart-loop", ("loaded", "activating", "auto-restart"), "exit-code", "exited", 1, {"n_restarts": 2}, "status"),
    ("sigkill", FAILED, "signal", "killed", 9, {}, "signal"),
    ("oom-cgroup-v1", FAILED, "signal", "killed", 9, {}, "signal"),
    ("oom-cgroup-v2", FAILED, "oom-kill", "killed", 9, {}, "oom"),
    ("segfault", FAILED, "signal", "killed", 11, {}, "signal"),
    ("core-dump", FAILED, "core-dump", "dumped", 11, {}, "signal"),
    ("watchdog", FAILED, "watchdog", "killed", 6, {}, "watchdog"),
    ("start-timeout-notify", FAILED, "timeout", "killed", 15, {}, "timeout"),
    ("notify-exit-before-ready", FAILED, "protocol", "exited", 0, {}, "protocol"),
    ("forking-no-fork", FAILED, "timeout", "", 0, {}, "timeout"),
    ("stop-timeout", FAILED, "timeout", "killed", 9, {}, "timeout"),
    ("runtime-max", FAILED, "timeout", "killed", 15, {}, "timeout"),
    ("need-daemon-reload", RUNNING, "success", "", 0, {"need_daemon_reload": True}, "none"),
    ("healthy", RUNNING, "success", "", 0, {}, "none"),
]


def unit(state=FAILED, result="exit-code", code="exited", status=1, **more):
    load, active, sub = state
    facts = {"name": "app.service", "load_state": load, "active_state": active, "sub_state": sub, "result": result}
    return UnitState(**facts, exec_main_code=code, exec_main_status=status, **more)


@pytest.mark.parametrize(("state", "result", "code", "status", "more", "kind"), [row[1:] for row in ROWS], ids=[r[0] for r in ROWS])
def test_what_was_recorded(state, result, code, status, more, kind):
    end = ending(unit(state, result, code, status, **more))
    assert end.kind == kind
    if kind in {"step", "status", "signal"}:
        assert (end.code, end.status, end.command) == (code, status, "ExecStart")


def test_a_control_command_says_which_it_was():
    assert ending(unit(code="", status=0, **PRE)) == Ending("control", "exited", 4, "ExecStartPre")
    post = (ControlCommand("ExecStartPost", "/bin/x", "exited", 1),)  # systemd then ends the main process
    assert ending(unit(code="killed", status=15, control_commands=post)) == Ending("control", "exited", 1, "ExecStartPost")
    forking = unit(code="", status=0, type="forking")  # ExecStart itself was the command that failed
    assert ending(forking).kind == "control"


def test_a_control_command_is_not_blamed_for_the_main_process_or_where_it_may_fail():
    stop_post = (ControlCommand("ExecStopPost", "/bin/x", "exited", 1),)
    assert ending(unit(control_commands=stop_post)).kind == "status"
    ignored = (ControlCommand("ExecStartPre", "/bin/x", "exited", 1, ignored=True),)
    assert ending(unit(RUNNING, "success", "", 0, control_commands=ignored)).kind == "none"


def test_success_is_what_the_unit_says():
    assert ending(unit(INACTIVE, "success", "exited", 42, success_statuses=(42,))).kind == "clean"
    assert ending(unit(INACTIVE, "success", "exited", 42)).kind == "status"  # after reset-failed
    assert ending(unit(INACTIVE, "success", "killed", 15)).kind == "clean"
    assert ending(unit(FAILED, "start-limit-hit", "killed", 15)).kind == "clean"  # stopped, then started too often


def test_exec_condition_is_a_condition():
    said_no = (ControlCommand("ExecCondition", "/bin/test", "exited", 1),)
    assert ending(unit(INACTIVE, "exec-condition", "", 0, control_commands=said_no)).kind == "condition"


def test_an_unmet_condition_is_why_a_unit_that_failed_before_was_not_started_again():
    unmet = (ConditionFact("ConditionPathExists", "/x", met=False),)
    assert ending(unit(FAILED, condition_result=False, condition_s=T, conditions=unmet)).kind == "condition"
    assert ending(unit(RUNNING, "success", "", 0, condition_result=False, condition_s=T)).kind == "none"


def test_a_program_may_end_with_a_status_of_systemds_own():
    said = (Line(T + 1, "giving up: shard 203"),)
    ended = unit(status=203, exec_main_start_s=T)
    assert ending(ended, JournalFacts(lines=said)).kind == "status"
    assert ending(ended, JournalFacts()).kind == "step"  # systemd 255 has no line of it
    assert ending(ended, JournalFacts(lines=(Line(T - 1, "migrating"),))).kind == "step"  # ExecStartPre= spoke
    spawn = Event(T, "spawn_failed", "Failed at step EXEC", errno=2, path="/x")
    assert ending(ended, JournalFacts(lines=said, events=(spawn,))).kind == "step"


def test_a_step_is_called_as_systemd_calls_it():
    assert Ending("step", "exited", 203).step == "203/EXEC"
    assert set(NAMES) <= set(range(200, 246))


@pytest.mark.parametrize(
    ("policy", "kinds"),
    [
        ("no", ""), ("always", "clean status step control signal timeout oom protocol resources watchdog"), ("on-success", "clean"),
        ("on-failure", "status step control signal timeout oom protocol resources watchdog"),
        ("on-abnormal", "signal timeout oom protocol resources watchdog"), ("on-abort", "signal"), ("on-watchdog", "watchdog"),
    ],
)  # fmt: skip
def test_restart_policies_as_the_manual_has_them(policy, kinds):
    restarted = {kind for kind in get_args(Kind) if is_restarted(unit(restart=policy), Ending(kind, "exited", 1))}
    assert restarted == set(kinds.split())
    assert policy == "no" or policy in POLICIES
