"""Where a cycle's positions come from, and what else it writes: the stream of proposals and the publisher's own hash."""

import json
from typing import Any

import pytest
import redis

from publisher.contract import (
    EXECUTION_STREAM,
    POSITIONS_HASH,
    PROPOSAL_STREAM,
    PUBLISHER_FIELDS,
    STREAM_FIELDS,
    position_key,
    publisher_key,
)
from publisher.link import Link
from tests.publisher.builders import position_hash
from tests.publisher.publishing import NOW_S, Publisher


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
    assert len(publisher.cycle._outbox) == 0, "nor does anything wait for it"


def test_the_publisher_states_itself_even_without_a_position(publisher: Publisher, redis_client: redis.Redis) -> None:
    publisher.run()
    fields = redis_client.hgetall(publisher_key("me"))
    assert {name.decode() for name in fields} == {field.name for field in PUBLISHER_FIELDS}
    assert (fields[b"cycle"], fields[b"closed"], fields[b"heartbeat_ms"]) == (b"1", b"1", b"%d" % ((NOW_S + 10) * 1000))
    assert 0 < redis_client.pttl(publisher_key("me")) <= 30_000
