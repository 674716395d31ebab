"""``qtops verify freshness`` as a process: what it prints, where, and its exit code; in time, whatever Redis does."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree import ElementTree as ET

import msgspec
import pytest
import redis

from publisher.timestamps import utc_iso
from qtops.reports.freshness.document import Document
from tests.cli.running import qtops
from tests.collectors.scene import NO_WAY, OPEN, commands, server
from tests.faults.servers import wait_until

pytestmark = pytest.mark.slow

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
TIME_LIMIT_S = 1.0  # of one wait, as the settings have it: the budget of the whole command against a server that hangs


def verify(url: str, *arguments: str, **variables: str):
    return qtops("--redis", url, "verify", "freshness", *arguments, **variables)


def found(url: str, *arguments: str) -> tuple[int, Document]:
    """Exit code and report, which is valid by its published type."""
    result = verify(url, *arguments, "-o", "json")
    assert result.stderr == ""
    json.loads(result.stdout, parse_constant=pytest.fail)
    return result.returncode, msgspec.json.decode(result.stdout, type=Document)


def states(url: str, *arguments: str) -> tuple[int, dict[tuple[str, str], str]]:
    code, document = found(url, *arguments)
    return code, {(row.family, row.subject): row.state for row in document.results}


@pytest.fixture
def healthy(redis_client: redis.Redis) -> redis.Redis:
    """Fresh market states, one open position and its fresh proposal."""
    now_s = time.time()
    for symbol in SYMBOLS:
        redis_client.hset(f"quantum:marketstate:{symbol}", mapping={"ts": "0.012886", "ts_timestamp": str(int(now_s))})
    redis_client.hset("quantum:state:positions:BTCUSDT", mapping=OPEN)
    publish(redis_client, "BTCUSDT")
    redis_client.config_resetstat()
    return redis_client


def publish(client: redis.Redis, symbol: str, *, beat_s: float = 0.0, computed_s: float = 0.0) -> None:
    """A proposal, so old."""
    now_s = time.time()
    times = {"heartbeat_ms": str(int((now_s - beat_s) * 1000)), "computed_at_utc": utc_iso(now_s - computed_s)}
    client.hset(f"quantum:risk:proposal:{symbol}", mapping={"proposed_sl": "1", "ts": "0.012886", **times})


# the verdict


def test_a_healthy_system_is_ok(redis_url, healthy):
    code, rows = states(redis_url)
    assert code == 0
    assert rows == {
        ("risk-proposal", "BTCUSDT"): "FRESH", ("risk-proposal", "ETHUSDT"): "IDLE", ("risk-proposal", "SOLUSDT"): "IDLE",
        ("marketstate", "BTCUSDT"): "FRESH", ("marketstate", "ETHUSDT"): "FRESH", ("marketstate", "SOLUSDT"): "FRESH",
    }  # fmt: skip


def test_it_costs_one_command_per_key_and_searches_nothing(redis_url, healthy):
    verify(redis_url)
    calls = commands(healthy)
    assert calls == {"time": 2, "hmget": 3 + 3 + 2 + 1, "exists": 2 * 2}  # of two absent proposals: position, single hash, witness


@pytest.mark.parametrize(
    ("sickness", "state", "code"),
    [
        ({"beat_s": 25}, "LATE", 1),
        ({"beat_s": 17 * 3600, "computed_s": 17 * 3600}, "STALE", 2),
        ({"beat_s": 1, "computed_s": 100}, "LATE", 1),
        ({"beat_s": 1, "computed_s": 200}, "STALE", 2),  # alive, and computes nothing any more
        ({"beat_s": -3600}, "FUTURE", 2),
    ],
)
def test_sick_proposals_are_told(redis_url, healthy, sickness, state, code):
    publish(healthy, "BTCUSDT", **sickness)
    exit_code, rows = states(redis_url)
    assert (exit_code, rows["risk-proposal", "BTCUSDT"]) == (code, state)


def test_a_proposal_of_the_founding_publisher_is_judged_by_what_it_has(redis_url, healthy):
    naive = utc_iso(time.time() - 45).removesuffix("+00:00")
    healthy.delete("quantum:risk:proposal:BTCUSDT")
    healthy.hset("quantum:risk:proposal:BTCUSDT", mapping={"computed_at_utc": naive, "ts": "0.012886"})
    code, document = found(redis_url, "BTCUSDT", "--family", "risk-proposal")
    (row,) = document.results
    assert (code, row.state, row.field) == (0, "FRESH", "computed_at_utc")
    assert row.age_s == pytest.approx(45, abs=5)


@pytest.mark.parametrize(("tracked", "state"), [(False, "NEVER"), (True, "EXPIRED")])
def test_a_missing_proposal_of_an_open_position(redis_url, healthy, tracked, state):
    healthy.delete("quantum:risk:proposal:BTCUSDT")
    if tracked:
        healthy.hset("quantum:risk:track:BTCUSDT", "side", "LONG")
    code, rows = states(redis_url)
    assert (code, rows["risk-proposal", "BTCUSDT"]) == (2, state)


def test_an_empty_redis_is_critical_not_fresh(redis_url):
    code, document = found(redis_url)
    assert (code, document.summary.states) == (2, {"NEVER": 3, "IDLE": 3})


def test_one_hostile_key_hides_no_other(redis_url, healthy):
    healthy.delete("quantum:marketstate:ETHUSDT", "quantum:marketstate:SOLUSDT")
    healthy.hset("quantum:marketstate:ETHUSDT", "ts_timestamp", b"\xff\x1b]0;owned\x07")
    healthy.set("quantum:marketstate:SOLUSDT", "x")
    code, rows = states(redis_url)
    assert code == 3
    assert [rows["marketstate", symbol] for symbol in SYMBOLS] == ["FRESH", "UNKNOWN", "UNKNOWN"]
    assert "\x1b" not in verify(redis_url).stdout


# what is selected


def test_symbols_and_families_can_be_chosen(redis_url, healthy):
    _, rows = states(redis_url, "BTCUSDT", "--symbols", "XRPUSDT, ADAUSDT", "--family", "marketstate")
    assert rows == {("marketstate", "BTCUSDT"): "FRESH", ("marketstate", "XRPUSDT"): "NEVER", ("marketstate", "ADAUSDT"): "NEVER"}


AD_HOC = ("--pattern", "app:heartbeat:{symbol}", "--time-field", "beat", "--limit", "30s")


def test_a_fleet_never_seen_is_found_and_judged(redis_url, healthy):
    for subject, age_s in (("a", 5), ("b", 45), ("c", 90)):
        healthy.hset(f"app:heartbeat:{subject}", "beat", f"{time.time() - age_s:.3f}")
    code, rows = states(redis_url, *AD_HOC, "--critical", "1m", "--scan")
    assert code == 2
    assert {subject: state for (_, subject), state in rows.items()} == {"a": "FRESH", "b": "LATE", "c": "STALE"}
    assert "scan" in commands(healthy)


def test_a_search_that_finds_nothing_could_not_tell(redis_url):
    result = verify(redis_url, *AD_HOC, "--scan")
    assert result.returncode == 3
    assert "no key was looked at: unknown" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--family", "proposals"], "no family is called 'proposals'; did you mean 'risk-proposal'?"),
        (["--limit", "30s"], "go with --pattern"),
        (["--pattern", "a"], "--limit"),
        (["--pattern", "a", "--time-field", "t", "--limit", "nan"], "'nan' is no length of time"),
        (["--symbols", "A,,B"], "a symbol is empty"),
        (["--watch", "--until-fresh"], "exclude each other"),
        (["--observe", "1s", "--until-fresh"], "exclude each other"),
        (["--watch", "-o", "junit"], "--watch goes with"),
        (["-o", "yaml"], "'yaml' is not one of"),
    ],
)
def test_a_wrong_command_line_is_64_and_says_what_is_wrong(arguments, words):
    result = verify(NO_WAY, *arguments)
    assert (result.returncode, result.stdout) == (64, "")
    assert words in result.stderr


def test_a_url_that_names_no_redis_is_a_wrong_configuration():
    result = verify("http://u:hunter2@h")
    assert result.returncode == 78
    assert "hunter2" not in result.stderr


# Redis in trouble: exit code 3, in time, and the word for it


@contextmanager
def loading() -> Iterator[str]:
    """A server that reads its data set, which is made to take long."""
    args = (
        "--key-load-delay",
        "20000",
        "--loading-process-events-interval-bytes",
        "1024",
        "--enable-debug-command",
        "yes",
        "--rdbcompression",
        "no",
    )
    with server(*args) as (started, client), redis.Redis.from_url(started.url) as reloading:
        client.mset({f"k{number}": "x" * 2000 for number in range(500)})
        connection = reloading.connection_pool.get_connection()
        connection.send_command("DEBUG", "RELOAD")
        wait_until(lambda: is_loading(client), 5, "a server that loads")
        yield started.url
        client.config_set("key-load-delay", 0)
        reloading.connection_pool.release(connection)


def is_loading(client: redis.Redis) -> bool:
    return client.info("persistence")["loading"] == 1


@contextmanager
def hung() -> Iterator[str]:
    with server() as (started, _):
        os.kill(started.pid, signal.SIGSTOP)
        try:
            yield started.url
        finally:
            os.kill(started.pid, signal.SIGCONT)


@contextmanager
def locked() -> Iterator[str]:
    with server("--requirepass", "hunter2") as (started, _):
        yield started.url.replace("unix://", "unix://:hunter3@")


@contextmanager
def nobody() -> Iterator[str]:
    yield NO_WAY


TROUBLES = {"down": nobody, "hung": hung, "wrong_password": locked, "loading": loading}


@pytest.mark.slow
@pytest.mark.parametrize("state", TROUBLES)
def test_a_redis_in_trouble_is_named_in_time_and_nothing_is_called_fresh(state):
    with TROUBLES[state]() as url:
        started = time.monotonic()
        found(NO_WAY)
        start_up_s = time.monotonic() - started  # of Python and its imports, which a busy machine draws out
        started = time.monotonic()
        code, document = found(url)
        assert time.monotonic() - started < start_up_s + TIME_LIMIT_S + 0.5
        result = verify(url, "-o", "nagios")
    assert (code, document.redis.state) == (3, state)
    assert document.redis.advice
    assert set(document.summary.states) == {"UNKNOWN"}
    assert (result.returncode, result.stdout[:9]) == (3, "UNKNOWN: ")
    assert f" is {state}: " in result.stdout.splitlines()[0]
    assert "hunter" not in result.stdout + result.stderr + document.redis.url


# formats and streams


def test_for_people_the_table_goes_to_standard_output_and_nothing_else(redis_url, healthy):
    result = verify(redis_url)
    assert (result.returncode, result.stderr) == (0, "")
    assert "FRESH" in result.stdout
    assert "6 keys: 4 FRESH, 2 IDLE: ok" in result.stdout
    assert "\x1b" not in result.stdout


def test_quiet_says_nothing_where_all_is_well_and_everything_where_not(redis_url, healthy):
    assert verify(redis_url, "-q").stdout == ""
    publish(healthy, "BTCUSDT", beat_s=1000)
    result = verify(redis_url, "-q")
    assert (result.returncode, "STALE" in result.stdout) == (2, True)


@pytest.mark.parametrize("output", ["json", "nagios", "junit", "prometheus"])
def test_every_format_agrees_on_the_exit_code(redis_url, healthy, output):
    publish(healthy, "BTCUSDT", beat_s=25)
    result = verify(redis_url, "-o", output)
    assert (result.returncode, result.stderr) == (1, "")
    if output == "junit":
        assert ET.fromstring(result.stdout).get("failures") == "1"


def test_a_plugin_reports_a_wrong_command_line_as_unknown():
    result = verify(NO_WAY, "-o", "nagios", "--family", "x")
    assert (result.returncode, result.stdout[:9]) == (3, "UNKNOWN: ")


# over a while


@pytest.mark.slow
def test_until_fresh_ends_as_soon_as_all_is_fresh(redis_url, healthy):
    publish(healthy, "BTCUSDT", beat_s=17)  # late in three seconds, and then it beats again
    healthy.hset("quantum:marketstate:ETHUSDT", "ts_timestamp", str(int(time.time()) - 1000))
    started = time.monotonic()
    with redis_later(1.5, healthy, "quantum:marketstate:ETHUSDT"):
        result = verify(redis_url, "--family", "marketstate", "--until-fresh", "--timeout", "15s", "-o", "json")
    assert (result.returncode, json.loads(result.stdout)["summary"]["states"]) == (0, {"FRESH": 3})
    assert 1.5 < time.monotonic() - started < 6


@contextmanager
def redis_later(after_s: float, client: redis.Redis, key: str) -> Iterator[None]:
    """Make a market state fresh after a while."""
    timer = threading.Timer(after_s, lambda: client.hset(key, "ts_timestamp", str(int(time.time()))))
    timer.start()
    try:
        yield
    finally:
        timer.join()


def test_until_fresh_gives_up_with_the_verdict_it_has(redis_url):
    started = time.monotonic()
    result = verify(redis_url, "--until-fresh", "--timeout", "1s", "-q")
    assert (result.returncode, "NEVER" in result.stdout) == (2, True)
    assert 1.0 <= time.monotonic() - started < 3


@pytest.mark.slow
def test_observe_measures_what_writers_really_do(redis_url, redis_client):
    """One keeps its word, the other claims a second and takes three times as long or more."""
    pattern = ("--pattern", "app:{symbol}", "--time-field", "beat", "--limit", "60s", "--interval", "1s")
    with beating(redis_client, {"good": 0.5, "slow": 1.7}):
        code, document = found(redis_url, "good", "slow", *pattern, "--observe", "6s")
    good, slow = document.intervals
    assert (good.subject, good.verdict) == ("good", "ok")
    assert good.p50_s == pytest.approx(0.5, abs=0.3)
    assert (slow.verdict, slow.p50_s) == ("warning", pytest.approx(1.7, abs=0.3))
    assert "claims 1 s, measured 1." in slow.reason
    assert code == 1
    assert "scan" not in commands(redis_client)


@contextmanager
def beating(client: redis.Redis, periods_s: dict[str, float]) -> Iterator[None]:
    """Writers that move ``app:<name>``, each at its own pace."""
    over = threading.Event()

    def write() -> None:
        started = time.monotonic()
        beats = dict.fromkeys(periods_s, -1)
        while not over.wait(0.02):
            for name, period_s in periods_s.items():
                number = int((time.monotonic() - started) / period_s)
                if number > beats[name]:
                    beats[name] = number
                    client.hset(f"app:{name}", "beat", f"{time.time():.3f}")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        time.sleep(0.1)
        yield
    finally:
        over.set()
        writer.join()
