"""Plans carried out on a real server, step by step as they are printed: the finding is clear, and nothing unread is lost."""

import subprocess
import time

import pytest
from msgspec.structs import replace

from qtops.checks.streams.registry import judge
from qtops.collectors.streams_found import look_at
from qtops.facts.streams import StreamFacts
from qtops.reports.streams.report import plans
from qtops.settings import Settings, Stream
from tests.collectors.scene import source

GONE = 2 * 86_400.0
NOTHING = Settings(families=(), streams=())


def seen(url: str, *names: str) -> StreamFacts:
    with source(url) as opened:
        return look_at(opened, NOTHING, lambda *_: None, names)


def aged(facts: StreamFacts, *gone: str, by_s: float = GONE) -> StreamFacts:
    """The same facts, with these consumers idle for so long: nobody waits for two days in a test."""
    (look,) = facts.looks
    streams = []
    for one in look.streams:
        groups = [
            replace(each, consumers=tuple(
                replace(who, idle_ms=who.idle_ms + round(by_s * 1000) * (who.name in gone)) for who in each.consumers
            ))
            for each in one.groups
        ]  # fmt: skip
        streams.append(replace(one, groups=tuple(groups)))
    return replace(facts, looks=(replace(look, streams=tuple(streams)),))


def carry_out(steps, *, but=()):
    """Run the printed commands, as an operator would; what they print."""
    outputs = []
    for step in steps:
        command = [word if word != "3600000" else "0" for word in step.command]  # an hour has not passed here
        assert not set(but) & set(command)
        done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=10, check=True)
        assert "ERR" not in done.stdout
        outputs.append(done.stdout)
    return outputs


def plans_for(facts, settings=NOTHING):
    return list(plans(facts, settings, judge(facts, settings)))


def codes_of(facts, settings=NOTHING):
    return {finding.code for finding in judge(facts, settings).findings}


def test_what_dead_consumers_held_is_claimed_and_they_are_deleted_and_nothing_is_lost(redis_url, redis_client):
    ids = [redis_client.xadd("app", {"n": number}) for number in range(30)]
    redis_client.xgroup_create("app", "readers", id="0")
    names = [f"old-{number}" for number in range(12)]
    for name in names[:2]:
        redis_client.xreadgroup("readers", name, {"app": ">"}, count=10)
    for name in names[2:]:
        redis_client.xgroup_createconsumer("app", "readers", name)
    redis_client.xreadgroup("readers", "live", {"app": ">"}, count=5)
    facts = aged(seen(redis_url, "app"), *names)
    assert {"STREAM104", "STREAM105"} <= codes_of(facts)
    (made,) = plans_for(facts)
    assert len(made.steps) == 1 + 12
    carry_out(made.steps)
    after = seen(redis_url, "app")
    (reads,) = after.looks[0].streams[0].groups
    assert [one.name for one in reads.consumers] == ["live"]
    assert (reads.pending, reads.lag) == (25, 5)
    assert [one["message_id"] for one in redis_client.xpending_range("app", "readers", "-", "+", 100)] == ids[:25]
    assert not {"STREAM104", "STREAM105"} & codes_of(after)


@pytest.mark.parametrize("count", [1, 2, 40])
def test_dead_pending_entries_are_acknowledged_and_the_living_stay(redis_url, redis_client, count):
    for number in range(count):
        redis_client.xadd("app", {"n": number})
    redis_client.xgroup_create("app", "readers", id="0")
    redis_client.xreadgroup("readers", "live", {"app": ">"})
    redis_client.xtrim("app", maxlen=0, approximate=False)
    alive = [redis_client.xadd("app", {"n": number}) for number in range(3)] if count > 2 else []
    redis_client.xreadgroup("readers", "live", {"app": ">"})
    facts = seen(redis_url, "app")
    assert codes_of(facts) == {"STREAM102"}
    (made,) = plans_for(facts)
    carry_out(made.steps)
    left = redis_client.xpending_range("app", "readers", "-", "+", 100)
    assert [one["message_id"] for one in left] == alive
    assert codes_of(seen(redis_url, "app")) == set()


def test_a_group_is_set_ahead_by_exactly_what_was_said_and_back_again(redis_url, redis_client):
    now_ms = int(time.time() * 1000)
    for number in range(500):
        redis_client.xadd("app", {"n": number}, id=f"{now_ms - (500 - number) * 60_000}-0")
    redis_client.xgroup_create("app", "readers", id="0")
    redis_client.xreadgroup("readers", "live", {"app": ">"}, count=100)
    facts = seen(redis_url, "app")
    assert "STREAM106" in codes_of(facts)
    (made,) = plans_for(facts)
    (skip,) = [step for step in made.steps if step.risk]
    assert "skips exactly 400 unread entries" in skip.effect
    redis_client.xadd("app", {"n": "arrives meanwhile"})
    carry_out([skip])
    assert redis_client.xinfo_groups("app")[0]["lag"] == 1
    assert "STREAM106" not in codes_of(seen(redis_url, "app"))
    subprocess.run(skip.way_back.split(), check=True, capture_output=True, timeout=10)
    assert redis_client.xinfo_groups("app")[0]["lag"] == 401


def test_a_stream_is_trimmed_to_its_cap_and_nothing_unread_goes(redis_url, redis_client):
    with redis_client.pipeline(transaction=False) as pipe:
        for number in range(30_000):
            pipe.xadd("app", {"n": number})
        pipe.execute()
    redis_client.xgroup_create("app", "readers", id="$")
    unread = [redis_client.xadd("app", {"n": number}) for number in range(30)]
    settings = Settings(families=(), streams=(Stream(name="app", kind="event", maxlen=1_000),))
    facts = seen(redis_url, "app")
    assert codes_of(facts, settings) == {"STREAM109"}
    (made,) = plans_for(facts, settings)
    assert [carry_out(made.steps) for _ in range(4)] == [["10000\n"], ["10000\n"], ["9000\n"], ["0\n"]]
    assert 1_000 <= redis_client.xlen("app") < 1_200
    ((_, entries),) = redis_client.xreadgroup("readers", "live", {"app": ">"})
    assert [entry_id for entry_id, _ in entries] == unread
    assert codes_of(seen(redis_url, "app"), settings) == set()
