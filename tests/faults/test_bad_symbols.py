"""Symbols that are sick each in its own way, all at once, beside healthy ones: each is refused with its reason, once."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from publisher.contract import POSITIONS_HASH, market_key, position_key, proposal_key, track_key
from tests.faults.feeding import Client, feed, now_ms, wait_fresh
from tests.faults.publishing import INTERVAL_S, Publisher, publishing
from tests.faults.servers import Server, running

HEALTHY = ("GOOD1USDT", "GOOD2USDT")
HOUR_S = 3600

MARKETS: dict[str, tuple[dict[str, Any], str]] = {
    "NAN": ({"sigma": "nan"}, "not_a_number"),
    "INF": ({"sigma": "1e400"}, "not_a_number"),
    "GROUPS": ({"p_trend": "1_000"}, "not_a_number"),
    "BYTES": ({"ts": b"\xff\xfe"}, "not_a_number"),
    "LONG": ({"sigma": "1" * 1_000_000}, "not_a_number"),
    "NAME": ({"source": "x" * 1_000_000}, "not_a_name"),
    "ESCAPE": ({"source": "\x1b]0;owned\x07"}, "not_a_name"),
    "LATIN": ({"source": b"\xe9"}, "not_utf8"),
    "ZERO": ({"sigma": "0"}, "sigma_not_positive"),
    "CERTAIN": ({"p_mr": "1.5"}, "not_a_probability"),
    "LESS": ({"p_chop": None}, "missing_field"),
    "TIME": ({"ts_timestamp": "yesterday"}, "not_a_time"),
    "OLD": ({"ts_timestamp": int(time.time()) - 2 * HOUR_S}, "stale_input"),
    "AHEAD": ({"ts_timestamp": int(time.time()) + HOUR_S}, "future_input"),
}
POSITIONS: dict[str, tuple[dict[str, Any], str]] = {
    "SIDE": ({"side": "UP"}, "unknown_side"),
    "HOSTILE": ({"side": b"\xff\x1b[2J"}, "unknown_side"),
    "AGAINST": ({"side": "SHORT", "position_amt": "0.5"}, "side_contradicts_size"),
    "FREE": ({"current_price": "0", "mark_price": None}, "price_not_positive"),
    "NOPRICE": ({"current_price": None, "mark_price": None}, "no_price"),
    "NOENTRY": ({"entry_price": None}, "no_price"),
    "PRICENAN": ({"current_price": "NaN"}, "not_a_number"),
    "STOPINF": ({"current_sl": "-inf"}, "not_a_number"),
    "STALE": ({"ts_epoch": int(time.time()) - 2 * HOUR_S}, "stale_input"),
    "EARLY": ({"ts_epoch": (int(time.time()) + HOUR_S) * 1000}, "future_input"),
    "EPOCH": ({"ts_epoch": "9e30"}, "not_a_time"),
    "HUGE": ({"source": "y" * 1_000_000}, "not_a_name"),
}
WRONG_TYPES = {"TYPEMARKET": market_key, "TYPEPOSITION": position_key, "TYPEPROPOSAL": proposal_key}
REASONS = (
    {name: why for name, (_, why) in (MARKETS | POSITIONS).items()}
    | dict.fromkeys(WRONG_TYPES, "wrong_type")
    | {"BARE": "no_market_state", "BROKEN": "not_json", "DEEP": "not_json", "DIGITS": "not_json", "LIST": "not_json"}
)
JSON = {"BROKEN": "{", "DEEP": "[" * 100_000, "DIGITS": '{"entry_price": ' + "9" * 5000 + "}", "LIST": "[1]"}
UNHARMED = ("TYPETRACK", "CROWDED", "JSONUSDT")  # sick, but nothing that a proposal needs


def feed_the_sick(client: Client) -> None:
    client.flushall()
    feed(client, [*HEALTHY, *REASONS, *UNHARMED])
    for name, (fields, _) in MARKETS.items():
        change(client, market_key(name), fields)
    for name, (fields, _) in POSITIONS.items():
        change(client, position_key(name), fields)
    for name, key in WRONG_TYPES.items():
        client.delete(key(name))
        client.set(key(name), "a string")
    client.set(track_key("TYPETRACK"), "a string")
    client.hset(position_key("CROWDED"), mapping={f"extra{number}": "x" for number in range(10_000)})
    client.delete(market_key("BARE"), *map(position_key, (*JSON, "JSONUSDT")))
    client.hset(POSITIONS_HASH, mapping=JSON)
    client.hset(
        POSITIONS_HASH, "JSONUSDT", json.dumps({"side": "BUY", "entry_price": 100, "current_price": 100.5, "ts": float("nan")})
    )


def change(client: Client, key: str, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        if value is None:
            client.hdel(key, name)
        else:
            client.hset(key, name, value)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("sick")) as server:
        feed_the_sick(server.client)
        yield server


@pytest.fixture(scope="module")
def publisher(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Publisher]:
    """It has run for a while when the tests look."""
    names = [*REASONS, *HEALTHY, *UNHARMED]
    with publishing(tmp_path_factory.mktemp("log") / "log", server.url, names, "--log-level", "DEBUG", timeout_s=2.0) as publisher:
        wait_fresh(server.client, HEALTHY, 0, 10)
        time.sleep(6 * INTERVAL_S)
        yield publisher


def test_the_healthy_are_published_as_if_alone(server: Server, publisher: Publisher) -> None:
    wait_fresh(server.client, HEALTHY, now_ms(), 2 * INTERVAL_S + 0.5)
    assert publisher.said("Redis: ") == []


@pytest.mark.parametrize("name", UNHARMED)
def test_what_does_no_harm_is_published(server: Server, publisher: Publisher, name: str) -> None:
    wait_fresh(server.client, [name], now_ms(), 2 * INTERVAL_S + 0.5)


def test_a_track_that_cannot_be_kept_is_said_once(publisher: Publisher) -> None:
    assert [line.split(" (")[0] for line in publisher.said("Not tracked")] == ["Not tracked across restarts: TYPETRACK: wrong_type"]


@pytest.mark.parametrize("name", REASONS)
def test_nothing_is_proposed_for_the_sick(server: Server, publisher: Publisher, name: str) -> None:
    assert server.client.type(proposal_key(name)) == (b"string" if name == "TYPEPROPOSAL" else b"none")


def test_each_reason_is_given_once_and_not_each_cycle(publisher: Publisher) -> None:
    """Twenty lines a cycle at most: a log that is flooded is not read."""
    told = {line.split()[1].rstrip(":"): line.split()[2] for line in publisher.said("Refused ") if ":" in line.split()[1]}
    lines = [line for line in publisher.said("Refused ") if "more symbols" not in line]
    assert len(lines) == len(told) == 20
    assert {name: REASONS[name] for name in told} == told
    (rest,) = (line for line in publisher.said("Refused") if "more symbols" in line)
    assert rest == f"Refused: and {len(REASONS) - 20} more symbols"


def test_nothing_hostile_reaches_the_log(publisher: Publisher) -> None:
    text = "\n".join(publisher.log())
    assert text.isascii() or all(character.isprintable() or character == "\n" for character in text)
    assert max(map(len, publisher.log())) < 1000


def test_a_symbol_that_heals_is_published_and_said(server: Server, publisher: Publisher) -> None:
    healed = next(iter(MARKETS))
    feed(server.client, [healed])
    wait_fresh(server.client, [healed], now_ms(), 2 * INTERVAL_S + 0.5)
    publisher.wait_for(f"Refused {healed}: no longer")


def test_every_reason_is_told_where_there_is_room(server: Server, tmp_path: Path) -> None:
    feed_the_sick(server.client)
    names = list(REASONS)
    told: dict[str, str] = {}
    for start in range(0, len(names), 20):
        with publishing(
            tmp_path / f"log{start}", server.url, [*names[start : start + 20], *HEALTHY], "--once", timeout_s=2.0
        ) as publisher:
            assert publisher.process.wait(10) == 1
            told |= {line.split()[1].rstrip(":"): line.split()[2] for line in publisher.said("Refused ")}
    assert told == REASONS
