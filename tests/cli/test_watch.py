"""``qtops watch``: looks that follow each other, what changed between them, and how it ends."""

import json
import os
import re
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer

import pytest
import redis

from tests.cli.running import COMMAND, environment, qtops
from tests.cli.test_verify_watch import ALTERNATE_SCREEN, FIRST_SCREEN, terminal
from tests.collectors.scene import NO_WAY

pytestmark = pytest.mark.slow  # many commands, each a process, or a wait

FAMILY = ("--pattern", "app:{symbol}", "--time-field", "beat", "--limit", "30s")
LIMIT_S = 15.0
FAST = ("--every", "0.2s")
FRESHNESS = ("watch", "freshness", "BTC", *FAMILY, *FAST)


@pytest.fixture
def beaten(redis_client: redis.Redis) -> redis.Redis:
    redis_client.hset("app:BTC", "beat", f"{time.time():.3f}")
    return redis_client


@pytest.fixture
def proposed(redis_client: redis.Redis) -> redis.Redis:
    """A proposal of the founding form, its stop above its price."""
    fields = {"proposed_sl": "105.968", "proposed_tp": "106.225", "position_current_price": "105", "position_side": "LONG"}
    redis_client.hset("quantum:risk:proposal:BTCUSDT", mapping={**fields, "computed_at_utc": f"{time.time():.3f}"})
    return redis_client


class Watching:
    """A watch without a terminal, and the lines that it has printed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process, self.lines = process, []

    def read_until(self, sign: str) -> str:
        while sign not in (line := self.process.stdout.readline()):
            assert line, f"it ended without {sign!r}: {self.lines[-5:]}"
            self.lines.append(line)
        self.lines.append(line)
        return line

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        rest, talk = self.process.communicate(timeout=10)
        assert talk == ""
        assert "\x1b" not in "".join(self.lines) + rest
        return self.process.returncode


@contextmanager
def watching(*arguments: str) -> Iterator[Watching]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    with subprocess.Popen([*COMMAND, *arguments], **pipes, env=environment()) as process:
        limit = Timer(LIMIT_S, process.kill)
        limit.start()
        try:
            yield Watching(process)
        finally:
            limit.cancel()
            process.kill()


def test_lines_for_each_look_and_each_change(redis_url, beaten):
    with watching("--redis", redis_url, *FRESHNESS) as watch:
        watch.read_until("  ok  1 key: 1 FRESH")
        watch.read_until("  ok  1 key: 1 FRESH")
        beaten.hset("app:BTC", "beat", f"{time.time() - 60:.3f}")
        watch.read_until("  critical  1 key: 1 STALE")
        assert watch.read_until("found").startswith("  found STALE app:BTC: ")
        beaten.hset("app:BTC", "beat", f"{time.time():.3f}")
        assert re.match(r"  cleared STALE app:BTC after [\d.]+ s", watch.read_until("cleared"))
        assert watch.end() == 0


def test_quiet_prints_changes_alone(redis_url, beaten):
    with watching("--redis", redis_url, *FRESHNESS, "-q") as watch:
        time.sleep(1)
        beaten.delete("app:BTC")
        watch.read_until("found NEVER app:BTC")
        assert len(watch.lines) == 2
        assert watch.end() == 2


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 2), (signal.SIGTERM, 143)])
def test_the_end_is_quiet_and_its_code_that_of_the_last_look(redis_url, redis_client, number, code):
    with watching("--redis", redis_url, *FRESHNESS) as watch:
        watch.read_until("found NEVER")
        assert watch.end(number) == code


def test_json_is_a_document_per_line(redis_url, beaten):
    result = qtops("--redis", redis_url, *FRESHNESS, "-o", "json", "--count", "3")
    documents = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one["schema"] for one in documents] == ["qtops.verify.freshness/1"] * 3
    assert (result.returncode, result.stderr) == (0, "")


def test_it_ends_as_soon_as_all_is_well(redis_url, redis_client):
    with watching("--redis", redis_url, *FRESHNESS, "--until-ok") as watch:
        watch.read_until("found NEVER")
        redis_client.hset("app:BTC", "beat", f"{time.time():.3f}")
        watch.read_until("cleared NEVER")
        assert watch.process.wait(5) == 0


@pytest.mark.slow
@pytest.mark.parametrize("what", [FRESHNESS, ("watch", "proposals", "BTCUSDT", *FAST)])
def test_a_redis_that_goes_away_and_comes_back_is_shown_and_survived(redis_url, proposed, tmp_path, what):
    path = tmp_path / "redis.sock"
    path.symlink_to(redis_url.removeprefix("unix://"))
    with watching("--redis", f"unix://{path}", *what) as watch:
        watch.read_until("  found ")
        path.unlink()
        proposed.client_kill_filter(_type="normal", skipme=True)
        watch.read_until("cannot tell Redis unix://")
        path.symlink_to(redis_url.removeprefix("unix://"))
        watch.read_until("can tell again Redis unix://")
        watch.read_until("  critical  ")
        assert watch.end() == 2
    assert not [line for line in watch.lines if "cleared" in line]  # a Redis that is away clears nothing


def test_what_is_given_to_the_command_is_read_by_the_command(redis_url, proposed):
    result = qtops("watch", "proposals", "BTCUSDT", "--count", "1", "--family", "risk-proposal", "--redis", redis_url)
    assert "  critical  1 proposal: 1 critical" in result.stdout
    assert "found PROPOSAL102 BTCUSDT: " in result.stdout
    assert result.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nothing",), "'nothing' is not one of"),
        (("freshness", "--nothing"), "No such option"),
        (("freshness", "--watch"), "--watch does not go with `qtops watch`"),
        (("proposals", "--save", "a"), "--save does not go with `qtops watch`"),
        (("proposals", "--from", "a"), "--from does not go with `qtops watch`"),
        (("proposals", "--every", "0"), "is no length of time"),
        (("proposals", "--count", "0"), "--count"),
        (("proposals", "--plot", "-o", "json"), "--plot goes with -o human"),
        (("cadence", "--plot"), "nothing can be drawn of cadence"),
        (("doctor",), "nothing to look at"),
    ],
)
def test_what_makes_no_sense_is_said(arguments, complaint):
    result = qtops("watch", *arguments)
    assert (result.returncode, result.stdout) == (64, "")
    assert complaint in result.stderr


def test_a_redis_that_is_not_there_is_no_reason_to_fail():
    result = qtops("--redis", NO_WAY, *FRESHNESS, "--count", "2")
    assert result.returncode == 3
    assert result.stdout.count("cannot tell Redis") == 1
    assert result.stderr == ""


# the HTML file


def test_a_page_is_written_at_each_look(redis_url, proposed, tmp_path):
    path = tmp_path / "a.html"
    with watching("--redis", redis_url, "watch", "proposals", "BTCUSDT", *FAST, "--html", str(path)) as watch:
        watch.read_until("critical")
        watch.read_until("critical")
        first = path.read_text("utf-8")
        watch.read_until("critical")
        watch.read_until("critical")
        assert watch.end() == 2
    last = path.read_text("utf-8")
    assert "stop through the price" in first
    assert "PROPOSAL102 BTCUSDT" in first
    assert last.count("<circle") < first.count("<circle") or last.count(",") > first.count(",")  # it has more points
    assert [*tmp_path.iterdir()] == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_page_is_not_written_where_it_must_not_be(redis_url, proposed, tmp_path):
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "link").symlink_to(tmp_path / "precious")
    for place, complaint in ((tmp_path / "link", "is a link"), (tmp_path / "none" / "a", "No such file")):
        result = qtops("--redis", redis_url, "watch", "proposals", "--count", "1", "--html", str(place))
        assert (result.returncode, complaint in result.stderr) == (64, True)
    assert (tmp_path / "precious").read_text() == "precious"


@pytest.mark.parametrize("output", ["human", "json"])
def test_a_disk_that_is_full_ends_no_watch(redis_url, proposed, tmp_path, output):
    arguments = ("--redis", redis_url, "watch", "proposals", "BTCUSDT", *FAST, "--count", "2", "-o", output)
    small = ("bash", "-c", 'ulimit -f 1; exec "$0" "$@"')
    result = qtops(*arguments, "--html", str(tmp_path / "a.html"), command=(*small, *COMMAND))
    told = result.stderr if output == "json" else result.stdout
    assert told.count("a.html: cannot be written: File too large") == 2
    assert result.returncode == 2
    assert [*tmp_path.iterdir()] == []


# on a terminal


def test_on_a_terminal_it_stays_in_place_and_marks_what_is_new(redis_url, beaten):
    with terminal("--redis", redis_url, *FRESHNESS) as screen:
        screen.draw_until(lambda drawn: b"look 2, every 0.2 s" in drawn)
        beaten.delete("app:BTC")
        screen.draw_until(lambda drawn: "▶".encode() in drawn and b"found NEVER app:BTC" in drawn)
        beaten.hset("app:BTC", "beat", f"{time.time():.3f}")
        screen.draw_until(lambda drawn: b"cleared NEVER app:BTC after" in drawn)
        screen.process.send_signal(signal.SIGINT)
        assert screen.end() == 0
    assert screen.drawn.startswith(ALTERNATE_SCREEN)
    assert screen.drawn.count(FIRST_SCREEN) == 1
    assert b"1 key: 1 FRESH: ok" in screen.drawn.partition(FIRST_SCREEN)[2].replace(b"\x1b[32m", b"").replace(b"\x1b[0m", b"")
    assert b"Traceback" not in screen.drawn


def test_frames_fit_the_terminal_with_a_plot_and_without_colours(redis_url, proposed):
    with terminal("--redis", redis_url, "--color", "never", "watch", "proposals", *FAST, "--plot") as screen:
        screen.draw_until(lambda drawn: b"look 3, every 0.2 s" in drawn)
        screen.process.send_signal(signal.SIGTERM)
        assert screen.end() == 143
    frames = re.split(r"\x1b\[H|\x1b\[\?1049[hl]", screen.drawn.decode())
    drawn = [frame for frame in frames if re.search(r"SSSS|TTTT|  [ST]  ", frame)]  # of levels in one row the last one is seen
    assert drawn, screen.drawn.decode()[-6000:]
    assert max(frame.count("\n") for frame in frames if "look " in frame) <= 20
    assert all("\x1b[3" not in frame for frame in drawn)


def test_a_plot_is_drawn_at_the_end_where_there_is_no_terminal(redis_url, proposed):
    result = qtops("--redis", redis_url, "watch", "proposals", "BTCUSDT", *FAST, "--count", "2", "--plot")
    assert "BTCUSDT LONG: price 105.000, SL 105.968, TP 106.225; stop through the price" in result.stdout
    assert "\x1b" not in result.stdout
