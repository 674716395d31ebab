"""SIGTERM, SIGINT and SIGHUP end the publisher within a second, whatever it or Redis does at that moment."""

import random
import signal
import time
from pathlib import Path

import pytest

from publisher.contract import proposal_key
from tests.faults.feeding import feed, heartbeats, now_ms, symbols, wait_fresh
from tests.faults.publishing import Publisher, publishing
from tests.faults.servers import Server, stopped, wait_until

SYMBOLS = symbols(5)
MANY = symbols(5000)
MOST_S = 1.0
SIGNALS = (signal.SIGTERM, *(pytest.param(number, marks=pytest.mark.heavy) for number in (signal.SIGINT, signal.SIGHUP)))


@pytest.fixture(autouse=True, scope="module")
def _fed(server: Server) -> None:
    feed(server.client, SYMBOLS)


def ends_in_time(publisher: Publisher, number: signal.Signals = signal.SIGTERM) -> None:
    took_s = publisher.end(number)
    assert publisher.process.returncode == 0
    assert publisher.log()[-1] == "Stopped"
    assert took_s <= MOST_S


@pytest.mark.parametrize("number", SIGNALS)
def test_while_redis_hangs(server: Server, tmp_path: Path, number: signal.Signals) -> None:
    began = now_ms()
    with publishing(tmp_path / "log", server.url, SYMBOLS, timeout_s=5.0) as publisher:
        wait_fresh(server.client, SYMBOLS, began, 10)
        with stopped(server):
            time.sleep(0.5)
            ends_in_time(publisher, number)


@pytest.mark.heavy
def test_while_redis_hangs_from_the_start(server: Server, tmp_path: Path) -> None:
    with stopped(server), publishing(tmp_path / "log", server.url, SYMBOLS, timeout_s=5.0) as publisher:
        publisher.wait_for("Starting publish loop")
        time.sleep(0.2)
        ends_in_time(publisher)


def test_while_redis_is_down(tmp_path: Path) -> None:
    with publishing(tmp_path / "log", Server(tmp_path / "none").url, SYMBOLS, interval_s=10.0) as publisher:
        publisher.wait_for("Redis: down")
        ends_in_time(publisher)


def test_a_second_signal_changes_nothing(server: Server, tmp_path: Path) -> None:
    with publishing(tmp_path / "log", server.url, SYMBOLS, timeout_s=5.0) as publisher:
        publisher.wait_for("Published")
        with stopped(server):
            time.sleep(0.3)
            publisher.process.send_signal(signal.SIGINT)
            time.sleep(0.05)
            ends_in_time(publisher, signal.SIGTERM)


@pytest.mark.parametrize("times", [1, pytest.param(40, marks=pytest.mark.heavy)])
def test_at_any_moment_of_a_cycle_over_5000_symbols(server: Server, tmp_path: Path, times: int) -> None:
    """What is cut off is cut off in the middle of anything, C code included."""
    moments = random.Random(1)
    feed_many(server)
    for turn in range(times):
        server.client.script_flush()
        with publishing(tmp_path / f"log{turn}", server.url, MANY, "--stream", interval_s=0.05) as publisher:
            wait_until(lambda: any(heartbeats(server.client, MANY)), 10, "the first of 5,000 proposals")
            time.sleep(moments.uniform(0.0, 0.6))
            ends_in_time(publisher)
        assert torn(server) == []
        server.client.delete(*(proposal_key(name) for name in MANY))


def feed_many(server: Server) -> None:
    pipeline = server.client.pipeline(transaction=False)
    feed(pipeline, MANY)
    pipeline.execute()


def torn(server: Server) -> list[str]:
    """Proposals that are there, but not whole or without an end."""
    pipeline = server.client.pipeline(transaction=False)
    for name in MANY:
        key = proposal_key(name)
        pipeline.hmget(key, "heartbeat_ms", "proposed_sl").pttl(key)  # one command: between two of them it may expire
    replies = iter(pipeline.execute())
    found = zip(MANY, replies, replies, strict=True)
    return [name for name, (heartbeat, stop), life in found if (heartbeat is None) != (stop is None) or life == -1]
