"""Deaths and states of units: one fault is one incident, however often and by whatever it is seen."""

import pytest
from msgspec.structs import replace

from qtops.incidents import Stands
from qtops.policy.folding import fold
from qtops.policy.joining import fingerprint

from .builders import LIMITS, NOW_S, SETTINGS, UNIT, Kept, died, events, failed, stands

SETTLED_S = NOW_S + LIMITS.settle_s
AUTO_RESTART = {"active_state": "activating", "sub_state": "auto-restart", "result": "signal"}


def test_a_death_opens_an_incident_and_people_are_told():
    kept = Kept()
    assert events(kept.see(died(NOW_S - 0.1))) == ["opened!"]
    assert kept.only.fingerprint == fingerprint(UNIT, "process") == "app.service|process"
    assert kept.only.title == "app.service died: signal 9 (SIGKILL)"
    assert (kept.only.began_s, kept.only.opened_s, kept.only.times) == (NOW_S - 0.1, NOW_S, 1)


@pytest.mark.parametrize(
    ("death", "told"),
    [
        ({"code": "exited", "status": 1}, "exit status 1"),
        ({"code": "dumped", "status": 11}, "signal 11 (SIGSEGV), core dumped"),
        ({"code": "killed", "status": 9, "result": "oom-kill"}, "signal 9 (SIGKILL), Result=oom-kill"),
        ({"code": "killed", "status": 99}, "signal 99 (unknown)"),
        ({"code": "", "status": 0, "result": "exit-code"}, "Result=exit-code"),
        ({"code": "", "status": 0}, "how is not known yet"),
    ],
)
def test_a_death_in_words(death, told):
    assert fold((), died(**death), SETTINGS, NOW_S)[0].text == f"app.service died: {told}"


def test_each_further_death_counts_and_joins_the_same_incident():
    kept = Kept()
    kept.see(died())
    assert events(kept.see(died(NOW_S + 1, invocation="b" * 32), NOW_S + 1)) == ["seen again"]
    assert (kept.only.times, kept.only.last_s) == (2, NOW_S + 1)


def test_it_is_resolved_once_it_has_been_up_for_the_settle_time():
    kept = Kept()
    kept.see(died())
    assert events(kept.see(stands())) == ["clear"]
    assert kept.see(stands(), NOW_S + 5) == ()
    assert kept.tick(SETTLED_S - 0.1) == ()
    assert events(kept.tick(SETTLED_S)) == ["resolved!"]
    assert kept.only.state == "resolved"
    assert kept.only.resolved_s == SETTLED_S


def test_a_death_within_the_settle_time_makes_it_begin_anew():
    kept = Kept()
    kept.see(died())
    kept.see(stands())
    kept.see(died(invocation="b" * 32), NOW_S + 20)
    assert kept.tick(SETTLED_S) == ()


@pytest.mark.parametrize(
    ("away_s", "expected", "incidents"),
    [(0, "reopened!", 1), (LIMITS.rejoin_s, "reopened!", 1), (LIMITS.rejoin_s + 1, "opened!", 2)],
)
def test_what_comes_back_soon_joins_the_incident_that_it_was(away_s, expected, incidents):
    kept = Kept()
    kept.see(died())
    kept.see(stands())
    kept.tick(SETTLED_S)
    assert events(kept.see(died(invocation="b" * 32), SETTLED_S + away_s)) == [expected]
    assert len(kept.incidents) == incidents
    assert len(kept.open) == 1


def test_an_incident_that_a_person_closed_is_not_opened_again():
    kept = Kept()
    kept.see(died())
    closed = replace(kept.only, state="closed", closed_s=NOW_S, resolved_s=NOW_S)
    assert events(fold((closed,), died(invocation="b" * 32), SETTINGS, NOW_S + 1)) == ["opened!"]


@pytest.mark.parametrize(
    "state",
    [
        failed(),
        failed(result="start-limit-hit"),
        stands(load_state="masked", active_state="inactive", sub_state="dead"),
        stands(load_state="bad-setting", active_state="inactive", sub_state="dead"),
        stands(load_state="not-found", active_state="inactive", sub_state="dead"),
        stands(**AUTO_RESTART),
    ],
)
def test_a_unit_that_is_down_by_failure_opens_it_without_a_death_and_once(state: Stands):
    kept = Kept()
    assert events(kept.see(state)) == ["opened!"]
    assert kept.see(state, NOW_S + 60) == ()


@pytest.mark.parametrize(
    "state",
    [
        stands(),
        stands(active_state="inactive", sub_state="dead"),
        failed(stopped=True),
        stands(active_state="activating", sub_state="start"),
        stands(active_state="deactivating", sub_state="stop-sigterm"),
        stands(active_state="activating", sub_state="auto-restart"),  # after success: a loop that is meant
        stands(active_state="active", load_state="not-found"),  # its file is gone; it runs
    ],
)
def test_what_runs_rests_or_was_stopped_is_no_fault(state: Stands):
    assert fold((), state, SETTINGS, NOW_S) == ()


def test_a_state_between_is_neither_clear_nor_anything_new():
    kept = Kept()
    kept.see(died())
    assert kept.see(stands(active_state="activating", sub_state="start")) == ()
    kept.see(stands())
    assert events(kept.see(stands(active_state="activating", sub_state="start"))) == ["not clear"]
    assert (kept.only.clear_since_s, kept.only.times) == (None, 1)


def test_somebody_who_stops_what_had_failed_ends_the_fault():
    kept = Kept()
    kept.see(failed())
    assert events(kept.see(failed(stopped=True))) == ["clear"]
    assert "stopped on request" in kept.changes[-1].text


def test_a_failure_that_systemd_was_made_to_forget_is_not_over_until_another_run_proves_it():
    kept, run = Kept(), "a" * 32
    kept.see(died(invocation=run))
    for invocation in (run, ""):  # the latter: it was unloaded as well
        forgotten = stands(active_state="inactive", sub_state="dead", invocation=invocation, main_pid=0)
        assert events(kept.see(forgotten)) == []
    assert events(kept.see(stands(active_state="inactive", sub_state="dead", invocation="b" * 32, main_pid=0))) == ["clear"]


def test_a_failure_that_was_forgotten_is_over_once_it_is_up():
    kept = Kept()
    kept.see(died())
    kept.see(stands(active_state="inactive", sub_state="dead", main_pid=0))
    assert events(kept.see(stands())) == ["clear"]


def test_what_a_person_ended_while_it_was_down_stays_ended_until_it_was_up():
    kept = Kept()
    kept.see(died())
    kept.close()
    down = failed(invocation="a" * 32)
    assert kept.see(down, NOW_S + 60) == ()
    assert kept.see(replace(down, job="start"), NOW_S + 61) == ()
    assert events(kept.see(stands(invocation="b" * 32), NOW_S + 62)) == ["clear"]
    assert events(kept.see(failed(invocation="b" * 32), NOW_S + 63)) == ["opened!"]


def test_a_death_after_a_person_ended_it_is_an_incident_of_its_own():
    kept = Kept()
    kept.see(died())
    kept.close()
    assert events(kept.see(died(invocation="b" * 32), NOW_S + 1)) == ["opened!"]


def test_who_dies_while_it_reloads_is_not_clear_until_the_reload_has_ended():
    kept = Kept()
    kept.see(died())
    reloading = stands(active_state="reloading", sub_state="reload", main_pid=0)
    assert kept.see(replace(reloading, result="signal")) == ()
    assert kept.see(failed(result="signal"), NOW_S + 2) == ()
    assert kept.only.times == 1
    assert events(kept.see(replace(reloading, main_pid=4711))) == ["clear"]
