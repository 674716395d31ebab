"""The grid of cycles: it never drifts, a slow cycle skips ticks instead of stacking them, and retries neither storm nor sleep."""

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from publisher.schedule import RETRY_FIRST_S, next_tick, retry_delay

STARTS = st.floats(0, 1e8)
INTERVALS = st.floats(0.05, 3600)
ROUNDING = 1e-6  # of seconds: what doubles of this size lose


@given(STARTS, INTERVALS, st.integers(0, 10**6), st.floats(0, 1e6))
def test_the_next_tick_lies_on_the_grid_ahead_and_is_the_first_that_does(
    start: float, interval: float, last: int, ago: float
) -> None:
    now = start + last * interval + ago
    tick = next_tick(start, interval, last, now)
    assert tick.due == start + tick.number * interval
    assert tick.number > last
    assert tick.skipped == tick.number - last - 1 >= 0
    assert tick.due >= now - ROUNDING
    assert tick.skipped == 0 or tick.due - interval <= now + ROUNDING, "no tick that could still be kept is skipped"


@given(STARTS, INTERVALS, st.lists(st.floats(0, 0.9), min_size=100, max_size=100))
def test_the_work_of_a_cycle_never_adds_up_to_a_drift(start: float, interval: float, work: list[float]) -> None:
    due, number = start, 0
    for share in work:
        due, number, skipped = (tick := next_tick(start, interval, number, due + share * interval)).due, tick.number, tick.skipped
        assert skipped == 0
    assert number == 100
    assert abs(due - (start + 100 * interval)) <= ROUNDING


@given(st.lists(st.floats(0, 20), min_size=1, max_size=50))
def test_ticks_taken_and_ticks_skipped_are_all_ticks(work: list[float]) -> None:
    now, number, taken, skipped = 0.0, 0, 0, 0
    for duration in work:
        tick = next_tick(0.0, 1.0, number, now + duration)
        number, taken, skipped = tick.number, taken + 1, skipped + tick.skipped
        assert tick.due - (now + duration) <= 1.0 + ROUNDING, "a late cycle waits for less than an interval"
        now = tick.due
    assert taken + skipped == number


def test_a_cycle_that_ends_exactly_at_its_next_tick_keeps_it() -> None:
    assert next_tick(0.0, 10.0, 0, 10.0) == (tick := next_tick(0.0, 10.0, 0, 3.0))
    assert (tick.due, tick.number, tick.skipped) == (10.0, 1, 0)


@given(st.integers(1, 10**6), st.floats(0.05, 3600), st.integers())
def test_a_retry_comes_before_the_next_tick_would_and_never_as_a_storm(failures: int, interval: float, seed: int) -> None:
    delay = retry_delay(failures, interval, Random(seed))
    assert delay <= interval
    assert delay >= 0.5 * min(interval, RETRY_FIRST_S)


def test_retries_are_spread_out_and_grow() -> None:
    delays = [[retry_delay(failures, 60.0, Random(seed)) for seed in range(50)] for failures in range(1, 8)]
    assert all(len(set(same)) > 40 for same in delays), "two publishers do not come back together"
    assert [max(same) > 1.8 * max(before) for before, same in pairwise(delays[:6])] == [True] * 5
