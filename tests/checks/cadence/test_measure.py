"""The estimator: right on what is regular, and never wrong in the direction that hides something, whatever the samples are like."""

from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.checks.cadence.measure import cycles, measure, percentile
from qtops.facts.cadence import Series

from .series import NOW_S, every, ids, watched

INTERVALS = st.floats(1.0, 120.0)


def test_a_regular_field_is_measured_exactly():
    measured = measure(every(10.0068), NOW_S)
    assert (measured.p50_s, measured.p95_s, measured.max_s) == pytest.approx((10.0068,) * 3, abs=1e-5)
    assert (measured.n, measured.proven) == (18, True)


def test_ids_of_a_stream_need_no_watching():
    measured = measure(ids(*(NOW_S - 60.04 * back for back in range(20, 0, -1))), NOW_S)
    assert (measured.p50_s, measured.n, measured.proven) == (pytest.approx(60.04), 19, True)
    assert measured.open_s == pytest.approx(60.04)


def test_entries_of_one_cycle_count_once():
    burst = [NOW_S - 60 * back + symbol * 0.005 for back in range(5, 0, -1) for symbol in range(47)]
    assert measure(ids(*burst), NOW_S).p50_s == pytest.approx(60)


def test_nobody_declares_an_interval_then_every_entry_counts():
    assert measure(ids(NOW_S - 3, NOW_S - 2, NOW_S - 1, declared_s=None), NOW_S).n == 2


def test_no_update_is_no_interval_but_a_bound():
    measured = measure(watched([NOW_S - 900]), NOW_S)
    assert (measured.n, measured.p50_s) == (0, None)
    assert measured.at_least_s == 180
    assert measured.slower_than(10)
    assert not measured.slower_than(150)


def test_looks_that_are_too_far_apart_prove_nothing():
    measured = measure(every(10, look_s=60), NOW_S)
    assert measured.p50_s == pytest.approx(60)
    assert not measured.proven
    assert not measured.slower_than(10)
    assert not measured.keeps(10)


def test_a_clock_that_is_set_back_or_forward_makes_no_interval():
    moments = [NOW_S - 170 + 10 * index for index in range(17)]
    for shift_s in (-3600, 3600):
        regular = watched(moments)
        stated = tuple(moment + (shift_s if index > 8 else 0) for index, moment in enumerate(regular.moments_s))
        shifted = Series(**{name: getattr(regular, name) for name in regular.__struct_fields__} | {"moments_s": stated})
        measured = measure(shifted, NOW_S)
        assert measured.p50_s == pytest.approx(10)
        assert measured.max_s is not None
        assert measured.max_s <= 12.5


def test_values_that_are_no_times_are_measured_by_when_they_were_seen():
    plain = every(10)
    counters = tuple(str(index) for index in range(len(plain.texts)))
    measured = measure(Series(**{**{name: getattr(plain, name) for name in plain.__struct_fields__},
                                 "moments_s": (), "texts": counters}), NOW_S)  # fmt: skip
    assert measured.p50_s == pytest.approx(10, abs=2.5)


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 2), (0.75, 3), (0.95, 4), (1.0, 4)])
def test_percentiles_are_nearest_ranks(share, value):
    assert percentile([1, 2, 3, 4], share) == value


@given(INTERVALS, st.lists(st.floats(-0.4, 0.4), min_size=8, max_size=40), st.floats(0.2, 0.5))
def test_jitter_and_sampling_leave_the_median_within_the_jitter(interval_s, jitter, share):
    moments, at_s = [], NOW_S - interval_s * len(jitter)
    for part in jitter:
        at_s += interval_s * (1 + part)
        moments.append(at_s)
    moments = [moment for moment in moments if moment <= NOW_S]
    true = [later - earlier for earlier, later in pairwise(moments)]
    measured = measure(watched(moments, every_s=interval_s * share, for_s=interval_s * len(jitter)), NOW_S)
    if measured.p50_s is not None and measured.n >= 4:
        assert min(true) - 1e-3 <= measured.p50_s <= max(true) * 2 + 1e-3
        assert abs(measured.p50_s - median(true)) <= 0.85 * interval_s


@given(INTERVALS, st.floats(0.05, 20.0))
def test_an_interval_is_never_said_to_be_slow_because_of_rare_looks(interval_s, rarity):
    measured = measure(every(interval_s, look_s=interval_s * rarity, for_s=interval_s * 40), NOW_S)
    assert not measured.slower_than(interval_s)


@given(INTERVALS, st.floats(2.0, 50.0))
def test_a_writer_that_is_slower_is_never_said_to_keep_what_is_declared(declared_s, factor):
    measured = measure(every(declared_s * factor, look_s=declared_s / 4, for_s=declared_s * factor * 5), NOW_S)
    assert measured.slower_than(declared_s)
    assert not measured.keeps(declared_s)


@given(st.lists(st.floats(1e9, 2e9), max_size=30), st.one_of(st.none(), st.floats(0.1, 1e4)))
def test_cycles_are_in_order_and_apart_whatever_comes(moments, declared_s):
    found = cycles([*moments, *moments], declared_s)
    assert found == sorted(set(found))
    assert set(found) <= set(moments)
    assert all(later - earlier > 0.1 * declared_s for earlier, later in pairwise(found)) if declared_s else True


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=12), st.floats(-1e12, 1e12))
def test_no_moments_are_too_odd(moments, now_s):
    measured = measure(ids(*moments), now_s)
    assert measured.n <= len(moments)
    assert measured.open_s >= 0
