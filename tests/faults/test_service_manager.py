"""What the service manager is told by sd_notify(3): the truth, and a watchdog ping only after a cycle that really published."""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.contract import market_key
from tests.faults.feeding import feed, now_ms, symbols, wait_fresh
from tests.faults.publishing import INTERVAL_S, publishing
from tests.faults.servers import Server, stopped

SYMBOLS = symbols(3)


class Manager:
    """The manager's end of the socket."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.setblocking(False)

    def heard(self) -> list[dict[str, str]]:
        """What came since it was asked last."""
        messages = []
        while True:
            try:
                text = self._socket.recv(4096).decode()
            except BlockingIOError:
                return messages
            messages.append(dict(line.split("=", 1) for line in text.split("\n")))

    def hear(self, name: str, beginning: str = "", limit_s: float = 5.0) -> list[dict[str, str]]:
        """Wait for a message that sets this variable so; all that came until then."""
        messages, until = [], time.monotonic() + limit_s
        while not any(name in message and message[name].startswith(beginning) for message in messages):
            assert time.monotonic() < until, (name, beginning, messages[-3:])
            time.sleep(0.01)
            messages += self.heard()
        return messages

    def close(self) -> None:
        """Go away."""
        self._socket.close()


@pytest.fixture
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    manager = Manager(getattr(request, "param", None) or str(tmp_path / "notify"))
    yield manager
    manager.close()


@pytest.mark.parametrize(
    "manager",
    [pytest.param(None, marks=pytest.mark.heavy), f"@qtops-test-{os.getpid()}"],
    ids=["in a folder", "abstract"],
    indirect=True,
)
def test_ready_status_watchdog_and_the_end(server: Server, manager: Manager, tmp_path: Path) -> None:
    feed(server.client, SYMBOLS)
    server.client.delete(market_key(SYMBOLS[2]))
    with publishing(tmp_path / "log", server.url, SYMBOLS, env={"NOTIFY_SOCKET": manager.address}) as publisher:
        (first, *_) = manager.hear("WATCHDOG")
        assert first["READY"] == "1"
        assert first["STATUS"].startswith("2 fresh, 0 without position, 1 refused, cycle ")
        manager.heard()
        time.sleep(5 * INTERVAL_S)
        assert 3 <= len([message for message in manager.heard() if message.get("WATCHDOG") == "1"]) <= 7
        publisher.end()
        assert manager.heard()[-1] == {"STOPPING": "1", "STATUS": "stopping"}


def test_no_ping_while_redis_is_down_or_hung(server: Server, manager: Manager, tmp_path: Path) -> None:
    feed(server.client, SYMBOLS)
    with publishing(tmp_path / "log", server.url, SYMBOLS, env={"NOTIFY_SOCKET": manager.address}) as publisher:
        manager.hear("WATCHDOG")
        with stopped(server):
            manager.hear("STATUS", "Redis hung;")
            time.sleep(4 * INTERVAL_S)
            assert [message for message in manager.heard() if "WATCHDOG" in message] == []
        manager.hear("WATCHDOG")
        server.kill()
        manager.hear("STATUS", "Redis down;")
        time.sleep(4 * INTERVAL_S)
        assert [message for message in manager.heard() if "WATCHDOG" in message] == []
        server.start()
        feed(server.client, SYMBOLS)
        manager.hear("WATCHDOG")
        publisher.wait_for("Redis: back", times=2)


@pytest.mark.heavy
def test_ready_even_where_redis_is_down_at_the_start(manager: Manager, tmp_path: Path) -> None:
    """It will serve as soon as Redis does; a start that times out would only be repeated."""
    with publishing(tmp_path / "log", Server(tmp_path / "none").url, SYMBOLS, env={"NOTIFY_SOCKET": manager.address}):
        messages = manager.hear("READY")
        assert messages[0]["STATUS"].startswith("Redis down;")
        assert "WATCHDOG" not in messages[0]


@pytest.mark.parametrize("address", ["/nowhere/at/all", "@nobody-listens-here", "x" * 200])
def test_a_manager_that_is_not_there_does_no_harm(server: Server, tmp_path: Path, address: str) -> None:
    feed(server.client, SYMBOLS)
    began = now_ms()
    with publishing(tmp_path / "log", server.url, SYMBOLS, env={"NOTIFY_SOCKET": address}):
        wait_fresh(server.client, SYMBOLS, began, 5)
        wait_fresh(server.client, SYMBOLS, now_ms(), 5)


@pytest.mark.heavy
def test_a_manager_that_goes_away_does_no_harm(server: Server, manager: Manager, tmp_path: Path) -> None:
    feed(server.client, SYMBOLS)
    with publishing(tmp_path / "log", server.url, SYMBOLS, env={"NOTIFY_SOCKET": manager.address}):
        manager.hear("WATCHDOG")
        manager.close()
        wait_fresh(server.client, SYMBOLS, now_ms(), 5)
        wait_fresh(server.client, SYMBOLS, now_ms(), 5)


@pytest.mark.heavy
def test_a_manager_that_does_not_read_does_no_harm(server: Server, manager: Manager, tmp_path: Path) -> None:
    """Its queue is full after some messages; the publisher does not wait for it."""
    feed(server.client, SYMBOLS)
    with publishing(tmp_path / "log", server.url, SYMBOLS, env={"NOTIFY_SOCKET": manager.address}, interval_s=0.05):
        time.sleep(5.0)
        wait_fresh(server.client, SYMBOLS, now_ms(), 1)
