"""``qtops verify streams`` as a process: what it prints, what it asks of Redis, its exit code."""

import time
from functools import partial

import pytest

from tests.cli.running import qtops
from tests.cli.streams_shown import HOUR_MS, configuration, found, read, stream, verify, write
from tests.collectors.scene import NO_WAY, commands, server

pytestmark = pytest.mark.slow  # many commands, each a process, or a wait


@pytest.fixture
def settings(tmp_path):
    """Writes a configuration that declares what a test says; returns its path."""
    return partial(configuration, tmp_path)


def test_what_is_in_order_is_ok(redis_url, redis_client, settings):
    write(redis_client, "orders", 100, 60_000)
    redis_client.xgroup_create("orders", "readers", id="0")
    read(redis_client, "orders", "readers", "worker", 100)
    declared = settings(stream("orders", kind="periodic", interval_s=60, maxlen=1_000, groups=["readers"]))
    code, document = found(redis_url, "orders", "--config", declared)
    assert (code, document.findings, document.doubts, document.missing) == (0, (), (), ())
    (row,) = document.rows
    assert (row.kind, row.declared, row.length, row.maxlen, row.fields) == ("periodic", True, 100, 1_000, ("event", "n"))
    assert [(group.name, group.waiting, group.pending, group.lag) for group in row.groups] == [("readers", 0, 0, 0)]
    assert row.age_s == pytest.approx(1, abs=5)
    assert verify(redis_url, "orders", "--config", declared, "-q").stdout == ""


def test_the_streams_of_the_founding_system(redis_url, redis_client):
    """Risk events that nobody reads, three streams of the control plane that only their readers made, a market that is silent."""
    write(redis_client, "quantum:stream:risk.events", 30, 8 * HOUR_MS)
    write(redis_client, "quantum:stream:marketstate", 600, 6_000, newest_ms=HOUR_MS)
    for name, group in (
        ("policy.updated", "execution"),
        ("model.retrain", "retraining_workers"),
        ("reconcile.close", "apply_recon"),
    ):
        redis_client.xgroup_create(f"quantum:stream:{name}", group, id="0", mkstream=True)
    code, document = found(redis_url)
    rows = {row.name.rpartition(":")[2]: row for row in document.rows}
    assert code == 2
    assert rows["marketstate"].codes == ("STREAM108",)
    assert rows["risk.events"].told.startswith("event-driven, last ")
    assert (rows["risk.events"].codes, rows["risk.events"].verdict) == ((), "ok")
    assert {rows[name].codes for name in ("policy.updated", "model.retrain", "reconcile.close")} == {("STREAM107",)}
    assert rows["risk.proposal"].told == "absent"


def test_for_people(redis_url, redis_client, settings):
    write(redis_client, "orders", 100, 60_000, newest_ms=HOUR_MS)
    redis_client.xgroup_create("orders", "readers", id="0")
    said = verify(redis_url, "--config", settings(), "--plan").stdout
    assert "~periodic 1 min" in said
    assert "readers 100/0" in said
    assert "STREAM103" in said
    assert "PLANS: nothing of them has been carried out" in said
    assert "RISK  this group is never given these 100 entries" in said
    assert "way back: redis-cli -s " in said


@pytest.mark.parametrize(
    ("output", "begins"),
    [("nagios", "CRITICAL: 1 stream"), ("junit", '<testsuites name="qtops verify streams"'), ("prometheus", "# HELP")],
)
def test_for_monitoring(redis_url, redis_client, output, begins):
    redis_client.set("orders", "x")
    result = verify(redis_url, "orders", "-o", output)
    assert result.returncode == 2
    assert result.stdout.startswith(begins)


def test_it_writes_nothing_and_searches_only_where_it_may(redis_url, redis_client, settings):
    write(redis_client, "orders", 100, 60_000)
    redis_client.xgroup_create("orders", "readers", id="0")
    redis_client.config_resetstat()
    verify(redis_url, "--config", settings(), "--plan")
    assert set(commands(redis_client)) == {"time", "scan", "type", "pttl", "xinfo|stream", "xinfo|groups", "xrevrange"}
    redis_client.config_resetstat()
    verify(redis_url, "--config", settings(stream("orders")), "--no-scan")
    verify(redis_url, "--config", settings(), "orders")
    assert "scan" not in commands(redis_client)


def test_a_name_that_is_not_there(redis_url, redis_client, settings):
    code, document = found(redis_url, "--config", settings(), "ordres")
    assert (code, [finding.code for finding in document.findings]) == (1, ["STREAM110"])


def test_a_saved_look_is_judged_as_the_live_one(redis_url, redis_client, settings, tmp_path):
    write(redis_client, "orders", 100, 60_000, newest_ms=HOUR_MS)
    kept = str(tmp_path / "then.qtops")
    live = verify(redis_url, "--config", settings(), "--save", kept)
    again = verify(NO_WAY, "--from", kept)
    assert (again.returncode, again.stdout) == (live.returncode, live.stdout)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--from", "x.qtops", "--observe", "3s"), "--observe"),
        (("--from", "x.qtops", "orders"), "NAME"),
        (("",), "empty"),
        (("--observe", "soon"), "no length of time"),
        (("--groups",), "No such option"),
    ],
)
def test_wrong_input_says_what_to_try(redis_url, arguments, hint):
    result = verify(redis_url, *arguments)
    assert result.returncode == 64
    assert hint in result.stderr
    assert "Traceback" not in result.stderr


def test_help_has_examples():
    said = qtops("verify", "streams", "--help").stdout
    assert "Examples:" in said
    assert "--observe" in said


# a server that does not answer


def test_a_server_that_is_not_there_is_told_in_time():
    began = time.monotonic()
    result = verify(NO_WAY)
    assert (result.returncode, time.monotonic() - began < 3) == (3, True)
    assert "Redis is down" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr


def test_a_user_who_may_not_ask_is_told_what_is_missing(settings):
    with server() as (started, client):
        write(client, "orders", 10, 60_000)
        client.execute_command("ACL", "SETUSER", "narrow", "on", ">pw", "~*", "+@all", "-xinfo", "-client|list")
        url = started.url.replace("unix://", "unix://narrow:pw@")
        code, document = found(url, "--config", settings())
    assert code == 3
    assert [(doubt.code, doubt.subject) for doubt in document.doubts] == [("STREAM110", "orders")]
    assert "no_permission" in document.missing[0]
