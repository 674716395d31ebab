"""Proposals and open positions that nobody named: what a walk through the key space finds, and what it says of what it did not."""

import pytest

from qtops.collectors.proposals_found import NAMED, Walked, walk
from qtops.settings import PROPOSALS
from tests.collectors.scene import OPEN, commands, server, source

SHORT = {"side": "SHORT", "entry_price": "5", "mark_price": "4", "position_amt": "-2"}


def walked(url: str, limit_s: float = 10.0) -> Walked:
    with source(url) as opened:
        return walk(opened, PROPOSALS, limit_s=limit_s)


def test_an_empty_redis_has_neither(redis_url):
    assert walked(redis_url) == Walked((), ())


def test_proposals_and_positions_are_found_by_their_keys(redis_url, redis_client):
    for symbol in ("BTC", "ETH"):
        redis_client.hset(f"quantum:risk:proposal:{symbol}", "proposed_sl", "1")
    redis_client.hset("quantum:risk:track:SOL", "side", "LONG")
    redis_client.hset("quantum:state:positions:BTC", mapping=OPEN)
    redis_client.hset("quantum:state:positions:XRP", mapping=SHORT)
    redis_client.hset("quantum:state:positions:ADA", mapping=OPEN | {"side": "FLAT", "quantity": "0"})
    redis_client.hset("quantum:state:positions", "DOT", '{"side":"LONG"}')
    found = walked(redis_url)
    assert (set(found.found), set(found.open_positions), found.missing) == ({"BTC", "ETH"}, {"BTC", "XRP"}, ())


def test_a_position_that_cannot_be_read_is_neither_open_nor_closed(redis_url, redis_client):
    redis_client.hset("quantum:state:positions:BTC", mapping={"side": "LONG", "entry_price": "100"})
    redis_client.set("quantum:state:positions:ETH", "x")
    redis_client.hset("quantum:state:positions:SOL", mapping=OPEN)
    found = walked(redis_url)
    assert found.open_positions == ("SOL",)
    (why,) = found.missing
    assert "BTC (no_price: current_price is absent)" in why
    assert "ETH (WRONGTYPE" in why


def test_of_many_unreadable_positions_few_are_named(redis_url, redis_client):
    for number in range(NAMED + 4):
        redis_client.set(f"quantum:state:positions:S{number}", "x")
    (why,) = walked(redis_url).missing
    assert why.endswith("and 4 more")


@pytest.mark.parametrize("symbol", ["new\nline", "nul\0", "*", "{tag}"])
def test_a_symbol_may_hold_anything(redis_url, redis_client, symbol):
    redis_client.hset(f"quantum:risk:proposal:{symbol}", "proposed_sl", "1")
    assert walked(redis_url).found == (symbol,)


def test_it_walks_in_small_steps_and_says_when_it_was_cut_short(redis_url, redis_client):
    with redis_client.pipeline(transaction=False) as pipe:
        for number in range(5000):
            pipe.hset(f"quantum:risk:proposal:S{number}", "proposed_sl", "1")
        pipe.execute()
    redis_client.config_resetstat()
    assert len(walked(redis_url).found) == 5000
    asked = commands(redis_client)
    assert set(asked) == {"scan"}
    assert asked["scan"] >= 2 * 5000 / 500

    cut = walked(redis_url, limit_s=0.0)
    assert 0 < len(cut.found) < 5000
    assert cut.missing[0].startswith("keys of quantum:risk:proposal:{symbol} besides those listed: SCAN")


def test_a_server_that_is_lost_meanwhile_is_said():
    with server() as (started, _), source(started.url, timeout_s=0.3) as opened:
        opened.greet()
        started.process.kill()
        started.process.wait()
        found = walk(opened, PROPOSALS)
    assert (found.found, found.open_positions, len(found.missing)) == ((), (), 2)
