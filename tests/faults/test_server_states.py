"""Redis answers, but refuses: each state is named in one line when it begins and one when it ends, and heals by itself."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from tests.faults.feeding import feed, now_ms, proposal, symbols, wait_fresh
from tests.faults.publishing import INTERVAL_S, Publisher, publishing
from tests.faults.servers import BOUNDED, Server, running, wait_until

pytestmark = pytest.mark.slow

SYMBOLS = symbols(12)
SECRET = "s3cret-of-the-house"
CYCLES_SICK = 2


@contextmanager
def user(server: Server, *rules: str) -> Iterator[str]:
    """The address for a user of the test's own; what else there is stays as it is for everyone else."""
    server.client.execute_command("ACL", "SETUSER", "risk", "reset", "on", f">{SECRET}", "~*", "+@all", *rules)
    try:
        yield server.url.replace("://", f"://risk:{SECRET}@")
    finally:
        server.client.execute_command("ACL", "DELUSER", "risk")


def sick_then_healed(server: Server, publisher: Publisher, state: str, heal: Callable[[], object]) -> list[str]:
    """Wait through some cycles of the state and its end; what was said of Redis, which is one line for each."""
    publisher.wait_for(f"Redis: {state}")
    time.sleep(CYCLES_SICK * INTERVAL_S)
    healed_at = now_ms()
    heal()
    recovery = wait_fresh(server.client, SYMBOLS, healed_at, 10) / INTERVAL_S
    publisher.wait_for("Redis: back")
    told = publisher.said("Redis: ", "Refused", "Not tracked", "Stream")
    assert len(told) == 2, told
    assert told[0].startswith(f"Redis: {state} (")
    assert recovery <= 2.5, "two intervals, and the time to look"
    assert SECRET not in "\n".join(publisher.log())
    return told


@contextmanager
def healthy(server: Server, folder: Path, *flags: str, url: str = "") -> Iterator[Publisher]:
    """A publisher that is at work."""
    feed(server.client, SYMBOLS)
    began = now_ms()
    with publishing(folder / "log", url or server.url, SYMBOLS, *flags) as publisher:
        wait_fresh(server.client, SYMBOLS, began, 10)
        yield publisher


def test_a_replica_that_may_not_be_written(server: Server, tmp_path: Path) -> None:
    with healthy(server, tmp_path) as publisher:
        server.client.replicaof("127.0.0.1", "1")
        sick_then_healed(server, publisher, "read only", lambda: server.client.replicaof("NO", "ONE"))


@pytest.mark.heavy
def test_a_replica_that_does_not_serve_what_is_old(server: Server, tmp_path: Path) -> None:
    with healthy(server, tmp_path) as publisher:
        server.client.config_set("replica-serve-stale-data", "no")
        server.client.replicaof("127.0.0.1", "1")

        def heal() -> None:
            server.client.replicaof("NO", "ONE")
            server.client.config_set("replica-serve-stale-data", "yes")

        sick_then_healed(server, publisher, "failing over", heal)


def test_out_of_memory_for_longer_than_a_proposal_lives(server: Server, tmp_path: Path) -> None:
    with healthy(server, tmp_path) as publisher:
        server.client.config_set("maxmemory", "1mb")
        wait_until(lambda: not any(proposal(server.client, name) for name in SYMBOLS), 3, "the end of what may not be confirmed")
        time.sleep(3 * INTERVAL_S)
        assert not any(proposal(server.client, name) for name in SYMBOLS), "all of it is refused, or none"
        sick_then_healed(server, publisher, "out of memory", lambda: server.client.config_set("maxmemory", "0"))


def test_the_last_snapshot_failed(server: Server, tmp_path: Path) -> None:
    in_the_way = server.folder / "dump.rdb"
    with healthy(server, tmp_path) as publisher:
        in_the_way.mkdir()
        server.client.config_set("save", "3600 1")
        server.client.bgsave()

        def heal() -> None:
            in_the_way.rmdir()
            server.client.config_set("save", "")

        sick_then_healed(server, publisher, "disk error", heal)


def test_a_script_that_does_not_end(server: Server, tmp_path: Path) -> None:
    server.client.config_set("busy-reply-threshold", "50")
    looping = redis.Redis(host="127.0.0.1", port=server.port, **(BOUNDED | {"socket_timeout": 20.0}))

    def loop() -> None:
        with pytest.raises(redis.ResponseError, match="killed"):
            looping.eval("while true do end", 0)

    with healthy(server, tmp_path) as publisher, looping:
        thread = threading.Thread(target=loop)
        thread.start()
        try:
            publisher.wait_for("Redis: busy")
        finally:
            sick_then_healed(server, publisher, "busy", server.client.script_kill)
            thread.join()


def test_reading_its_data_from_disk(tmp_path: Path) -> None:
    with running(tmp_path / "redis", "--save", "", "--enable-debug-command", "yes") as server:
        feed(server.client, SYMBOLS)
        server.client.execute_command("DEBUG", "POPULATE", 1500)
        with healthy(server, tmp_path) as publisher:
            server.client.save()
            server.kill()
            publisher.wait_for("Redis: down")
            server.launch("--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024")
            publisher.wait_for("Redis: loading")
            wait_until(server.answers, 20, "the data are read")
            loaded_at = now_ms()
            assert wait_fresh(server.client, SYMBOLS, loaded_at, 5) / INTERVAL_S <= 2.5
            publisher.wait_for("Redis: back")
            assert [line.split()[1] for line in publisher.said("Redis: ")] == ["down", "loading", "back"]


def test_the_password_is_changed(server: Server, tmp_path: Path) -> None:
    with user(server) as url, healthy(server, tmp_path, url=url) as publisher:
        server.client.execute_command("ACL", "SETUSER", "risk", "resetpass", ">another")
        server.client.execute_command("CLIENT", "KILL", "USER", "risk")
        sick_then_healed(
            server, publisher, "wrong password", lambda: server.client.execute_command("ACL", "SETUSER", "risk", f">{SECRET}")
        )


@pytest.mark.heavy
def test_a_password_is_asked_for_where_there_was_none(server: Server, tmp_path: Path) -> None:
    with healthy(server, tmp_path) as publisher:
        server.client.config_set("requirepass", "new")
        server.client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        sick_then_healed(server, publisher, "wrong password", lambda: server.client.config_set("requirepass", ""))


def test_a_wrong_password_from_the_start(server: Server, tmp_path: Path) -> None:
    with user(server) as url, publishing(tmp_path / "log", url.replace(SECRET, f"{SECRET}-old"), SYMBOLS) as publisher:
        publisher.wait_for("Redis: wrong password")
        assert SECRET not in "\n".join(publisher.log())


def test_nothing_is_permitted(server: Server, tmp_path: Path) -> None:
    with user(server) as url, healthy(server, tmp_path, url=url) as publisher:
        server.client.execute_command("ACL", "SETUSER", "risk", "resetkeys")
        sick_then_healed(server, publisher, "no permission", lambda: server.client.execute_command("ACL", "SETUSER", "risk", "~*"))


@pytest.mark.heavy
def test_nothing_may_be_written(server: Server, tmp_path: Path) -> None:
    with user(server) as url, healthy(server, tmp_path, url=url) as publisher:
        server.client.execute_command("ACL", "SETUSER", "risk", "resetkeys", "%R~*")
        sick_then_healed(server, publisher, "no permission", lambda: server.client.execute_command("ACL", "SETUSER", "risk", "~*"))


def test_one_proposal_may_not_be_written(server: Server, tmp_path: Path) -> None:
    barred, *others = SYMBOLS
    allowed = (
        "%R~*",
        "~quantum:risk:track:*",
        "~quantum:risk:publisher:*",
        "~quantum:risk:proposal:S00[1-9]*",
        "~quantum:risk:proposal:S01*",
    )
    with user(server) as url, healthy(server, tmp_path, url=url) as publisher:
        server.client.execute_command("ACL", "SETUSER", "risk", "resetkeys", *allowed)
        publisher.wait_for(f"Refused {barred}: no_permission")
        time.sleep(CYCLES_SICK * INTERVAL_S)
        wait_fresh(server.client, others, now_ms(), 2 * INTERVAL_S)
        server.client.execute_command("ACL", "SETUSER", "risk", "~*")
        wait_fresh(server.client, SYMBOLS, now_ms(), 1)
        publisher.wait_for(f"Refused {barred}: no longer")
        assert len(publisher.said("Redis: ", "Refused")) == 2


def test_too_many_clients_and_no_storm_of_attempts(server: Server, tmp_path: Path) -> None:
    with healthy(server, tmp_path) as publisher:
        server.client.config_set("maxclients", "1")
        server.client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        publisher.wait_for("Redis: too many clients")
        before, began = server.client.info("stats")["rejected_connections"], time.monotonic()
        time.sleep(5 * INTERVAL_S)
        attempts = server.client.info("stats")["rejected_connections"] - before
        assert 1 <= attempts <= (time.monotonic() - began) / INTERVAL_S * 2 + 1
        sick_then_healed(server, publisher, "too many clients", lambda: server.client.config_set("maxclients", "100"))
