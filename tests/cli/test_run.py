"""``qtops run publisher`` becomes the publisher, and with --embedded it is the demo."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import redis

from publisher.contract import market_key, position_key, proposal_key
from tests.cli.running import COMMAND, environment, qtops
from tests.publisher import builders


@pytest.fixture
def fed(redis_client: redis.Redis, redis_url: str) -> str:
    """The address of a Redis with a market and a position for BTCUSDT."""
    now_s = int(time.time())
    redis_client.hset(market_key("BTCUSDT"), mapping=builders.market_hash(ts_timestamp=now_s))
    redis_client.hset(position_key("BTCUSDT"), mapping=builders.position_hash(ts_epoch=now_s))
    return redis_url


def wait_for(redis_client: redis.Redis, key: str) -> None:
    deadline = time.monotonic() + 10
    while not redis_client.exists(key):
        assert time.monotonic() < deadline, f"{key} did not come"
        time.sleep(0.02)


def test_the_process_becomes_the_publisher_and_keeps_its_pid(fed: str, redis_client: redis.Redis) -> None:
    command = [*COMMAND, "--redis", fed, "run", "publisher", "--symbols", "BTCUSDT", "--interval", "0.5", "--publisher-id", "me"]
    with subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_for(redis_client, proposal_key("BTCUSDT"))
            words = psutil.Process(process.pid).cmdline()
            assert words[1:4] == ["-P", "-m", "publisher"]
            assert psutil.Process(process.pid).children() == []
            assert redis_client.hget(proposal_key("BTCUSDT"), "publisher_id") == b"me"
            process.send_signal(signal.SIGTERM)
            assert process.wait(2) == 0
        finally:
            process.kill()


def test_the_publishers_exit_code_and_words_are_its_own(fed: str) -> None:
    result = qtops("run", "publisher", "--redis-url", fed, "--symbols", "BTCUSDT", "--once")
    assert result.returncode == 0
    assert "Published proposal for BTCUSDT" in result.stderr
    assert qtops("run", "publisher", "--nonsense").returncode == 64


def test_a_folder_of_the_same_name_does_not_win(tmp_path: Path) -> None:
    (tmp_path / "publisher").mkdir()
    (tmp_path / "publisher" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    script = Path(sys.executable).with_name("qtops")
    result = subprocess.run(
        [str(script), "run", "publisher", "--", "--help"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0
    assert "--position-source" in result.stdout


def test_the_service_managers_socket_reaches_the_publisher(fed: str, tmp_path: Path) -> None:

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(10)
        command = [*COMMAND, "run", "publisher", "--redis-url", fed, "--symbols", "BTCUSDT"]
        variables = environment(NOTIFY_SOCKET=str(tmp_path / "notify"))
        with subprocess.Popen(command, env=variables, stderr=subprocess.DEVNULL) as process:
            try:
                assert b"READY=1" in manager.recv(4096)
            finally:
                process.kill()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "publisher", "--embedded", "--once"], "it takes no --once"),
        (["--redis", "redis://h", "run", "publisher", "--embedded"], "it takes no --redis"),
        (["run", "publisher", "--embedded", "--symbols", "A B"], "--symbols"),
        (["run", "publisher", "--embedded", "--symbols", ","], "--symbols"),
        (["run", "publisher", "--embedded", "--symbols", "\x1b[31mA"], "--symbols"),
        (["run", "publisher", "--embedded", "--seconds", "0"], "--seconds"),
        (["run", "publisher", "--embedded", "--seconds", "nan"], "--seconds"),
        (["run", "publisher", "--embedded", "--interval", "nan"], "--interval"),
        (["run", "publisher", "--embedded", "--interval", "0.01"], "--interval"),
        (["run", "publisher", "--seconds", "5"], "--seconds goes with --embedded"),
        (["run", "publisher", "-o", "json"], "--output goes with --embedded"),
    ],
)
def test_a_wrong_command_line_is_said_in_one_line(arguments: list[str], message: str) -> None:
    result = qtops(*arguments)
    assert result.returncode == 64
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "\x1b" not in result.stderr


def test_a_variable_for_the_demo_does_not_disturb_the_publisher(fed: str) -> None:
    result = qtops("run", "publisher", "--redis-url", fed, "--symbols", "BTCUSDT", "--once", DEMO_SECONDS="5")
    assert result.returncode == 0, result.stderr


def test_help_has_examples() -> None:
    for arguments in (("run", "--help"), ("run", "publisher", "--help")):
        result = qtops(*arguments)
        assert result.returncode == 0
        assert "qtops run publisher --embedded" in result.stdout


@pytest.mark.slow
def test_demo_seconds_sets_the_length(tmp_path: Path) -> None:
    result = qtops("run", "publisher", "--embedded", "--interval", "1", DEMO_SECONDS="3", TMPDIR=str(tmp_path))
    assert result.returncode == 0, result.stdout
    assert "over 3 s" in result.stdout
    assert list(tmp_path.iterdir()) == []
