"""What is to be done about one unit, case by case: as little as possible, and only on proof."""

from typing import Any

import pytest
from msgspec.structs import replace

from qtops.incidents import Action, Diagnose, GiveUp, Leave, Rearm, Recover, Restart, Stands, Wait
from qtops.policy.backoff import pause_s, spent
from qtops.policy.deciding import FROZEN_S, LOOK_AGAIN_S, RECOVER_AGAIN_S, decide
from qtops.policy.output_faults import UNTOLD
from qtops.settings import Budget

from .builders import LIMITS, NOW_S, SETTINGS, UNIT, diagnosed, failed, found, hold, incident, standing, stands

BUDGET = LIMITS.budget
LATER_S = NOW_S + BUDGET.first_s
DETERMINISTIC = {"code": "IMPORT101", "nature": "deterministic"}
TRANSIENT = {"code": "UNIT211", "nature": "transient"}
DEPENDENCY = {"code": "REDIS201", "nature": "dependency"}
SYSTEMD_WILL = [
    stands(active_state="activating", sub_state="auto-restart", result="exit-code"),
    stands(active_state="activating", sub_state="start"),
    stands(active_state="deactivating", sub_state="stop-sigterm"),
    failed(job="start"),
]


def do(now_s: float = LATER_S, looked: Any = None, settings: Any = SETTINGS, **more: Any) -> Action | None:
    """The one thing that is decided, or nothing."""
    actions = decide(standing(**more), looked, settings, now_s)
    assert len(actions) <= 1
    return actions[0] if actions else None


def test_nothing_is_done_about_what_is_well():
    assert do(stands=stands(), incident=None) is None
    assert do(stands=stands()) is None  # it died, and systemd has it up again
    assert do(stands=stands(), incident=incident("output", clear_since_s=NOW_S)) is None
    assert do(incident=incident(state="resolved", **TRANSIENT)) is None


def test_nothing_is_decided_while_something_of_its_own_is_under_way():
    assert do(busy="restart", incident=incident(**TRANSIENT)) is None


@pytest.mark.parametrize("kind", ["log", "redis"])
def test_complaints_and_a_shared_redis_are_told_and_nothing_more(kind):
    assert do(incident=incident(kind, diagnosed_s=None)) is None


def test_a_unit_of_which_systemd_has_said_nothing_yet_waits():
    assert do(stands=None) == Wait(UNIT, None, "systemd has not told yet how it stands")


@pytest.mark.parametrize(
    ("sick", "expected"),
    [
        ({"incident": incident(**DETERMINISTIC)}, Leave),
        ({"incident": incident(**TRANSIENT)}, Restart),
        ({"incident": incident(**DEPENDENCY)}, Restart),  # what it depends on is up again, as far as is known
        ({"incident": incident()}, Leave),
        ({"incident": incident(diagnosed_s=None)}, Diagnose),
        ({"incident": incident(diagnosed_s=NOW_S - 1)}, Diagnose),  # that look was before the last death
        ({"incident": incident(diagnosed_s=NOW_S + 99, **TRANSIENT)}, Diagnose),  # a look to come proves nothing
        ({"incident": incident(last_s=NOW_S + 99, **TRANSIENT)}, Diagnose),  # nor does one before a death to come
        ({"incident": incident(**TRANSIENT), "stands": failed(stopped=True)}, Leave),
        ({"incident": incident(**TRANSIENT), "hold": hold()}, Leave),
        ({"incident": incident(**TRANSIENT), "hold": hold(NOW_S)}, Restart),  # it is over
        ({"incident": incident(**TRANSIENT), "down": ("redis-server.service",)}, Wait),
        ({"incident": incident(diagnosed_s=None), "down": ("redis-server.service",)}, Wait),
        ({"incident": incident(**TRANSIENT), "stands": stands(load_state="masked", active_state="inactive")}, Leave),
        ({"incident": incident("output", **TRANSIENT)}, Restart),
        *(({"incident": incident(**TRANSIENT), "stands": state}, Wait) for state in SYSTEMD_WILL),
    ],
)  # fmt: skip
def test_what_is_done_about_a_unit_that_is_down(sick, expected):
    assert type(do(**sick)) is expected


@pytest.mark.parametrize("state", SYSTEMD_WILL)
def test_while_systemd_is_at_it_there_is_a_look_now_and_then_and_no_restart(state: Stands):
    assert do(stands=state, incident=incident(diagnosed_s=None)) == Diagnose(UNIT)
    died_again = incident(last_s=NOW_S + 1, diagnosed_s=NOW_S)
    assert isinstance(do(NOW_S + 2, stands=state, incident=died_again), Wait)
    assert do(NOW_S + LOOK_AGAIN_S, stands=state, incident=died_again) == Diagnose(UNIT)


def test_whatever_waits_says_for_what():
    action = do(down=("redis-server.service", "redis://h/0"), incident=incident(**TRANSIENT))
    assert action == Wait(UNIT, None, "it waits for what it depends on: redis-server.service, redis://h/0")


def test_a_deterministic_cause_says_why_it_is_left_alone():
    action = do(incident=incident(**DETERMINISTIC))
    assert action == Leave(UNIT, "IMPORT101: a restart cannot help: the next start finds the same code")


def test_a_code_that_may_be_recovered_from_is_recovered_once_a_day():
    sick = {"incident": incident(**DETERMINISTIC), "auto_recover": ("IMPORT101",)}
    assert isinstance(do(**sick), Recover)
    assert isinstance(do(**sick, recovered_s=LATER_S - RECOVER_AGAIN_S + 1), Leave)
    assert isinstance(do(**sick, recovered_s=LATER_S - RECOVER_AGAIN_S), Recover)
    assert isinstance(do(**sick, recovered_s=LATER_S + 5), Leave)  # a clock was set back since
    assert "a recovery was tried at 20" in do(**sick, recovered_s=LATER_S - 60).why
    assert isinstance(do(**sick, hold=hold()), Leave)
    assert isinstance(do(**sick, down=("redis-server.service",)), Wait)


def test_only_what_the_last_look_proved_is_recovered_from():
    assert isinstance(do(incident=incident(code="IMPORT101", nature="unknown"), auto_recover=("IMPORT101",)), Leave)
    assert isinstance(do(incident=incident(**DETERMINISTIC), auto_recover=("UNIT105",)), Leave)


def test_a_look_that_failed_is_tried_again_after_a_while():
    looked = diagnosed(condition="unknown", state="it could not be looked at")
    assert isinstance(do(NOW_S + 1, looked), Leave)
    assert do(NOW_S + LOOK_AGAIN_S, looked) == Diagnose(UNIT)


def test_restarts_come_at_growing_intervals_and_then_it_is_given_up_once():
    one, restarts, now_s = incident(**TRANSIENT), [], NOW_S
    for pause in (1.0, 2.0, 4.0):
        action = do(now_s, incident=one, restarts=tuple(restarts))
        assert isinstance(action, Wait)
        assert action.until_s == now_s + pause
        now_s += pause
        assert isinstance(do(now_s, incident=one, restarts=tuple(restarts)), Restart)
        restarts.append(now_s)
    action = do(now_s + 1, incident=one, restarts=tuple(restarts))
    assert isinstance(action, GiveUp)
    assert action.rearm_s == now_s + 1 + BUDGET.rearm_s
    assert "3 restarts within 600 s did not help" in action.why


def test_what_was_given_up_waits_is_armed_again_by_time_and_may_then_be_restarted():
    given_up = incident(gave_up_s=NOW_S, **TRANSIENT)
    waits = do(NOW_S + BUDGET.rearm_s - 1, incident=given_up)
    assert isinstance(waits, Wait)
    assert waits.until_s == NOW_S + BUDGET.rearm_s
    assert isinstance(do(NOW_S + BUDGET.rearm_s, incident=given_up), Rearm)
    old = (NOW_S - 3, NOW_S - 2, NOW_S - 1)
    assert isinstance(do(NOW_S + BUDGET.rearm_s, incident=replace(given_up, gave_up_s=None), restarts=old), Restart)


def test_given_up_at_a_moment_to_come_is_armed_again():
    assert isinstance(do(incident=incident(gave_up_s=NOW_S + 9_999, **TRANSIENT)), Rearm)


def test_restarts_of_a_run_before_a_clock_was_set_back_count():
    restarts = (LATER_S + 3_000, LATER_S + 3_001, LATER_S + 3_002)
    assert isinstance(do(incident=incident(**TRANSIENT), restarts=restarts), GiveUp)
    assert isinstance(do(NOW_S + 2, incident=incident(**TRANSIENT), restarts=restarts[:1]), Restart)  # and delay nothing


def test_no_restart_is_allowed_where_the_budget_has_none():
    settings = replace(SETTINGS, supervise=replace(LIMITS, budget=Budget(restarts=0)))
    action = do(settings=settings, incident=incident(**TRANSIENT))
    assert isinstance(action, GiveUp)
    assert "no restart is allowed" in action.why


@pytest.mark.parametrize(("start_limit_s", "pause"), [(0.0, BUDGET.most_s), (300.0, 300.0), (1e15, BUDGET.rearm_s)])
def test_after_systemd_gave_up_its_start_limit_is_waited_for(start_limit_s, pause):
    state = failed(restart="always", n_restarts=5, start_limit_s=start_limit_s)
    action = do(NOW_S, stands=state, incident=incident(**TRANSIENT))
    assert isinstance(action, Wait)
    assert action.until_s == NOW_S + pause
    assert isinstance(do(NOW_S + pause, stands=state, incident=incident(**TRANSIENT)), Restart)


FROZEN = {"kind": "output", "findings": ("KEYS201", "PROCESS201")}
AFTER_S = NOW_S + FROZEN_S
LOOKED = diagnosed(condition="runs")


@pytest.mark.parametrize(
    ("sick", "looked", "now_s", "expected"),
    [
        ({"incident": incident("output", diagnosed_s=None)}, None, AFTER_S, Diagnose),
        ({"incident": incident("output")}, LOOKED, AFTER_S, Leave),
        ({"incident": incident("output", **DEPENDENCY)}, LOOKED, AFTER_S, Wait),
        ({"incident": incident("output", **TRANSIENT)}, LOOKED, AFTER_S, Leave),  # it died of that, and runs
        ({"incident": incident(**FROZEN)}, None, AFTER_S, Diagnose),  # whether it would start again is not known
        ({"incident": incident(**FROZEN)}, LOOKED, NOW_S + 1, Wait),  # somebody may be looking at it
        ({"incident": incident(**FROZEN)}, LOOKED, AFTER_S, Restart),
        ({"incident": incident(**FROZEN), "restarts": (NOW_S + 5,)}, LOOKED, AFTER_S, Wait),  # nobody may have looked since
        ({"incident": incident("output", findings=("PROCESS201", UNTOLD))}, LOOKED, AFTER_S, Leave),  # was it let go?
        ({"incident": incident(**FROZEN), "down": ("redis-server.service",)}, LOOKED, AFTER_S, Wait),
        ({"incident": incident(**FROZEN), "hold": hold()}, LOOKED, AFTER_S, Leave),
        ({"incident": incident(**FROZEN)}, diagnosed(condition="runs", symptoms=(found("UNIT219"),)), AFTER_S, Leave),
        ({"incident": incident(**FROZEN)}, diagnosed(found("IMPORT101"), condition="runs"), AFTER_S, Leave),
        ({"incident": incident(**FROZEN), "restarts": (NOW_S, NOW_S + 1, NOW_S + 2)}, LOOKED, AFTER_S, GiveUp),
    ],
)
def test_what_runs_is_restarted_only_where_the_kernel_proves_that_it_is_held(sick, looked, now_s, expected):
    assert type(do(now_s, looked, stands=stands(), **sick)) is expected


def test_pauses_double_up_to_the_longest():
    assert [pause_s(BUDGET, already) for already in (0, 1, 2, 5, 6, 7, 10_000)] == [1, 2, 4, 32, 60, 60, 60]


def test_restarts_count_for_the_whole_window():
    assert spent((NOW_S - 601, NOW_S - 600, NOW_S, NOW_S + 5), BUDGET, NOW_S) == (NOW_S - 600, NOW_S, NOW_S + 5)
