"""What Redis holds of names: asked of a real one, with few and cheap commands."""

import pytest

from qtops.collectors import wiring_live
from qtops.collectors.redis import Source
from qtops.collectors.wiring_live import read_names
from qtops.settings import RedisSettings

CHEAP = {
    "type", "pttl", "xlen", "hlen", "llen", "scard", "zcard", "strlen", "xrevrange", "hkeys", "hscan", "scan",
    "hello", "ping", "client|setinfo", "client|setname", "select", "info", "time", "config|resetstat",
}  # fmt: skip


@pytest.fixture
def source(redis_url):
    source = Source(RedisSettings(url=redis_url))
    source.greet()
    yield source
    source.close()


def of(live, name):
    (state,) = [state for state in live.names if state.name == name]
    return state


def test_every_type_has_its_length_and_its_fields(source, redis_client):
    redis_client.xadd("s", {"b": "1", "a": "2"})
    redis_client.hset("h", mapping={"x": 1, "y": 2})
    redis_client.rpush("l", 1, 2, 3)
    redis_client.sadd("set", 1, 2)
    redis_client.zadd("z", {"a": 1})
    redis_client.set("t", "four", px=60_000)
    live = read_names(source, ["s", "h", "l", "set", "z", "t", "none"])
    told = {state.name: (state.kind, state.length, state.fields) for state in live.names if state.present}
    assert told == {
        "s": ("stream", 1, ("b", "a")), "h": ("hash", 2, ("x", "y")), "l": ("list", 3, ()), "set": ("set", 2, ()),
        "z": ("zset", 1, ()), "t": ("string", 4, ()),
    }  # fmt: skip
    assert 0 < of(live, "t").ttl_ms <= 60_000
    assert of(live, "h").ttl_ms is None
    assert of(live, "none").present is False
    assert live.missing == ()


def test_keys_that_match_a_pattern_are_counted_and_one_is_looked_at(source, redis_client):
    for symbol in ("BTC", "ETH"):
        redis_client.hset(f"q:risk:{symbol}", "sl", 1)
    live = read_names(source, ["q:risk:<symbol>", "q:gone:<symbol>"])
    state = of(live, "q:risk:<symbol>")
    assert (state.present, state.keys, state.sample, state.kind, state.fields) == (True, 2, "q:risk:BTC", "hash", ("sl",))
    assert of(live, "q:gone:<symbol>").present is False


def test_streams_of_which_no_source_speaks_are_found(source, redis_client):
    for name in ("known", "of:one", "stray\x1b[2J"):
        redis_client.xadd(name, {"a": 1})
    redis_client.set("no:stream", 1)
    assert read_names(source, ["known", "of:<any>"]).found == ("stray\x1b[2J",)


def test_what_a_walk_did_not_reach_is_not_said_to_be_absent(source, redis_client, monkeypatch):
    monkeypatch.setattr("qtops.collectors.redis.SCAN_COUNT", 10)
    with redis_client.pipeline(transaction=False) as pipe:
        for number in range(2_000):
            pipe.set(f"filler:{number}", 1)
        pipe.execute()
    live = read_names(source, ["q:gone:<symbol>", "filler:1"], give_up_s=0.0)
    assert of(live, "q:gone:<symbol>").present is None
    assert "given up" in of(live, "q:gone:<symbol>").detail
    assert of(live, "filler:1").present is True
    assert len(live.missing) == 2


def test_a_large_hash_is_not_asked_for_all_of_its_fields(source, redis_client):
    redis_client.hset("big", mapping={f"field-{n:05}": n for n in range(5_000)})
    state = of(read_names(source, ["big"]), "big")
    assert state.length == 5_000
    assert 0 < len(state.fields) <= wiring_live.MOST_FIELDS


def test_a_key_that_may_not_be_read_is_one_trouble_and_hides_no_other(redis_url, redis_client):
    redis_client.set("open:1", 1)
    redis_client.set("closed", 1)
    redis_client.execute_command("ACL", "SETUSER", "looker", "on", ">word", "~open:*", "+@all")
    try:
        place = redis_url.partition("://")
        settings = RedisSettings(url=f"{place[0]}://looker:word@{place[2]}")
        source = Source(settings)
        live = read_names(source, ["open:1", "closed"])
        source.close()
    finally:
        redis_client.execute_command("ACL", "DELUSER", "looker")
    assert of(live, "open:1").present is True
    assert of(live, "closed").present is None
    assert "permission" in of(live, "closed").detail.lower()


def test_the_commands_are_counted_cheap_and_write_nothing(source, redis_client):
    with redis_client.pipeline(transaction=False) as pipe:
        for number in range(3_000):
            pipe.hset(f"q:state:{number}", "a", 1)
        for number in range(100):
            pipe.xadd(f"q:stream:{number}", {"a": 1})
        pipe.execute()
    redis_client.config_resetstat()
    names = [f"q:stream:{number}" for number in range(100)] + [f"q:<x>:{n}" for n in range(200)]
    read_names(source, names)
    calls = {name.removeprefix("cmdstat_"): row["calls"] for name, row in redis_client.info("commandstats").items()}
    assert set(calls) <= CHEAP
    assert calls["scan"] <= 2 * (3_100 / 500) + 6
    assert calls["type"] == calls["pttl"] == 300
    assert calls["xlen"] + calls["hlen"] <= 300
    assert sum(calls.values()) < 5 * 300 + 40


def test_hostile_names_are_asked_for_as_they_are_and_shown_escaped(source, redis_client):
    redis_client.hset(b"q:h:\xff\x1b[1m", "evil\x1b[31m", 1)
    state = of(read_names(source, ["q:h:<s>"]), "q:h:<s>")
    assert state.sample == "q:h:\\xff\\x1b[1m"
    assert state.fields == ("evil\\x1b[31m",)


def test_where_redis_is_lost_nothing_is_said_to_be_absent():
    source = Source(settings_of("unix:///nonexistent/redis.sock"))
    live = read_names(source, ["a", "b:<x>"])
    assert [state.present for state in live.names] == [None, None]
    assert live.missing


def settings_of(url):
    return RedisSettings(url=url, timeout_s=0.2)
