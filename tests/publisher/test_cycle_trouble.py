"""What a cycle does about bad inputs, other hands and a server that refuses: one bad symbol, and only what was acknowledged."""

from typing import Any

import pytest
import redis

from publisher.contract import PROPOSAL_FIELDS, market_key, position_key, proposal_key, track_key
from publisher.link import Link
from tests.publisher.publishing import BTC, NOW_S, Publisher

# Refusals


@pytest.mark.parametrize(
    ("market", "position", "reason"),
    [
        ({"ts_timestamp": int(NOW_S) - 300}, {}, "stale_input"),
        ({}, {"ts_epoch": int(NOW_S) + 3600}, "future_input"),
        ({"sigma": "nan"}, {}, "not_a_number"),
        ({"p_trend": None}, {}, "missing_field"),
        ({}, {"current_price": "0"}, "price_not_positive"),
        ({}, {"current_price": None, "mark_price": None}, "no_price"),
        ({}, {"side": "SIDEWAYS"}, "unknown_side"),
        ({"sigma": "0.9", "p_trend": "1", "p_mr": "0", "p_chop": "0"}, {"side": "SHORT"}, "no_price_level"),
    ],
)
def test_a_refused_symbol_gets_no_proposal_and_keeps_no_heartbeat(
    publisher: Publisher, market: dict[str, Any], position: dict[str, Any], reason: str
) -> None:
    publisher.open()
    publisher.run()
    before = publisher.read()
    publisher.market(**market)
    publisher.position(**position)
    report = publisher.run()
    assert publisher.refused(report) == {"BTCUSDT": reason}
    assert publisher.read() == before, "what was right then ends by itself"
    publisher.open()
    publisher.run()
    assert publisher.read()["heartbeat_ms"] > before["heartbeat_ms"]


def test_one_bad_symbol_never_stops_the_others(redis_client: redis.Redis, link: Link) -> None:
    good = tuple(f"GOOD{number}" for number in range(20))
    bad = ("NOMARKET", "TEXTMARKET", "LISTPOSITION", "NOTUTF8", "NAN", "ZERO", "SIDEWAYS", "TEXTPROPOSAL")
    publisher = Publisher(redis_client, link, (*good[:10], *bad, *good[10:], "TEXTTRACK"))
    publisher.open()
    redis_client.delete(market_key("NOMARKET"))
    for key in (market_key("TEXTMARKET"), position_key("LISTPOSITION"), proposal_key("TEXTPROPOSAL"), track_key("TEXTTRACK")):
        redis_client.delete(key)
        redis_client.set(key, "x")
    redis_client.hset(market_key("NOTUTF8"), "source", b"\xff")
    redis_client.hset(market_key("NAN"), "p_mr", "nan")
    publisher.position("ZERO", current_price="0.0")
    publisher.position("SIDEWAYS", side="\x1b[31m")
    for _ in range(2):
        report = publisher.run()
        assert publisher.refused(report) == {
            "NOMARKET": "no_market_state", "TEXTMARKET": "wrong_type", "LISTPOSITION": "wrong_type", "NOTUTF8": "not_utf8",
            "NAN": "not_a_number", "ZERO": "price_not_positive", "SIDEWAYS": "unknown_side", "TEXTPROPOSAL": "wrong_type",
        }  # fmt: skip
        assert report.complete
        assert len(report.published) + report.unchanged == len(good) + 1
    assert redis_client.get(proposal_key("TEXTPROPOSAL")) == b"x"


def test_a_track_that_cannot_be_written_is_told_and_trailing_goes_on(publisher: Publisher, redis_client: redis.Redis) -> None:
    redis_client.set(track_key("BTCUSDT"), "x")
    publisher.open(current_price="120", mark_price="120")
    assert publisher.run().untracked["BTCUSDT"].reason == "wrong_type"
    publisher.position()
    publisher.run()
    assert publisher.read()["position_peak_price"] == "120.0"


# Only what was acknowledged is remembered


def test_a_proposal_that_is_gone_is_written_whole_again(publisher: Publisher, redis_client: redis.Redis) -> None:
    publisher.open()
    publisher.run()
    redis_client.delete(BTC, track_key("BTCUSDT"))
    report = publisher.run()
    assert (report.unchanged, set(report.published)) == (0, {"BTCUSDT"})
    assert set(publisher.read()) == {field.name for field in PROPOSAL_FIELDS}
    assert redis_client.hget(track_key("BTCUSDT"), "peak_price") == b"100.5"


def test_another_publishers_proposal_is_taken_over_and_told(publisher: Publisher, redis_client: redis.Redis) -> None:
    publisher.open()
    assert publisher.run().rivals == {}
    redis_client.hset(BTC, "publisher_id", "another")
    report = publisher.run()
    assert report.rivals == {"BTCUSDT": "another"}
    assert publisher.read()["publisher_id"] == "me"
    assert publisher.run().rivals == {}


def test_a_predecessor_is_no_rival(publisher: Publisher, redis_client: redis.Redis) -> None:
    redis_client.hset(BTC, mapping={"publisher_id": "box:1", "seq": "41"})
    publisher.open()
    assert publisher.run().rivals == {}


def test_what_redis_refused_is_tried_again_in_the_next_cycle(redis_client: redis.Redis, link: Link) -> None:
    publisher = Publisher(redis_client, link)
    publisher.open()
    publisher.run()
    publisher.position(current_price="110", mark_price="110")
    redis_client.config_set("maxmemory", "1")
    try:
        report = publisher.run()
    finally:
        redis_client.config_set("maxmemory", "0")
    assert report.trouble is not None
    assert report.trouble.state == "out_of_memory"
    assert not report.complete
    assert report.published == {}
    assert publisher.read()["position_current_price"] == "100.5"
    assert set(publisher.run().published) == {"BTCUSDT"}
    assert (publisher.read()["seq"], publisher.read()["position_current_price"]) == ("2", "110.0")


def test_a_server_that_is_away_is_one_trouble_and_no_symbol_is_closed(redis_client: redis.Redis, tmp_path: object) -> None:
    link = Link(f"unix://{tmp_path}/nothing.sock")
    report = Publisher(redis_client, link).run()
    assert report.trouble is not None
    assert report.trouble.state == "down"
    assert not report.complete
    assert (report.closed, report.refused, report.removed) == ({}, {}, [])
    link.close()
