"""What the service manager is told, over a real datagram socket."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.notify import Notifier


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(1)
        yield manager


def told(manager: socket.socket) -> list[str]:
    return manager.recv(4096).decode().split("\n")


def test_states_are_sent_in_one_datagram(manager: socket.socket) -> None:
    notifier = Notifier(manager.getsockname())
    notifier.send(ready=1, status="3 fresh, 0 refused", watchdog=1)
    assert told(manager) == ["READY=1", "STATUS=3 fresh, 0 refused", "WATCHDOG=1"]
    notifier.close()


def test_an_abstract_socket_has_an_address_that_begins_with_an_at_sign() -> None:
    name = f"qtops-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}")
        notifier = Notifier(f"@{name}")
        notifier.send(stopping=1)
        assert told(manager) == ["STOPPING=1"]
        notifier.close()


def test_the_address_is_taken_from_the_environment_and_not_handed_on(
    manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", manager.getsockname())
    notifier = Notifier.from_environment()
    notifier.send(ready=1)
    assert told(manager) == ["READY=1"]
    child = [sys.executable, "-c", "import os; print('NOTIFY_SOCKET' in os.environ)"]
    assert subprocess.run(child, capture_output=True, text=True, check=True).stdout == "False\n"
    notifier.close()


def test_without_a_manager_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notifier = Notifier.from_environment()
    notifier.send(ready=1)
    notifier.close()


def test_a_manager_that_is_gone_or_does_not_listen_is_no_reason_to_stop(manager: socket.socket, tmp_path: Path) -> None:
    full = Notifier(manager.getsockname())
    for _ in range(2000):  # more than its queue takes: it must not block
        full.send(status="x" * 1000)
    full.close()
    gone = Notifier(str(tmp_path / "nobody"))
    gone.send(ready=1)
    gone.close()
