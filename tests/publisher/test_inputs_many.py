"""The inputs of many symbols at once, some of them sick, and of a server that does not answer."""

import time
from pathlib import Path

import pytest
import redis

from publisher.codec import MarketInput, Refused
from publisher.contract import market_key, position_key, track_key
from publisher.inputs import Inputs, PositionSource, ServerTrouble, key_trouble
from publisher.link import Link
from publisher.tracking import Track, encode_track
from tests.publisher.builders import market_hash, position_hash
from tests.publisher.doubles import listener

REAL: tuple[PositionSource, ...] = ("auto", "redis_hash", "redis_stream")


def test_one_bad_key_concerns_its_symbol_alone(link: Link, redis_client: redis.Redis) -> None:
    for symbol in "ABCDEF":
        redis_client.hset(market_key(symbol), mapping=market_hash())
        redis_client.hset(position_key(symbol), mapping=position_hash())
    redis_client.delete(market_key("B"), position_key("B"))
    redis_client.set(market_key("B"), "text")
    redis_client.rpush(position_key("B"), "list")
    redis_client.hset(market_key("C"), "sigma", b"\xff\xfe")
    redis_client.hset(position_key("D"), "side", b"\x1b[2J\xff")
    redis_client.hset(market_key("E"), "sigma", "nan")
    redis_client.hset(market_key("F"), mapping={f"extra{number}": "x" for number in range(10_000)})
    given = Inputs(link, "ABCDEF", "auto").read("ABCDEF", [])
    reasons = {symbol: found.reason for symbol, found in {**given.positions, **given.markets}.items() if isinstance(found, Refused)}
    assert reasons == {"B": "wrong_type", "C": "not_a_number", "E": "not_a_number"}
    assert isinstance(given.positions["D"], Refused)
    assert given.positions["D"].detail.isprintable()
    assert isinstance(given.markets["F"], MarketInput)
    assert not given.unreachable


def test_what_a_predecessor_remembered_is_read_for_those_not_yet_known(link: Link, redis_client: redis.Redis) -> None:
    track = Track("LONG", 100.0, 120.0, 90.0, 1_771_372_000.0, 99.0, 7)
    fields = encode_track(track)
    for symbol in "AB":
        redis_client.hset(track_key(symbol), mapping=dict(zip(fields[::2], fields[1::2], strict=True)))
    redis_client.set(track_key("C"), "no hash")
    given = Inputs(link, "ABC", "auto").read("ABC", ["A", "C"])
    assert given.tracks == {"A": track}
    assert set(given.markets) == {"A", "B", "C"}


@pytest.mark.parametrize("source", REAL)
def test_a_server_that_is_away_makes_symbols_unreachable_and_never_closed(source: PositionSource, tmp_path: Path) -> None:
    link = Link(f"unix://{tmp_path}/nothing.sock")
    inputs = Inputs(link, "AB", source)
    if source == "redis_hash":
        assert inputs.read_events() is None
    else:
        with pytest.raises(ServerTrouble, match="down"):
            inputs.read_events()
    given = inputs.read("AB", ["A"])
    assert {symbol: trouble.state for symbol, trouble in given.unreachable.items()} == {"A": "down", "B": "down"}
    link.close()


def test_a_server_that_hangs_is_waited_for_once() -> None:
    with listener(lambda connection: None) as port:
        link = Link(f"redis://127.0.0.1:{port}", timeout_s=0.2)
        began = time.monotonic()
        given = Inputs(link, "AB", "auto").read("AB", "AB")
        assert time.monotonic() - began < 0.35
        assert {symbol: trouble.state for symbol, trouble in given.unreachable.items()} == {"A": "hung", "B": "hung"}
        link.close()


def test_the_reads_of_a_cycle_are_one_command_a_key(link: Link, redis_client: redis.Redis) -> None:
    symbols = [f"S{number}" for number in range(50)]
    for symbol in symbols:
        redis_client.hset(position_key(symbol), mapping=position_hash())
    redis_client.config_resetstat()
    given = Inputs(link, symbols, "auto").read(symbols, symbols[:10])
    assert len(given.positions) == 50
    counted = {name: stats["calls"] for name, stats in redis_client.info("commandstats").items()}
    assert counted["cmdstat_hmget"] == 50 + 50 + 10


def test_a_reply_is_good_a_symbols_trouble_or_the_servers() -> None:
    assert key_trouble([b"x"]) is None
    assert key_trouble(None) is None
    assert key_trouble(redis.ResponseError("WRONGTYPE Operation against a key")) == Refused(
        "wrong_type", "WRONGTYPE Operation against a key"
    )
    refused = key_trouble(redis.exceptions.NoPermissionError("this user has no permissions to access one of the keys"))
    assert refused is not None
    assert refused.reason == "no_permission"
    with pytest.raises(ServerTrouble, match="out_of_memory"):
        key_trouble(redis.exceptions.OutOfMemoryError("command not allowed"))
