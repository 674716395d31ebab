"""The Redis of a service, in each of its troubles: named right, in time, and without a secret."""

import os
import re
import signal
import socket
import subprocess
import time
from contextlib import contextmanager

import pytest
import redis

from qtops.collectors.service_redis import Use, read_redis
from qtops.settings import Settings
from tests.faults.servers import Server, free_port, running, wait_until

from .asking import CANARY, LIMIT_S, OK, asked, state
from .environments import environment
from .scene import NO_WAY, commands, server

pytestmark = pytest.mark.slow

# it answers


def test_a_server_that_answers_is_ok(redis_url):
    assert state(redis_url) == OK
    assert asked(REDIS_HOST=redis_url.removeprefix("unix://")).facts.reading.clock.round_trip_s < 0.5


def test_nobody_names_one():
    read = asked()
    assert (read.facts, read.missing, read.access) == (None, (), None)


def test_nothing_is_written_and_little_is_asked(redis_url, redis_client):
    redis_client.set("a", 1)
    redis_client.config_resetstat()
    asked(REDIS_URL=redis_url)
    assert set(commands(redis_client)) <= {"time", "config|get"}
    assert redis_client.info("stats")["total_commands_processed"] < 20


# it does not


def test_nobody_listens():
    assert state(NO_WAY) == ("down", "")
    assert state(f"redis://127.0.0.1:{free_port()}/0") == ("down", "")


@pytest.mark.parametrize("url", ["unix://{socket}", "unix://{socket}?db=3"])
def test_a_server_that_hangs(url):
    with server() as (started, _):
        os.kill(started.pid, signal.SIGSTOP)
        try:
            assert state(url.format(socket=started.socket)) == ("hung", "")
        finally:
            os.kill(started.pid, signal.SIGCONT)
        assert state(started.url) == OK


def test_a_name_that_leads_nowhere():
    assert state("redis://no-such-host.invalid:6379/0") == ("bad_address", "")


def test_a_name_service_or_server_that_takes_its_time_is_not_waited_for():
    with dripping() as port:
        assert state(f"redis://127.0.0.1:{port}/0") == ("hung", "")


@contextmanager
def dripping():
    """A server that accepts, and then sends a byte now and then of a reply without an end."""
    script = (
        "import socket, time\ns = socket.create_server(('127.0.0.1', 0))\nprint(s.getsockname()[1], flush=True)\n"
        "c = s.accept()[0]\nc.sendall(b'$100000\\r\\n')\nwhile True:\n    c.sendall(b'x')\n    time.sleep(0.1)\n"
    )
    with subprocess.Popen(["/usr/bin/env", "python3", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def test_what_is_no_redis():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        child = os.fork()
        if not child:
            connection = listener.accept()[0]
            connection.recv(100)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            os._exit(0)
        try:
            assert state(f"redis://127.0.0.1:{port}/0") == ("protocol", "")
        finally:
            os.waitpid(child, 0)


def test_a_server_that_reads_its_data(tmp_path):
    with running(tmp_path / "redis", "--save", "3600 1000000") as started:
        started.client.mset({f"k{number}": "x" * 100 for number in range(3000)})
        started.client.save()
        started.kill()
        started.launch("--key-load-delay", "500", "--loading-process-events-interval-bytes", "1024")
        wait_until(lambda: accepts(started), 5, "it listens")
        assert state(started.url) == ("loading", "")
        wait_until(started.answers, 20, "the data are read")
        assert state(started.url) == OK


def accepts(started: Server) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", started.port)) == 0


def test_a_server_busy_with_a_script():
    with server("--busy-reply-threshold", "20") as (started, _):
        script = "while true do end"
        with subprocess.Popen(["redis-cli", "-s", started.socket, "EVAL", script, "0"], stdout=subprocess.DEVNULL) as spinning:
            with redis.Redis.from_url(started.url, socket_timeout=5) as client:
                wait_until(lambda: is_busy(client), 5, "the script spins")
                assert state(started.url) == ("busy", "")
                client.script_kill()
            spinning.wait(5)


def is_busy(client: redis.Redis) -> bool:
    try:
        client.get("a")
    except redis.ResponseError as error:
        return "BUSY" in str(error) or "busy" in str(error)
    return False


# it answers, and would take no write


def test_a_replica_or_a_master_without_enough_of_them():
    with server() as (started, client):
        client.execute_command("REPLICAOF", "127.0.0.1", "1")
        assert state(started.url) == ("ok", "read_only")
        client.config_set("replica-read-only", "no")
        assert state(started.url) == OK
        client.execute_command("REPLICAOF", "NO", "ONE")
        client.config_set("min-replicas-to-write", "1")
        assert state(started.url) == ("ok", "read_only")


def test_a_server_that_is_full():
    with server() as (started, client):
        client.config_set("maxmemory", "1")
        assert state(started.url) == ("ok", "out_of_memory")
        client.config_set("maxmemory-policy", "volatile-lru")
        assert state(started.url) == ("ok", "out_of_memory")
        client.config_set("maxmemory-policy", "allkeys-lru")
        assert state(started.url) == OK
        client.config_set("maxmemory", "1gb")
        client.config_set("maxmemory-policy", "noeviction")
        assert state(started.url) == OK


def test_a_server_that_cannot_save():
    with server("--save", "3600 1000") as (started, client):
        (started.folder / "dump.rdb").mkdir()
        client.bgsave()
        wait_until(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err", 5, "the snapshot failed")
        assert state(started.url) == ("ok", "disk_error")
        client.config_set("stop-writes-on-bgsave-error", "no")
        assert state(started.url) == OK
        client.config_set("stop-writes-on-bgsave-error", "yes")
        client.config_set("save", "")
        assert state(started.url) == OK


def test_the_states_are_those_that_a_write_meets():
    """What INFO is taken to mean is what the server says to who does write."""
    with server() as (started, client):
        for option, value, prefix in (("maxmemory", "1", "OOM"), ("min-replicas-to-write", "1", "NOREPLICAS")):
            client.config_set(option, value)
            assert state(started.url)[1]
            with pytest.raises(redis.ResponseError) as refused:
                client.set("a", 1)
            assert prefix in str(refused.value) or type(refused.value).__name__ == "OutOfMemoryError"
            client.config_set(option, "0")
            client.set("a", 1)
            assert state(started.url) == OK


# many services


def test_fifty_services_with_one_redis_are_one_probe(redis_url, redis_client):
    before = redis_client.info("stats")["total_connections_received"]
    reads = read_redis([Use(environment(**{f"A{number}_REDIS_URL": redis_url})) for number in range(50)], Settings())
    assert redis_client.info("stats")["total_connections_received"] - before <= 3
    assert {read.facts.reading.state for read in reads} == {"ok"}
    assert len({read.facts.named_by for read in reads}) == 50


def test_many_that_hang_take_no_longer_than_one():
    with socket.create_server(("127.0.0.1", 0), backlog=200) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        reads = read_redis([Use(environment(REDIS_URL=f"{url}/{number}")) for number in range(20)], Settings())
        assert time.monotonic() - began < LIMIT_S
    assert [read.facts.reading.state for read in reads] == ["hung"] * 20


def test_each_service_has_its_own_answer_in_its_place(redis_url):
    uses = [
        Use(environment(REDIS_URL=NO_WAY)),
        Use(),
        Use(environment(REDIS_URL="nonsense")),
        Use(environment(REDIS_URL=redis_url)),
    ]
    down, none, doubtful, ok = read_redis(uses, Settings())
    assert (down.facts.reading.state, none.facts, doubtful.facts, ok.facts.reading.state) == ("down", None, None, "ok")
    assert (len(doubtful.missing), none.missing) == (1, ())


def test_where_a_redis_is_shows_without_options_and_controls():
    reading = asked(REDIS_URL=f"unix://u:{CANARY}@/nonexistent/r%1b.sock?db=1&password={CANARY}").facts.reading
    assert reading.url == "unix:///nonexistent/r%1b.sock"
    assert reading.detail.isprintable()
    assert not re.search(r"u:|db=", reading.url)
