"""The scalar kernel: formulas, odd inputs, errors, and what holds for all numbers."""

from dataclasses import fields, replace
from math import inf, isnan, nan

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from publisher.kernel import MarketState, Position, Theta, Weights, compute, distances, dominant_regime, flags
from tests.publisher.builders import SYMBOL, market, position

PRICES = st.floats(1e-6, 1e9)
PROBABILITIES = st.floats(0.0, 1.0)
REGIMES = st.fixed_dictionaries({"trend": PROBABILITIES, "mr": PROBABILITIES, "chop": PROBABILITIES})
MARKETS = st.builds(MarketState, sigma=st.floats(0.0, 3.0), ts=st.floats(0.0, 5.0), regime_probs=REGIMES)
SIDES = st.sampled_from(["LONG", "SHORT"])
POSITIONS = st.builds(
    Position, st.just(SYMBOL), SIDES, PRICES, PRICES, PRICES, PRICES, current_sl=st.none() | PRICES, current_tp=st.none() | PRICES
)


def propose(market_=None, **sick):
    return compute(SYMBOL, market_ or market(), position(**sick))


# -- the formulas, by hand


def test_a_long_trails_below_its_peak():
    proposal = propose(peak_price=101.0)
    assert proposal.stop_dist_pct == pytest.approx((1.5 * 0.2 + 0.8 * 0.3 + 1.0 * 0.5) * 0.012)
    assert proposal.tp_dist_pct == pytest.approx((2.5 * 0.2 + 1.2 * 0.3 + 1.5 * 0.5) * 0.012)
    assert proposal.trail_gap_pct == pytest.approx((1.2 * 0.2 + 1.5 * 0.3 + 1.3 * 0.5) * 0.012)
    assert proposal.raw_sl == 100.5 * (1.0 - proposal.stop_dist_pct)
    assert proposal.proposed_sl == proposal.trail_sl == 101.0 * (1.0 - proposal.trail_gap_pct)
    assert proposal.proposed_tp == proposal.raw_tp == 100.5 * (1.0 + proposal.tp_dist_pct)
    assert proposal.reason_codes == ("trail_active", "regime_chop")


def test_a_short_trails_above_its_trough():
    proposal = propose(side="SHORT", trough_price=100.0)
    assert proposal.raw_sl == 100.5 * (1.0 + proposal.stop_dist_pct)
    assert proposal.proposed_sl == proposal.trail_sl == 100.0 * (1.0 + proposal.trail_gap_pct)
    assert proposal.proposed_tp == 100.5 * (1.0 - proposal.tp_dist_pct)


@pytest.mark.parametrize(
    ("p_trend", "ts", "factor"),
    [
        (0.6, 0.5, 1.15),  # 1 + 0.5 * 0.5 * 0.6
        (0.6, 9.0, 1.3),  # ts counts as 1 at most, the extension as 0.3 at most
        (0.4, 9.0, 1.2),
        (0.3, 9.0, 1.0),  # both limits are strict
        (0.6, 0.1, 1.0),
    ],
)
def test_a_trend_moves_the_target_outwards(p_trend, ts, factor):
    state = market(ts=ts, regime_probs={"trend": p_trend, "mr": 0.0, "chop": 1.0 - p_trend})
    assert distances(state)[3] == pytest.approx(factor)
    assert ("tp_extended" in propose(state).reason_codes) == (factor > 1.0)


def test_reason_codes_come_in_one_order():
    trending = market(ts=0.5, regime_probs={"trend": 0.6, "mr": 0.2, "chop": 0.2})
    held = propose(trending, peak_price=110.0, current_sl=120.0)
    assert held.reason_codes == ("trail_active", "sl_tightened_monotonic", "regime_trend", "tp_extended")
    assert held.proposed_sl == 120.0
    tightened = propose(trending, peak_price=110.0, current_sl=90.0)
    assert tightened.reason_codes == ("trail_active", "sl_tightening", "regime_trend", "tp_extended")


@pytest.mark.parametrize(
    ("probabilities", "name"),
    [
        ({"trend": 0.4, "mr": 0.4, "chop": 0.2}, "trend"),  # a tie goes to the first inserted
        ({"mr": 0.4, "trend": 0.4, "chop": 0.2}, "mr"),
        ({"trend": 0.0, "mr": 0.0, "chop": 0.0}, "trend"),
        ({"chop": 0.5}, "chop"),
        ({"trend": 0.3, "mr": 0.3, "chop": 0.3, "unknown": 0.4}, "unknown"),  # weighs nothing, and can still win
        ({"trend": nan, "mr": 0.9, "chop": 0.1}, "trend"),  # first and never displaced
        ({"trend": 0.1, "mr": nan, "chop": 0.2}, "chop"),  # later and never chosen
        ({"trend": -0.0, "mr": 0.0}, "trend"),
    ],
)
def test_the_dominant_regime_is_the_first_of_the_greatest(probabilities, name):
    assert dominant_regime(probabilities) == name


def test_a_theta_is_not_merged_with_the_defaults():
    given = Theta.from_mapping({"k_sl": {"trend": 2.0}, "eps": 0.5, "unknown": 1})
    assert given == Theta(Weights(2.0, 1.0, 1.0), Weights(), Weights(), eps=0.5)
    assert Theta.from_mapping({}) == Theta(Weights(), Weights(), Weights())
    assert Theta.from_mapping({}) != Theta()


# -- odd inputs and errors


def test_a_sigma_that_is_no_number_becomes_the_floors():
    assert distances(market(sigma=nan)) == (0.005, 0.01, 0.005, 1.0)


def test_a_peak_that_is_no_number_does_not_trail_and_a_price_that_is_none_stays():
    assert propose(peak_price=nan).proposed_sl == propose(peak_price=nan).raw_sl
    assert propose(side="SHORT", trough_price=nan).proposed_sl == propose(side="SHORT").raw_sl
    assert isnan(propose(current_price=nan).proposed_sl)


@pytest.mark.parametrize("side", ["LONG", "SHORT"])
def test_eps_itself_is_still_inside_the_band(side):
    """Distances of 0.5 and prices in powers of two keep the arithmetic exact."""
    theta = Theta(sl_min_pct=0.5, eps=1.0)
    raw, inwards = (8.0, 1.0) if side == "LONG" else (24.0, -1.0)
    extreme = {"peak_price": 18.0, "trough_price": 46.0 / 3.0}

    def codes(**sick):
        return compute(SYMBOL, market(), position(side=side, current_price=16.0, **extreme | sick), theta).reason_codes

    assert codes(peak_price=16.0, trough_price=16.0, current_sl=raw - inwards) == ("regime_chop",)
    assert codes(peak_price=16.0, trough_price=16.0, current_sl=raw + inwards) == ("regime_chop",)
    assert codes(peak_price=16.0, trough_price=16.0, current_sl=raw - 2 * inwards) == ("sl_tightening", "regime_chop")
    assert codes(peak_price=16.0, trough_price=16.0, current_sl=raw + 2 * inwards) == ("sl_tightened_monotonic", "regime_chop")
    assert codes() == ("regime_chop",)  # the trailing stop lies eps inside the raw one
    assert codes(peak_price=20.0, trough_price=12.0) == ("trail_active", "regime_chop")


def test_a_current_stop_of_zero_is_a_stop():
    assert propose(current_sl=0.0).reason_codes == ("trail_active", "sl_tightening", "regime_chop")
    assert propose(side="SHORT", current_sl=0.0).proposed_sl == 0.0


def test_a_price_of_zero_is_no_error():
    assert propose(current_price=0.0, peak_price=0.0).proposed_sl == 0.0


def test_monotonicity_can_be_switched_off():
    assert compute(SYMBOL, market(), position(current_sl=100.4), Theta(monotonic_sl=False)).proposed_sl < 100.4


@pytest.mark.parametrize(
    ("error", "market_", "position_"),
    [
        (ValueError, {}, {"symbol": "ETHUSDT"}),
        *[(ValueError, {}, {"side": side}) for side in ("long", "BUY", "FLAT", "", None, " LONG")],
        (ValueError, {"regime_probs": {}}, {}),
        (AttributeError, {"regime_probs": None}, {}),
        (TypeError, {"sigma": None}, {}),
        (TypeError, {"sigma": "0.01"}, {}),
        (TypeError, {"regime_probs": {"trend": None, "mr": 0.5, "chop": 0.5}}, {}),
        (TypeError, {"ts": None, "regime_probs": {"trend": 0.6, "mr": 0.2, "chop": 0.2}}, {}),
        (TypeError, {}, {"current_price": None}),
        (TypeError, {}, {"peak_price": None}),
        (TypeError, {}, {"side": "SHORT", "trough_price": None}),
        (TypeError, {}, {"current_sl": "95"}),
    ],
)
def test_what_cannot_be_computed_raises(error, market_, position_):
    with pytest.raises(error):
        compute(SYMBOL, market(**market_), position(**position_))


def test_values_that_are_not_used_may_be_anything():
    expected = propose()
    assert propose(market(ts=None)) == expected  # no trend: never looked at
    assert propose(trough_price=None, entry_price=None, age_sec=None, unrealized_pnl=nan, current_tp="x") == expected
    assert propose(market(mu=None)) == expected


def test_the_results_are_frozen():
    for kind in (MarketState, Position, Theta, type(propose())):
        assert kind.__dataclass_params__.frozen
        assert fields(kind)


# -- what holds for all numbers


@settings(max_examples=300, deadline=None)
@given(market_=MARKETS, position_=POSITIONS)
def test_a_stop_in_force_never_loosens_beyond_eps(market_, position_):
    assume(position_.current_sl is not None)
    proposal, in_force, eps = compute(SYMBOL, market_, position_), position_.current_sl, Theta().eps
    if position_.side == "LONG":
        assert proposal.proposed_sl >= in_force - eps
    else:
        assert proposal.proposed_sl <= in_force + eps


@settings(max_examples=300, deadline=None)
@given(market_=MARKETS)
def test_distances_are_never_below_their_floors(market_):
    stop, take, gap, extension = distances(market_)
    assert stop >= 0.005
    assert take >= 0.01
    assert gap >= 0.005
    assert 1.0 <= extension <= 1.3


@settings(max_examples=300, deadline=None)
@given(market_=MARKETS, position_=POSITIONS)
def test_long_and_short_lie_equally_far_from_the_price(market_, position_):
    """The distances do not know the side, and the raw levels mirror each other around the price, up to their rounding."""
    long, short = (compute(SYMBOL, market_, replace(position_, side=side)) for side in ("LONG", "SHORT"))
    assert long.stop_dist_pct == short.stop_dist_pct
    assert long.tp_dist_pct == short.tp_dist_pct
    assert long.trail_gap_pct == short.trail_gap_pct
    current = position_.current_price
    assert long.raw_sl + short.raw_sl == pytest.approx(2 * current, rel=0, abs=2**-51 * current * (1 + long.stop_dist_pct))
    assert long.raw_tp + short.raw_tp == pytest.approx(2 * current, rel=0, abs=2**-51 * current * (1 + long.tp_dist_pct))


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(market_=MARKETS, position_=POSITIONS, monotonic=st.booleans())
def test_short_is_long_with_every_sign_turned(market_, position_, monotonic):
    """Exactly, to the last bit and with the same codes, once the floors are out of the way: they are what has no mirror image.

    A LONG at prices x with volatility s, and a SHORT at -x with -s: each rounding of one is the negative of the other's.
    """
    open_floors = Theta(sl_min_pct=-inf, tp_min_pct=-inf, monotonic_sl=monotonic)
    in_force = position_.current_sl
    mirrored = replace(
        position_,
        side="SHORT",
        current_price=-position_.current_price,
        trough_price=-position_.peak_price,
        current_sl=None if in_force is None else -in_force,
    )
    long = compute(SYMBOL, market_, replace(position_, side="LONG"), open_floors)
    short = compute(SYMBOL, replace(market_, sigma=-market_.sigma), mirrored, open_floors)
    for name in ("proposed_sl", "proposed_tp", "raw_sl", "raw_tp", "trail_sl", "stop_dist_pct", "tp_dist_pct", "trail_gap_pct"):
        assert getattr(short, name) == -getattr(long, name), name
    assert short.tp_extension_factor == long.tp_extension_factor
    assert short.reason_codes == long.reason_codes


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_number_makes_the_kernel_raise(data):
    """NaN, infinities and zeros pass through; a result that is no number is named by the flags."""
    state = market(sigma=data.draw(st.floats()), ts=data.draw(st.floats()), regime_probs={"trend": data.draw(st.floats())})
    prices = {name: data.draw(st.floats()) for name in ("current_price", "peak_price", "trough_price", "current_sl")}
    held = position(side=data.draw(SIDES), **prices)
    proposal = compute(SYMBOL, state, held)
    levels = (proposal.proposed_sl, proposal.proposed_tp)
    assert ("non_finite" in flags(state, held, proposal)) == any(isnan(level) or abs(level) == inf for level in levels)
