"""Proposals as they are read from a real Redis: what each reading says, what it costs, and what it never does."""

import time
from typing import Any

import pytest

from publisher.contract import PROPOSAL_FIELDS
from qtops.collectors.proposals import BATCH, LONGEST, NAMED, ODD_KEYS, Wanted, look
from qtops.facts.proposals import PriceReading, ProposalLook, ProposalReading
from qtops.settings import PRICES, PROPOSALS, Price
from tests.collectors.scene import NO_WAY, OPEN, commands, server, source

KEY, MARKET, POSITION = "quantum:risk:proposal:BTC", "quantum:marketstate:BTC", "quantum:state:positions:BTC"
WHOLE = {field.name: f"{number}.5" for number, field in enumerate(PROPOSAL_FIELDS)}


def looked(url: str, *symbols: str, timeout_s: float = 1.0, **wanted: Any) -> ProposalLook:
    given = {"family": PROPOSALS, "symbols": symbols or ("BTC",), "prices": PRICES, **wanted}
    with source(url, timeout_s=timeout_s) as opened:
        return look(opened, opened.greet(), Wanted(**given))


def read(url: str, **wanted: Any) -> ProposalReading:
    (reading,) = looked(url, **wanted).readings
    return reading


def test_a_proposal_is_read_with_all_that_it_was_made_from(redis_url, redis_client):
    redis_client.hset(KEY, mapping=WHOLE)
    redis_client.pexpire(KEY, 30_000)
    redis_client.hset(MARKET, mapping={"sigma": "0.01", "p_trend": "0.2", "dp": "0.47"})
    redis_client.hset(POSITION, mapping=OPEN | {"leverage": "10"})
    redis_client.hset("quantum:state:positions", "BTC", '{"side":"LONG"}')
    redis_client.hset("quantum:market:BTC", mapping={"price": "101.5", "timestamp": "1771372692", "symbol": "BTC"})

    reading = read(redis_url)

    assert (reading.symbol, reading.key, reading.present, reading.fields) == ("BTC", KEY, True, WHOLE)
    assert reading.market == {"sigma": "0.01", "p_trend": "0.2"}
    assert reading.position == OPEN
    assert reading.position_json == '{"side":"LONG"}'
    assert reading.prices == (PriceReading("quantum:market:BTC price", "101.5", "1771372692"),)
    assert 29_000 < (reading.ttl_ms or 0) <= 30_000
    assert reading.read_at_s == pytest.approx(time.time(), abs=1)
    assert (reading.others_count, reading.unread, reading.trouble) == (0, (), "")


def test_what_is_not_there_is_absent_and_no_trouble(redis_url):
    reading = read(redis_url)
    assert reading == ProposalReading(symbol="BTC", key=KEY, read_at_s=reading.read_at_s, present=False)


def test_a_proposal_that_never_expires_says_so(redis_url, redis_client):
    redis_client.hset(KEY, "proposed_sl", "1")
    assert read(redis_url).ttl_ms == -1


def test_prices_may_be_strings_and_may_have_no_time(redis_url, redis_client):
    prices = (Price(pattern="px:{symbol}"), Price(pattern="h:{symbol}", field="last"), Price(pattern="none:{symbol}", field="p"))
    redis_client.set("px:BTC", "101")
    redis_client.hset("h:BTC", "last", "102")
    assert read(redis_url, prices=prices).prices == (PriceReading("px:BTC", "101"), PriceReading("h:BTC last", "102"))


# fields that nobody knows


def test_further_fields_are_counted_and_named(redis_url, redis_client):
    redis_client.hset(KEY, mapping={**WHOLE, "calibrated": "1", "plan\x1bid": "x"})
    reading = read(redis_url)
    assert (reading.others_count, set(reading.others)) == (2, {"calibrated", "plan\\x1bid"})


def test_a_hash_of_other_fields_alone_is_there(redis_url, redis_client):
    redis_client.hset(KEY, "calibrated", "1")
    reading = read(redis_url)
    assert (reading.present, reading.fields, reading.others) == (True, {}, ("calibrated",))


def test_of_very_many_fields_few_are_asked_for_and_no_hash_is_read_whole(redis_url, redis_client):
    redis_client.hset(KEY, mapping={f"f{number}": "x" for number in range(100_000)})
    redis_client.config_resetstat()
    reading = read(redis_url)
    assert (reading.others_count, len(reading.others)) == (100_000, NAMED)
    assert commands(redis_client)["hscan"] == 1


def test_the_further_fields_of_few_proposals_are_named(redis_url, redis_client):
    symbols = [f"S{number}" for number in range(ODD_KEYS + 5)]
    for symbol in symbols:
        redis_client.hset(f"quantum:risk:proposal:{symbol}", "odd", "1")
    readings = looked(redis_url, *symbols).readings
    assert [reading.others_count for reading in readings] == [1] * len(symbols)
    assert [reading.others for reading in readings] == [("odd",)] * ODD_KEYS + [()] * 5


# one bad thing hides no other


def test_bytes_that_are_no_text_stand_escaped_and_long_values_are_cut(redis_url, redis_client):
    redis_client.hset(KEY, mapping={"proposed_sl": b"\xff\x1b", "proposed_tp": "9" * 100_000, "sigma": "0.01"})
    redis_client.hset("quantum:state:positions", "BTC", '{"side":' + " " * 100_000)
    reading = read(redis_url)
    assert reading.fields == {"proposed_sl": "\\xff\x1b", "proposed_tp": "9" * LONGEST + "…", "sigma": "0.01"}
    assert len(reading.position_json) < 5000


def test_a_key_of_the_wrong_type_is_one_trouble(redis_url, redis_client):
    redis_client.set(KEY, "x")
    redis_client.hset("quantum:risk:proposal:ETH", "proposed_sl", "1")
    bad, good = looked(redis_url, "BTC", "ETH").readings
    assert (bad.present, bad.trouble, bad.detail, bad.unread) == (None, "wrong_type", "the key is no hash", ())
    assert good.present is True


@pytest.mark.parametrize(
    ("key", "what"),
    [
        (MARKET, "market state"),
        (POSITION, "position"),
        ("quantum:market:BTC", "price quantum:market:BTC"),
        ("quantum:state:positions", "the hash of all positions"),
    ],
)
def test_an_input_of_the_wrong_type_is_named_and_the_proposal_is_read(redis_url, redis_client, key, what):
    redis_client.hset(KEY, mapping=WHOLE)
    redis_client.lpush(key, "x")
    reading = read(redis_url)
    assert (reading.present, reading.unread) == (True, (f"{what}: wrong_type: the key is no hash",))


def test_hostile_symbols_are_asked_for_as_they_are_and_shown_printable(redis_url, redis_client):
    symbols = ["new\nline", "nul\0", "esc\x1b[2J", "*", "[a]", "{tag}", "\udcff"]
    for symbol in symbols:
        redis_client.hset(f"quantum:risk:proposal:{symbol}".encode("utf-8", "surrogateescape"), "proposed_sl", "1")
    readings = looked(redis_url, *symbols).readings
    assert [reading.present for reading in readings] == [True] * len(symbols)
    assert all(reading.symbol.isprintable() and reading.key.isprintable() for reading in readings)


def test_a_user_who_may_not_count_still_reads(redis_client, redis_url):
    redis_client.hset(KEY, mapping=WHOLE)
    redis_client.execute_command("ACL", "SETUSER", "few", "reset", "on", "nopass", "~*", "+hmget", "+time")
    try:
        reading = read(redis_url.replace("unix://", "unix://few@"))
    finally:
        redis_client.execute_command("ACL", "DELUSER", "few")
    assert (reading.present, reading.fields, reading.ttl_ms, reading.others_count) == (True, WHOLE, None, 0)
    assert [line.split(":")[0] for line in reading.unread] == ["the number of its fields", "its time to live"]


def test_a_user_who_may_read_no_proposal_is_told(redis_client, redis_url):
    redis_client.hset(KEY, mapping=WHOLE)
    redis_client.execute_command("ACL", "SETUSER", "none", "reset", "on", "nopass", "~quantum:market*", "+@all")
    try:
        reading = read(redis_url.replace("unix://", "unix://none@"))
    finally:
        redis_client.execute_command("ACL", "DELUSER", "none")
    assert (reading.present, reading.trouble) == (None, "no_permission")


# what it costs, and what it never does


def test_each_symbol_costs_a_fixed_number_of_commands(redis_url, redis_client):
    symbols = [f"S{number}" for number in range(BATCH + 1)]
    redis_client.hset("quantum:risk:proposal:S0", mapping=WHOLE)
    redis_client.config_resetstat()
    looked(redis_url, *symbols)
    count = len(symbols)
    assert commands(redis_client) == {"time": 2, "hlen": count, "hmget": 4 * count + 2, "pttl": count}


def test_nothing_is_written(redis_url, redis_client):
    redis_client.hset(KEY, mapping=WHOLE | {"odd": "1"})
    redis_client.config_resetstat()
    looked(redis_url, "BTC", "ETH", prices=(*PRICES, Price(pattern="px:{symbol}")))
    asked = commands(redis_client)
    assert set(asked) == {"time", "hlen", "hmget", "pttl", "get", "hscan"}
    known = redis_client.execute_command("COMMAND", "INFO", *asked)
    assert {name for name in asked if "readonly" not in known[name]["flags"]} == {"time"}


# a server that does not answer


def test_a_server_that_is_down_is_asked_nothing():
    found = looked(NO_WAY, "BTC", "ETH")
    assert found.server.state == "down"
    assert [(reading.present, reading.trouble) for reading in found.readings] == [(None, "down")] * 2


def test_a_server_that_is_lost_on_the_way_is_not_asked_on():
    symbols = [f"S{number}" for number in range(BATCH * 3)]
    with server() as (started, client), source(started.url, timeout_s=0.3) as opened:
        client.hset("quantum:risk:proposal:S0", "proposed_sl", "1")
        greeting = opened.greet()
        started.process.kill()
        started.process.wait()
        began = time.monotonic()
        found = look(opened, greeting, Wanted(PROPOSALS, symbols))
    assert time.monotonic() - began < 2
    assert found.server.state == "down"
    assert {reading.present for reading in found.readings} == {None}
    assert len(found.readings) == len(symbols)
