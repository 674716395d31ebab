"""When is a demo a success? Each test tells, sample by sample, what was seen; two intervals are four seconds here."""

import pytest

from qtops.checks.freshness import VERDICTS, Freshness, State
from qtops.demo.watching import Watch
from qtops.reports.demo import Outcome

INTERVAL_S = 2.0
FRESH, IDLE, NEVER, EXPIRED, LATE = State.FRESH, State.IDLE, State.NEVER, State.EXPIRED, State.LATE


def verdict(symbol: str, state: State, age_s: float | None = 1.0) -> Freshness:
    return Freshness("risk-proposal", symbol, f"key:{symbol}", state, VERDICTS[state], "why", age_s=age_s)


def watched(*samples: tuple[State, ...], every_s: float = 1.0) -> Watch:
    watch = Watch(INTERVAL_S)
    for number, states in enumerate(samples):
        watch.add(number * every_s, [verdict(f"S{index}", state) for index, state in enumerate(states)])
    return watch


def outcome(*samples: tuple[State, ...]) -> Outcome:
    return watched(*samples).outcome("time", whole=True)


def test_fresh_throughout_is_a_success() -> None:
    result = outcome(*[(FRESH, FRESH, IDLE)] * 10)
    assert result.ok
    assert (result.samples, result.fresh, result.idle, result.not_fresh) == (10, 20, 10, ())
    assert result.simulated


def test_that_no_proposal_was_ever_seen_is_a_failure() -> None:
    assert not outcome(*[(IDLE, IDLE)] * 10).ok
    assert not outcome().ok


def test_a_chain_that_did_not_stand_to_the_end_is_a_failure() -> None:
    assert not watched(*[(FRESH,)] * 10).outcome("the publisher ended", whole=False).ok


def test_the_start_may_take_its_time() -> None:
    assert outcome(*[(NEVER,)] * 4, *[(FRESH,)] * 6).ok
    assert outcome((LATE, LATE), (FRESH, LATE), (FRESH, LATE), *[(FRESH, FRESH)] * 6).ok


@pytest.mark.parametrize("state", [State.LATE, State.STALE, State.FUTURE, State.UNKNOWN])
def test_one_bad_sample_after_the_grace_is_a_failure(state: State) -> None:
    result = outcome(*[(FRESH, FRESH)] * 6, (FRESH, state), *[(FRESH, FRESH)] * 6)
    assert not result.ok
    (found,) = result.not_fresh
    assert (found.symbol, found.state, found.at_s, found.samples, found.reason) == ("S1", state, 6.0, 1, "why")


def test_the_same_trouble_is_told_once_with_its_length() -> None:
    result = outcome(*[(FRESH,)] * 6, *[(LATE,)] * 3)
    assert [(found.at_s, found.samples) for found in result.not_fresh] == [(6.0, 3)]


@pytest.mark.parametrize("absent", [NEVER, EXPIRED])
def test_a_proposal_may_be_awaited_for_two_intervals_after_its_position_opened(absent: State) -> None:
    fresh, awaited = (FRESH, FRESH), (FRESH, absent)
    assert outcome(*[fresh] * 6, (FRESH, IDLE), *[awaited] * 5, fresh).ok
    assert not outcome(*[fresh] * 6, (FRESH, IDLE), *[awaited] * 6, fresh).ok


def test_each_wait_begins_anew() -> None:
    assert outcome(*[(FRESH, FRESH)] * 6, *[(FRESH, NEVER)] * 4, (FRESH, FRESH), *[(FRESH, NEVER)] * 4, (FRESH, FRESH)).ok


def test_a_proposal_that_was_late_before_it_went_is_not_awaited() -> None:
    watch = watched((FRESH,), *[(FRESH,)] * 6, (LATE,))
    assert watch.add(8.0, [verdict("S0", EXPIRED)]) == frozenset()
    assert {found.state for found in watch.outcome("time", whole=True).not_fresh} == {LATE, EXPIRED}


def test_who_is_awaited_is_told() -> None:
    watch = watched(*[(FRESH, FRESH)] * 6)
    assert watch.add(6.0, [verdict("S0", FRESH), verdict("S1", NEVER)]) == {"S1"}


def test_the_end_gets_no_grace_of_the_beginning() -> None:
    assert not outcome((FRESH, FRESH), (FRESH, LATE)).ok
    assert outcome((FRESH, LATE), (FRESH, FRESH)).ok


def test_the_oldest_fresh_age_is_kept() -> None:
    watch = Watch(INTERVAL_S)
    for age_s in (0.5, 3.25, 1.0):
        watch.add(0.0, [verdict("S0", FRESH, age_s)])
    assert watch.outcome("time", whole=True).oldest_s == 3.25
