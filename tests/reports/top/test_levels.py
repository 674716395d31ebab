"""Stops and targets against the price."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.checks.freshness import State
from qtops.findings import Verdict
from qtops.reports.top.levels import CROSSED, STOP_HIT, TARGET_HIT, Level, levels, mark
from tests.checks.proposals.proposals import NOW_S, absent, live, looks, reading
from tests.reports.top.looks import look


def level(*readings) -> Level:
    (found,) = levels(look(proposals=(looks(readings),)))
    return found


def test_distances_are_signed_in_percent_of_the_price():
    found = level(reading())
    assert found.stop is not None
    assert found.target is not None
    assert (found.symbol, found.side, found.mark, found.verdict) == ("BTCUSDT", "LONG", "", Verdict.OK)
    assert found.stop_pct == pytest.approx((found.stop / 100.5 - 1) * 100)
    assert found.target_pct == pytest.approx((found.target / 100.5 - 1) * 100)
    assert found.stop_pct < 0 < found.target_pct


def test_of_a_short_the_stop_is_above():
    found = level(reading(made={"side": "SHORT", "current_price": "99.5", "position_amt": "-0.5"}, trough=99.0))
    assert found.side == "SHORT"
    assert (found.stop_pct or 0) > 0 > (found.target_pct or 0)


class TestWhichPrice:
    def test_the_newest_with_its_age(self):
        found = level(reading(prices=(live("BTCUSDT", 100.7, age_s=1.0),)))
        assert (found.price, found.price_of, found.price_age_s) == (100.7, "market", 1.0)

    def test_an_old_one_of_the_market_gives_way_to_the_proposals_own(self):
        found = level(reading(prices=(live("BTCUSDT", 90.0, age_s=500.0),)))
        assert (found.price, found.price_age_s) == (100.5, pytest.approx(3.0, abs=1.1))

    @pytest.mark.parametrize("price", [live("BTCUSDT", 90.0, age_s=-60.0), live("BTCUSDT", -1.0), live("BTCUSDT", float("nan"))])
    def test_one_of_the_future_or_that_is_none_does_not_count(self, price):
        assert level(reading(prices=(price,))).price == 100.5

    def test_where_no_price_has_a_time_the_proposals_own_stands_without_an_age(self):
        found = level(reading(prices=(), position={"ts_epoch": None, "timestamp": None}, fields={
            "computed_at_utc": None, "computed_at_ms": None,
        }))  # fmt: skip
        assert (found.price, found.price_of, found.price_age_s) == (100.5, "proposal", None)


class TestMarks:
    @pytest.mark.parametrize(
        ("side", "price", "stop", "target", "expected"),
        [
            ("LONG", 100, 99, 101, ""),
            ("LONG", 99, 99, 101, STOP_HIT),
            ("LONG", 98, 99, 101, STOP_HIT),
            ("LONG", 101, 99, 101, TARGET_HIT),
            ("LONG", 100, 101, 101, CROSSED),
            ("LONG", 100, 102, 101, CROSSED),
            ("SHORT", 100, 101, 99, ""),
            ("SHORT", 101, 101, 99, STOP_HIT),
            ("SHORT", 99, 101, 99, TARGET_HIT),
            ("SHORT", 100, 99, 99, CROSSED),
            ("", 100, 101, 99, ""),
            ("LONG", None, 99, 101, ""),
            ("LONG", 98, None, 101, ""),
            ("LONG", 102, 99, None, ""),
        ],
    )
    def test_what_is_out_of_order(self, side, price, stop, target, expected):
        assert mark(side, price, stop, target) == expected

    @given(st.floats(1, 1e6), st.floats(1, 1e6), st.floats(1, 1e6))
    def test_a_short_is_a_long_upside_down(self, price, stop, target):
        assert mark("LONG", price, stop, target) == mark("SHORT", -price, -stop, -target)

    def test_a_breach_by_the_price_of_now_is_critical_though_the_proposal_was_right_when_it_was_made(self):
        found = level(reading(prices=(live("BTCUSDT", 95.0, age_s=0.0),)))
        assert (found.mark, found.verdict) == (STOP_HIT, Verdict.CRITICAL)
        assert (found.stop_pct or 0) > 0

    def test_a_target_that_is_reached_is_a_warning(self):
        found = level(reading(prices=(live("BTCUSDT", 104.0, age_s=0.0),)))
        assert (found.mark, found.verdict) == (TARGET_HIT, Verdict.WARNING)


def test_no_position_is_no_trouble():
    found = level(absent())
    assert (found.state, found.verdict, found.price, found.stop, found.mark) == (State.IDLE, Verdict.OK, None, None, "")


@given(
    st.dictionaries(
        st.sampled_from(["proposed_sl", "proposed_tp", "position_current_price", "position_side"]), st.text(max_size=20)
    )
)
def test_whatever_stands_there_it_is_a_level_or_none(fields):
    found = level(reading(fields=fields))
    assert found.mark in {"", CROSSED, STOP_HIT, TARGET_HIT}
    assert all(value is None or value == value for value in (found.price, found.stop_pct, found.target_pct))


def test_ages_are_counted_by_redis_clock():
    assert level(reading(read_at_s=NOW_S + 10, prices=(live("BTCUSDT", 100.7, now_s=NOW_S, age_s=1.0),))).price_age_s == 11.0
