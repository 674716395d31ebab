"""``qtops top`` at a real Redis, at a store of incidents, on a terminal, and without any of these."""

import json
import os
import pty
import re
import signal
import subprocess
import threading
import time
from pathlib import Path
from select import select

import msgspec
import pytest
import redis

from publisher.contract import market_key, position_key, proposal_key
from qtops.actions.incidents.opening import open_store
from qtops.cli.top_look import Asked, Looker
from qtops.errors import UsageError
from qtops.findings import Verdict
from qtops.incidents import Change, Hold, Incident
from qtops.reports.top.document import Document
from qtops.reports.top.report import Report, report
from qtops.settings import RedisSettings, Settings
from tests.checks.proposals.proposals import reading
from tests.cli.running import COMMAND, environment, qtops

pytestmark = pytest.mark.slow

UNIT = "quantum-risk-proposal.service"
COLOR = re.compile(r"\x1b\[[\d;?]*[a-zA-Z]")


def publish(client: redis.Redis, symbol: str = "BTCUSDT", **sick) -> None:
    """A proposal of now with everything beside it."""
    made = reading(symbol, now_s=time.time(), **sick)
    client.hset(proposal_key(symbol), mapping=dict(made.fields))
    client.hset(market_key(symbol), mapping=dict(made.market))
    client.hset(position_key(symbol), mapping=dict(made.position))
    client.expire(proposal_key(symbol), 28)


def settings(url: str, folder: Path) -> Settings:
    """One symbol, that Redis, and the records in a folder of the test's own."""
    supervise = msgspec.structs.replace(Settings().supervise, state=str(folder))
    return msgspec.structs.replace(Settings(), redis=RedisSettings(url=url), symbols=("BTCUSDT",), supervise=supervise)


def seen(url: str, folder: Path, *names: str) -> Report:
    looker = Looker(settings(url, folder), names, redis_given=True)
    try:
        return report(looker.look())
    finally:
        looker.close()


def top(url: str, folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return qtops("--redis", url, "top", *words, QTOPS_SUPERVISE_STATE=str(folder), **variables)


def document(result: subprocess.CompletedProcess[str]) -> Document:
    assert result.stderr == ""
    json.loads(result.stdout, parse_constant=pytest.fail)
    found = msgspec.json.decode(result.stdout, type=Document)
    assert result.returncode == found.exit_code
    return found


class TestRedis:
    def test_levels_ages_and_streams_of_a_publisher_that_runs(self, redis_client, redis_url, tmp_path):
        publish(redis_client)
        redis_client.xadd("quantum:stream:risk.events", {"event": "x"})
        found = seen(redis_url, tmp_path)
        assert [(level.symbol, level.side, level.mark, level.verdict) for level in found.levels] == [
            ("BTCUSDT", "LONG", "", Verdict.OK)
        ]
        assert {(key.family, key.state) for key in found.keys} == {("risk-proposal", "FRESH"), ("marketstate", "FRESH")}
        (events,) = [stream for stream in found.streams if stream.name == "quantum:stream:risk.events"]
        assert (events.length, events.groups) == (1, ())

    def test_a_stop_that_the_price_has_gone_through(self, redis_client, redis_url, tmp_path):
        publish(redis_client)
        redis_client.hset("quantum:market:BTCUSDT", mapping={"price": "95", "timestamp": str(int(time.time()))})
        (level,) = seen(redis_url, tmp_path).levels
        assert (level.mark, level.verdict, level.price) == ("SL HIT", Verdict.CRITICAL, 95.0)

    def test_one_that_is_down_is_said_to_be_and_the_rest_goes_on(self, tmp_path):
        (tmp_path / "store").mkdir(mode=0o700)
        filled(tmp_path / "store")
        found = document(top("redis://127.0.0.1:1/0", tmp_path / "store", "-o", "json"))
        assert (found.servers[0].state, found.levels, found.keys, found.streams) == ("down", (), (), ())
        assert found.incidents is not None
        assert found.incidents[0].number == 1
        assert found.verdict is Verdict.CRITICAL

    @pytest.mark.slow
    def test_one_that_hangs_is_waited_for_within_a_limit_and_not_again_by_every_look(self, redis_server, redis_url, tmp_path):
        looker = Looker(settings(redis_url, tmp_path), (), redis_given=True)
        os.kill(redis_server.pid, signal.SIGSTOP)
        try:
            began, before = time.monotonic(), threading.active_count()
            for _ in range(3):
                assert report(looker.look()).verdict is Verdict.UNKNOWN
            assert time.monotonic() - began < 3 * 3.5
            assert threading.active_count() <= before + 2
        finally:
            os.kill(redis_server.pid, signal.SIGCONT)
        until = time.monotonic() + 10
        while [server.state for server in looker.look().servers] != ["ok"]:
            assert time.monotonic() < until
        looker.close()

    def test_a_look_takes_few_commands_and_one_connection_for_all_looks(self, redis_client, redis_url, tmp_path):
        publish(redis_client)
        looker = Looker(settings(redis_url, tmp_path), (), redis_given=True)
        looker.look()
        before = redis_client.info()
        looker.look()
        after = redis_client.info()
        looker.close()
        assert after["total_connections_received"] == before["total_connections_received"]
        assert after["total_commands_processed"] - before["total_commands_processed"] - 1 <= 35

    def test_per_symbol_it_is_eight_commands(self, redis_client, redis_url, tmp_path):
        counts = []
        for number in (1, 101):
            symbols = tuple(f"S{index}USDT" for index in range(number))
            for symbol in symbols:
                publish(redis_client, symbol)
            looker = Looker(msgspec.structs.replace(settings(redis_url, tmp_path), symbols=symbols), (), redis_given=True)
            looker.look()
            before = redis_client.info()["total_commands_processed"]
            assert len(looker.look().keys) == 2 * number
            counts.append(redis_client.info()["total_commands_processed"] - before)
            looker.close()
        assert counts[1] - counts[0] == 100 * 8

    def test_a_secret_of_its_address_is_not_shown(self, redis_url, tmp_path):
        place = redis_url.replace("redis://", "redis://someone:hunter22hunter22@").replace(
            "unix://", "unix://someone:hunter22hunter22@"
        )
        result = top(place, tmp_path)
        assert "hunter22" not in result.stdout + result.stderr
        assert "wrong_password" in result.stdout


def filled(folder: Path) -> None:
    """A store with an open incident, a resolved one and a hold."""
    store, now_s = open_store(str(folder)), time.time()
    known = {"unit": UNIT, "began_s": now_s - 60, "opened_s": now_s - 59, "last_s": now_s - 1}
    for number, kind, state in ((1, "process", "open"), (2, "output", "resolved")):
        made = Incident(fingerprint=f"{UNIT}|{kind}", kind=kind, title=f"fault {number}", state="open", **known)
        (incident,) = store.apply([Change(incident=made, event="opened", at_s=now_s, text="")])
        if state == "resolved":
            ended = msgspec.structs.replace(incident, state="resolved", resolved_s=now_s)
            store.apply([Change(incident=ended, event="resolved", at_s=now_s, text="")])
    store.hold(Hold(unit=UNIT, until_s=now_s + 3600, why="move", by="ops", made_s=now_s))
    store.close()


class TestRecords:
    def test_open_incidents_and_holds(self, redis_url, tmp_path):
        (tmp_path / "store").mkdir(mode=0o700)
        filled(tmp_path / "store")
        found = seen(redis_url, tmp_path / "store")
        assert [(row.number, row.title) for row in found.incidents or ()] == [(1, "fault 1")]
        assert [(row.unit, row.why) for row in found.holds or ()] == [(UNIT, "move")]
        assert found.services[0].held_until_s is not None

    def test_where_there_are_none_that_is_said_and_nothing_is_made(self, redis_url, tmp_path):
        result = top(redis_url, tmp_path / "nowhere")
        assert "incidents: no supervisor's records here" in result.stdout
        assert not (tmp_path / "nowhere").exists()

    def test_those_that_cannot_be_read_are_named_and_the_rest_goes_on(self, redis_client, redis_url, tmp_path):
        publish(redis_client)
        (tmp_path / "incidents.db").write_bytes(b"no database at all, and long enough to be taken for one" * 100)
        tmp_path.chmod(0o700)
        found = seen(redis_url, tmp_path)
        assert any(why.startswith("incidents: ") for why in found.missing)
        assert found.levels


class TestWithoutATerminal:
    def test_one_look_is_printed_with_its_verdict_as_exit_code(self, redis_client, redis_url, tmp_path):
        publish(redis_client, fields={"proposed_sl": "120"})
        result = top(redis_url, tmp_path, QTOPS_SYMBOLS="BTCUSDT")
        assert result.returncode == 2
        assert result.stdout.startswith("CRITICAL  ")
        assert "\x1b" not in result.stdout
        assert re.search(r"✗  BTCUSDT +LONG +100\.5 .* CROSSED", result.stdout)

    def test_the_document_is_of_its_published_type(self, redis_client, redis_url, tmp_path):
        publish(redis_client)
        found = document(top(redis_url, tmp_path, "-o", "json", QTOPS_SYMBOLS="BTCUSDT"))
        assert [level.symbol for level in found.levels] == ["BTCUSDT"]

    def test_services_that_are_named_and_what_they_write(self, redis_client, redis_url, tmp_path):
        publish(redis_client)
        found = seen(redis_url, tmp_path, "risk-proposal")
        assert [row.unit for row in found.services] == [UNIT]
        assert {key.family for key in found.keys} == {"risk-proposal"}

    def test_one_that_is_not_configured_has_no_keys(self, redis_url, tmp_path):
        found = seen(redis_url, tmp_path, "cron")
        assert ([row.unit for row in found.services], found.keys, found.levels) == (["cron.service"], (), ())

    def test_what_no_service_can_be_called(self, tmp_path):
        with pytest.raises(UsageError, match="is no name of a unit"):
            Looker(Settings(), ("a b",), redis_given=False)
        assert top("redis://127.0.0.1:1", tmp_path, "a b").returncode == 64

    def test_a_url_that_names_no_redis_is_said_to_be_that(self, tmp_path):
        result = top("http://x", tmp_path)
        assert result.returncode == 3
        assert "COULD NOT TELL" in result.stdout


class TestOnATerminal:
    @pytest.mark.slow
    @pytest.mark.parametrize(("key", "code"), [(b"q", 0), (b"\x03", 0)], ids=["q", "Ctrl-C"])
    def test_it_stays_in_place_until_it_is_ended_and_gives_the_screen_back(self, redis_client, redis_url, tmp_path, key, code):
        publish(redis_client)
        ended, shown = typed(
            ["--redis", redis_url, "top", "--every", "0.2s"], key, b"look 3, every 0.2 s; q or Ctrl-C ends", tmp_path
        )
        assert ended == code
        assert b"\x1b[?1049h" in shown
        assert b"\x1b[?1049l" in shown
        assert b"BTCUSDT" in shown

    @pytest.mark.slow
    def test_without_colours_where_none_are_wanted(self, redis_client, redis_url, tmp_path):
        publish(redis_client, fields={"proposed_sl": "120"})
        _, shown = typed(["--redis", redis_url, "top"], b"q", b"look 1, every", tmp_path, NO_COLOR="1")
        assert b"CROSSED" in shown
        assert not re.search(rb"\x1b\[[\d;]*3\d[\d;]*m", shown)


def typed(words: list[str], key: bytes, when: bytes, folder: Path, **variables: str) -> tuple[int, bytes]:
    """Exit code, and all that was sent to a terminal on which a key is pressed once something stands there."""
    ours, theirs = pty.openpty()
    environ = environment(TERM="xterm-256color", COLUMNS="80", LINES="24", QTOPS_SUPERVISE_STATE=str(folder), **variables)
    command = ["setsid", "--wait", "--ctty", *COMMAND, *words]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ)
    os.close(theirs)
    shown, pressed, until = b"", False, time.monotonic() + 20
    while time.monotonic() < until:
        if not select([ours], [], [], 0.1)[0]:
            continue
        try:
            shown += os.read(ours, 1 << 16)
        except OSError:  # the last writer has closed it
            break
        if not pressed and when in shown:
            os.write(ours, key)
            pressed = True
    os.close(ours)
    return process.wait(10), shown


class TestAsking:
    def test_one_that_hangs_is_not_asked_twice_at_a_time(self):
        go, asked = threading.Event(), []

        def ask() -> str:
            asked.append(1)
            go.wait(5)
            return "answer"

        source = Asked("x", ask)
        for _ in range(3):
            source.begin()
            assert source.answer(time.monotonic() + 0.02) is None
        go.set()
        assert source.answer(time.monotonic() + 5) == "answer"
        assert len(asked) == 1
        source.begin()
        assert source.answer(time.monotonic() + 5) == "answer"
        assert len(asked) == 2
