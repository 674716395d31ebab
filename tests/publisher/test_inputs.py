"""Where positions come from in each mode, which of them wins, and that none is ever invented unasked."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import redis

from publisher.codec import Closed, MarketInput, PositionInput, Refused
from publisher.contract import EXECUTION_STREAM, POSITIONS_HASH, market_key, position_key
from publisher.inputs import GivenPosition, Inputs, PositionSource
from publisher.link import Link
from publisher.synthetic import synthetic_positions
from tests.publisher.builders import SYMBOL, market_hash, position_hash

Read = Callable[..., GivenPosition]
REAL: tuple[PositionSource, ...] = ("auto", "redis_hash", "redis_stream")


class Scene:
    """A healthy market and, where a test puts them, positions in the three places where they may be."""

    def __init__(self, client: redis.Redis, link: Link) -> None:
        self.client, self.link = client, link
        client.hset(market_key(SYMBOL), mapping=market_hash())

    def own_hash(self, **sick: Any) -> None:
        self.client.hset(position_key(SYMBOL), mapping=position_hash(**sick))

    def single_hash(self, **sick: Any) -> None:
        self.client.hset(POSITIONS_HASH, SYMBOL, json_of(**sick))

    def event(self, kind: str = "POSITION_OPENED", **sick: Any) -> None:
        self.client.xadd(EXECUTION_STREAM, {"event_type": kind, **position_hash(**sick)})

    def read(self, source: PositionSource) -> GivenPosition:
        inputs = Inputs(self.link, [SYMBOL], source)
        inputs.read_events()
        return inputs.read([SYMBOL], []).positions[SYMBOL]


@pytest.fixture
def scene(redis_client: redis.Redis, link: Link) -> Scene:
    return Scene(redis_client, link)


def json_of(**sick: Any) -> str:
    """A position as the single hash holds it."""
    return json.dumps({name.decode(): text.decode() for name, text in position_hash(**sick).items()})


def price(position: GivenPosition) -> float:
    assert isinstance(position, PositionInput), position
    return position.current_price


# Sources and their precedence


@pytest.mark.parametrize("source", REAL)
def test_where_nothing_is_found_nothing_is_invented(scene: Scene, source: PositionSource) -> None:
    assert scene.read(source) == Closed(stated=False)


@pytest.mark.parametrize(("source", "wins"), [("auto", 1.0), ("redis_hash", 1.0), ("redis_stream", 3.0)])
def test_the_first_source_of_a_mode_that_knows_the_symbol_wins(scene: Scene, source: PositionSource, wins: float) -> None:
    scene.own_hash(current_price="1")
    scene.single_hash(current_price="2")
    scene.event(current_price="3")
    assert price(scene.read(source)) == wins


@pytest.mark.parametrize(("source", "wins"), [("auto", 2.0), ("redis_hash", 2.0), ("redis_stream", 3.0)])
def test_the_single_hash_comes_after_the_symbols_own(scene: Scene, source: PositionSource, wins: float) -> None:
    scene.single_hash(current_price="2")
    scene.event(current_price="3")
    assert price(scene.read(source)) == wins


def test_auto_takes_the_stream_last_and_redis_hash_not_at_all(scene: Scene) -> None:
    scene.event(current_price="3")
    position = scene.read("auto")
    assert price(position) == 3.0
    assert isinstance(position, PositionInput)
    assert position.source == "redis_stream"
    assert scene.read("redis_hash") == Closed(stated=False)


@pytest.mark.parametrize("source", ["auto", "redis_hash"])
def test_a_position_that_is_said_to_be_closed_is_not_looked_for_elsewhere(scene: Scene, source: PositionSource) -> None:
    scene.own_hash(side="FLAT", position_amt="0")
    scene.single_hash(current_price="2")
    scene.event(current_price="3")
    assert scene.read(source) == Closed(stated=True)


@pytest.mark.parametrize("source", ["auto", "redis_hash"])
@pytest.mark.parametrize("sick", [{"current_price": "0", "mark_price": None}, {"side": "SIDEWAYS"}, {"entry_price": "nan"}])
def test_a_position_that_cannot_be_used_is_refused_and_not_replaced(
    scene: Scene, source: PositionSource, sick: dict[str, Any]
) -> None:
    scene.own_hash(**sick)
    scene.single_hash(current_price="2")
    assert isinstance(scene.read(source), Refused)


def test_invented_positions_are_those_asked_for_by_name(scene: Scene) -> None:
    scene.own_hash()
    assert scene.read("synthetic") == synthetic_positions([SYMBOL])[SYMBOL]


# The single hash


def test_each_symbol_of_the_single_hash_speaks_for_itself(link: Link, redis_client: redis.Redis) -> None:
    values = {"A": json_of(), "B": "{", "C": json_of(side="FLAT", position_amt="0"), "D": b"\xed\xa0\x80"}
    redis_client.hset(POSITIONS_HASH, mapping=values)
    positions = Inputs(link, "ABCDE", "redis_hash").read("ABCDE", []).positions
    assert price(positions["A"]) == 100.5
    assert [type(positions[symbol]) for symbol in "BD"] == [Refused, Refused]
    assert positions["C"] == Closed(stated=True)
    assert positions["E"] == Closed(stated=False)


def test_a_single_hash_that_is_none_refuses_only_those_without_a_hash_of_their_own(link: Link, redis_client: redis.Redis) -> None:
    redis_client.hset(position_key("A"), mapping=position_hash())
    redis_client.set(POSITIONS_HASH, "x")
    positions = Inputs(link, "AB", "auto").read("AB", []).positions
    assert price(positions["A"]) == 100.5
    assert isinstance(positions["B"], Refused)
    assert positions["B"].reason == "wrong_type"


# The stream


@pytest.mark.parametrize("source", ["auto", "redis_stream"])
def test_a_closing_event_closes(scene: Scene, source: PositionSource) -> None:
    scene.event()
    scene.event("POSITION_CLOSED")
    assert scene.read(source) == Closed(stated=True)


def test_events_are_followed_from_where_they_were_left(scene: Scene, redis_client: redis.Redis) -> None:
    inputs = Inputs(scene.link, [SYMBOL], "redis_stream")
    seen = []
    for step in (lambda: None, lambda: scene.event(current_price="1"), lambda: None, lambda: scene.event(current_price="2"),
                 lambda: scene.event("POSITION_CLOSED"), lambda: scene.event(current_price="4")):  # fmt: skip
        step()
        assert inputs.read_events() is None
        seen.append(inputs.read([SYMBOL], []).positions[SYMBOL])
    assert [given.current_price if isinstance(given, PositionInput) else given for given in seen] == [
        Closed(stated=False), 1.0, 1.0, 2.0, Closed(stated=True), 4.0,
    ]  # fmt: skip
    redis_client.delete(EXECUTION_STREAM)
    inputs.read_events()
    assert price(inputs.read([SYMBOL], []).positions[SYMBOL]) == 4.0, "what is known is not forgotten with the stream"


def test_the_newest_of_many_events_counts(scene: Scene) -> None:
    for number in range(1, 1500):
        scene.event(current_price=str(number))
    assert price(scene.read("redis_stream")) == 1499.0


def test_events_of_no_use_are_passed_over(scene: Scene, redis_client: redis.Redis) -> None:
    scene.event(current_price="1")
    for fields in (
        {"event_type": "SOMETHING_ELSE", "symbol": SYMBOL},
        {"event_type": "POSITION_CLOSED", "symbol": "OTHERUSDT"},
        {"event_type": "POSITION_CLOSED", "symbol": b"\xff"},
        {"event_type": "execution.result", "payload": "["},
        {"event_type": "execution.result", "payload": json.dumps({"symbol": SYMBOL, "status": "rejected"})},
        {b"\xff": b"\xff"},
    ):
        redis_client.xadd(EXECUTION_STREAM, fields)  # type: ignore[arg-type]
    inputs = Inputs(scene.link, [SYMBOL], "redis_stream")
    inputs.read_events()
    assert price(inputs.read([SYMBOL], []).positions[SYMBOL]) == 1.0
    assert set(inputs._events) == {SYMBOL}, "symbols of others take no memory"


def test_a_filled_order_alone_opens_nothing(scene: Scene, redis_client: redis.Redis) -> None:
    payload = json.dumps({"symbol": SYMBOL, "status": "filled", "entry_price": 100.0})
    redis_client.xadd(EXECUTION_STREAM, {"event_type": "execution.result", "payload": payload})
    assert scene.read("auto") == Closed(stated=False), "it may as well have closed the position: the hash would tell"
    refused = scene.read("redis_stream")
    assert isinstance(refused, Refused)
    assert refused.reason == "no_price"


def test_an_event_is_as_old_as_its_entry(scene: Scene, redis_client: redis.Redis) -> None:
    redis_client.xadd(EXECUTION_STREAM, {"event_type": "POSITION_OPENED", **position_hash(ts_epoch=None)}, id="1771372692500-0")
    position = scene.read("redis_stream")
    assert isinstance(position, PositionInput)
    assert position.taken_at_s == 1771372692.5


@pytest.mark.parametrize("source", ["auto", "redis_stream"])
def test_a_stream_that_is_none_is_said_and_the_rest_goes_on(link: Link, redis_client: redis.Redis, source: PositionSource) -> None:
    redis_client.set(EXECUTION_STREAM, "x")
    redis_client.hset(market_key(SYMBOL), mapping=market_hash())
    inputs = Inputs(link, [SYMBOL], source)
    refused = inputs.read_events()
    assert refused is not None
    assert refused.reason == "wrong_type"
    assert isinstance(inputs.read([SYMBOL], []).markets[SYMBOL], MarketInput)


def test_modes_that_use_no_stream_do_not_read_it(link: Link, redis_client: redis.Redis) -> None:
    for source in ("redis_hash", "synthetic"):
        Inputs(link, [SYMBOL], source).read_events()  # type: ignore[arg-type]
    assert not any("xrange" in name or "xrevrange" in name for name in redis_client.info("commandstats"))
