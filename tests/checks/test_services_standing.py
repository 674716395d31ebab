"""Why a service does not run, or is started again and again: what the findings say besides, and how bad they are."""

import pytest
from msgspec.structs import replace

from qtops.checks.main_process_failed import meaning_of
from qtops.checks.registry import judge_service
from qtops.facts.journal import Event, Line, Run
from qtops.facts.unit import RelatedUnit
from qtops.findings import Severity

from .services import (
    ENDED_S,
    HEALTHY,
    NOW_S,
    TARGET,
    down,
    findings,
    host,
    journal,
    looping,
    never_started,
    severity,
    stopped,
    told,
    unit,
)  # fmt: skip
from .test_services import DEPENDENCY, STOP, UNMET, exited_0


def test_a_loop_says_when_it_began_and_whether_the_limit_can_end_it():
    words = told("UNIT201", looping(40))
    assert "it began about 2026-09-21 14:06:00 UTC (7 min 20 s ago): restarts × (pause 10 s + run 1 s)" in words
    assert "5 starts × (pause 10 s + run 1 s) = 55 s, the interval is 10 s: the start limit can never be reached" in words
    assert "in [Unit]: StartLimitIntervalSec=110, StartLimitBurst=5" in words
    assert "last line of 5 of 5 runs: RuntimeError: boom" in words
    assert "a start by hand sets this counter to 0" in words
    assert "no start limit is in force" in told("UNIT201", looping(interval_s=0.0))
    assert "the start limit will end it" in told("UNIT201", looping(interval_s=300.0))


def test_the_beginning_is_counted_where_the_journal_reaches_back():
    assert "it began at 2026-09-21 14:12:30 UTC (50 s ago)" in told("UNIT201", looping(4))


def test_a_loop_is_one_while_it_runs_between_two_ends():
    between = looping(
        40, active_state="active", sub_state="running", exec_main_code="", result="success", exec_main_start_s=NOW_S - 1
    )
    assert "status 1" in told("UNIT203", between)
    assert "config error: no URL" in told("LOG203", replace(between, journal=looping(last_line="config error: no URL").journal))
    without = replace(between, journal=None)
    assert "40 restarts" in told("UNIT201", without)
    assert findings("UNIT201", replace(unit(n_restarts=40), journal=None)) == []  # the last start was an hour ago


def test_lines_that_differ_in_numbers_are_one_line():
    runs = tuple(Run(str(i), NOW_S - i * 11 - 1, NOW_S - i * 11, "exited", 1, f"lost order {i}") for i in (3, 2, 1))
    assert "last line of 3 of 3 runs: lost order 1" in told("UNIT201", journal(looping(3), runs=runs))


def test_giving_up_is_undone_by_reset_failed():
    assert "`systemctl reset-failed app.service && systemctl start app.service`" in told(
        "UNIT202", down(n_restarts=3, restart="always")
    )


@pytest.mark.parametrize(
    ("status", "words"), [(1, "exception"), (2, "option"), (127, "shell"), (143, "SIGTERM"), (152, "signal 24")]
)
def test_what_a_status_means(status, words):
    assert words in told("UNIT203", down("exit-code", "exited", status))


def test_a_status_without_a_custom_means_nothing():
    assert (meaning_of(42), meaning_of(250)) == ("", "")


def test_success_is_no_failure_to_restart_on_failure():
    assert "does not start it again: it stays inactive, which is no failure" in told("UNIT204", exited_0(restart="on-failure"))
    assert "Restart=always starts it again" in told("UNIT204", exited_0(restart="always"))


def test_what_was_meant_to_end_is_not_blamed_without_a_journal():
    assert findings("UNIT204", replace(exited_0(5_000.0), journal=None)) == []
    assert findings("UNIT204", replace(exited_0(0.4), journal=None)) != []


def test_who_stopped_it_can_be_asked_for():
    assert f"--since @{int(ENDED_S) - 60}" in told("UNIT205", stopped(STOP))
    assert "wanted by multi-user.target" in told("UNIT205", stopped(STOP))


def test_what_nothing_asks_for_is_for_information_unless_it_writes_keys():
    disabled = never_started(related=(), unit_file_state="disabled")
    assert severity("UNIT205", replace(disabled, families=())) is Severity.INFO
    assert severity("UNIT205", disabled) is Severity.CRITICAL
    waiting = never_started(related=(RelatedUnit("WantedBy", "graphical.target", "loaded", "inactive"),))
    assert severity("UNIT205", replace(waiting, families=())) is Severity.INFO


def test_a_stop_before_the_boot_explains_nothing():
    before = replace(STOP, at_s=NOW_S - 900_000)
    assert "never started since the host booted at" not in told("UNIT205", never_started(before))
    assert told("UNIT205", never_started(before)).startswith("it was never started since the host booted")


@pytest.mark.parametrize(("state", "expected"), [("inactive", Severity.INFO), ("failed", Severity.CRITICAL)])
def test_what_starts_it_is_down_itself(state, expected):
    facts = never_started(related=(RelatedUnit("TriggeredBy", "app.timer", "loaded", state),))
    assert "nothing starts it: app.timer does not run" in told("UNIT205", facts)
    assert severity("UNIT205", facts) is expected


def test_masked_is_a_decision_where_nothing_wants_it():
    masked = unit(load_state="masked", active_state="inactive", related=())
    assert severity("UNIT206", masked) is Severity.CRITICAL  # the configuration says that it writes keys, or it is enabled
    assert (
        severity("UNIT206", replace(masked, unit=replace(masked.unit, unit_file_state="masked"), families=())) is Severity.WARNING
    )


def test_what_systemd_reproaches_the_file_with_is_evidence():
    refused = journal(
        unit(load_state="bad-setting", active_state="inactive"),
        events=(Event(NOW_S, "unit_file", "app.service:5: Neither a valid executable name nor an absolute path: bin/app"),),
        lines=(Line(NOW_S, "app.service: Service has no ExecStart=, ExecStop=. Refusing.", "systemd"),),
    )
    assert "Neither a valid executable" in told("UNIT206", refused)
    assert "Refusing." in told("UNIT206", refused)


def test_an_assertion_is_worse_than_a_condition():
    unmet = stopped(condition_result=False, conditions=UNMET)
    assert severity("UNIT207", unmet) is Severity.WARNING
    assert severity("UNIT207", replace(unmet, unit=replace(unmet.unit, type="oneshot"))) is Severity.INFO
    assert severity("UNIT207", stopped(assert_result=False)) is Severity.CRITICAL
    assert "whether the path exists" in told("UNIT207", unmet)


@pytest.mark.parametrize(
    "text",
    [
        "app.service - x was skipped because of an unmet condition check (ConditionPathExists=/etc/on).",
        "app.service - x skipped, unmet condition check ConditionPathExists=/etc/on",
    ],
)
def test_a_condition_that_was_not_read_is_named_by_the_journal(text):
    facts = stopped(Event(NOW_S, "started", text), condition_result=False)
    assert told("UNIT207", facts).startswith("ConditionPathExists=/etc/on is not met")


def test_a_dependency_that_failed_is_told_in_systemds_words():
    lost = RelatedUnit("Requires", "redis-server.service", "loaded", "failed", "exit-code")
    words = told("UNIT208", never_started(DEPENDENCY, related=(TARGET, lost)))
    assert "failed with result 'dependency'" in words
    assert "qtops doctor redis-server.service" in words


def test_a_loop_is_reckoned_from_what_is_known():
    without = replace(looping(40), journal=None)
    assert "restarts × (pause 10 s + run 1 s)" in told("UNIT201", without)  # by the times of the last run
    assert "when the next start is due is not known" in told("UNIT201", looping(40, restart_s=None))


@pytest.mark.parametrize(("code", "status", "finding"), [("killed", 11, "SIGSEGV ended"), ("dumped", 6, "with a core dump")])
def test_a_loop_that_signals_end_is_told_while_it_runs(code, status, finding):
    up = {"active_state": "active", "sub_state": "running", "exec_main_code": "", "result": "success"}
    runs = tuple(replace(run, code=code, status=status) for run in looping().journal.runs)
    assert finding in told("UNIT211", journal(looping(40, **up), runs=runs))


def test_a_required_unit_that_is_masked_is_unmasked():
    masked = RelatedUnit("Requires", "redis-server.service", "masked", "inactive")
    words = told("UNIT208", never_started(related=(TARGET, masked)))
    assert "redis-server.service, which it requires, is masked" in words
    assert "`systemctl unmask redis-server.service`" in words


def test_nothing_is_said_of_a_unit_that_could_not_be_read():
    facts = replace(HEALTHY, unit=None, start=None, journal=None, process=None)
    assert judge_service(facts, host(facts)) == ()
