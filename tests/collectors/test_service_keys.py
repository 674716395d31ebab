"""The keys that services write: read once per Redis, in few round trips, and not at all where Redis is in trouble."""

import os
import signal
import time

import pytest

from qtops.collectors.service_keys import read_keys
from qtops.collectors.service_redis import RedisRead, Use, read_redis
from qtops.facts.service import Missing
from qtops.settings import MARKET_STATE, PROPOSALS, Family, RedisSettings, Service, Settings, TimeRule

from .environments import environment
from .scene import NO_WAY, commands, now_text, server

RULE = TimeRule(field="beat", interval_s=10, warn_s=20, critical_s=30)
APP = Family(name="app", pattern="app:{symbol}", times=(RULE,))
BEAT = Family(name="beat", pattern="app-heartbeat", times=(RULE,), symbols=("X",))
WRITER = Service(name="app", unit="app.service", families=("app", "beat"))


def settings(url, *, symbols=("A", "B"), families=(APP, BEAT), services=(WRITER,)):
    return Settings(redis=RedisSettings(url=url), symbols=symbols, families=families, services=services)


def read(given, *services):
    """What is read of services that name no Redis of their own."""
    wanted = services or given.services
    reads = read_redis([Use({}, service) for service in wanted], given)
    return read_keys(list(zip(wanted, reads, strict=True)), given)


def test_a_service_has_the_keys_of_its_families(redis_url, redis_client):
    redis_client.hset("app:A", "beat", now_text())
    redis_client.hset("app-heartbeat", "beat", now_text())
    (found,) = read(settings(redis_url))
    assert [(key.family, key.subject, key.present) for key in found.keys] == [
        ("app", "A", True), ("app", "B", False), ("beat", "", True),
    ]  # fmt: skip
    assert found.missing == ()


def test_who_writes_no_family_has_no_keys(redis_url):
    plain = Service(name="web", unit="web.service")
    assert read(settings(redis_url), plain) == (((), ()),)
    assert read_keys([(None, RedisRead())], Settings()) == (((), ()),)


def test_a_family_that_two_services_write_is_read_once(redis_url, redis_client):
    other = Service(name="other", unit="other.service", families=("beat",))
    redis_client.config_resetstat()
    first, second = read(settings(redis_url, services=(WRITER, other)))
    assert second.keys == first.keys[2:]
    assert commands(redis_client)["hmget"] == 3


def test_two_thousand_keys_cost_a_handful_of_round_trips(redis_url, redis_client):
    symbols = tuple(f"S{number}" for number in range(1000))
    with redis_client.pipeline(transaction=False) as pipe:
        for symbol in symbols[:900]:
            pipe.hset(f"quantum:risk:proposal:{symbol}", mapping={"heartbeat_ms": "1", "computed_at_utc": "1"})
        pipe.execute()
    writer = Service(name="w", unit="w.service", families=(PROPOSALS.name, MARKET_STATE.name))
    given = settings(redis_url, symbols=symbols, families=(PROPOSALS, MARKET_STATE), services=(writer,))
    before = redis_client.info("stats")["total_reads_processed"]
    began = time.monotonic()
    (found,) = read(given)
    assert time.monotonic() - began < 1.5
    assert len(found.keys) == 2000
    assert sum(key.present is False for key in found.keys) == 1100
    # a round trip is one write of ours, which the server may read in several pieces of 16 KiB
    assert redis_client.info("stats")["total_reads_processed"] - before < 60


@pytest.mark.parametrize("url", [NO_WAY, "nonsense"])
def test_where_redis_is_in_trouble_there_are_no_keys(url):
    (found,) = read(settings(url))
    assert found.keys == ()
    assert isinstance(found.missing[0], Missing)
    assert found.missing[0].source == "keys"
    assert ("down" in found.missing[0].why) is (url == NO_WAY)


def test_a_redis_that_falls_silent_in_between_has_no_keys_either():
    with server() as (started, _):
        given = settings(started.url)
        reads = read_redis([Use({}, WRITER)], given)
        os.kill(started.pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            (found,) = read_keys([(WRITER, reads[0])], given)
            assert time.monotonic() - began < 1.5
        finally:
            os.kill(started.pid, signal.SIGCONT)
        assert (found.keys, found.missing[0].why.rpartition(": ")[2]) == ((), "hung")


def test_each_service_is_asked_about_where_it_writes(redis_url, redis_client):
    redis_client.hset("app:A", "beat", now_text())
    with server() as (started, client):
        client.hset("app:B", "beat", now_text())
        given = settings(NO_WAY)
        uses = [Use(environment(REDIS_URL=url), WRITER) for url in (redis_url, started.url)]
        first, second = read_keys([(WRITER, one) for one in read_redis(uses, given)], given)
    assert [key.present for key in first.keys] == [True, False, False]
    assert [key.present for key in second.keys] == [False, True, False]


def test_a_key_that_is_of_another_type_says_so_itself(redis_url, redis_client):
    redis_client.set("app:A", "x")
    (found,) = read(settings(redis_url))
    assert (found.keys[0].trouble, found.keys[1].trouble, found.missing) == ("wrong_type", "", ())
