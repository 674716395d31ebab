"""What was asked for and what was not: stops by request and along with others, readiness that nobody heard, loops that are over."""

import pytest
from msgspec.structs import replace

from qtops.diagnose import diagnose
from qtops.facts.journal import Event, Line, Run
from qtops.facts.preflight import PathFact, StartFacts
from qtops.facts.unit import RelatedUnit
from qtops.findings import Verdict

from .services import (
    BEGAN_S,
    ENDED_S,
    NOW_S,
    TARGET,
    down,
    findings,
    host,
    journal,
    looping,
    never_started,
    said,
    stopped,
    told,
    traceback,
    unit,
)
from .test_services import STOP, starting

FEED = "app-feed.service"
UNHEARD = Event(
    ENDED_S - 1, "other", "app.service: Got notification message from PID 7, but reception only permitted for main PID 6"
)
PID_FILE = Event(
    ENDED_S - 1, "other", "app.service: Can't open PID file /run/app.pid (yet?) after start: No such file or directory"
)
TIMED_OUT = Event(ENDED_S, "other", "app.service: start operation timed out. Terminating.")
TIMER = RelatedUnit("TriggeredBy", "app.timer", "loaded", "inactive", unit_file_state="enabled")


def related(setting, state):
    return (TARGET, RelatedUnit(setting, FEED, "loaded", state))


class TestStopped:
    @pytest.mark.parametrize("setting", ["Requires", "PartOf"])
    def test_a_unit_that_takes_it_along_is_named_where_it_is_down(self, setting):
        words = told("UNIT205", stopped(STOP, related=related(setting, "inactive")))
        assert f"{FEED}, with which it goes down ({setting}=), is inactive" in words.splitlines()[0]
        assert "_PID=1` tells what was stopped or started with it" in words

    def test_and_is_no_more_than_possible_where_it_is_up_again(self):
        words = told("UNIT205", stopped(STOP, related=related("BindsTo", "active")))
        assert words.startswith("it was stopped at 2026-09-21 13:43:20 UTC (30 min ago)\n")
        assert f"a stop of {FEED} takes it along (BindsTo=)" in words

    def test_a_rival_that_runs_is_named(self):
        words = told("UNIT205", stopped(STOP, related=related("ConflictedBy", "active")))
        assert f"{FEED}, with which it cannot be up (ConflictedBy=), runs" in words.splitlines()[0]
        assert FEED not in told("UNIT205", stopped(STOP, related=related("Conflicts", "inactive")))

    def test_where_nothing_else_could_have_somebody_asked(self):
        words = told("UNIT205", stopped(STOP, related=(TARGET, RelatedUnit("Requires", "system.slice", "loaded", "active"))))
        assert "it was stopped on request at" in words
        assert "_COMM=sudo" in words

    def test_an_error_status_after_a_stop_is_the_stop_s(self):
        asked = replace(STOP, at_s=ENDED_S - 0.1)
        for ended in (down("exit-code", "exited", 143), down("signal", "killed", 9)):
            facts = journal(ended, events=(*ended.journal.events[:1], asked, *ended.journal.events[1:]))
            facts = journal(facts, tracebacks=(traceback("KeyboardInterrupt"),))
            (found,) = diagnose(host(facts))
            assert found.root.code == "UNIT205"
            assert "SuccessExitStatus=" in found.root.remedy
        earlier = journal(down(), events=(Event(ENDED_S + 60, "stopping", "Stopping app.service..."),))
        assert findings("UNIT205", earlier) == []  # it had failed by then


class TestTimers:
    def test_one_that_is_enabled_and_does_not_run_is_forgotten(self):
        (found,) = diagnose(host(stopped(type="oneshot", related=(TIMER,))))
        assert (found.condition, found.verdict, found.root.code) == ("does not run", Verdict.CRITICAL, "UNIT205")
        assert "app.timer: loaded, inactive, enabled" in found.root.evidence

    def test_one_that_is_disabled_was_switched_off(self):
        off = replace(TIMER, unit_file_state="disabled")
        (found,) = diagnose(host(replace(never_started(type="oneshot", related=(off,)), families=())))
        assert (found.condition, found.verdict) == ("rests", Verdict.OK)


class TestReadiness:
    def test_a_word_from_another_process_is_not_heard(self):
        facts = down("timeout", "killed", 15, type="notify", active_enter_s=None)
        words = told("UNIT214", journal(facts, events=(UNHEARD, TIMED_OUT)))
        assert "reception only permitted for main PID 6" in words
        assert "NotifyAccess=all" in words
        assert "NotifyAccess=all" in told("UNIT213", journal(down("watchdog", "killed", 6), events=(UNHEARD,)))

    def test_a_program_that_forks_and_writes_no_pid_file_does_not_stay_in_the_foreground(self):
        facts = down("timeout", "", 0, type="forking", active_enter_s=None)
        assert "Correct PIDFile=" in told("UNIT214", journal(facts, events=(PID_FILE, TIMED_OUT)))
        assert "Type=exec instead of Type=forking" in told("UNIT214", journal(facts, events=(TIMED_OUT,)))

    def test_which_command_it_was(self):
        late = replace(TIMED_OUT, text="app.service: start-pre operation timed out. Terminating.")
        facts = journal(down("timeout", "", 0, active_enter_s=None), events=(late,))
        assert told("UNIT214", facts).startswith("ExecStartPre= did not end within TimeoutStartSec=1 min 30 s")

    def test_a_start_that_has_just_begun_is_not_called_well(self):
        (found,) = diagnose(host(starting(inactive_exit_s=NOW_S - 5)))
        assert (found.condition, found.verdict, found.root) == ("starts", Verdict.UNKNOWN, None)
        (found,) = diagnose(host(starting()))
        assert (found.condition, found.verdict, found.root.code) == ("starts", Verdict.WARNING, "UNIT220")


class TestEnds:
    def test_what_a_time_limit_ended_did_not_end_by_itself(self):
        runs = tuple(Run(str(i), NOW_S - 4 * i - 2, NOW_S - 4 * i, result="timeout") for i in (3, 2, 1))
        between = {"active_state": "active", "sub_state": "running", "exec_main_code": "", "exec_main_start_s": NOW_S - 1}
        facts = journal(looping(3, result="success", **between), runs=runs)
        assert findings("UNIT204", facts) == []
        assert "it ran longer than RuntimeMaxSec= allows" in told("UNIT214", facts)

    def test_how_a_run_ended_well_is_not_logged_and_not_claimed(self):
        runs = tuple(Run(str(i), NOW_S - 4 * i - 2, NOW_S - 4 * i) for i in (3, 2, 1))
        between = {"active_state": "active", "sub_state": "running", "exec_main_code": "", "exec_main_start_s": NOW_S - 1}
        words = told("UNIT204", journal(looping(3, result="success", **between), runs=runs))
        assert words.startswith("its program ended by itself with success after 2 s")
        assert "whether with status 0 or by SIGTERM is not logged" in words

    def test_a_status_that_was_declared_success_is_told_as_such(self):
        ended = stopped(exec_main_code="exited", exec_main_status=3, exec_main_start_s=ENDED_S - 0.4, success_statuses=(3,))
        words = told("UNIT204", said(ended, "no work left"))
        assert "with status 3 after 0.4 s: which SuccessExitStatus= of the unit counts as success" in words
        assert "its last lines: no work left" in words

    def test_a_stack_that_faulthandler_printed_is_shown(self):
        stack = (
            "Fatal Python error: Segmentation fault",
            "Current thread 0x7f (most recent call first):",
            '  File "/usr/lib/python3.11/ctypes/__init__.py", line 519 in string_at',
            '  File "/srv/app/main.py", line 3 in run',
        )
        (finding,) = findings("UNIT211", said(down("signal", "killed", 11), *stack))
        assert (finding.where, finding.summary) == ("/srv/app/main.py:3", "SIGSEGV ended its main process at /srv/app/main.py:3")
        assert 'File "/srv/app/main.py", line 3 in run' in finding.evidence

    def test_a_system_call_that_is_forbidden(self):
        assert "SystemCallFilter=" in told("UNIT211", down("signal", "killed", 31))

    def test_a_unit_without_a_file_that_runs_is_no_unit_that_is_down(self):
        (found,) = diagnose(host(unit(load_state="not-found")))
        assert (found.condition, found.verdict, found.root.code) == ("runs", Verdict.WARNING, "UNIT206")
        assert found.root.summary == "it runs, and its unit file is gone: once it ends, nothing starts it again"

    def test_a_link_in_place_of_the_unit_file_that_leads_nowhere_is_named(self):
        link = PathFact(
            "unit file", "", "/etc/systemd/system/app.service", "broken_link", "/etc/systemd/system/app.service -> /srv/x"
        )
        gone = unit(load_state="not-found", active_state="inactive", main_pid=0)
        words = told("UNIT206", replace(gone, start=StartFacts(subject="app.service", loads=False, paths=(link,))))
        assert "/etc/systemd/system/app.service -> /srv/x, which is not there" in words
        assert "Deploy what /etc/systemd/system/app.service leads to" in words

    def test_the_restarts_of_a_unit_that_it_requires_use_up_its_own_starts(self):
        lost = (TARGET, RelatedUnit("Requires", FEED, "loaded", "failed", "exit-code"))
        refused = journal(down("start-limit-hit", "killed", 15, related=lost), events=(Event(ENDED_S, "start_limit", "repeated"),))
        (found,) = diagnose(host(refused))
        assert (found.root.code, found.proof) == ("UNIT208", (f"Requires={FEED} has failed, and takes it along",))


class TestClosing:
    WORKER = ("Traceback (most recent call last):", "KeyError: 'DATABASE_URL'")
    CLOSE = ("[2026-11-23 04:10:33 +0000] [341] [INFO] Worker exiting (pid: 341)",
             "[2026-11-23 04:10:34 +0000] [304] [ERROR] Worker (pid:341) exited with code 3.",
             "[2026-11-23 04:10:34 +0000] [304] [ERROR] Shutting down: Master",
             "[2026-11-23 04:10:34 +0000] [304] [ERROR] Reason: Worker failed to boot.")  # fmt: skip

    def ended(self, *after, at_s=ENDED_S - 0.3):
        facts = said(down("exit-code", "exited", 3), *self.WORKER, at_s=at_s)
        facts = journal(facts, tracebacks=(traceback("KeyError: 'DATABASE_URL'", at_s=at_s, final=False),))
        lines = tuple(Line(ENDED_S - 0.1, text) for text in after)
        (found,) = diagnose(host(journal(facts, lines=(*facts.journal.lines, *lines))))
        return found.root.code

    @pytest.mark.parametrize("after", [CLOSE, ("'DATABASE_URL'", *CLOSE), ("INFO app: bye",), ("Unclosed client session",)])
    def test_what_shuts_down_after_a_traceback_does_not_explain_the_end(self, after):
        assert self.ended(*after) == "LOG201"

    def test_what_says_something_of_its_own_does(self):
        assert self.ended("no quorum among the feeds") == "LOG203"
        assert self.ended(*("INFO tick",) * 20, "CRITICAL margin call") == "LOG203"

    def test_an_old_traceback_is_not_blamed(self):
        assert self.ended("Error: out of orders", at_s=BEGAN_S + 1) == "LOG203"
