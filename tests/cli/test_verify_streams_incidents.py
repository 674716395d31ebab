"""Incidents as they were found by people: their state is made on a real server, and the command finds it."""

from functools import partial

import pytest

from tests.cli.streams_shown import DAY_MS, HOUR_MS, codes, configuration, found, joined, later, read, stream, verify, write

pytestmark = pytest.mark.slow  # many commands, each a process, or a wait


@pytest.fixture
def settings(tmp_path):
    """Writes a configuration that declares what a test says; returns its path."""
    return partial(configuration, tmp_path)


def test_qi_004_thirty_four_consumers_are_registered_and_none_of_them_lives(redis_url, redis_client, settings):
    write(redis_client, "trade.intent", 10_014 + 34, 1_000)
    redis_client.xgroup_create("trade.intent", "executors", id="0")
    for number in range(34):
        read(redis_client, "trade.intent", "executors", f"c-{number}", 1)
    result = verify(redis_url, "--config", settings(), "--save", str(settings()) + ".qtops")
    assert "STREAM106" in result.stdout  # they asked a moment ago: as far as that tells, they live and are far behind
    bundle = later(str(settings()) + ".qtops", 2 * 86_400)
    code, document = found(redis_url, "--from", bundle)
    assert code == 2
    (finding,) = [one for one in document.findings if one.code == "STREAM103"]
    assert "34 consumers are registered and none of them lives, 10014 entries unread" in finding.summary


def test_qi_025_each_restart_leaves_a_consumer_and_what_it_held(redis_url, redis_client, settings):
    write(redis_client, "execution", 1_800, 60_000)
    redis_client.xgroup_create("execution", "service", id="0")
    for number in range(60):
        read(redis_client, "execution", "service", f"service-{1_000 + number}", 30, ack=number % 2 == 0)
    path = str(settings()) + ".qtops"
    verify(redis_url, "--config", settings(), "--save", path)
    code, document = found(redis_url, "--from", later(path, 2 * 86_400), "--plan")
    assert code == 1
    assert {"STREAM104", "STREAM105"} <= codes(document, "execution")
    (plan,) = document.plans
    assert [step.command[3] for step in plan.steps if "XAUTOCLAIM" in step.command] == ["XAUTOCLAIM"]
    assert "XAUTOCLAIM" in plan.steps[0].command  # before anybody is deleted


def test_qi_042_the_input_is_dormant_while_its_sibling_is_live(redis_url, redis_client, settings):
    write(redis_client, "harvest.proposal", 500, 10_000, newest_ms=14 * HOUR_MS)
    write(redis_client, "apply.plan", 500, 10_000)
    code, document = found(redis_url, "--config", settings())
    assert code == 1
    assert codes(document, "harvest.proposal") == {"STREAM108"}
    assert codes(document, "apply.plan") == set()


@pytest.mark.parametrize("arguments", [(), ("--observe", "1s")])
def test_qi_056_a_group_created_at_0_replays_weeks(redis_url, redis_client, settings, arguments):
    write(redis_client, "apply.result", 3_000, DAY_MS // 100)
    redis_client.xgroup_create("apply.result", "harvest", id="0")
    read(redis_client, "apply.result", "harvest", "worker", 10)
    code, document = found(redis_url, "--config", settings(), "--plan", *arguments)
    assert code == 1
    assert codes(document, "apply.result") == {"STREAM106"}
    assert "skips exactly 2990 unread entries" in document.plans[0].steps[-1].effect


def test_qi_066_one_group_of_several_stopped_three_days_ago(redis_url, redis_client, settings):
    write(redis_client, "apply.result", 5_000, 60_000)
    for group in ("good", "harvest_brain:execution", "other"):
        redis_client.xgroup_create("apply.result", group, id="0")
        read(redis_client, "apply.result", group, "worker", 5_000 if ":" not in group else 700)
    path = str(settings()) + ".qtops"
    verify(redis_url, "--config", settings(), "--save", path)
    code, document = found(redis_url, "--from", later(path, 30))
    assert code == 1
    (finding,) = [one for one in document.findings if one.code == "STREAM112"]
    assert finding.summary.startswith("group harvest_brain:execution has 4300 entries unread")
    assert finding.summary.endswith("group good has 0")
    _, document = found(redis_url, "--from", later(path, 3 * 86_400))
    assert "STREAM103" in codes(document, "apply.result")


def test_qi_081_active_and_not_one_entry_is_done(redis_url, redis_client, settings):
    """The consumer asks for what it holds already, cannot parse it, and never comes to what is new."""
    write(redis_client, "apply.plan", 600, 60_000, newest_ms=700_000)
    redis_client.xgroup_create("apply.plan", "execution", id="0")
    read(redis_client, "apply.plan", "execution", "worker", 590, ack=False)
    declared = settings(stream("apply.plan", kind="event"))
    before, now = f"{declared}.before", f"{declared}.now"
    verify(redis_url, "--config", declared, "--save", before)
    code, document = found(redis_url, "--config", declared)
    assert (code, codes(document, "apply.plan")) == (1, {"STREAM105"})
    assert {doubt.code for doubt in document.doubts} <= {"STREAM101"}  # before Redis 7.2 one look does not tell whether it moves
    redis_client.xadd("apply.plan", {"event": "new"})
    redis_client.xreadgroup("execution", "worker", {"apply.plan": "0"}, count=1)
    verify(redis_url, "--config", declared, "--save", now)
    code, document = found(redis_url, "--from", joined(before, now, apart_s=60))
    assert (code, codes(document, "apply.plan")) == (2, {"STREAM101", "STREAM105"})
    assert document.looks == 2
