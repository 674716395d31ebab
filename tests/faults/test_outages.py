"""Redis is killed, paused, and comes back: the publisher outlives it, says so once, and all is fresh within two intervals."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.feeding import feed, heartbeats, now_ms, symbols, wait_fresh
from tests.faults.publishing import publishing
from tests.faults.servers import Server, running, stopped, wait_until

pytestmark = pytest.mark.slow

SYMBOLS = symbols(20)
INTERVAL_S = 0.5
MOST_INTERVALS = 2.0


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has its data again when it is back."""
    with running(tmp_path_factory.mktemp("lasting"), "--appendonly", "yes", "--save", "") as server:
        feed(server.client, SYMBOLS)
        yield server


@pytest.mark.parametrize("outages", [3, pytest.param(50, marks=pytest.mark.heavy)])
def test_killed_and_restarted_again_and_again(lasting: Server, tmp_path: Path, outages: int) -> None:
    recoveries = []
    with publishing(tmp_path / "log", lasting.url, SYMBOLS, interval_s=INTERVAL_S) as publisher:
        wait_fresh(lasting.client, SYMBOLS, 0, 10)
        for outage in range(1, outages + 1):
            killed_at = now_ms()
            lasting.kill()
            publisher.wait_for("Redis: down", times=outage)
            time.sleep(0.1 * (outage % 5))  # the attempts to reach it are spread over the interval
            lasting.start()
            recoveries.append(wait_fresh(lasting.client, SYMBOLS, killed_at, 10) / INTERVAL_S)
            publisher.wait_for("Redis: back", times=outage)
        assert publisher.process.poll() is None
        told = publisher.said("Redis: ")
    print(f"{outages} outages: all fresh again after at most {max(recoveries):.2f} intervals")
    assert [line.split()[1] for line in told] == ["down", "back"] * outages
    assert max(recoveries) <= MOST_INTERVALS


@pytest.mark.parametrize("seconds", [1.0, pytest.param(4.0, marks=pytest.mark.heavy), pytest.param(12.0, marks=pytest.mark.heavy)])
def test_paused(lasting: Server, tmp_path: Path, seconds: float) -> None:
    feed(lasting.client, SYMBOLS)
    with publishing(tmp_path / "log", lasting.url, SYMBOLS, interval_s=INTERVAL_S) as publisher:
        wait_fresh(lasting.client, SYMBOLS, now_ms(), 10)
        with stopped(lasting):
            began, cpu_s = time.monotonic(), publisher.cpu_s
            publisher.wait_for("Redis: hung")
            time.sleep(seconds - (time.monotonic() - began))
            cpu_s = publisher.cpu_s - cpu_s
            continued_at = now_ms()
        recovery = wait_fresh(lasting.client, SYMBOLS, continued_at, 10) / INTERVAL_S
        publisher.wait_for("Redis: back")
        told = publisher.said("Redis: ", "Cycle took")
    print(f"{seconds:g} s pause: all fresh again after {recovery:.2f} intervals")
    assert recovery <= MOST_INTERVALS
    assert [line.split()[1] for line in told if line.startswith("Redis")] == ["hung", "back"]
    assert cpu_s < 1.0, "waiting costs no processor time"


@pytest.mark.heavy
def test_gone_for_less_than_an_interval_is_no_outage(lasting: Server, tmp_path: Path) -> None:
    feed(lasting.client, SYMBOLS)
    with publishing(tmp_path / "log", lasting.url, SYMBOLS, interval_s=4.0) as publisher:
        wait_fresh(lasting.client, SYMBOLS, now_ms(), 10)
        beat = max(heartbeats(lasting.client, SYMBOLS))
        lasting.kill()
        lasting.start()
        wait_until(lambda: min(heartbeats(lasting.client, SYMBOLS)) > beat, 6, "the next heartbeat")
        assert publisher.said("Redis: ") == []


def test_it_waits_for_a_redis_that_is_not_there_yet(lasting: Server, tmp_path: Path) -> None:
    lasting.kill()
    with publishing(tmp_path / "log", lasting.url, SYMBOLS, interval_s=INTERVAL_S) as publisher:
        publisher.wait_for("Redis: down")
        started_at = now_ms()
        lasting.start()
        assert wait_fresh(lasting.client, SYMBOLS, started_at, 10) / INTERVAL_S <= MOST_INTERVALS
        publisher.wait_for("Redis: back")
