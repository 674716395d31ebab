"""Scales: every value has its place, marks are round numbers, and words tell neighbours apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.reports.plot.scale import Scale, mark_words, marks, padded, time_marks, time_words, words
from tests.reports.plot.drawn import AT_S

PRICES = st.floats(1e-12, 1e12)


def test_low_is_drawn_at_the_start_and_high_at_the_end_whichever_is_above():
    up = Scale(100, 110, 200, 20)
    assert (up(100), up(110), up(105)) == (200, 20, 110)
    assert (up(0), up(1000)) == (200, 20)  # never outside of the picture


@given(st.lists(PRICES, min_size=1, max_size=20))
def test_every_value_is_within_a_range_that_is_not_empty(values):
    low, high = padded(values)
    assert low < min(values)
    assert high > max(values)
    up = Scale(low, high, 100, 0)
    assert all(0 < up(value) < 100 for value in values)


@pytest.mark.parametrize(
    ("values", "limits"), [([], (-0.08, 1.08)), ([0.0], (-1.0, 1.0)), ([100.0] * 3, (92.0, 108.0)), ([1e-9], (0.92e-9, 1.08e-9))]
)
def test_a_constant_and_nothing_at_all_have_room_around_them(values, limits):
    assert padded(values) == pytest.approx(limits)


def test_ages_begin_at_zero():
    assert padded([1.0, 10.0], floor_at=0.0) == pytest.approx((0.0, 10.72))
    assert padded([-5.0], floor_at=0.0)[0] <= -5.0  # a time in the future is shown, not cut off


@given(PRICES, st.floats(1e-6, 1e6))
def test_marks_are_few_round_and_in_the_range(low, factor):
    high = low * (1 + factor)
    found = marks(low, high)
    assert 1 <= len(found) <= 6
    room = (high - low) * 1e-6
    assert all(low - room <= mark <= high + room for mark in found)
    assert len(set(mark_words(found))) == len(found)


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (100.4, 110.2, ["102", "104", "106", "108", "110"]),
        (71_100.0, 71_390.0, ["71,100", "71,200", "71,300"]),
        (1.031e-9, 1.072e-9, ["1.04e-9", "1.05e-9", "1.06e-9", "1.07e-9"]),
        (0.98e9, 1.02e9, ["0.98e9", "0.99e9", "1.00e9", "1.01e9", "1.02e9"]),
        (-1.0, 1.0, ["-1.0", "-0.5", "0.0", "0.5", "1.0"]),
        (0.00031, 0.00034, ["0.00031", "0.00032", "0.00033", "0.00034"]),
    ],
)
def test_marks_in_words(low, high, shown):
    assert mark_words(marks(low, high)) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(71_208.9, "71,208.9"), (1.05e-9, "1.05000e-9"), (0.0, "0"), (141.2, "141.200"), (-3.0, "-3.00000")]
)
def test_a_number_has_six_digits(value, shown):
    assert words(value) == shown


@pytest.mark.parametrize(
    ("span_s", "shown"),
    [
        (20.0, ["23:58:15", "23:58:20", "23:58:25", "23:58:30"]),
        (3600.0, ["00:00:00", "00:15:00", "00:30:00", "00:45:00"]),
        (86_400.0, ["00:00", "06:00", "12:00", "18:00"]),
        (7 * 86_400.0, ["02-18 00:00", "02-20 00:00", "02-22 00:00", "02-24 00:00"]),
    ],
)
def test_times_are_round_and_in_utc(span_s, shown):
    found = time_marks(AT_S, AT_S + span_s)
    assert [time_words(moment, span_s) for moment in found] == shown


def test_times_that_no_calendar_has():
    assert time_words(1e20, 10) == "1e+20"
    assert len(time_marks(-1e12, 1e12)) <= 6
