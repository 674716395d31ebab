"""The proposals that services write: read once per Redis, and not at all where Redis is in trouble."""

import os
import signal
import time

from qtops.collectors.service_proposals import ProposalsRead, read_proposals
from qtops.collectors.service_redis import RedisRead, Use, read_redis
from qtops.settings import MARKET_STATE, PROPOSALS, RedisSettings, Service, Settings

from .scene import NO_WAY, commands, server

WRITER = Service(name="risk", unit="risk.service", families=(MARKET_STATE.name, PROPOSALS.name))


def settings(url, *services, symbols=("A", "B"), timeout_s=1.0):
    return Settings(redis=RedisSettings(url=url, timeout_s=timeout_s), symbols=symbols, services=services or (WRITER,))


def read(given, limit_s=3.0):
    """What is read of services that name no Redis of their own."""
    reads = read_redis([Use({}, service) for service in given.services], given)
    return read_proposals(list(zip(given.services, reads, strict=True)), given, limit_s)


def test_a_service_has_the_proposals_of_its_family(redis_url, redis_client):
    redis_client.hset("quantum:risk:proposal:A", "proposed_sl", "1")
    ((facts, missing, _),) = read(settings(redis_url))
    assert missing == ()
    assert (facts.family, facts.symbols) == ("risk-proposal", ("A", "B"))
    (look,) = facts.looks
    assert [(reading.symbol, reading.present) for reading in look.readings] == [("A", True), ("B", False)]


def test_who_writes_none_has_none(redis_url):
    plain = Service(name="market", unit="market.service", families=(MARKET_STATE.name,))
    assert read(settings(redis_url, plain)) == (ProposalsRead(),)
    assert read_proposals([(None, RedisRead())], Settings()) == (ProposalsRead(),)


def test_a_family_that_two_services_write_is_read_once(redis_url, redis_client):
    other = Service(name="other", unit="other.service", families=(PROPOSALS.name,))
    first, second = read(settings(redis_url, WRITER, other))
    assert first == second
    assert commands(redis_client)["hlen"] == 2


def test_a_guard_in_force_is_read_along(redis_url, redis_client):
    redis_client.xadd("quantum:stream:risk.events", {"event": "RISK_GUARD_ACTIVATED", "guard_type": "EMERGENCY_FLATTEN"})
    redis_client.set("quantum:risk:guard_active:EMERGENCY_FLATTEN", "{}", ex=14_400)
    (read_one,) = read(settings(redis_url, WRITER))
    assert [event.fields["event"] for event in read_one.events.events] == ["RISK_GUARD_ACTIVATED"]
    assert read_one.events.guards[0].present


def test_where_redis_does_not_answer_nothing_is_read_and_its_keys_say_why():
    assert read(settings(NO_WAY)) == (ProposalsRead(),)


def test_a_redis_that_stops_to_answer_costs_one_wait():
    with server() as (started, _):
        given = settings(started.url, timeout_s=0.3)
        reads = read_redis([Use({}, WRITER)], given)
        os.kill(started.pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            found = read_proposals([(WRITER, reads[0])], given)
        finally:
            os.kill(started.pid, signal.SIGCONT)
    assert found == (ProposalsRead(),)
    assert time.monotonic() - began < 1.5


def test_what_is_not_read_in_time_is_missing():
    with server() as (started, _):
        given = settings(started.url)
        reads = read_redis([Use({}, WRITER)], given)
        os.kill(started.pid, signal.SIGSTOP)
        try:
            ((facts, missing, _),) = read_proposals([(WRITER, reads[0])], given, 0.1)
        finally:
            os.kill(started.pid, signal.SIGCONT)
    assert facts is None
    assert [(each.source, each.why) for each in missing] == [("proposals", "they were not read within 0.1 s")]
