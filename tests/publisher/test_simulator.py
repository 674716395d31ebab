"""The simulator against a real server: clearly marked, never over somebody else's data, and gone at once when told."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from publisher.connection import Client, connect
from publisher.contract import market_key, position_key
from publisher.embedded import private_server
from publisher.simulator import foreign_data, main
from tests.publisher import builders


@pytest.fixture(scope="module")
def server_url() -> Iterator[str]:
    with private_server() as server:
        yield server.url


@pytest.fixture
def client(server_url: str) -> Iterator[Client]:
    with connect(server_url) as client:
        client.flushall()
        yield client


@contextmanager
def simulator(url: str, *args: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "publisher.simulator", "--redis", url, *args]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(client: Client, key: str, field: str, not_equal: bytes | None = None) -> bytes:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        value = client.hget(key, field)
        if value is not None and value != not_equal:
            return bytes(value)
        time.sleep(0.01)
    raise AssertionError(f"{key} {field} did not come")


def refusal(url: str, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "publisher.simulator", "--redis", url, *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


def test_it_writes_marked_hashes_that_expire(server_url: str, client: Client) -> None:
    with simulator(server_url, "--symbols", "BTCUSDT,ETHUSDT", "--interval", "0.05"):
        wait_for(client, position_key("ETHUSDT"), "current_price")
        for symbol, side in (("BTCUSDT", b"LONG"), ("ETHUSDT", b"SHORT")):
            assert client.hget(market_key(symbol), "source") == b"simulator"
            assert client.hget(position_key(symbol), "source") == b"simulator"
            assert client.hget(position_key(symbol), "side") == side
            assert 590 <= client.ttl(market_key(symbol)) <= 600
            assert 290 <= client.ttl(position_key(symbol)) <= 300
        assert abs(int(wait_for(client, market_key("BTCUSDT"), "ts_timestamp")) - time.time()) < 3
        price = wait_for(client, position_key("BTCUSDT"), "current_price")
        assert wait_for(client, position_key("BTCUSDT"), "current_price", not_equal=price) != price


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_and_quietly(server_url: str, client: Client, number: int) -> None:
    with simulator(server_url, "--interval", "60") as process:
        wait_for(client, market_key("BTCUSDT"), "sigma")
        began = time.monotonic()
        process.send_signal(number)
        assert process.wait(2) == 0
        assert time.monotonic() - began < 0.5
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


@pytest.mark.parametrize(
    ("key", "fields"),
    [
        (market_key("BTCUSDT"), builders.market_hash()),
        (market_key("OTHER"), builders.market_hash(source="market_state_publisher")),
        (position_key("BTCUSDT"), builders.position_hash()),
    ],
)
def test_it_leaves_a_real_market_alone(server_url: str, client: Client, key: str, fields: dict[bytes, bytes]) -> None:
    client.hset(key, mapping=fields)
    result = refusal(server_url)
    assert result.returncode == 77
    assert key in result.stderr
    assert "nothing is written" in result.stderr
    assert "--force" in result.stderr
    assert client.keys() == [key.encode()]
    assert client.hgetall(key) == fields


def test_a_key_of_another_type_is_somebody_elses(server_url: str, client: Client) -> None:
    client.set(market_key("BTCUSDT"), "x")
    assert "marketstate:BTCUSDT" in (foreign_data(server_url) or "")


def test_hostile_names_are_shown_harmless(server_url: str, client: Client) -> None:
    client.hset(market_key("\x1b[31m"), "source", b"\xff\x1b]0;x\x07")
    told = foreign_data(server_url) or ""
    assert told
    assert told.isprintable()


def test_its_own_market_may_go_on(server_url: str, client: Client) -> None:
    with simulator(server_url, "--symbols", "BTCUSDT"):
        wait_for(client, market_key("BTCUSDT"), "sigma")
    assert foreign_data(server_url) is None


def test_forced_it_replaces_what_is_there(server_url: str, client: Client) -> None:
    client.hset(position_key("BTCUSDT"), mapping=builders.position_hash(stop_loss="42"))
    with simulator(server_url, "--symbols", "BTCUSDT", "--force"):
        wait_for(client, position_key("BTCUSDT"), "source", not_equal=b"position_state_brain")
        assert client.hget(position_key("BTCUSDT"), "stop_loss") is None


def test_a_redis_that_is_away_is_said_and_nothing_is_assumed() -> None:
    with private_server() as server:
        gone = server.url
    result = refusal(gone)
    assert result.returncode == 75
    assert "is down" in result.stderr
    assert "Traceback" not in result.stderr


def test_it_survives_a_redis_that_goes_and_comes_back() -> None:
    with private_server() as first, simulator(first.url, "--interval", "0.05") as process, connect(first.url) as client:
        wait_for(client, market_key("BTCUSDT"), "sigma")
        first.process.kill()
        first.process.wait()
        time.sleep(0.2)
        with private_server(first.folder), connect(first.url) as again:
            wait_for(again, market_key("BTCUSDT"), "sigma")
            process.terminate()
            assert process.wait(2) == 0
            assert process.stderr is not None
            said = process.stderr.read()
            assert said.count("Redis is down") == 1
            assert said.count("again") == 1


@pytest.mark.parametrize(
    "wrong",
    [
        ["--symbols", ""],
        ["--symbols", "BTC USDT"],
        ["--symbols", "A\x1b[31m"],
        ["--interval", "0"],
        ["--interval", "nan"],
        ["--interval", "1_0"],
        ["--seed", "x"],
    ],
)
def test_a_wrong_command_line_is_said_in_one_line(wrong: list[str], capsys: pytest.CaptureFixture[str], server_url: str) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--redis", server_url, *wrong])
    assert end.value.code == 64
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert "\x1b" not in said


def test_an_address_that_names_no_redis_is_a_wrong_command_line() -> None:
    result = refusal("gopher://x")
    assert result.returncode == 64
    assert "unknown scheme" in result.stderr
