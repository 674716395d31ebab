"""Hours of deaths, stops, holds and jumping clocks, by chance: what must never happen does not, and what is mended is resolved."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtops.incidents import Diagnose, GiveUp, Leave, Rearm, Recover, Restart

from .builders import NOW_S
from .simulator import BUDGET, DEPENDS, HAPPENINGS, UNITS, World

WAITS_S = st.sampled_from((0.5, 1.0, 2.0, 5.0, 20.0, 31.0, 90.0, 700.0, 3700.0))
CHOSEN = st.lists(st.sampled_from(HAPPENINGS), min_size=3, max_size=12, unique=True)  # the fewer, the oftener each
STORY = CHOSEN.flatmap(
    lambda names: st.lists(st.tuples(WAITS_S, st.sampled_from(names), st.sampled_from(UNITS)), min_size=5, max_size=100)
)
STORM = st.lists(
    st.tuples(
        st.sampled_from((0.5, 1.0, 3.0)), st.sampled_from(("kill", "ail", "nothing", "start", "freeze")), st.just("feed.service")
    ),
    min_size=20,
    max_size=120,
)


def tell(story: list[tuple[float, str, str]]) -> World:
    """Let it happen; the rules are asserted on the way."""
    world = World()
    for wait_s, what, unit in story:
        world.step(wait_s, what, unit)
    deaths = [
        change for change in world.kept.changes if " died: " in change.text and change.event in {"opened", "reopened", "seen again"}
    ]
    assert len(deaths) == world.died
    world.all_is_well()
    assert world.kept.open == ()
    return world


@settings(max_examples=40, deadline=None)
@given(STORY)
def test_whatever_happens_the_rules_hold(story):
    tell(story)


@settings(max_examples=20, deadline=None)
@given(STORM)
def test_a_storm_of_deaths_is_one_incident_and_no_more_restarts_than_the_budget_has(storm):
    world = tell(storm)
    assert len([one for one in world.kept.incidents.values() if one.kind == "process"]) <= 1


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(STORY)
def test_whatever_happens_the_rules_hold_for_long(story):
    tell(story)


def kinds(world: World) -> list[Any]:
    """What was done, without the waiting."""
    wanted = (Restart, Recover, Diagnose, GiveUp, Rearm)
    return [type(action) for action in world.done if isinstance(action, wanted)]


def test_a_service_that_was_killed_is_looked_at_and_restarted_and_that_is_one_incident():
    world = World()
    world.step(1, "kill", "feed.service")
    for _ in range(40):
        world.step(1, "nothing", "feed.service")
    assert kinds(world) == [Diagnose, Restart]
    assert world.restarts["feed.service"] == [NOW_S + 2]
    assert [change.event for change in world.kept.changes] == ["opened", "diagnosed", "clear", "resolved"]


def test_a_service_that_a_deployment_broke_is_looked_at_once_and_never_restarted():
    world = World()
    world.step(1, "break", "feed.service")
    for _ in range(600):
        world.step(10, "nothing", "feed.service")
    assert kinds(world) == [Diagnose, Recover]  # the one remedy that is allowed; it did not help
    assert isinstance(world.done[-1], Leave)


def test_what_fails_again_and_again_is_given_up_loudly_and_armed_again_by_time():
    world = World()
    world.step(1, "ail", "feed.service")
    for _ in range(3_700):
        world.step(1, "nothing", "feed.service")
    did = [kind for kind in kinds(world) if kind is not Diagnose]
    assert did == [Restart] * BUDGET.restarts + [GiveUp, Rearm] + [Restart] * BUDGET.restarts + [GiveUp]
    assert len(world.kept.incidents) == 1


def test_what_depends_on_redis_waits_for_it_and_comes_back_after_it():
    world = World()
    world.services[DEPENDS].restart = "no"
    world.step(1, "redis_goes", DEPENDS)
    world.step(1, "kill", DEPENDS)
    for _ in range(100):
        world.step(5, "nothing", DEPENDS)
    assert kinds(world) == []
    world.step(1, "redis_comes", DEPENDS)
    for _ in range(5):
        world.step(1, "nothing", DEPENDS)
    assert kinds(world) == [Diagnose, Restart]
    assert world.services[DEPENDS].active == "active"


def test_what_systemd_restarts_itself_is_left_to_it():
    world = World()
    for _ in range(3):
        world.step(60, "kill", DEPENDS)
        world.step(1, "nothing", DEPENDS)
    assert Restart not in kinds(world)


def test_a_frozen_process_is_restarted_once_nobody_can_be_looking_at_it():
    world = World()
    world.step(1, "freeze", "feed.service")
    for _ in range(100):
        world.step(1, "nothing", "feed.service")
    assert kinds(world) == [Diagnose, Restart]
    assert world.restarts["feed.service"] == [NOW_S + 31]
    assert world.kept.open == ()
