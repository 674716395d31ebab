"""From inputs to what is written: what is refused, what is news, and each field exactly as consumers know it."""

import pytest

from publisher.codec import Closed, Refused
from publisher.kernel import Position, compute
from publisher.proposing import (
    CONTENT_LIFE_S,
    FUTURE_TOLERANCE_S,
    MOVE_THRESHOLD,
    Candidate,
    Published,
    is_news,
    judge,
    next_seq,
    proposed_track,
    published,
)
from tests.publisher.builders import SYMBOL
from tests.publisher.proposals import NOW_S, candidate, look, prepared, ready, written

# What is refused


def test_healthy_inputs_are_ready() -> None:
    each = ready()
    assert each.position == Position(SYMBOL, "LONG", 100.0, 100.5, 100.5, 100.5, 0.0, 0.25)
    assert each.sl_source == "none"


def test_a_closed_position_is_closed_whatever_the_market() -> None:
    assert prepared(side="FLAT", position_amt="0", market={"sigma": "nan"}) == Closed(stated=True)
    assert look(Refused("x", "y"), Closed(stated=False)) == Closed(stated=False)


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
    given_ = candidate(ts_epoch=None)
    assert given_.flags[-1:] == ("position_age_unstated",)
    assert written(given_)["position_input_age_ms"] == "unstated"


def test_a_market_state_of_unknown_age_is_refused() -> None:
    found = prepared(market={"ts_timestamp": None})
    assert isinstance(found, Refused)
    assert found.reason == "missing_field"


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


@pytest.mark.parametrize(
    "changed",
    [{"side": "SHORT"}, {"entry_price": 99.0}, {"flags": ("stop_breached",)}, {"sources": ("simulator", "redis_hash", "unstated")}],
)
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
