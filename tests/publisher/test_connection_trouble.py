"""What a real server of version 7 says when it does not do what it is asked, and every class of error: in words of ours."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st
from redis.exceptions import RedisClusterException
from redis.sentinel import MasterNotFoundError

from publisher.connection import ADVICE, SERVER_WIDE, trouble
from publisher.embedded import private_server
from publisher.link import Link, Reply
from tests.publisher.doubles import listener

SECRET = "hu$h"


@contextmanager
def server(*args: str) -> Iterator[tuple[redis.Redis, Link, str]]:
    with private_server(args=args) as own, redis.Redis.from_url(own.url) as admin:
        link = Link(own.url, timeout_s=0.5)
        yield admin, link, own.url
        link.close()


def states(replies: list[Reply]) -> list[str]:
    return [trouble(reply).state if isinstance(reply, Exception) else "ok" for reply in replies]


GET, SET = (b"HGET", "h", "a"), (b"HSET", "h", "a", "1")
SCRIPTED = (b"EVAL", "return redis.call('HSET', KEYS[1], 'a', '1')", 1, "h")
ALL = [GET, SET, SCRIPTED]


def ask(link: Link) -> list[str]:
    return states(link.run(ALL, ["h"] * len(ALL)))


def test_a_server_that_refuses_writes_says_why() -> None:
    with server() as (admin, link, _):
        assert ask(link) == ["ok", "ok", "ok"]
        admin.config_set("maxmemory", "1")
        assert ask(link) == ["ok", "out_of_memory", "out_of_memory"]
        admin.config_set("maxmemory", "0")
        admin.config_set("min-replicas-to-write", "1")
        assert ask(link) == ["ok", "read_only", "read_only"]
        admin.config_set("min-replicas-to-write", "0")
        admin.execute_command("REPLICAOF", "127.0.0.1", "1")
        assert ask(link) == ["ok", "read_only", "read_only"]
        admin.config_set("replica-serve-stale-data", "no")
        assert ask(link) == ["failing_over", "read_only", "failing_over"]
        admin.execute_command("REPLICAOF", "NO", "ONE")
        assert ask(link) == ["ok", "ok", "ok"]


def test_a_server_whose_snapshot_failed() -> None:
    with server("--save", "3600 1000") as (admin, link, _):
        (Path(admin.config_get("dir")["dir"]) / "dump.rdb").mkdir()
        admin.bgsave()
        wait_until(lambda: admin.info("persistence")["rdb_last_bgsave_status"] == "err")
        assert ask(link) == ["ok", "disk_error", "disk_error"]


def wait_until(true: Any) -> None:
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_server_busy_with_a_script() -> None:
    with server("--busy-reply-threshold", "20") as (admin, link, url):
        link.run([GET], ["h"])

        def spin() -> None:
            with redis.Redis.from_url(url) as other, pytest.raises(redis.ResponseError, match="Script killed"):
                other.eval("while true do end", 0)

        thread = threading.Thread(target=spin)
        thread.start()
        wait_until(lambda: ask(link) == ["busy"] * 3)
        admin.script_kill()
        thread.join()
        assert ask(link) == ["ok", "ok", "ok"]


def test_who_may_not_and_who_is_not_known() -> None:
    with server() as (admin, link, url):
        admin.acl_setuser("reader", enabled=True, passwords=["+pw"], keys=["*"], commands=["+@read", "+@connection", "+eval"])
        reader = Link(f"{url}?username=reader&password=pw", timeout_s=0.5)
        assert states(reader.run(ALL, ["h"] * 3)) == ["ok", "no_permission", "no_permission"]
        reader.close()
        admin.config_set("requirepass", "pw")
        for wrong in (f"{url}?username=reader&password={SECRET}", f"{url}?password={SECRET}"):
            (reply,) = Link(wrong, timeout_s=0.5).run([GET], ["h"])
            assert trouble(reply).state == "wrong_password"
            assert SECRET not in str(trouble(reply))
        fresh = Link(url, timeout_s=0.5)
        assert states(fresh.run([GET], ["h"])) == ["wrong_password"]
        right = Link(url, timeout_s=0.5, password="pw")
        assert states(right.run([GET], ["h"])) == ["ok"]
        right.close()
        link.close()


def test_a_server_that_is_full_gone_or_hung() -> None:
    with private_server(args=["--maxclients", "1"]) as own, redis.Redis.from_url(own.url) as admin:
        admin.ping()
        (reply,) = Link(own.url, timeout_s=0.5).run([GET], ["h"])
        assert trouble(reply).state in ("too_many_clients", "down")  # it closes at once, at times before it could be asked
    assert states(Link(own.url, timeout_s=0.5).run([GET], ["h"])) == ["down"]
    assert states(Link("redis://127.0.0.1:1", timeout_s=0.5).run([GET], ["h"])) == ["down"]
    with listener(lambda connection: None) as port:
        assert states(Link(f"redis://127.0.0.1:{port}", timeout_s=0.1).run([GET, SET], ["h", "h"])) == ["hung", "hung"]


def test_what_is_no_redis() -> None:
    with listener(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        assert states(Link(f"redis://127.0.0.1:{port}", timeout_s=0.5).run([GET], ["h"])) == ["protocol"]
        assert states(Link(f"rediss://127.0.0.1:{port}", timeout_s=0.5).run([GET], ["h"])) == ["protocol"]


def test_a_single_server_that_the_url_calls_a_cluster() -> None:
    with private_server(args=["--bind", "127.0.0.1"]) as own, redis.Redis.from_url(own.url) as admin:
        port = free_port()
        admin.config_set("port", str(port))
        assert states(Link(f"redis+cluster://127.0.0.1:{port}", timeout_s=0.5).run([GET], ["h"])) == ["protocol"]


def free_port() -> int:
    with listener(lambda connection: None) as port:
        return port


def test_wrong_types_and_unknown_commands_concern_one_key() -> None:
    with server() as (admin, link, _):
        admin.set("text", "x")
        replies = link.run([(b"HGET", "text", "a"), (b"NONSENSE", "text")], ["text", "text"])
        assert states(replies) == ["refused", "refused"]
        assert "WRONGTYPE" in trouble(replies[0]).detail
        assert "refused" not in SERVER_WIDE


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (redis.ConnectionError("Error 111 connecting to box:1. Connection refused."), "down"),
        (redis.ConnectionError("Connection closed by server."), "down"),
        (redis.ConnectionError("Timeout connecting to server"), "hung"),
        (redis.TimeoutError("Timeout reading from box:1"), "hung"),
        (TimeoutError("timed out"), "hung"),
        (OSError("No route to host"), "down"),
        (redis.ConnectionError("Error -3 connecting to box:1. Temporary failure in name resolution."), "bad_address"),
        (redis.exceptions.BusyLoadingError("Redis is loading the dataset in memory"), "loading"),
        (redis.exceptions.ReadOnlyError("You can't write against a read only replica."), "read_only"),
        (redis.exceptions.OutOfMemoryError("command not allowed"), "out_of_memory"),
        (redis.ResponseError("MISCONF Redis is configured to save RDB snapshots"), "disk_error"),
        (redis.ResponseError("NOREPLICAS Not enough good replicas to write."), "read_only"),
        (redis.ResponseError("BUSY Redis is busy running a script."), "busy"),
        (redis.ResponseError("timeout is not an integer or out of range"), "refused"),
        (redis.AuthenticationError("invalid username-password pair"), "wrong_password"),
        (redis.exceptions.AuthorizationError("no"), "no_permission"),
        (redis.ResponseError("ACL failure in script: User u has no permissions to run the 'hset' command"), "no_permission"),
        (redis.exceptions.NoPermissionError("this user has no permissions"), "no_permission"),
        (redis.exceptions.MovedError("1 127.0.0.1:7000"), "failing_over"),
        (redis.exceptions.AskError("1 127.0.0.1:7000"), "failing_over"),
        (redis.exceptions.TryAgainError("Multiple keys request during rehashing of slot"), "failing_over"),
        (redis.exceptions.ClusterDownError("CLUSTERDOWN The cluster is down"), "failing_over"),
        (redis.exceptions.MasterDownError("Link with MASTER is down"), "failing_over"),
        (redis.exceptions.SlotNotCoveredError("Slot 1 not covered"), "failing_over"),
        (MasterNotFoundError("No master found for 'm'"), "failing_over"),
        (RedisClusterException("Redis Cluster cannot be connected."), "down"),
        (RedisClusterException("Cluster mode is not enabled on this node"), "protocol"),
        (redis.exceptions.MaxConnectionsError("max number of clients reached"), "too_many_clients"),
        (redis.exceptions.InvalidResponse("Protocol error"), "protocol"),
        (redis.DataError("Invalid input"), "refused"),
    ],
)
def test_every_class_of_error_has_a_name(error: Exception, state: str) -> None:
    found = trouble(error)
    assert found.state == state
    assert found.advice == ADVICE[state]


@given(st.text(max_size=400))
def test_what_an_error_says_is_harmless_and_short(text: str) -> None:
    for kind in (redis.ConnectionError, redis.ResponseError, OSError):
        detail = trouble(kind(text)).detail
        assert detail.isprintable()
        assert detail.isascii()
        assert len(detail) <= 320


def test_a_password_in_an_error_is_taken_out() -> None:
    assert SECRET not in trouble(redis.ConnectionError(f"cannot reach redis://:{SECRET}@box:1")).detail
    assert SECRET not in trouble(redis.ConnectionError(f"cannot reach unix:///x?password={SECRET}")).detail
