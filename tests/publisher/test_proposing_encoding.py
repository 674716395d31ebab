"""Each field of a proposal exactly as consumers know it, and enough of them to compute it again."""

from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from publisher.codec import MarketInput, PositionInput, decode_market
from publisher.contract import PROPOSAL_FIELDS, STREAM_FIELDS
from publisher.kernel import MarketState, Position, compute, flags
from publisher.proposing import (
    Candidate,
    Ready,
    encode_proposal,
    encode_stream_entry,
    judge,
)
from publisher.tracking import Track
from tests.publisher.builders import SYMBOL, market_values
from tests.publisher.proposals import CONSTANTS, NOW_S, candidate, look, written


def test_the_fields_are_those_of_the_contract_in_their_order() -> None:
    assert list(written(candidate())) == [field.name for field in PROPOSAL_FIELDS]


def test_one_proposal_in_full(snapshot: SnapshotAssertion) -> None:
    track = Track("LONG", 100.0, peak_price=101.5, trough_price=99.0, opened_at_s=NOW_S - 3600.5, published_sl=99.25, seq=41)
    given_ = candidate(track, market={"ts_timestamp": NOW_S - 42, "source": "market_state"}, current_price=None, ts_epoch=NOW_S - 3)
    fields = written(given_, 42, NOW_S + 0.123456)
    assert "\n".join(f"{name}: {text}" for name, text in fields.items()) == snapshot


def test_the_seeds_fields_keep_their_text_forms() -> None:
    given_ = candidate(
        market={"sigma": "0.01046083", "ts": "0.012886"}, current_price="1e-05", mark_price="1e-05", entry_price="2e-05"
    )
    fields, proposal = written(given_), given_.proposal
    assert fields["proposed_sl"] == str(proposal.proposed_sl)
    assert fields["stop_dist_pct"] == str(proposal.stop_dist_pct)
    assert fields["reason_codes"] == ",".join(proposal.reason_codes)
    assert (fields["sigma"], fields["ts"], fields["p_trend"]) == ("0.01046083", "0.012886", "0.2")
    assert (fields["position_side"], fields["position_age_sec"]) == ("LONG", "0.0")
    assert (fields["position_current_price"], fields["position_entry_price"]) == ("1e-05", "2e-05")


@pytest.mark.parametrize("now_s", [NOW_S, NOW_S + 0.5, NOW_S + 0.720666])
def test_times_are_aware_and_agree(now_s: float) -> None:
    fields = written(candidate(now_s=now_s), now_s=now_s)
    moment = datetime.fromisoformat(fields["computed_at_utc"])
    assert moment.tzinfo == UTC
    assert len(fields["computed_at_utc"]) == len("2026-02-17T23:58:12.720666+00:00"), "no second is without its fraction"
    assert abs(moment.timestamp() - now_s) < 1e-6
    assert fields["computed_at_ms"] == fields["heartbeat_ms"] == str(int(now_s * 1000))


def test_where_the_inputs_come_from_is_written() -> None:
    fields = written(
        candidate(market={"source": "market_state", "ts_timestamp": NOW_S - 2}, current_price=None, ts_epoch=NOW_S - 3)
    )
    assert (fields["market_source"], fields["market_input_age_ms"]) == ("market_state", "2000")
    assert (fields["position_source"], fields["position_writer"]) == ("redis_hash", "position_state_brain")
    assert (fields["position_aliases"], fields["position_input_age_ms"]) == ("current_price<mark_price", "3000")


def test_an_invented_position_is_named_so_in_three_places() -> None:
    position = PositionInput("LONG", 100.0, 105.0, source="synthetic", writer="synthetic")
    market = decode_market(market_values())
    each = look(market, position)
    assert isinstance(each, Ready)
    judged = judge(each, compute(SYMBOL, each.market.state, each.position))
    assert isinstance(judged, Candidate)
    fields = written(judged)
    assert (fields["position_source"], fields["position_writer"]) == ("synthetic", "synthetic")
    assert "synthetic_position" in fields["flags"].split(",")


def test_a_stream_entry_is_the_content_without_the_heartbeat() -> None:
    content = encode_proposal(candidate(), 5, NOW_S, CONSTANTS)
    entry = encode_stream_entry(content)
    assert entry[::2] == [field.name for field in STREAM_FIELDS]
    whole = dict(zip(content[::2], content[1::2], strict=True))
    assert dict(zip(entry[::2], entry[1::2], strict=True)) == {name: whole[name] for name in entry[::2]}
    assert "heartbeat_ms" not in entry


# A reader who has nothing but the hash can compute it again

PRICES = st.floats(1e-9, 1e9)
PROBABILITIES = st.floats(0.0, 1.0)
MARKETS = st.builds(
    lambda sigma, ts, trend, mr, chop: MarketInput(MarketState(sigma, ts, {"trend": trend, "mr": mr, "chop": chop}), NOW_S, "m"),
    st.floats(1e-9, 1.0), st.floats(0.0, 10.0), PROBABILITIES, PROBABILITIES, PROBABILITIES,
)  # fmt: skip
POSITIONS = st.builds(
    PositionInput,
    st.sampled_from(["LONG", "SHORT"]), PRICES, PRICES, st.none() | PRICES, st.none() | PRICES, st.none() | st.floats(0, 1e8),
    st.none() | PRICES, st.none() | PRICES, taken_at_s=st.none() | st.floats(NOW_S - 50, NOW_S),
)  # fmt: skip
TRACKS = st.none() | st.builds(
    lambda side, prices, stop, seq: Track(side, prices[0], max(prices), min(prices), NOW_S - 100, stop, seq),
    st.sampled_from(["LONG", "SHORT"]), st.tuples(PRICES, PRICES), st.none() | PRICES, st.integers(0, 1000),
)  # fmt: skip


@given(MARKETS, POSITIONS, TRACKS, st.floats(NOW_S, NOW_S + 10))
def test_the_published_fields_alone_give_the_proposal_again(
    market: MarketInput, position: PositionInput, track: Track | None, now_s: float
) -> None:
    each = look(market, position, track, now_s)
    assert isinstance(each, Ready)
    judged = judge(each, compute(SYMBOL, each.market.state, each.position))
    assume(isinstance(judged, Candidate))
    assert isinstance(judged, Candidate)
    fields = written(judged, now_s=now_s)
    number = {name: float(text) for name, text in fields.items() if name.startswith(("p_", "sigma", "ts")) or "_price" in name}
    state = MarketState(number["sigma"], number["ts"], {name: number[f"p_{name}"] for name in ("trend", "mr", "chop")})
    again_from = Position(
        fields["symbol"], fields["position_side"], number["position_entry_price"], number["position_current_price"],
        number["position_peak_price"], number["position_trough_price"], float(fields["position_age_sec"]),
        current_sl=float(fields["position_current_sl"]) if fields["position_current_sl"] else None,
    )  # fmt: skip
    again = compute(fields["symbol"], state, again_from)
    for name in ("proposed_sl", "proposed_tp", "stop_dist_pct", "tp_dist_pct", "trail_gap_pct"):
        assert fields[name] == str(getattr(again, name))
    assert fields["reason_codes"].split(",") == list(again.reason_codes)
    assert set(flags(state, again_from, again)) <= set(filter(None, fields["flags"].split(",")))
    assert (fields["current_sl_source"] == "none") == (fields["position_current_sl"] == "")
