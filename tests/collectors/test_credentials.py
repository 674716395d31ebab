"""The credentials of a unit are known, wherever they come from, so that whoever repeats one is not quoted."""

import os

import pytest

from qtops.collectors.credentials import MOST_LINES, credentials
from qtops.collectors.redact import Redactor
from qtops.collectors.tree import RootedTree

UNIT = "app.service"
SECRET = "plover-skerry-7"


@pytest.fixture
def host(tmp_path):
    """Where files are laid out, and what is found of a unit's credentials there."""

    class Host:
        def write(self, path, content):
            place = tmp_path / path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content.encode())

        def known(self, *loaded, text=""):
            return [*credentials(UNIT, loaded, [text.encode()], RootedTree(str(tmp_path)))]

    return Host()


def test_those_of_the_running_processes(host):
    host.write(f"/run/credentials/{UNIT}/broker.token", f"{SECRET}\n")
    assert host.known() == [("broker_token", SECRET)]


@pytest.mark.parametrize("path", ["/etc/app/token", "/etc/credstore/broker", "/run/credstore/broker", "/usr/lib/credstore/broker"])
def test_those_that_are_loaded_when_it_starts(host, path):
    host.write(path, SECRET)
    assert host.known(f"broker:{path if 'credstore' not in path else 'broker'}") == [("CREDENTIAL", SECRET)]


def test_a_folder_of_them(host):
    host.write("/etc/app/a", SECRET)
    host.write("/etc/app/b", "other-7")
    assert [value for _, value in host.known("all:/etc/app")] == [SECRET, "other-7"]


@pytest.mark.parametrize(
    "line",
    [
        "SetCredential=broker:plover-skerry-7", 'SetCredential="broker:plover-skerry-7"',
        "SetCredential = broker:plover\\x2dskerry-7\n",
        "[Service]\n  SetCredential=broker:plover-skerry-7\nUser=qt",
    ],
)  # fmt: skip
def test_those_that_stand_in_the_unit(host, line):
    assert host.known(text=line) == [("CREDENTIAL", SECRET)]


def test_what_may_be_no_secret_is_known_only_where_its_name_says_so(host):
    host.write("/etc/user", "quantum\n")
    host.write("/etc/port", "6379\n")
    assert host.known("redis.user:/etc/user", "redis.port:/etc/port") == []
    assert host.known("redis.password:/etc/user") == [("redis_password", "quantum")]


def test_one_of_many_lines_is_not_all_read(host):
    host.write("/etc/key", "-----BEGIN PRIVATE KEY-----\n" + "".join(f"line-{n}-7\n" for n in range(99)))
    assert len(host.known("key:/etc/key")) == MOST_LINES


def test_what_cannot_be_read_is_no_trouble(host, tmp_path):
    host.write("/etc/large", "x" * (2 << 20))
    os.mkfifo(tmp_path / "etc" / "fifo")
    assert host.known("a:/etc/large", "b:/etc/fifo", "c:/etc/none", "d", "e:", "f:\0") == []


def test_they_are_hidden_however_they_are_repeated(host):
    host.write("/etc/app/token", SECRET)
    shown = Redactor(host.known("broker:/etc/app/token")).text(f"no {SECRET} in hex {SECRET.encode().hex()}")
    assert shown == "no *** in hex ***"
