"""Whatever a wire does to the bytes, no wait of the publisher is without an end, and it recovers when the wire does."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.feeding import feed, now_ms, symbols, wait_fresh
from tests.faults.proxy import Wire, wire
from tests.faults.publishing import INTERVAL_S, TIMEOUT_S, Publisher, publishing
from tests.faults.servers import Server

pytestmark = pytest.mark.slow

SYMBOLS = symbols(20)
SLOWEST_EXCHANGE_S = 5 * TIMEOUT_S
LONGEST_CYCLE_S = SLOWEST_EXCHANGE_S + 2 * TIMEOUT_S  # the last byte may come late, and one more wait may be under way


@pytest.fixture(autouse=True, scope="module")
def _fed(server: Server) -> None:
    feed(server.client, SYMBOLS)


@pytest.fixture
def proxy(server: Server) -> Iterator[Wire]:
    with wire(server) as proxy:
        yield proxy


def recovers(server: Server, publisher: Publisher, lines: int = 2) -> None:
    healed_at = now_ms()
    wait_fresh(server.client, SYMBOLS, healed_at, SLOWEST_EXCHANGE_S + 2 * INTERVAL_S)
    publisher.wait_for("Redis: back")
    assert len(publisher.said("Redis: ")) == lines


def test_a_wire_that_swallows_everything(server: Server, proxy: Wire, tmp_path: Path) -> None:
    with publishing(tmp_path / "log", proxy.url, SYMBOLS) as publisher:
        wait_fresh(server.client, SYMBOLS, now_ms(), 10)
        proxy.swallow, began = True, time.monotonic()
        publisher.wait_for("Redis: hung")
        assert time.monotonic() - began < TIMEOUT_S + 2 * INTERVAL_S + 0.5
        time.sleep(0.5)
        proxy.swallow = False
        recovers(server, publisher)


@pytest.mark.heavy
def test_a_reply_that_drips_byte_by_byte(server: Server, proxy: Wire, tmp_path: Path) -> None:
    with publishing(tmp_path / "log", proxy.url, SYMBOLS) as publisher:
        wait_fresh(server.client, SYMBOLS, now_ms(), 10)
        proxy.drip_s, began = TIMEOUT_S / 2, time.monotonic()
        publisher.wait_for("Redis: hung")
        took_s = time.monotonic() - began
        proxy.drip_s = 0.0
        proxy.cut()
        recovers(server, publisher)
    assert took_s < 2 * (LONGEST_CYCLE_S + INTERVAL_S), "a byte now and then is no answer"


def test_one_long_reply_that_drips_byte_by_byte(server: Server, proxy: Wire, tmp_path: Path) -> None:
    server.client.hset("quantum:marketstate:LONGUSDT", mapping={"sigma": "1" * 5000, "p_trend": "0.1"})
    with publishing(tmp_path / "log", proxy.url, ["LONGUSDT"]) as publisher:
        proxy.drip_s, began = TIMEOUT_S / 3, time.monotonic()
        publisher.wait_for("Redis: hung", SLOWEST_EXCHANGE_S + 5)
        assert time.monotonic() - began < LONGEST_CYCLE_S + 2 * INTERVAL_S


@pytest.mark.heavy
def test_a_wire_that_is_slow_but_within_the_limit(server: Server, proxy: Wire, tmp_path: Path) -> None:
    proxy.delay_s = TIMEOUT_S / 3
    with publishing(tmp_path / "log", proxy.url, SYMBOLS) as publisher:
        wait_fresh(server.client, SYMBOLS, now_ms(), 10)
        publisher.wait_for("Cycle took")
        assert publisher.said("Redis: ") == []


def test_a_wire_that_is_cut_now_and_then(server: Server, proxy: Wire, tmp_path: Path) -> None:
    with publishing(tmp_path / "log", proxy.url, SYMBOLS) as publisher:
        for _ in range(4):
            wait_fresh(server.client, SYMBOLS, now_ms(), 10)
            proxy.cut()
        wait_fresh(server.client, SYMBOLS, now_ms(), 10)
        assert [line.split()[1] for line in publisher.said("Redis: ")][0::2].count("back") == 0
