"""Streams as they are read from a real Redis: what each reading says, how many commands it takes, and that none blocks it."""

import time

import pytest

from qtops.collectors import streams_found
from qtops.collectors.streams import read_streams
from qtops.collectors.streams_found import declared, find, look_at, read_clients
from qtops.facts.progress import backlog
from qtops.settings import Family, Settings, Stream, TimeRule
from tests.collectors.scene import NO_WAY, commands, server, source

NOTHING = Settings(families=(), streams=())


def read(url, *names):
    with source(url) as opened:
        return read_streams(opened, opened.greet(), names).streams


def looked(url, settings=NOTHING, names=(), **options):
    with source(url) as opened:
        return look_at(opened, settings, lambda *_: None, names, **options)


def test_a_stream_with_a_group_that_reads(redis_url, redis_client):
    ids = [redis_client.xadd("app", {"event": number, "reason": "x"}).decode() for number in range(5)]
    redis_client.xgroup_create("app", "readers", id="0")
    redis_client.xreadgroup("readers", "worker", {"app": ">"}, count=2)
    (found,) = read(redis_url, "app")
    assert (found.present, found.kind, found.length, found.entries_added) == (True, "stream", 5, 5)
    assert (found.first_id, found.last_id, found.last_generated_id) == (ids[0], ids[-1], ids[-1])
    assert (found.recent_ids, found.fields, found.ttl_ms) == (tuple(reversed(ids)), ("event", "reason"), None)
    assert found.read_at_s == pytest.approx(time.time(), abs=1)
    (group,) = found.groups
    assert (group.name, group.pending, group.lag, group.entries_read, group.consumers_count) == ("readers", 2, 3, 2, 1)
    assert (group.last_delivered_id, group.first_pending_id, group.last_pending_id) == (ids[1], ids[0], ids[1])
    assert (group.consumers[0].name, group.consumers[0].pending) == ("worker", 2)
    assert group.consumers[0].idle_ms < 1_000


def test_of_many_entries_the_last_fifty_ids_are_read_and_of_large_ones_fewer(redis_url, redis_client):
    for number in range(60):
        redis_client.xadd("small", {"n": number})
        redis_client.xadd("large", {"n": "x" * 30_000})
    small, large = read(redis_url, "small", "large")
    assert (len(small.recent_ids), len(large.recent_ids)) == (50, 8)


def test_what_waits_behind_a_burst_is_as_old_as_its_oldest_entry(redis_url, redis_client):
    now_ms = int(time.time() * 1000)
    for minute in range(200, 80, -1):
        redis_client.xadd("app", {"n": minute}, id=f"{now_ms - minute * 60_000}-0")
    for number in range(60):
        redis_client.xadd("app", {"n": number}, id=f"{now_ms - 2_000 + number}-0")
    for name in ("one", "two"):
        redis_client.xgroup_create("app", name, id=f"{now_ms - 100 * 60_000}-0")
    redis_client.config_resetstat()
    (found,) = read(redis_url, "app")
    assert [group.first_unread_id for group in found.groups] == [f"{now_ms - 99 * 60_000}-0"] * 2
    assert commands(redis_client)["xrange"] == 1
    since_s = backlog(found, found.groups[0]).since_s
    assert since_s == pytest.approx(time.time() - 99 * 60, abs=5)


def test_absent_of_another_type_and_with_a_time_to_live(redis_url, redis_client):
    redis_client.set("string", "x")
    redis_client.xadd("mortal", {"a": "b"})
    redis_client.pexpire("mortal", 60_000)
    absent, string, mortal = read(redis_url, "absent", "string", "mortal")
    assert (absent.present, absent.kind) == (False, "none")
    assert (string.present, string.kind) == (True, "string")
    assert 50_000 < mortal.ttl_ms <= 60_000


def test_what_can_have_nothing_to_tell_is_not_asked_for(redis_url, redis_client):
    redis_client.xadd("app", {"a": "b"})
    redis_client.xgroup_create("app", "idle", id="$")
    redis_client.xgroup_create("app", "busy", id="0")
    redis_client.xreadgroup("busy", "worker", {"app": ">"})
    redis_client.xgroup_create("ghost", "reader", id="0", mkstream=True)
    redis_client.config_resetstat()
    read(redis_url, "app", "ghost", "absent")
    assert commands(redis_client) == {
        "time": 2, "type": 3, "pttl": 3, "xinfo|stream": 3, "xrevrange": 1, "xinfo|groups": 2, "xinfo|consumers": 1, "xpending": 1,
    }  # fmt: skip


def test_the_whole_look_writes_nothing_and_its_commands_are_counted(redis_url, redis_client):
    for number in range(250):
        redis_client.xadd(f"app:{number}", {"a": "b"})
    redis_client.set("other", "x")
    redis_client.config_resetstat()
    seen = looked(redis_url)
    calls = commands(redis_client)
    assert len(seen.looks[0].streams) == 250
    assert calls.pop("scan") <= 2
    assert calls == {"time": 2, "type": 250, "pttl": 250, "xinfo|stream": 250, "xrevrange": 250}
    assert (seen.clients is not None, seen.missing) == (True, ())


def test_streams_are_those_of_the_configuration_those_named_and_those_found(redis_url, redis_client):
    redis_client.xadd("found", {"a": "b"})
    family = Family(
        name="f", pattern="family:{symbol}", kind="stream", times=(TimeRule(field="", interval_s=1, warn_s=1, critical_s=1),)
    )
    settings = Settings(symbols=("A", "B"), families=(family,), streams=(Stream(name="said:{symbol}"), Stream(name="said")))
    said = ("said:A", "said:B", "said", "family:A", "family:B")
    assert declared(settings) == said
    seen = looked(redis_url, settings)
    assert [stream.name for stream in seen.looks[0].streams] == [*said, "found"]
    assert seen.declared == said
    assert [stream.name for stream in looked(redis_url, settings, scan=False).looks[0].streams] == list(said)
    assert [stream.name for stream in looked(redis_url, settings, ["other", "other"]).looks[0].streams] == ["other"]


def test_two_looks_are_made_where_it_is_observed(redis_url, redis_client):
    redis_client.xadd("app", {"a": "b"})
    early, late = looked(redis_url, observe_s=0.3).looks
    assert late.streams[0].read_at_s - early.streams[0].read_at_s == pytest.approx(0.3, abs=0.2)


# what is bounded says so


def test_of_too_many_streams_the_first_are_looked_at(redis_url, redis_client, monkeypatch):
    for number in range(20):
        redis_client.xadd(f"app:{number}", {"a": "b"})
    monkeypatch.setattr(streams_found, "MOST_STREAMS", 5)
    seen = looked(redis_url)
    assert len(seen.looks[0].streams) == 5
    assert "only the first 5 streams" in seen.missing[0]


def test_a_search_that_takes_too_long_is_ended(redis_url, redis_client):
    with redis_client.pipeline(transaction=False) as pipe:
        for number in range(5_000):
            pipe.set(f"key:{number}", "x")
        pipe.execute()
    with source(redis_url) as opened:
        names, why = find(opened, give_up_s=0.0)
    assert names == ()
    assert "was ended after 0 s" in why


def test_connections_are_listed_where_they_are_few(redis_url, redis_client, monkeypatch):
    with source(redis_url) as opened:
        greeting = opened.greet()
        clients, why = read_clients(opened, greeting)
        assert clients
        assert why == ""
        monkeypatch.setattr(streams_found, "MOST_CLIENTS", 0)
        clients, why = read_clients(opened, greeting)
    assert clients is None
    assert "more than 0 are not listed" in why


def test_a_server_that_is_not_there_is_asked_once():
    began = time.monotonic()
    seen = looked(NO_WAY, names=[f"s{number}" for number in range(500)])
    assert {stream.trouble for stream in seen.looks[0].streams} == {"down"}
    assert seen.looks[0].server.state == "down"
    assert time.monotonic() - began < 1.0


@pytest.mark.slow
def test_no_command_blocks_redis_for_twenty_milliseconds():
    """300,000 entries, one list of 100,000 pending ones, a crowd of 5,000 consumers, and 1,900 small streams."""
    with server() as (started, client):
        _fill(client)
        client.config_set("slowlog-log-slower-than", 20_000)
        client.slowlog_reset()
        began = time.monotonic()
        seen = looked(started.url)
        took_s = time.monotonic() - began
        slow = client.slowlog_get()
    streams = {stream.name: stream for stream in seen.looks[0].streams}
    groups = {group.name: (group.pending, group.consumers_count, len(group.consumers)) for group in streams["large"].groups}
    assert slow == []
    assert len(streams) == 1_901
    assert groups == {"pending": (100_000, 1, 1), "crowd": (0, 5_000, 1_000)}
    assert took_s < 5


def _fill(client):
    with client.pipeline(transaction=False) as pipe:
        for number in range(300_000):
            pipe.xadd("large", {"n": number})
            if number % 10_000 == 0:
                pipe.execute()
        for number in range(1_900):
            pipe.xadd(f"small:{number}", {"n": number})
        for name in ("pending", "crowd"):
            pipe.xgroup_create("large", name, id="0")
        for number in range(5_000):
            pipe.execute_command("XGROUP", "CREATECONSUMER", "large", "crowd", f"consumer-{number}")
        pipe.execute()
    for _ in range(10):
        client.xreadgroup("pending", "worker", {"large": ">"}, count=10_000)
