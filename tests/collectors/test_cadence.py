"""What repeated looks at a real Redis see, what they cost, and what they make of keys that are not as they should be."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis
from msgspec.structs import replace

from publisher.timestamps import utc_iso
from qtops.checks.cadence.measure import measure
from qtops.collectors.cadence import collect
from qtops.collectors.cadence_streams import MOST_BYTES, MOST_IDS
from qtops.collectors.keys import Selection
from qtops.facts.cadence import CadenceFacts, Series
from qtops.settings import Stream
from tests.checks.readings import family, rule

from .scene import NO_WAY, commands, source

pytestmark = pytest.mark.slow  # many commands, each a process, or a wait

QUICK = family(rule("beat", interval_s=0.4, warn_s=0.8, critical_s=1.2))
STREAM = Stream(name="app:stream", kind="periodic", interval_s=60)


def look(url: str, *families, streams=(), for_s: float = 0.0, subjects=("BTC",)) -> CadenceFacts:
    with source(url) as opened:
        return collect(opened, [Selection(one, subjects) for one in families], streams, for_s)


@contextmanager
def writing(client: redis.Redis, every_s: float, **other: str) -> Iterator[None]:
    """Something that updates a key meanwhile."""
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(every_s):
            client.hset("app:BTC", mapping={"beat": utc_iso(time.time()), **other})

    client.hset("app:BTC", mapping={"beat": utc_iso(time.time()), **other})
    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_field_is_seen_to_move(redis_url, redis_client):
    with writing(redis_client, 0.3):
        found = look(redis_url, QUICK, for_s=1.5)
    (series,) = found.series
    measured = measure(series, found.now_s)
    assert measured.p50_s == pytest.approx(0.3, abs=0.1)
    assert measured.n >= 3
    assert series.sampled_every_s == pytest.approx(0.2, abs=0.05)
    assert series.watched_s == pytest.approx(1.5, abs=0.1)
    assert [limit.limit_s for limit in series.limits] == [0.8, 1.2]


def test_the_life_of_a_key_is_a_limit(redis_url, redis_client):
    redis_client.hset("app:BTC", "beat", utc_iso(time.time()))
    redis_client.pexpire("app:BTC", 30_000)
    (series,) = look(redis_url, QUICK, for_s=0.2).series
    (life,) = (limit for limit in series.limits if limit.kind == "ttl")
    assert life.limit_s == pytest.approx(30, abs=0.5)


def test_a_key_that_goes_away_and_comes_back_is_counted(redis_url, redis_client):
    def vanish() -> None:
        time.sleep(0.5)
        redis_client.delete("app:BTC")
        time.sleep(0.5)
        redis_client.hset("app:BTC", "beat", utc_iso(time.time()))

    redis_client.hset("app:BTC", "beat", utc_iso(time.time()))
    thread = threading.Thread(target=vanish)
    thread.start()
    (series,) = look(redis_url, QUICK, for_s=1.6).series
    thread.join()
    assert series.vanished == 1


def test_inputs_of_a_proposal_are_watched(redis_url, redis_client):
    redis_client.hset("quantum:risk:proposal:BTC", "beat", utc_iso(time.time()))
    redis_client.hset("quantum:marketstate:BTC", mapping={"sigma": "0.01", "ts_timestamp": "1771372692"})

    def move() -> None:
        time.sleep(0.1)
        redis_client.hset("quantum:marketstate:BTC", mapping={"sigma": "0.02", "ts_timestamp": "1771372693"})
        time.sleep(0.5)
        redis_client.hset("quantum:marketstate:BTC", "ts_timestamp", "1771372694")  # a time of writing is no input

    thread = threading.Thread(target=move)
    thread.start()
    found = look(redis_url, replace(QUICK, pattern="quantum:risk:proposal:{symbol}", content="risk-proposal"), for_s=1.2)
    thread.join()
    assert [series.inputs_moved for series in found.series] == [1]


def test_streams_tell_at_once(redis_url, redis_client):
    now_s = time.time()
    for back in range(5, 0, -1):
        redis_client.xadd("app:stream", {"symbol": "BTC"}, id=f"{int((now_s - back * 60) * 1000)}-*")
    began = time.monotonic()
    found = look(redis_url, streams=[STREAM])
    assert time.monotonic() - began < 0.5
    assert measure(found.series[0], found.now_s).p50_s == pytest.approx(60, abs=0.01)
    assert found.series[0].declared_s == 60


def test_what_only_happens_has_no_declared_interval(redis_url, redis_client):
    redis_client.xadd("app:stream", {"a": "1"})
    (series,) = look(redis_url, streams=[Stream(name="app:stream", kind="event")]).series
    assert (series.declared_s, len(series.moments_s)) == (None, 1)


def test_a_look_costs_so_many_commands_and_none_that_walks_or_writes(redis_url, redis_client):
    redis_client.hset("app:BTC", "beat", "1")
    redis_client.xadd("app:stream", {"a": "1"})
    redis_client.config_resetstat()
    look(redis_url, QUICK, streams=[STREAM], for_s=0.6)
    looks = 4
    assert commands(redis_client) == {"time": 2, "hmget": looks, "pttl": looks, "xrevrange": 2}


def test_however_long_a_stream_is_so_many_ids_are_read(redis_url, redis_client):
    for _ in range(2000):
        redis_client.xadd("app:stream", {"a": "1"})
    with source(redis_url) as opened:
        found = collect(opened, [], [STREAM], 0.0, symbols=10_000)
    assert len(found.series[0].moments_s) == MOST_IDS


def test_of_large_entries_fewer_are_read(redis_url, redis_client):
    for _ in range(40):
        redis_client.xadd("app:stream", {"a": "x" * (MOST_BYTES // 4)})
    assert len(look(redis_url, streams=[STREAM]).series[0].moments_s) == 4 - 1  # names and separators count as well


def test_families_that_are_streams_need_no_waiting_either(redis_url, redis_client):
    now_s = time.time()
    for back in range(5, 0, -1):
        stated = str(int((now_s - back * 30) * 1000))
        redis_client.xadd("app:BTC", {"beat": stated}, id=f"{int((now_s - back * 60) * 1000)}-*")
    rules = rule("", interval_s=60, warn_s=90, critical_s=180), rule("beat", interval_s=30, warn_s=60, critical_s=90)
    found = look(redis_url, family(*rules, kind="stream"), for_s=60)
    assert [(series.field, measure(series, found.now_s).p50_s) for series in found.series] == [
        ("", pytest.approx(60, abs=0.01)), ("beat", pytest.approx(30, abs=0.01)),
    ]  # fmt: skip
    assert found.series[0].limits


@pytest.mark.parametrize("value", [b"\xff\xfe", b"nan", b"1e400", b"9" * 5000, b"0", b"-1", b"", b"\x1b[31m", b"99999999999999"])
def test_what_is_no_time_is_kept_as_text(redis_url, redis_client, value):
    redis_client.hset("app:BTC", "beat", value)
    (series,) = look(redis_url, QUICK, for_s=0.2).series
    assert len(series.texts) == 1
    assert series.moments_s == ()
    assert len(series.texts[0]) <= 400


def test_other_types_are_told_and_hide_no_other_key(redis_url, redis_client):
    redis_client.set("app:BTC", "x")
    redis_client.set("app:stream", "x")
    redis_client.hset("app:ETH", "beat", utc_iso(time.time()))
    found = look(redis_url, QUICK, streams=[STREAM], for_s=0.2, subjects=("BTC", "ETH"))
    by_name = {series.name: series for series in found.series}
    assert "wrong_type" in by_name["app BTC beat"].trouble
    assert "wrong_type" in by_name["app:stream"].trouble
    assert by_name["app ETH beat"].moments_s


def test_a_field_that_is_not_there_is_told_where_it_has_to_be(redis_url, redis_client):
    redis_client.hset("app:BTC", "other", "1")
    rules = rule(interval_s=0.4, warn_s=1, critical_s=1), rule("newer", required=False), rule("other")
    found = look(redis_url, family(*rules), for_s=0.2)
    assert {series.field: series.trouble for series in found.series} == {
        "beat": "its key is there, and has no such field", "newer": "", "other": "",
    }  # fmt: skip


def test_ids_that_are_no_times_are_none(redis_url, redis_client):
    for entry_id in ("0-1", "1-1", "18446744073709551614-1"):
        redis_client.xadd("app:stream", {"a": "1"}, id=entry_id)
    assert look(redis_url, streams=[STREAM]).series == (Series(family="app:stream", declared_s=60.0),)


def test_nobody_there_is_told_at_once():
    began = time.monotonic()
    found = look(NO_WAY, QUICK, streams=[STREAM], for_s=60)
    assert (found.server.state, found.series) == ("down", ())
    assert time.monotonic() - began < 1.5
