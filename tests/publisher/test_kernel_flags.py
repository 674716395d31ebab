"""The flags next to a proposal: each fires, each stays quiet just before, and the founding evidence has them."""

from dataclasses import replace
from math import inf, nan
from pathlib import Path

import pytest

from publisher.conformance import read_cases
from publisher.kernel import compute, flags
from tests.publisher.builders import SYMBOL, market, position

VECTORS = Path(__file__).parents[1] / "data" / "kernel_v1_public.jsonl"

FIRES = [
    ("non_finite", {}, {"current_price": nan}),
    ("non_finite", {}, {"current_price": inf}),
    ("nonpositive", {}, {"side": "SHORT", "current_sl": 0.0}),
    ("nonpositive", {"sigma": 3.0}, {}),
    ("stop_breached", {}, {"peak_price": 103.0}),
    ("stop_breached", {}, {"current_sl": 100.5}),  # at the price is through the price
    ("stop_breached", {}, {"side": "SHORT", "trough_price": 98.0}),
    ("bracket_crossed", {}, {"current_sl": 103.0}),
    ("bracket_crossed", {}, {"current_sl": compute(SYMBOL, market(), position()).proposed_tp}),  # at the target is beyond it
    ("bracket_crossed", {}, {"side": "SHORT", "current_sl": 98.0}),
    ("probs_not_normalised", {"regime_probs": {"trend": 0.2, "mr": 0.3, "chop": 0.50002}}, {}),
    ("probs_not_normalised", {"regime_probs": {"trend": 0.2, "mr": 0.3, "chop": nan}}, {}),
    ("prob_exactly_zero", {"regime_probs": {"trend": 0.0, "mr": 0.5, "chop": 0.5}}, {}),
    ("sigma_floor", {"sigma": 0.001}, {}),
    ("tp_floor", {"sigma": 0.006}, {}),
]
QUIET = [
    ("non_finite", {}, {"current_price": 1e300, "peak_price": 1e300}),
    ("nonpositive", {}, {"side": "SHORT", "current_sl": 1e-9, "current_price": 1e-9, "trough_price": 1e-9}),
    ("stop_breached", {}, {"peak_price": 102.0}),
    ("stop_breached", {}, {"current_sl": 100.4999}),
    ("stop_breached", {}, {"side": "SHORT", "trough_price": 99.0}),
    ("bracket_crossed", {}, {"current_sl": 101.0}),  # through the price, still short of the target
    ("probs_not_normalised", {"regime_probs": {"trend": 0.2, "mr": 0.3, "chop": 0.500002}}, {}),  # six decimals round like that
    ("prob_exactly_zero", {"regime_probs": {"trend": 0.000001, "mr": 0.5, "chop": 0.499999}}, {}),
    ("sigma_floor", {"sigma": 0.006}, {}),
    ("tp_floor", {"sigma": 0.007}, {}),
]


def found(market_, position_):
    state, held = market(**market_), position(**position_)
    return flags(state, held, compute(SYMBOL, state, held))


@pytest.mark.parametrize(("flag", "market_", "position_"), FIRES)
def test_a_flag_fires(flag, market_, position_):
    assert flag in found(market_, position_)


@pytest.mark.parametrize(("flag", "market_", "position_"), QUIET)
def test_a_flag_stays_quiet(flag, market_, position_):
    assert flag not in found(market_, position_)


def test_every_flag_has_a_case_where_it_fires_and_one_where_it_does_not():
    names = {flag for flag, *_ in FIRES}
    assert names == {flag for flag, *_ in QUIET}
    everything = {flag for _, market_, position_ in FIRES + QUIET for flag in found(market_, position_)}
    assert everything == names


@pytest.mark.parametrize("side", ["LONG", "SHORT"])
def test_a_healthy_position_has_no_flag(side):
    assert found({}, {"side": side}) == ()


# -- the founding evidence: three proposals of 2026-02-17, published as healthy

EVIDENCE = [
    ("BTCUSDT", 105.0, 105.9682, 106.2249, ("stop_breached",)),
    ("ETHUSDT", 1155.0, 1171.2367, 1166.55, ("stop_breached", "bracket_crossed")),
    ("SOLUSDT", 2205.0, 2237.8545, 2227.05, ("stop_breached", "bracket_crossed")),
]


@pytest.mark.parametrize(("symbol", "current", "sl", "tp", "expected"), EVIDENCE)
def test_the_evidence_was_no_set_of_resting_levels(symbol, current, sl, tp, expected):
    published = replace(compute(SYMBOL, market(), position()), proposed_sl=sl, proposed_tp=tp)
    assert flags(market(), position(symbol=symbol, current_price=current), published) == expected


def test_the_evidence_of_btc_is_reproduced_and_its_lost_probability_named():
    held = position(entry_price=100.0, current_price=105.0, peak_price=105.0 * 1.02, current_sl=102.0)
    lost = market(sigma=0.01046083, ts=0.012886, regime_probs={"trend": 0.0, "mr": 0.095056, "chop": 0.667403})
    proposal = compute(SYMBOL, lost, held)
    assert (proposal.proposed_sl, proposal.proposed_tp) == (105.96820863628776, 106.22489026532365)
    assert (proposal.stop_dist_pct, proposal.tp_dist_pct) == (0.007777081049674001, 0.011665621574510999)
    assert proposal.trail_gap_pct == 0.010567613106557
    assert proposal.reason_codes == ("trail_active", "sl_tightening", "regime_chop")
    assert flags(lost, held, proposal) == ("stop_breached", "probs_not_normalised", "prob_exactly_zero")

    whole = replace(lost, regime_probs=lost.regime_probs | {"trend": 0.237542})
    proposal = compute(SYMBOL, whole, held)
    assert (proposal.proposed_sl, proposal.proposed_tp) == (105.64885102589615, 106.8771729662869)
    assert flags(whole, held, proposal) == ("stop_breached",)


def test_every_recorded_proposal_without_p_trend_is_flagged():
    with VECTORS.open(encoding="utf-8") as lines:
        recorded = [case for case in read_cases(lines) if case.market.regime_probs and case.market.regime_probs.get("trend") == 0.0]
    assert len(recorded) > 50
    for case in recorded:
        if not isinstance(case.expected, str):
            assert "prob_exactly_zero" in flags(case.market, case.position, case.expected, case.theta)
