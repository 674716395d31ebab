"""Who may use the Redis of a service, and over which wire: passwords, rights, TLS; what is not known is not claimed."""

import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from qtops.settings import RedisSettings, Service, Settings
from tests.faults.servers import free_port, running

from .asking import CANARY, OK, asked, state
from .scene import server

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
