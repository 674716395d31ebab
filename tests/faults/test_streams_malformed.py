"""Streams as nobody should make them, and servers that change or stop meanwhile: a verdict in time, and never a traceback."""

import json
import os
import signal
import time

import pytest

from qtops.checks.streams.registry import judge
from qtops.collectors.streams_found import look_at
from qtops.facts.service import Facts
from qtops.reports.streams import document, human
from qtops.reports.streams.report import report
from qtops.settings import Settings, Stream
from tests.cli.running import qtops
from tests.collectors.scene import server, source

NOTHING = Settings(families=(), streams=())
NAMES = [
    b"new\nline", b"NUL\x00", b"*?[a]\\", b"{tag}", b"\x1b]0;title\x07", "\u202eTDSU".encode(), b"\xff\xfe", b" ", b"x" * 300,
    b"-h", b"[red]bold[/]", b"[/foo]", "\u200bzero".encode(), b"$(reboot)",
]  # fmt: skip


def looked(url, *names, settings=NOTHING):
    with source(url) as opened:
        return look_at(opened, settings, lambda *_: None, names)


def verify(url, *arguments):
    result = qtops("--redis", url, "verify", "streams", *arguments)
    assert "Traceback" not in result.stderr + result.stdout
    return result


def test_any_name_of_a_stream_a_group_and_a_consumer_is_read_and_shown(redis_url, redis_client):
    for name in NAMES:
        for number in range(3):
            redis_client.xadd(name, {name: name}, id=f"{1_000 + number}-0")
        redis_client.xgroup_create(name, name, id="0")
        redis_client.xreadgroup(name, name, {name: ">"}, count=1)
    redis_client.xadd("good", {"a": "b"})
    said = verify(redis_url, "--plan", "-v").stdout
    assert all(character.isprintable() or character == "\n" for character in said)
    told = json.loads(verify(redis_url, "--plan", "-o", "json").stdout)
    rows = {row["name"]: row for row in told["rows"] if row["present"]}
    assert "good" in rows
    assert all(name.isprintable() for name in rows)
    assert len(rows) == len(NAMES) + 1
    groups = [row["groups"][0] for name, row in rows.items() if name != "good"]
    assert {(group["waiting"], group["pending"], group["consumers"]) for group in groups} == {(2, 1, 1)}


def test_a_hostile_name_can_be_asked_for(redis_url, redis_client):
    redis_client.xadd(b"new\nline\xff", {"a": "b"})
    (found,) = looked(redis_url, "new\nline\udcff").looks[0].streams
    assert (found.present, found.name) == (True, "new\\nline\\xff")


@pytest.mark.parametrize(
    "command",
    [("SET", "app", "x"), ("HSET", "app", "a", "b"), ("LPUSH", "app", "x"), ("ZADD", "app", "1", "x"), ("SADD", "app", "x"),
     ("PFADD", "app", "x"), ("GEOADD", "app", "1", "1", "x")],
)  # fmt: skip
def test_a_key_of_another_type_is_told_and_the_others_are_read(redis_url, redis_client, command):
    redis_client.execute_command(*command)
    redis_client.xadd("good", {"a": "b"})
    settings = Settings(families=(), streams=(Stream(name="app"), Stream(name="good")))
    seen = looked(redis_url, settings=settings)
    assert [one.kind == "stream" for one in seen.looks[0].streams] == [False, True]
    assert [finding.code for finding in judge(seen, settings).findings] == ["STREAM111"]


@pytest.mark.parametrize("last", ["0-1", "1-0", "18446744073709551614-1", "4102444800000-0", "1790000000-5"])
def test_ids_that_the_writer_gave_make_no_age(redis_url, redis_client, last):
    redis_client.xadd("app", {"a": "b"}, id=last)
    redis_client.xgroup_create("app", "readers", id="0")
    seen = looked(redis_url)
    told = json.loads(document.render(report(Facts(host="h", taken_at_s=time.time(), streams=seen, settings=NOTHING), plan=True)))
    assert (told["rows"][0]["age_s"], told["rows"][0]["last"]) == (None, None)
    assert told["summary"]["verdict"] == "unknown"


@pytest.mark.parametrize("asks", range(1, 6))
def test_everything_goes_away_in_the_middle(redis_url, redis_client, asks):
    """FLUSHALL after the first, second, … exchange: what is gone is absent, and nothing is taken for fresh."""
    for number in range(3):
        redis_client.xadd(f"app:{number}", {"a": "b"})
        redis_client.xgroup_create(f"app:{number}", "readers", id="0")
        redis_client.xreadgroup("readers", "worker", {f"app:{number}": ">"})
    settings = Settings(families=(), streams=(Stream(name="app:0", kind="periodic", interval_s=60),))
    with source(redis_url) as opened:
        ask, counted = opened.ask, 0

        def flushing(commands, keys):
            nonlocal counted
            counted += 1
            found = ask(commands, keys)
            if counted == asks:
                redis_client.flushall()
            return found

        opened.ask = flushing
        seen = look_at(opened, settings, lambda *_: None)
    answers = judge(seen, settings)
    facts = Facts(host="h", taken_at_s=time.time(), streams=seen, settings=settings)
    json.loads(document.render(report(facts, plan=True)))
    if asks == 1:
        assert {stream.present for stream in seen.looks[0].streams} == {False}
        assert [finding.code for finding in answers.findings] == ["STREAM110"]


@pytest.mark.parametrize(
    "forbidden", ["-type", "-pttl", "-xinfo", "-xinfo|groups", "-xinfo|consumers", "-xpending", "-xrevrange", "-scan"]
)
def test_a_command_that_the_acl_forbids_is_said_and_hides_nothing_else(redis_url, redis_client, forbidden):
    redis_client.xadd("app", {"a": "b"})
    redis_client.xgroup_create("app", "readers", id="0")
    redis_client.xreadgroup("readers", "worker", {"app": ">"})
    settings = Settings(families=(), streams=(Stream(name="app", kind="event"),))
    redis_client.execute_command("ACL", "SETUSER", "narrow", "reset", "on", ">pw", "~*", "+@all", forbidden)
    try:
        seen = looked(redis_url.replace("unix://", "unix://narrow:pw@"), settings=settings)
    finally:
        redis_client.execute_command("ACL", "DELUSER", "narrow")
    answers = judge(seen, settings)
    assert answers.findings == ()
    assert bool(answers.doubts or seen.missing) is (forbidden not in ("-type", "-pttl"))


def test_what_is_huge_is_bounded(redis_url, redis_client):
    redis_client.xadd("wide", {f"field-{number}": "v" for number in range(10_000)})
    for _ in range(60):
        redis_client.xadd("heavy", {"v": "x" * 1_000_000})
    for number in range(150):
        redis_client.xgroup_create("heavy", f"group-{number}", id="$")
    began = time.monotonic()
    streams = {stream.name: stream for stream in looked(redis_url).looks[0].streams}
    assert time.monotonic() - began < 3
    assert (len(streams["wide"].fields), len(streams["heavy"].recent_ids)) == (200, 1)
    assert (streams["heavy"].groups_count, len(streams["heavy"].groups)) == (150, 100)


def test_what_was_cut_is_rendered_whatever_it_is(redis_url, redis_client):
    redis_client.xadd("app", {"a": "b"})
    facts = Facts(host="h\x1b[2J", taken_at_s=1e18, streams=looked(redis_url), settings=NOTHING)
    human.render(report(facts, plan=True), True)
    assert report(Facts(host="h", taken_at_s=0.0)).verdict == "unknown"


@pytest.mark.parametrize("state", ["down", "hung", "wrong_password", "too_many_clients", "bad_address"])
def test_a_server_that_does_not_answer_is_a_verdict_in_time(state):
    with server() as (started, client):
        url = started.url
        client.ping()
        if state == "hung":
            os.kill(started.pid, signal.SIGSTOP)
        elif state == "wrong_password":
            client.config_set("requirepass", "secret")
        elif state == "too_many_clients":
            client.config_set("maxclients", 1)
        elif state == "down":
            url = "redis://127.0.0.1:1/0"
        else:
            url = "redis://localhost.invalid/0"
        try:
            began = time.monotonic()
            result = verify(url, "-o", "nagios")
            took_s = time.monotonic() - began
        finally:
            if state == "hung":
                os.kill(started.pid, signal.SIGCONT)
    assert result.returncode == 3
    assert "could not tell: Redis is" in result.stdout
    assert took_s < 4
