"""The loop as a process: on its grid without drift, gone within a second of a signal, and honest to the service manager."""

import os
import signal
import socket
import statistics
import threading
import time
from pathlib import Path

import pytest
import redis

from publisher.contract import market_key, proposal_key, publisher_key
from publisher.embedded import PrivateServer
from publisher.loop import GRACE_S, Stopped, StopSignals
from tests.publisher.running import NAME, feed, running, wait_until

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")


def cycles(client: redis.Redis) -> int:
    return int(client.hget(publisher_key(NAME), "cycle") or 0)


@pytest.mark.slow
def test_thirty_cycles_stay_on_the_grid(redis_url: str, redis_client: redis.Redis, tmp_path: Path) -> None:
    feed(redis_client, SYMBOLS)
    beats: list[int] = []
    with running(tmp_path, redis_url, SYMBOLS, 0.1):
        while len(beats) < 30:
            beat = int(redis_client.hget(proposal_key("BTCUSDT"), "heartbeat_ms") or 0)
            if beat and (not beats or beat != beats[-1]):
                beats.append(beat)
            time.sleep(0.002)
    ticks = [round((beat - beats[0]) / 100) for beat in beats]
    errors_ms = [beat - beats[0] - 100 * tick for beat, tick in zip(beats, ticks, strict=True)]
    print(f"cadence error over 30 cycles: median {statistics.median(errors_ms)} ms, largest {max(map(abs, errors_ms))} ms")
    assert sorted(set(ticks)) == ticks, "no tick twice"
    assert ticks[-1] <= 35, "few ticks are skipped, even on a busy machine"
    assert abs(statistics.median(errors_ms[-10:]) - statistics.median(errors_ms[1:11])) <= 15, "no drift"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_while_it_sleeps(
    redis_url: str, redis_client: redis.Redis, tmp_path: Path, number: signal.Signals
) -> None:
    feed(redis_client, SYMBOLS)
    with running(tmp_path, redis_url, SYMBOLS, 60) as publisher:
        wait_until(lambda: cycles(redis_client))
        began = time.monotonic()
        publisher.process.send_signal(number)
        assert publisher.process.wait(5) == 0
        assert time.monotonic() - began < 0.5
        assert publisher.said.endswith("[INFO] Stopped\n")
    assert redis_client.exists(proposal_key("BTCUSDT")), "its proposals end by themselves"


@pytest.mark.slow
def test_a_cycle_that_hangs_is_cut_off_and_asking_again_does_not_lengthen_it(redis_server: PrivateServer, tmp_path: Path) -> None:
    with running(tmp_path, redis_server.url, SYMBOLS, 0.1, REDIS_TIMEOUT_SEC="30") as publisher:
        wait_until(lambda: "Starting publish loop" in publisher.said)
        os.kill(redis_server.pid, signal.SIGSTOP)
        try:
            time.sleep(0.3)
            began = time.monotonic()
            for _ in range(3):
                publisher.process.terminate()
                time.sleep(0.15)
            assert publisher.process.wait(5) == 0
            assert time.monotonic() - began < 1.0
        finally:
            os.kill(redis_server.pid, signal.SIGCONT)
        assert f"cut off {GRACE_S:.1f}s after the signal" in publisher.said
        assert "Traceback" not in publisher.said


def test_the_service_manager_is_told_of_every_cycle_and_fed_only_by_complete_ones(
    redis_url: str, redis_client: redis.Redis, tmp_path: Path
) -> None:
    feed(redis_client, SYMBOLS)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(5)

        def told() -> dict[str, str]:
            return dict(line.split("=", 1) for line in manager.recv(4096).decode().splitlines())

        with running(tmp_path, redis_url, SYMBOLS, 0.1, NOTIFY_SOCKET=str(tmp_path / "notify")) as publisher:
            assert told() == {"READY": "1", "WATCHDOG": "1", "STATUS": "3 fresh, 0 without position, 0 refused, cycle 1"}
            redis_client.delete(market_key("BTCUSDT"))
            wait_until(lambda: "1 refused" in told()["STATUS"])
            redis_client.config_set("min-replicas-to-write", "1")
            try:
                wait_until(lambda: "WATCHDOG" not in (sick := told()) and sick["STATUS"].startswith("Redis read only; "))
            finally:
                redis_client.config_set("min-replicas-to-write", "0")
            wait_until(lambda: "WATCHDOG" in told())
            publisher.process.terminate()
            wait_until(lambda: told() == {"STOPPING": "1", "STATUS": "stopping"})


def test_a_watchdog_that_would_kill_a_healthy_publisher_is_warned_of(
    redis_url: str, redis_client: redis.Redis, tmp_path: Path
) -> None:
    for limit, warned in (("15000000", True), ("30000000", False), ("soon", False)):
        with running(tmp_path, redis_url, SYMBOLS, 10, WATCHDOG_USEC=limit) as publisher:
            wait_until(lambda: "Starting publish loop" in publisher.said)
            assert ("WatchdogSec=15 is shorter than two intervals of 10s" in publisher.said) is warned


# The signals themselves


def test_a_wait_ends_at_its_time_or_at_once_when_asked() -> None:
    with StopSignals() as stop:
        began = time.monotonic()
        stop.wait(began + 0.05)
        assert 0.05 <= time.monotonic() - began < 0.15
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()
        stop.wait(time.monotonic() + 5)
        assert stop.asked
        assert time.monotonic() - began < 1
        stop.wait(time.monotonic() + 5)
        assert time.monotonic() - began < 1


def test_what_hangs_is_cut_off_after_the_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.loop.GRACE_S", 0.05)
    with StopSignals():
        os.kill(os.getpid(), signal.SIGHUP)
        began = time.monotonic()
        with pytest.raises(Stopped):
            time.sleep(5)
        assert time.monotonic() - began < 1


def test_asking_again_does_not_lengthen_the_grace() -> None:
    with StopSignals():
        os.kill(os.getpid(), signal.SIGTERM)
        left_s, _ = signal.getitimer(signal.ITIMER_REAL)
        time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGTERM)
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= left_s - 0.02 + 0.005


def test_afterwards_signals_are_whose_they_were() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM)]
    with StopSignals():
        os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0)
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM)] == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
