"""One cycle after another against a real server: what is written, beaten or removed, and what is remembered of it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import redis

from publisher.contract import (
    EXECUTION_STREAM,
    POSITIONS_HASH,
    PROPOSAL_FIELDS,
    PROPOSAL_STREAM,
    PUBLISHER_FIELDS,
    STREAM_FIELDS,
    market_key,
    position_key,
    proposal_key,
    publisher_key,
    track_key,
)
from publisher.cycle import CHUNK, Cycle
from publisher.link import Link
from publisher.options import Options
from publisher.proposing import NUMBERS_TO_BATCH
from publisher.report import Report
from publisher.shard import Shard
from tests.publisher import builders
from tests.publisher.builders import market_hash, position_hash

NOW_S = float(builders.NOW_S)
BTC = proposal_key("BTCUSDT")


class Publisher:
    """A publisher on the private server, and the market that it reads. Its clocks are the test's."""

    def __init__(self, client: redis.Redis, link: Link, symbols: tuple[str, ...] = ("BTCUSDT",), **options: Any) -> None:
        self.client, self.link = client, link
        self.options = Options("unix:///x", symbols, publisher_id="me", **options)
        self.second, self.number = 0, 0
        self.restart()

    def restart(self) -> None:
        """Forget everything that is not in Redis."""
        self.cycle = Cycle(self.link, self.options, self.options.shard.own(self.options.symbols))

    def market(self, symbol: str = "BTCUSDT", **sick: Any) -> None:
        self._put(market_key(symbol), market_hash(**{"ts_timestamp": int(NOW_S + self.second), **sick}))

    def position(self, symbol: str = "BTCUSDT", **sick: Any) -> None:
        self._put(position_key(symbol), position_hash(**{"ts_epoch": int(NOW_S + self.second), **sick}))

    def _put(self, key: str, fields: dict[bytes, bytes]) -> None:
        self.client.delete(key)
        self.client.hset(key, mapping=fields)  # type: ignore[arg-type]

    def open(self, **position: Any) -> None:
        """A healthy market and an open position in every symbol."""
        for symbol in self.options.symbols:
            self.market(symbol)
            self.position(symbol, **position)

    def run(self, after_s: int = 10) -> Report:
        """Let time pass, and run one cycle."""
        self.second, self.number = self.second + after_s, self.number + 1
        return self.cycle.run(NOW_S + self.second, 1000.0 + self.second, Report(self.number))

    def read(self, symbol: str = "BTCUSDT") -> dict[str, str]:
        return {name.decode(): text.decode() for name, text in self.client.hgetall(proposal_key(symbol)).items()}

    def refused(self, report: Report) -> dict[str, str]:
        return {symbol: why.reason for symbol, why in report.refused.items()}


@pytest.fixture
def link(redis_url: str) -> Iterator[Link]:
    link = Link(redis_url)
    yield link
    link.close()


@pytest.fixture
def publisher(redis_client: redis.Redis, link: Link) -> Publisher:
    return Publisher(redis_client, link)


# Content, heartbeat, removal


def test_a_first_proposal_is_written_whole_with_an_end(publisher: Publisher, redis_client: redis.Redis) -> None:
    publisher.open()
    report = publisher.run()
    assert set(report.published) == {"BTCUSDT"}
    assert set(publisher.read()) == {field.name for field in PROPOSAL_FIELDS}
    assert 29_000 < redis_client.pttl(BTC) <= 30_000
    assert (publisher.read()["seq"], publisher.read()["proposed_sl"]) == ("1", "99.24575999999999")


def test_the_lost_regime_is_used(publisher: Publisher) -> None:
    publisher.open()
    publisher.market(p_trend="0.8", p_mr="0.1", p_chop="0.1")
    publisher.run()
    assert publisher.read()["p_trend"] == "0.8"
    assert "regime_trend" in publisher.read()["reason_codes"]


def test_what_has_not_moved_gets_a_heartbeat_and_nothing_else(publisher: Publisher, redis_client: redis.Redis) -> None:
    publisher.open()
    publisher.run()
    before = publisher.read()
    publisher.position(current_price="100.51", mark_price="100.51")
    redis_client.pexpire(BTC, 5000)
    report = publisher.run()
    assert (report.unchanged, report.published) == (1, {})
    after = publisher.read()
    assert {name for name in after if after[name] != before[name]} == {"heartbeat_ms"}
    assert int(after["heartbeat_ms"]) - int(before["heartbeat_ms"]) == 10_000
    assert redis_client.pttl(BTC) > 5000


def test_what_has_moved_is_written_whole(publisher: Publisher) -> None:
    publisher.open()
    publisher.run()
    publisher.position(current_price="101", mark_price="101")
    assert set(publisher.run().published) == {"BTCUSDT"}
    assert (publisher.read()["seq"], publisher.read()["position_current_price"]) == ("2", "101.0")


def test_content_is_written_again_every_minute(publisher: Publisher) -> None:
    written = []
    for number in range(13):
        publisher.open()
        if publisher.run().published:
            written.append(number)
    assert written == [0, 6, 12]


def test_a_closed_position_takes_its_proposal_and_its_track_along(publisher: Publisher, redis_client: redis.Redis) -> None:
    publisher.open()
    publisher.run()
    publisher.position(side="FLAT", position_amt="0")
    report = publisher.run()
    assert (report.removed, report.closed) == (["BTCUSDT"], {"BTCUSDT": True})
    assert not redis_client.exists(BTC, track_key("BTCUSDT"))
    assert publisher.run().removed == [], "it is removed once"


def test_a_position_that_vanished_takes_its_proposal_along_but_is_remembered(
    publisher: Publisher, redis_client: redis.Redis
) -> None:
    publisher.open(current_price="120", mark_price="120")
    publisher.run()
    redis_client.delete(position_key("BTCUSDT"))
    assert publisher.run().removed == ["BTCUSDT"]
    assert not redis_client.exists(BTC)
    publisher.position()
    publisher.run()
    assert publisher.read()["position_peak_price"] == "120.0", "its writer may only have been late"


def test_a_position_opened_again_begins_afresh(publisher: Publisher) -> None:
    publisher.open(current_price="120", mark_price="120")
    publisher.run()
    publisher.position(side="FLAT", position_amt="0")
    publisher.run()
    publisher.position()
    publisher.run()
    fields = publisher.read()
    assert (fields["position_peak_price"], fields["current_sl_source"]) == ("100.5", "none")


def test_the_proposal_of_a_predecessor_for_a_closed_position_is_removed(publisher: Publisher, redis_client: redis.Redis) -> None:
    redis_client.hset(BTC, mapping={"proposed_sl": "1"})
    publisher.market()
    publisher.position(side="FLAT", position_amt="0")
    publisher.run()
    assert not redis_client.exists(BTC)


# Trailing


def test_the_stop_trails_and_is_never_loosened(publisher: Publisher) -> None:
    publisher.open()
    stops = []
    for price in ("100.5", "103", "106", "104", "101", "106", "107"):
        publisher.market()
        publisher.position(current_price=price, mark_price=price)
        publisher.run()
        stops.append(float(publisher.read()["proposed_sl"]))
    assert stops == sorted(stops)
    assert stops[-1] > 105.0
    assert publisher.read()["position_peak_price"] == "107.0"
    assert publisher.read()["position_trough_price"] == "100.5"


def test_a_restart_forgets_nothing(publisher: Publisher) -> None:
    publisher.open(current_price="120", mark_price="120")
    publisher.run()
    stop, seq = publisher.read()["proposed_sl"], int(publisher.read()["seq"])
    publisher.restart()
    publisher.position()
    publisher.run(after_s=30)
    fields = publisher.read()
    assert fields["position_peak_price"] == "120.0"
    assert fields["proposed_sl"] == stop
    assert fields["current_sl_source"] == "published"
    assert fields["position_age_sec"] == "30.0"
    assert int(fields["seq"]) == seq + 1


def test_a_short_trails_its_trough(publisher: Publisher) -> None:
    publisher.open(side="SHORT", current_price="90", mark_price="90")
    publisher.run()
    publisher.position(side="SHORT", current_price="91", mark_price="91")
    publisher.run()
    fields = publisher.read()
    assert (fields["position_trough_price"], fields["position_side"]) == ("90.0", "SHORT")
    assert "trail_active" in fields["reason_codes"]


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


# Sources


def test_the_single_hash_of_positions_is_read_where_a_symbol_has_none_of_its_own(
    publisher: Publisher, redis_client: redis.Redis
) -> None:
    publisher.market()
    fields = {name.decode(): text.decode() for name, text in position_hash(ts_epoch=int(NOW_S)).items()}
    redis_client.hset(POSITIONS_HASH, "BTCUSDT", json.dumps(fields))
    publisher.run()
    assert publisher.read()["position_source"] == "redis_hash"


def test_an_event_of_the_stream_opens_and_closes(redis_client: redis.Redis, link: Link) -> None:
    publisher = Publisher(redis_client, link, position_source="redis_stream")
    publisher.market()
    redis_client.xadd(EXECUTION_STREAM, {"event_type": "POSITION_OPENED", "symbol": "BTCUSDT", **position_hash()})
    publisher.run()
    assert publisher.read()["position_source"] == "redis_stream"
    redis_client.xadd(EXECUTION_STREAM, {"event_type": "POSITION_CLOSED", "symbol": "BTCUSDT"})
    assert publisher.run().removed == ["BTCUSDT"]


@pytest.mark.parametrize("source", ["auto", "redis_hash", "redis_stream"])
def test_no_position_is_ever_invented_unasked(redis_client: redis.Redis, link: Link, source: Any) -> None:
    publisher = Publisher(redis_client, link, position_source=source)
    publisher.market()
    for _ in range(3):
        assert publisher.run().closed == {"BTCUSDT": False}
    redis_client.set(position_key("BTCUSDT"), "WRONGTYPE")
    publisher.run()
    assert redis_client.keys("quantum:risk:proposal:*") == []


def test_invented_positions_are_marked_in_every_hash_and_entry(redis_client: redis.Redis, link: Link) -> None:
    publisher = Publisher(redis_client, link, ("BTCUSDT", "ETHUSDT"), position_source="synthetic", stream=True)
    for symbol in publisher.options.symbols:
        publisher.market(symbol)
        publisher.position(symbol)
    publisher.run()
    for symbol in publisher.options.symbols:
        fields = publisher.read(symbol)
        assert (fields["position_source"], fields["position_writer"]) == ("synthetic", "synthetic")
        assert "synthetic_position" in fields["flags"]
    assert {fields[b"position_source"] for _, fields in redis_client.xrange(PROPOSAL_STREAM)} == {b"synthetic"}


# The stream of proposals and the publisher's own hash


def test_every_content_is_in_the_stream_once_and_no_heartbeat_is(redis_client: redis.Redis, link: Link) -> None:
    publisher = Publisher(redis_client, link, stream=True)
    publisher.open()
    for price in ("100.5", "100.5", "103", "103", "106"):
        publisher.position(current_price=price, mark_price=price)
        publisher.run()
    entries = redis_client.xrange(PROPOSAL_STREAM)
    assert [fields[b"seq"] for _, fields in entries] == [b"1", b"2", b"3"]
    assert [name.decode() for name in entries[0][1]] == [field.name for field in STREAM_FIELDS]


def test_no_stream_unless_asked_for(publisher: Publisher, redis_client: redis.Redis) -> None:
    publisher.open()
    publisher.run()
    assert not redis_client.exists(PROPOSAL_STREAM)


def test_the_publisher_states_itself_even_without_a_position(publisher: Publisher, redis_client: redis.Redis) -> None:
    publisher.run()
    fields = redis_client.hgetall(publisher_key("me"))
    assert {name.decode() for name in fields} == {field.name for field in PUBLISHER_FIELDS}
    assert (fields[b"cycle"], fields[b"closed"], fields[b"heartbeat_ms"]) == (b"1", b"1", b"%d" % ((NOW_S + 10) * 1000))
    assert 0 < redis_client.pttl(publisher_key("me")) <= 30_000


# Many symbols


def test_a_batch_gives_the_very_hashes_of_one_by_one(
    redis_client: redis.Redis, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    symbols = tuple(f"SYM{number}" for number in range(NUMBERS_TO_BATCH + 44))
    hashes = []
    for numbers_to_batch in (NUMBERS_TO_BATCH, 10**9):
        monkeypatch.setattr("publisher.cycle.NUMBERS_TO_BATCH", numbers_to_batch)
        redis_client.flushall()
        publisher = Publisher(redis_client, link, symbols)
        for number, symbol in enumerate(symbols):
            trend, side = round(number / len(symbols), 6), ("LONG", "SHORT")[number % 2]
            rest = round((1 - trend) / 2, 6)
            publisher.market(symbol, p_trend=trend, p_mr=rest, p_chop=rest, sigma=0.0001 * (number + 1), ts=number / 100)
            price = 10.0 ** (number % 9 - 5)
            stop = {"current_sl": price * 0.99} if number % 3 == 0 and side == "LONG" else {}
            publisher.position(
                symbol, side=side, entry_price=price, current_price=price, mark_price=price, peak_price=price * 1.03, **stop
            )
        publisher.run()
        report = publisher.run()
        assert report.unchanged + len(report.published) == len(symbols)
        hashes.append([publisher.read(symbol) for symbol in symbols])
    assert hashes[0] == hashes[1]


def test_more_symbols_than_one_round_trip_takes(redis_client: redis.Redis, link: Link) -> None:
    symbols = tuple(f"SYM{number}" for number in range(2 * CHUNK + 7))
    publisher = Publisher(redis_client, link, symbols)
    publisher.open()
    assert set(publisher.run().published) == set(symbols)
    assert publisher.run().unchanged == len(symbols)
    assert len(redis_client.keys("quantum:risk:proposal:*")) == len(symbols)


def test_publishers_that_share_the_symbols_write_each_once(redis_client: redis.Redis, link: Link) -> None:
    symbols = tuple(f"SYM{number}" for number in range(60))
    whole = Publisher(redis_client, link, symbols)
    whole.open()
    published: list[str] = []
    for index in range(3):
        part = Publisher(redis_client, link, symbols, shard=Shard(index, 3))
        part.options = replace(part.options, publisher_id=f"part{index}")
        part.restart()
        published += part.run().published
    assert sorted(published) == sorted(symbols)


def counted(client: redis.Redis) -> dict[str, int]:
    """Commands that the server ran, those of scripts included."""
    stats = client.info("commandstats")
    return {name.removeprefix("cmdstat_"): int(each["calls"]) for name, each in stats.items()}


@pytest.mark.parametrize("count", [1, 50, CHUNK + 1])
def test_the_commands_of_a_quiet_cycle_are_three_a_symbol_and_two_more(redis_client: redis.Redis, link: Link, count: int) -> None:
    publisher = Publisher(redis_client, link, tuple(f"SYM{number}" for number in range(count)))
    publisher.open()
    redis_client.xadd(EXECUTION_STREAM, {"event_type": "other"})
    publisher.run()
    redis_client.config_resetstat()
    assert publisher.run().unchanged == count
    calls = counted(redis_client)
    in_scripts = {
        "hget": count + 1,
        "hset": count + 1,
        "pexpire": count + 2,
    }  # the status is content: one deletes, one sets the end
    assert {name: calls.get(name) for name in in_scripts} == in_scripts
    sent = {name: number for name, number in calls.items() if name not in in_scripts and not name.startswith(("config", "info"))}
    assert sent == {"hmget": 2 * count, "evalsha": count + 1, "xrange": 1}
