"""SIGTERM, SIGINT and SIGHUP end the publisher within a second, whatever it or Redis does at that moment."""

import signal
import time
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("after_s", [0.05, pytest.param(0.3, marks=pytest.mark.heavy), pytest.param(0.6, marks=pytest.mark.heavy)])
def test_in_the_middle_of_5000_symbols(server: Server, tmp_path: Path, after_s: float) -> None:
    feed(server.client.pipeline(transaction=False), ())
    pipeline = server.client.pipeline(transaction=False)
    feed(pipeline, MANY)
    pipeline.execute()
    with publishing(tmp_path / "log", server.url, MANY, "--stream", interval_s=0.05) as publisher:
        wait_until(lambda: any(heartbeats(server.client, MANY)), 10, "the first of 5,000 proposals")
        time.sleep(after_s)
        ends_in_time(publisher)
    assert torn(server) == []


def torn(server: Server) -> list[str]:
    """Proposals that are there, but not whole or without an end."""
    pipeline = server.client.pipeline(transaction=False)
    for name in MANY:
        key = f"quantum:risk:proposal:{name}"
        pipeline.hlen(key).hget(key, "proposed_sl").pttl(key)
    replies = iter(pipeline.execute())
    found = zip(MANY, replies, replies, replies, strict=True)
    return [name for name, fields, stop, life in found if fields and (stop is None or life == -1)]
