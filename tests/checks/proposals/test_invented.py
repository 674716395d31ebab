"""The fallbacks that invent positions are known by their numbers, and real positions are not taken for theirs."""

import pytest

from publisher.kernel import MarketState, Position, compute
from publisher.synthetic import synthetic_positions
from qtops.checks.proposals.invented import known_as

from .proposals import founding, judged

SYMBOLS = tuple(f"S{number}USDT" for number in range(12))
OTHERS = [(100.0, 105.01), (150.0, 157.5), (1100.5, 1155.525), (-900.0, -945.0), (1.7e308, 1.0)]
MARKET = MarketState(0.01046083, 0.012886, {"trend": 0.0, "mr": 0.095056, "chop": 0.667403})


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_positions_that_the_publisher_invents_are_known(symbol):
    position = synthetic_positions(SYMBOLS)[symbol]
    assert "the founding publisher invents" in known_as(position.entry_price, position.current_price)


def test_those_of_the_harvest_publisher_are_known():
    assert "the harvest publisher invents" in known_as(50.0, 52.5)


@pytest.mark.parametrize(("entry", "current"), OTHERS)
def test_others_are_not(entry, current):
    assert known_as(entry, current) == ""


def printed(symbol: str, decimals: int):
    """What a log line holds of a proposal made from an invented position: its two levels."""
    given = synthetic_positions(SYMBOLS)[symbol]
    position = Position(
        symbol, "LONG", given.entry_price, given.current_price, given.peak_price, given.trough_price, current_sl=given.current_sl
    )
    proposal = compute(symbol, MARKET, position)
    levels = {"proposed_sl": f"{proposal.proposed_sl:.{decimals}f}", "proposed_tp": f"{proposal.proposed_tp:.{decimals}f}"}
    whole = founding(symbol)
    distances = {name: str(getattr(proposal, name)) for name in ("stop_dist_pct", "tp_dist_pct", "trail_gap_pct")}
    return founding(symbol, fields=dict.fromkeys(whole.fields) | levels | distances)


def codes_of(*readings):
    return {finding.subject for finding in judged(tuple(readings), symbols=SYMBOLS).findings if finding.code == "PROPOSAL107"}


def test_levels_alone_tell_where_they_are_printed_sharply():
    assert codes_of(*(printed(symbol, 6) for symbol in SYMBOLS[:3])) == set(SYMBOLS[:3])
    assert codes_of(printed(SYMBOLS[0], 6)) == {SYMBOLS[0]}


def test_levels_that_are_printed_coarsely_prove_nothing():
    assert codes_of(*(printed(symbol, 1) for symbol in SYMBOLS[:3])) == set()


def test_levels_of_another_place_in_the_order_are_not_recovered():
    found = judged((printed(SYMBOLS[1], 6), printed(SYMBOLS[2], 6)), symbols=SYMBOLS[1:]).findings
    assert "PROPOSAL107" not in {finding.code for finding in found}
