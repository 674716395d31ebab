"""What is read of risk events in a real Redis, and of what is none."""

import os
import signal
import time

import pytest
from msgspec.structs import replace

from qtops.checks.events.registry import judge
from qtops.collectors.events import LIMIT, collect, glance
from qtops.facts.events import EventFacts, GuardReading
from qtops.settings import Settings

from .scene import NO_WAY, commands, server, source

STREAM = "quantum:stream:risk.events"
KEY = "quantum:risk:guard_active:EMERGENCY_FLATTEN"
REASON = "EMERGENCY_FLATTEN drawdown=21.7% > 10.0%"


def look(url: str, *more, timeout_s: float = 1.0) -> EventFacts:
    with source(url, timeout_s=timeout_s) as opened:
        return collect(opened, *more)


def fire(client, at_s: float, **changes) -> None:
    """Both events of a guard, as it writes them."""
    said = {"event": "RISK_GUARD_ACTIVATED", "guard_type": "EMERGENCY_FLATTEN", "reason": REASON, "duration_sec": "14400"}
    client.xadd(STREAM, {**said, "timestamp": str(at_s), **changes}, id=f"{int(at_s * 1000)}-*")
    asked = {"event": "EMERGENCY_FLATTEN_REQUESTED", "reason": REASON, "timestamp": str(at_s)}
    client.xadd(STREAM, asked, id=f"{int(at_s * 1000)}-*")


def found(facts: EventFacts) -> list[str]:
    return sorted({finding.code for finding in judge(facts, Settings()).findings})


def test_events_guard_groups_and_what_others_state_are_read(redis_url, redis_client):
    now_s = time.time()
    fire(redis_client, now_s - 60)
    redis_client.set(KEY, "{}", px=14_340_000)
    redis_client.xgroup_create(STREAM, "flattener", "0")
    redis_client.xadd("quantum:stream:portfolio.state", {"drawdown": "0.0"})
    redis_client.hset("quantum:equity:current", mapping={"equity": "3902.69", "peak": "4985", "last_update_ts": str(now_s)})
    facts = look(redis_url)
    assert [event.fields["event"] for event in facts.events] == ["RISK_GUARD_ACTIVATED", "EMERGENCY_FLATTEN_REQUESTED"]
    (guard,) = facts.guards
    assert (guard.guard, guard.key, guard.present) == ("EMERGENCY_FLATTEN", KEY, True)
    assert guard.ttl_ms == pytest.approx(14_340_000, abs=2000)
    assert [group.name for group in facts.stream.groups] == ["flattener"]
    stated = {stated.field: stated.value for stated in facts.statements}
    assert stated == {"drawdown": "0.0", "equity": "3902.69", "peak": "4985"}
    assert found(facts) == ["EVENT101", "EVENT102", "EVENT103"]


def test_a_request_that_is_read_and_acknowledged_is_taken(redis_url, redis_client):
    fire(redis_client, time.time() - 86_400)
    redis_client.xgroup_create(STREAM, "flattener", "0")
    assert found(look(redis_url)) == ["EVENT102"]
    ((_, entries),) = redis_client.xreadgroup("flattener", "one", {STREAM: ">"})
    assert found(look(redis_url)) == ["EVENT102"]  # delivered, and nobody said that it was done
    redis_client.xack(STREAM, "flattener", *(entry_id for entry_id, _ in entries))
    assert found(look(redis_url)) == []


def test_keys_of_other_guards_are_asked_for(redis_url, redis_client):
    fire(redis_client, time.time() - 60, guard_type="DAILY_LOSS")
    redis_client.set("quantum:risk:guard_active:DAILY_LOSS", "{}")
    guards = {guard.guard: guard for guard in look(redis_url).guards}
    assert guards["DAILY_LOSS"].present is True
    assert guards["DAILY_LOSS"].ttl_ms == -1
    assert guards["EMERGENCY_FLATTEN"] == GuardReading("EMERGENCY_FLATTEN", KEY, present=False)


def test_a_glance_is_three_commands_and_says_whether_a_guard_is_in_force(redis_url, redis_client):
    fire(redis_client, time.time() - 60)
    redis_client.set(KEY, "{}", px=14_340_000)
    redis_client.xgroup_create(STREAM, "flattener", "0")
    redis_client.config_resetstat()
    with source(redis_url) as opened:
        facts = glance(opened, opened.greet())
    assert commands(redis_client) == {"time": 2, "xrevrange": 1, "xinfo|groups": 1, "pttl": 1}
    assert found(facts) == ["EVENT101", "EVENT102"]


@pytest.mark.parametrize("kind", ["none", "list"])
def test_a_glance_at_no_stream_finds_nothing(redis_url, redis_client, kind):
    if kind == "list":
        redis_client.lpush(STREAM, "x")
    with source(redis_url) as opened:
        facts = glance(opened, opened.greet())
    assert found(facts) == []
    assert ("wrong_type" in facts.stream.trouble) is (kind == "list")


def test_no_stream_is_no_trouble(redis_url):
    facts = look(redis_url)
    assert (facts.stream.present, facts.events, facts.missing) == (False, (), ())
    assert found(facts) == []


def test_it_costs_a_handful_of_commands_and_none_that_walks_or_writes(redis_url, redis_client):
    fire(redis_client, time.time() - 60)
    redis_client.config_resetstat()
    look(redis_url)
    assert commands(redis_client) == {"time": 2, "type": 1, "pttl": 2, "xinfo|stream": 1, "xrevrange": 3, "hmget": 1}


def test_however_long_the_stream_is_so_many_entries_are_read(redis_url, redis_client):
    for _ in range(LIMIT + 50):
        redis_client.xadd(STREAM, {"event": "X"})
    facts = look(redis_url)
    assert (len(facts.events), facts.cut) == (LIMIT, True)
    assert len(look(redis_url, STREAM, 10).events) == 10


def test_another_stream_has_no_guards(redis_url, redis_client):
    redis_client.xadd("other", {"event": "X"})
    facts = look(redis_url, "other")
    assert (len(facts.events), facts.guards, facts.statements) == (1, (), ())


@pytest.mark.parametrize(
    "fields",
    [
        {b"\xff": b"\xfe"},
        {b"event": b"\x1b]0;x\x07"},
        {b"event": b"RISK_GUARD_ACTIVATED", b"timestamp": b"9" * 5000, b"duration_sec": b"nan"},
        {b"event": b"RISK_GUARD_ACTIVATED", b"guard_type": b"\n*\xff", b"timestamp": b"1e400", b"duration_sec": b"-1"},
        {b"event": b"RISK_GUARD_ACTIVATED", b"guard_type": b"x" * 5000, b"timestamp": b"9999-01-01"},
        {f"field{number}".encode(): b"x" * 5000 for number in range(200)},
    ],
)
def test_whatever_an_entry_holds_is_read_and_judged(redis_url, redis_client, fields):
    redis_client.xadd(STREAM, fields)
    facts = look(redis_url)
    (event,) = facts.events
    assert len(event.fields) <= 32
    assert all(text.isprintable() and len(text) < 2000 for pair in event.fields.items() for text in pair)
    assert "EVENT104" in found(facts)


@pytest.mark.parametrize("key", [STREAM, "quantum:stream:portfolio.state", "quantum:equity:current"])
def test_other_types_are_told_and_hide_nothing_else(redis_url, redis_client, key):
    if key != STREAM:
        fire(redis_client, time.time() - 60)
    redis_client.lpush(key, "x")
    facts = look(redis_url)
    (line,) = facts.missing
    assert line.startswith(f"{key}: wrong_type")
    assert ("EVENT104" if key == STREAM else "EVENT101") in found(facts)


def test_a_right_that_is_missing_is_told(redis_client, redis_url):
    fire(redis_client, time.time() - 60)
    redis_client.acl_setuser("events", enabled=True, nopass=True, keys=[STREAM], commands=["+@all"])
    facts = look(redis_url.replace("unix://", "unix://events:x@"))
    try:
        assert facts.guards[0].present is None
        assert "no_permission" in facts.guards[0].detail
    finally:
        redis_client.acl_deluser("events")


def test_nobody_there_is_told_at_once():
    began = time.monotonic()
    facts = look(NO_WAY)
    assert (facts.server.state, facts.events, facts.stream.present) == ("down", (), None)
    assert time.monotonic() - began < 1.5
    assert judge(replace(facts), Settings()).findings == ()


def test_a_server_that_hangs_is_given_up_in_time():
    with server() as (started, client):
        client.ping()
        pid = client.info("server")["process_id"]
        os.kill(pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            facts = look(started.url, timeout_s=0.5)
            assert facts.server.state == "hung"
            assert time.monotonic() - began < 1.5
        finally:
            os.kill(pid, signal.SIGCONT)
