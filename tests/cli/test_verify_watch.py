"""``qtops verify freshness --watch``: a live table on a terminal, repeated reports elsewhere, and Ctrl-C as a good end."""

import json
import os
import pty
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import redis

from tests.cli.running import COMMAND, environment
from tests.collectors.scene import NO_WAY

ALTERNATE_SCREEN, FIRST_SCREEN = b"\x1b[?1049h", b"\x1b[?1049l"
FAMILY = ("--pattern", "app:{symbol}", "--time-field", "beat", "--limit", "30s")
WATCH = ("verify", "freshness", "BTC", *FAMILY, "--watch", "--every", "0.3s")


@pytest.fixture
def beaten(redis_client: redis.Redis) -> redis.Redis:
    redis_client.hset("app:BTC", "beat", f"{time.time():.3f}")
    return redis_client


class Terminal:
    """A process on a terminal of 100 columns and 20 lines, and what it has drawn so far."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.process, self._descriptor, self.drawn = process, descriptor, b""

    def draw_until(self, enough: Callable[[bytes], bool], limit_s: float = 10.0) -> None:
        deadline = time.monotonic() + limit_s
        while not enough(self.drawn):
            ready, _, _ = select.select([self._descriptor], [], [], max(deadline - time.monotonic(), 0))
            assert self._read() if ready else False, f"not drawn within {limit_s:g} s; so far: {self.drawn[-2000:]!r}"

    def end(self) -> int:
        """Exit code; all that was drawn to the end is in ``drawn``."""
        while select.select([self._descriptor], [], [], 10)[0] and self._read():
            pass
        return self.process.wait(5)

    def _read(self) -> bool:
        try:
            chunk = os.read(self._descriptor, 65536)
        except OSError:  # nobody holds the other end any more
            return False
        self.drawn += chunk
        return bool(chunk)


@contextmanager
def terminal(*arguments: str, command: tuple[str, ...] = COMMAND) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    size = {"COLUMNS": "100", "LINES": "20", "TERM": "xterm"}
    process = subprocess.Popen([*command, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=environment(**size))
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(ours)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_on_a_terminal_it_is_a_live_table_and_the_screen_comes_back(redis_url, beaten, number):
    with terminal("--redis", redis_url, *WATCH) as screen:
        screen.draw_until(lambda drawn: b"look 3, every 0.3 s; Ctrl-C ends" in drawn)
        beaten.delete("app:BTC")
        screen.draw_until(lambda drawn: b"NEVER" in drawn)
        screen.process.send_signal(number)
        code = screen.end()
    assert code == (2 if number is signal.SIGINT else 128 + number)
    assert screen.drawn.startswith(ALTERNATE_SCREEN)
    assert screen.drawn.count(FIRST_SCREEN) == 1
    last = screen.drawn.partition(FIRST_SCREEN)[2]
    assert (b"1 key: 1 NEVER: " in last) == (number is signal.SIGINT)  # the last report stays
    assert b"Traceback" not in screen.drawn


@pytest.mark.slow
def test_a_redis_that_comes_and_goes_is_shown(redis_url, beaten):
    with terminal("--redis", NO_WAY, *WATCH) as screen:
        screen.draw_until(lambda drawn: b" is down: " in drawn and b"look 2" in drawn)
        screen.process.send_signal(signal.SIGINT)
        assert screen.end() == 3


@pytest.mark.slow
def test_many_keys_fit_the_screen(redis_url):
    symbols = ",".join(f"S{number}" for number in range(500))
    with terminal("--redis", redis_url, *WATCH, "--symbols", symbols) as screen:
        screen.draw_until(lambda drawn: b"look 2" in drawn)
        frame = screen.drawn.rpartition(b"STATE")[2]
        assert b"more keys are not listed" in frame
        assert b"501 keys: 501 NEVER: " in frame
        screen.process.send_signal(signal.SIGINT)
        assert screen.end() == 2


@pytest.mark.slow
@pytest.mark.parametrize("output", ["json", "human"])
def test_without_a_terminal_reports_follow_each_other_until_ctrl_c(redis_url, beaten, output):
    command = [*COMMAND, "--redis", redis_url, *WATCH, "-o", output]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    sign = b'"schema"' if output == "json" else b"1 key: 1 FRESH: ok"
    lines = []
    while sum(sign in line for line in lines) < 3 and (line := process.stdout.readline()):
        lines.append(line)
    process.send_signal(signal.SIGINT)
    rest, talk = process.communicate(timeout=5)
    assert (process.returncode, talk) == (0, b"")
    assert b"\x1b" not in b"".join(lines) + rest
    if output == "json":
        assert [json.loads(line)["summary"]["verdict"] for line in lines] == ["ok"] * 3


@pytest.mark.slow
def test_progress_is_shown_on_a_terminal_only_and_cleared(redis_url, beaten):
    observe = (*WATCH[: WATCH.index("--watch")], "--observe", "3s")
    with terminal("--redis", redis_url, *observe) as screen:
        screen.draw_until(lambda drawn: b"seconds observed" in drawn)
        assert screen.end() == 3  # too short to measure thirty seconds
    assert b"no update seen in 3." in screen.drawn.replace(b"\r\n", b" ")
    result = subprocess.run([*COMMAND, "--redis", redis_url, *observe], capture_output=True, env=environment(), check=False)
    assert (result.returncode, result.stderr) == (3, b"")


def test_a_watch_that_nobody_reads_ends_quietly(redis_url, beaten):
    command = [*COMMAND, "--redis", redis_url, *WATCH]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(5) == 128 + signal.SIGPIPE
    assert process.stderr.read() == b""
    process.stderr.close()
