"""From inputs to what is written: what is refused, what is news, and each field exactly as consumers know it."""

from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from publisher.codec import Closed, MarketInput, PositionInput, Refused, decode_market, decode_position
from publisher.contract import PROPOSAL_FIELDS, STREAM_FIELDS
from publisher.kernel import MarketState, Position, compute, flags
from publisher.proposing import (
    CONTENT_LIFE_S,
    FUTURE_TOLERANCE_S,
    MOVE_THRESHOLD,
    Candidate,
    Limits,
    Published,
    Ready,
    encode_proposal,
    encode_stream_entry,
    is_news,
    judge,
    next_seq,
    prepare,
    proposed_track,
    published,
)
from publisher.tracking import Track
from tests.publisher import builders
from tests.publisher.builders import SYMBOL, market_values, position_values

NOW_S = float(builders.NOW_S)
LIMITS = Limits(market_s=120.0, position_s=60.0)
CONSTANTS = {"publisher_id": "box:1", "interval_sec": "10"}


def prepared(
    track: Track | None = None, now_s: float = NOW_S, market: dict[str, object] | None = None, **position: object
) -> object:
    """What becomes of the healthy inputs, but for what is sick of them."""
    read = decode_market(market_values(**(market or {}))), decode_position(position_values(**position))
    return prepare(SYMBOL, *read, track, now_s, LIMITS)


def ready(track: Track | None = None, now_s: float = NOW_S, market: dict[str, object] | None = None, **position: object) -> Ready:
    """The same, where nothing is refused."""
    found = prepared(track, now_s, market, **position)
    assert isinstance(found, Ready)
    return found


def candidate(
    track: Track | None = None, now_s: float = NOW_S, market: dict[str, object] | None = None, **position: object
) -> Candidate:
    """A computed proposal."""
    each = ready(track, now_s, market, **position)
    judged = judge(each, compute(each.symbol, each.market.state, each.position))
    assert isinstance(judged, Candidate)
    return judged


def written(given: Candidate, seq: int = 1, now_s: float = NOW_S) -> dict[str, str]:
    """The fields as HSET would take them, in their order."""
    content = encode_proposal(given, seq, now_s, CONSTANTS)
    return dict(zip(content[::2], content[1::2], strict=True))


# What is refused


def test_healthy_inputs_are_ready() -> None:
    each = ready()
    assert each.position == Position(SYMBOL, "LONG", 100.0, 100.5, 100.5, 100.5, 0.0, 0.25)
    assert each.sl_source == "none"


def test_a_closed_position_is_closed_whatever_the_market() -> None:
    assert prepared(side="FLAT", position_amt="0", market={"sigma": "nan"}) == Closed(stated=True)
    assert prepare(SYMBOL, Refused("x", "y"), Closed(stated=False), None, NOW_S, LIMITS) == Closed(stated=False)


def test_a_refused_position_or_market_is_refused_with_its_own_words() -> None:
    assert prepared(current_price="0") == Refused("price_not_positive", "current_price is '0'")
    assert prepared(market={"p_trend": None}) == Refused("missing_field", "p_trend is absent")


@pytest.mark.parametrize(
    ("market_age_s", "position_age_s", "reason"),
    [
        (120, 60, None),
        (121, 0, "stale_input"),
        (0, 61, "stale_input"),
        (5 * 365 * 86400, 0, "stale_input"),
        (-FUTURE_TOLERANCE_S, -FUTURE_TOLERANCE_S, None),
        (-FUTURE_TOLERANCE_S - 1, 0, "future_input"),
        (0, -3600, "future_input"),
    ],
)
def test_inputs_that_are_too_old_or_not_yet_are_refused(market_age_s: float, position_age_s: float, reason: str | None) -> None:
    found = prepared(market={"ts_timestamp": NOW_S - market_age_s}, ts_epoch=NOW_S - position_age_s)
    assert (found.reason if isinstance(found, Refused) else None) == reason


def test_a_refusal_for_age_says_which_input_how_old_and_the_limit() -> None:
    assert prepared(ts_epoch=NOW_S - 3600) == Refused("stale_input", "position is 3600 s old, limit 60 s")
    assert prepared(market={"ts_timestamp": NOW_S + 3600}) == Refused("future_input", "market state is from 3600 s in the future")


def test_an_age_that_is_not_stated_is_flagged_and_never_a_number() -> None:
    given_ = candidate(market={"ts_timestamp": None}, ts_epoch=None)
    assert given_.flags[-2:] == ("market_age_unstated", "position_age_unstated")
    fields = written(given_)
    assert (fields["market_input_age_ms"], fields["position_input_age_ms"]) == ("unstated", "unstated")


@pytest.mark.parametrize(("sigma", "side"), [("0.9", "LONG"), ("0.9", "SHORT"), ("1e300", "LONG"), ("1e300", "SHORT")])
def test_levels_that_are_no_prices_are_refused(sigma: str, side: str) -> None:
    each = ready(market={"sigma": sigma, "p_trend": "1", "p_mr": "0", "p_chop": "0"}, side=side)
    found = judge(each, compute(SYMBOL, each.market.state, each.position))
    assert isinstance(found, Refused)
    assert found.reason == "no_price_level"
    assert "SL " in found.detail
    assert "sigma" in found.detail


# The stop in force


def test_the_stop_that_the_position_states_is_in_force() -> None:
    track = ready().track._replace(published_sl=99.5)
    each = ready(track, current_sl="99.0")
    assert (each.position.current_sl, each.sl_source) == (99.0, "position")


def test_where_none_is_stated_the_last_one_proposed_must_not_be_loosened() -> None:
    first = candidate()
    track = proposed_track(first, 1)
    lower = candidate(track, current_price="99.0", mark_price="99.0")
    assert lower.ready.sl_source == "published"
    assert lower.proposal.proposed_sl == first.proposal.proposed_sl
    assert "sl_tightened_monotonic" in lower.proposal.reason_codes


@pytest.mark.parametrize("word", ["0", "0.0", "", "None", "null"])
def test_a_stop_that_is_none_is_no_stop_of_zero(word: str) -> None:
    assert ready(side="SHORT", current_sl=word).position.current_sl is None


def test_another_position_begins_without_a_stop() -> None:
    track = proposed_track(candidate(), 1)
    each = ready(track, entry_price="101.0")
    assert (each.position.current_sl, each.sl_source) == (None, "none")


def test_the_kernel_trails_the_peak_that_was_seen() -> None:
    track = ready(current_price="110", mark_price="110").track
    given_ = candidate(track)
    assert given_.ready.position.peak_price == 110.0
    assert "trail_active" in given_.proposal.reason_codes


# What is news


def last(given: Candidate, **changed: object) -> Published:
    return published(given, 1, at=1000.0)._replace(**changed)


@pytest.mark.parametrize("price", ["70000", "100.5", "0.5", "0.0009", "1e-7"])
@pytest.mark.parametrize("level", ["sl", "tp"])
@pytest.mark.parametrize("direction", [1, -1])
def test_news_is_a_move_relative_to_the_level_however_small_the_price(price: str, level: str, direction: int) -> None:
    now = candidate(current_price=price, mark_price=price, entry_price=price)
    value = getattr(last(now), level)
    assert not is_news(now, last(now, **{level: value / (1 + direction * 0.9 * MOVE_THRESHOLD)}), 1001.0)
    assert is_news(now, last(now, **{level: value / (1 + direction * 1.1 * MOVE_THRESHOLD)}), 1001.0)


def test_nothing_is_known_of_a_first_proposal_so_it_is_news() -> None:
    assert is_news(candidate(), None, 0.0)


def test_content_is_written_again_after_a_minute_give_or_take_a_wake_up() -> None:
    given_ = candidate()
    assert not is_news(given_, last(given_), 1000.0)
    assert not is_news(given_, last(given_), 1050.1)
    assert is_news(given_, last(given_), 1059.999), "the sixth cycle of ten seconds may wake a millisecond sooner than the first"
    assert 59.0 < CONTENT_LIFE_S <= 60.0


@pytest.mark.parametrize("changed", [{"side": "SHORT"}, {"entry_price": 99.0}, {"flags": ("stop_breached",)}])
def test_another_position_or_another_flag_is_news(changed: dict[str, object]) -> None:
    given_ = candidate()
    assert is_news(given_, last(given_, **changed), 1001.0)


def test_contents_are_numbered_on_from_whoever_knows_more() -> None:
    given_ = candidate()
    assert next_seq(given_, None) == 1
    assert next_seq(given_, last(given_, seq=4)) == 5
    assert next_seq(candidate(given_.ready.track._replace(seq=7)), last(given_, seq=4)) == 8


def test_the_track_remembers_stop_and_number_once_written() -> None:
    given_ = candidate()
    assert proposed_track(given_, 3) == given_.ready.track._replace(published_sl=given_.proposal.proposed_sl, seq=3)


# What is written


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
    each = prepare(SYMBOL, market, position, None, NOW_S, LIMITS)
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
    each = prepare(SYMBOL, market, position, track, now_s, LIMITS)
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
