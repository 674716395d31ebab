"""The Redis of a service, in each of its troubles: named right, in time, and without a secret."""

import os
import re
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from publisher.connection import ADVICE
from qtops.collectors.service_redis import Use, read_redis
from qtops.settings import RedisSettings, Service, Settings
from tests.faults.servers import Server, free_port, running, wait_until

from .environments import FILE, environment
from .scene import NO_WAY, commands, server

LIMIT_S = 1.5
CANARY = "canary-7Qx"


def asked(settings=None, service=None, *, given=False, **variables):
    """What is found of one service; the verdict is there in time, and holds no secret."""
    began = time.monotonic()
    (read,) = read_redis([Use(environment(**variables), service)], settings or Settings(), given=given)
    assert time.monotonic() - began < LIMIT_S
    assert CANARY not in repr(read)
    return read


def state(url, **variables):
    """How its Redis is, and why it would refuse a write."""
    facts = asked(REDIS_URL=url, **variables).facts
    assert facts.named_by == f"REDIS_URL at {FILE}:1"
    assert facts.reading.advice == ADVICE.get(facts.reading.state, "")
    return facts.reading.state, facts.writes_refused


OK = ("ok", "")


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


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*made, *subject, "-keyout", folder / "key", "-out", folder / "cert"], check=True, capture_output=True)
    return folder


@contextmanager
def encrypted(certificate: Path):
    """A server that speaks TLS on a port of its own, and nothing else there."""
    port = free_port()
    files = ("--tls-cert-file", f"{certificate}/cert", "--tls-key-file", f"{certificate}/key", "--tls-auth-clients", "no")
    with server("--tls-port", str(port), "--bind", "127.0.0.1", *files):
        yield port


def test_tls_where_there_is_none_and_none_where_there_is_tls(certificate, tmp_path):
    with encrypted(certificate) as port:
        assert state(f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={certificate}/cert") == OK
        assert state(f"rediss://127.0.0.1:{port}/0?ssl_cert_reqs=none&ssl_check_hostname=false") == OK
        assert state(f"rediss://127.0.0.1:{port}/0") == ("protocol", "")  # nobody vouches for it
        assert state(f"redis://u:{CANARY}@127.0.0.1:{port}/0") == ("protocol", "")
    with running(tmp_path / "plain") as plain:
        assert state(plain.url.replace("redis:", "rediss:")) == ("protocol", "")


# who may


@pytest.fixture(scope="module")
def locked():
    """A server with a password, and users with more or fewer rights."""
    with server("--requirepass", CANARY) as (started, _):
        with redis.Redis.from_url(started.url, password=CANARY) as client:
            for name, *rights in (
                ("free", "~*", "+@all"), ("narrow", "~app:*", "+hget"), ("reader", "~app:*", "+@read", "+client"), ("barred",),
            ):  # fmt: skip
                client.execute_command("ACL", "SETUSER", f"{CANARY}-{name}", "on", f">{CANARY}", *rights)
        yield started


def as_user(started, name, password=CANARY):
    return started.url.replace("unix://", f"unix://{CANARY}-{name}:{password}@")


def test_a_password_is_right_wrong_or_not_there(locked):
    assert state(as_user(locked, "free")) == OK
    assert state(as_user(locked, "free", f"{CANARY}-old")) == ("wrong_password", "")
    assert state(as_user(locked, "nobody")) == ("wrong_password", "")
    assert state(locked.url) == ("wrong_password", "")
    assert state(locked.url, REDIS_PASSWORD=CANARY) == OK
    assert state(f"{locked.url}?password={CANARY}-old") == ("wrong_password", "")
    assert state(f"{locked.url}?username={CANARY}-free&password={CANARY}") == OK


@pytest.mark.parametrize(("user", "found"), [("barred", "no_permission"), ("narrow", "ok"), ("reader", "ok")])
def test_a_user_without_any_right_is_refused_and_one_with_few_is_not(locked, user, found):
    read = asked(REDIS_URL=as_user(locked, user))
    assert (read.facts.reading.state, read.facts.writes_refused) == (found, "")
    assert bool(read.facts.reading.detail) is (found != "ok")


def test_the_password_of_a_host_may_come_from_a_file_or_from_elsewhere(locked, tmp_path):
    host = str(locked.socket)
    assert asked(REDIS_HOST=host, REDIS_PASSWORD=CANARY).facts.reading.state == "ok"
    assert asked(REDIS_HOST=host, REDIS_PASSWORD=f"{CANARY}-old").facts.reading.state == "wrong_password"
    file = tmp_path / "password"
    for content, found in ((CANARY, "ok"), (f"{CANARY}-old", "wrong_password")):
        file.write_text(f"{content}\n")
        assert asked(REDIS_HOST=host, REDIS_PASSWORD_FILE=str(file)).facts.reading.state == found
    elsewhere = asked(REDIS_HOST=host)  # it may be in a file that the program reads by itself
    assert elsewhere.facts is None
    assert "wants a password" in elsewhere.missing[0].why


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_a_password_file_that_cannot_be_read_is_could_not_tell(locked, tmp_path, content):
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
    read = asked(REDIS_HOST=str(locked.socket), REDIS_PASSWORD_FILE=str(file))
    assert read.facts is None
    assert read.missing[0].source == "redis"


def test_what_an_operator_may_not_says_nothing_of_the_service(locked):
    settings = Settings(redis=RedisSettings(url=as_user(locked, "free", f"{CANARY}-old")))
    for read in (asked(settings, given=True), asked(service=service(redis_url=as_user(locked, "barred")))):
        assert read.facts is None
        assert read.missing[0].source == "redis"
    assert asked(Settings(redis=RedisSettings(url=as_user(locked, "free"))), given=True).facts.named_by == "--redis"


def service(**changes):
    return Service(**{"name": "app", "unit": "app.service"} | changes)


def test_a_database_that_is_not_there(redis_url):
    assert state(f"{redis_url}?db=99") == ("refused", "")


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
