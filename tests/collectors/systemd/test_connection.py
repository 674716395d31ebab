"""A bus that does not answer, or is not there: said in time, whatever pystemd would wait for."""

import os
import socket
import threading
import time

import pytest

from qtops.collectors.systemd import connection
from qtops.collectors.systemd.connection import Connection, _limited
from qtops.collectors.systemd.reading import NoManager, open_manager

LIMIT_S = 0.4


@pytest.fixture
def bus(tmp_path, monkeypatch):
    """The address of a bus of our own: root would ask systemd itself."""
    pytest.importorskip("pystemd")
    path = tmp_path / "bus"
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={path}")
    monkeypatch.setattr(connection, "PRIVATE", str(tmp_path / "private"))
    return path


def refused():
    began = time.monotonic()
    with pytest.raises(NoManager) as why:
        Connection(LIMIT_S)
    assert time.monotonic() - began < LIMIT_S + 0.3
    return why.value


@pytest.mark.parametrize(
    "answer", [b"", b"DATA\r\n", b"noise\r\n", b"DATA\r\nOK 0123456789abcdef0123456789abcdef\r\nAGREE_UNIX_FD\r\n"]
)
def test_silence_at_any_stage_is_not_waited_for(bus, answer):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(bus))
        server.listen()
        threading.Thread(target=_say, args=(server, answer), daemon=True).start()
        assert str(refused())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root asks systemd itself")
def test_silence_of_systemd_itself_is_not_waited_for_either(bus):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(connection.PRIVATE)
        server.listen()
        why = refused()
        assert str(why) == "systemd did not answer within 0.4 s"
        assert why.missing.enable == "systemctl is-system-running"


def _say(server, answer):
    client, _ = server.accept()
    client.sendall(answer)
    time.sleep(LIMIT_S + 1)
    client.close()


def test_where_nobody_listens_it_is_said(bus):
    assert refused().enable
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(bus))  # and does not listen
        assert refused().enable


def test_the_limit_of_the_library_is_put_back(monkeypatch):
    monkeypatch.setenv("SYSTEMD_BUS_TIMEOUT", "7")
    with _limited(0.25):
        assert os.environ["SYSTEMD_BUS_TIMEOUT"] == "0.250s"
    assert os.environ["SYSTEMD_BUS_TIMEOUT"] == "7"
    monkeypatch.delenv("SYSTEMD_BUS_TIMEOUT")
    with _limited(1):
        pass
    assert "SYSTEMD_BUS_TIMEOUT" not in os.environ


def test_a_host_without_systemctl_says_what_would_help(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoManager, match="systemctl is not installed") as why:
        open_manager(1, "systemctl")
    assert "pip install" in why.value.enable
