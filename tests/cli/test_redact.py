"""``qtops redact``: what is to be passed on, without its secrets."""

import gzip
import json
import os
import subprocess
from pathlib import Path

import pytest

from qtops.bundle import load, save
from tests.bundle.looks import facts, unit
from tests.cli.running import COMMAND, environment, qtops
from tests.collectors.people import as_root
from tests.redaction.corpus import HERE, vault

pytestmark = pytest.mark.slow

LOG = 'INFO started\nREDIS_PASSWORD=x9Kq-2mZ\nurl redis://ops:x9Kq-2mZ@h:1/0, {"token": "t7"}\n'
CLEAN = 'INFO started\nREDIS_PASSWORD=***\nurl redis://ops:***@h:1/0, {"token": "***"}\n'


@pytest.fixture
def log(tmp_path):
    """A log with three secrets in two lines."""
    path = tmp_path / "app.log"
    path.write_text(LOG)
    return path


def redact(*arguments, stdin=b""):
    return subprocess.run(
        [*COMMAND, "redact", *map(str, arguments)], input=stdin, capture_output=True, env=environment(), check=False
    )


def test_a_log_goes_to_standard_output_and_the_figures_to_standard_error(log):
    ran = redact(log)
    assert (ran.returncode, ran.stdout.decode(), ran.stderr.decode()) == (0, CLEAN, "3 values hidden in 2 lines\n")


def test_standard_input_is_read_where_it_is_asked_for():
    assert redact("-", stdin=LOG.encode()).stdout.decode() == CLEAN


def test_known_values_are_hidden_however_they_are_written(tmp_path):
    values = dict(vault())
    text = tmp_path / "app.log"
    text.write_text(f"it was {values['REDIS_PASSWORD']} or {values['AMQP_PASSWORD'].encode().hex()}\n")
    assert redact(text, "--env", HERE / "vault.env").stdout == b"it was *** or ***\n"
    assert redact(text).stdout == text.read_bytes()


def test_the_result_belongs_to_its_owner_alone(log, tmp_path):
    out = tmp_path / "out.log"
    assert redact(log, "--to", out).stdout == b""
    assert (out.read_text(), out.stat().st_mode & 0o777) == (CLEAN, 0o600)


def test_a_file_can_be_redacted_in_its_place(log):
    redact(log, "--to", log)
    assert log.read_text() == CLEAN


def test_compressed_logs_are_read_and_written(log, tmp_path):
    packed, out = tmp_path / "app.log.2.gz", tmp_path / "out.gz"
    packed.write_bytes(gzip.compress(LOG.encode()))
    assert redact(packed).stdout.decode() == CLEAN
    assert redact("-", stdin=packed.read_bytes()).stdout.decode() == CLEAN
    redact(log, "--to", out)
    assert gzip.decompress(out.read_bytes()).decode() == CLEAN


@pytest.mark.parametrize(
    "content", [b"", b"\0\xff\xfe \x80abc\r\n\r\n", bytes(range(256)) * 40, b"no end of line", "ü\u2028b\n".encode()]
)
def test_where_nothing_is_hidden_every_byte_stays(tmp_path, content):
    (tmp_path / "in").write_bytes(content)
    assert redact(tmp_path / "in").stdout == content


def test_bytes_that_are_no_text_stay_beside_a_secret(tmp_path):
    (tmp_path / "in").write_bytes(b"\xff password=abc9 \xfe\r\n\x00")
    assert redact(tmp_path / "in").stdout == b"\xff password=*** \xfe\r\n\x00"


@pytest.mark.parametrize("name", ["look.json", "look.json.gz"])
def test_a_bundle_stays_one(tmp_path, name):
    before, after = tmp_path / name, tmp_path / f"shared-{name}"
    save(facts(unit(description='keeps r3dis/P@ss"w0rd+42 and password=q1w2')), before)
    ran = redact(before, "--env", HERE / "vault.env", "--to", after)
    assert ran.stderr == b"2 values hidden in 1 line\n"
    assert load(after).services[0].unit.description == "keeps *** and password=***"
    assert qtops("bundle", "show", str(after)).returncode == 0


def test_a_bundle_without_secrets_stays_as_it_is(tmp_path):
    path = tmp_path / "look.json"
    save(facts(unit()), path)
    assert json.loads(redact(path).stdout) == json.loads(path.read_bytes())


BAD = {
    "missing": (lambda path: None, 64, "cannot be read: No such file or directory"),
    "a folder": (Path.mkdir, 64, "is a folder, and no report's"),
    "a fifo": (os.mkfifo, 64, "is no regular file; what comes through a pipe is read by `qtops redact -`"),
    "a device": (lambda path: path.symlink_to("/dev/zero"), 64, "is no regular file"),
    "cut short": (
        lambda path: path.write_bytes(gzip.compress(b"x" * 9999)[:-20]),
        64,
        "begins like gzip and cannot be decompressed",
    ),
    "a broken bundle": (lambda path: path.write_bytes(b'{"schema":"qtops.bundle/1","host":1}'), 64, "is not as a bundle should be"),
}


@pytest.mark.parametrize(("make", "code", "why"), BAD.values(), ids=BAD)
def test_what_cannot_be_redacted_is_told(tmp_path, make, code, why):
    path = tmp_path / "in"
    make(path)
    ran = redact(path, "--to", tmp_path / "out")
    assert ran.returncode == code
    assert ran.stderr.decode().startswith(f"qtops: error: {path}: ")
    assert why in ran.stderr.decode()
    assert not (tmp_path / "out").exists()


@as_root
def test_a_file_that_may_not_be_read_is_a_matter_of_rights(log):
    log.chmod(0)
    ran = subprocess.run(
        ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *COMMAND, "redact", str(log)],
        capture_output=True, encoding="utf-8", env=environment(), check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (77, f"qtops: error: {log}: cannot be read: Permission denied\n")


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"A=\0", "there is a NUL in it"), (b"nothing of the kind\n", "sets no variable"), (b"", "sets no variable")],
)
def test_an_environment_file_that_is_none_is_told(log, tmp_path, content, why):
    path = tmp_path / "bad.env"
    path.write_bytes(content)
    ran = redact(log, "--env", path)
    assert (ran.returncode, ran.stdout) == (78, b"")
    assert f"{path}: {why}" in ran.stderr.decode()


@pytest.mark.parametrize("make", [lambda path: path.symlink_to("elsewhere"), Path.mkdir])
def test_a_result_is_put_only_where_it_was_meant_to_be(log, tmp_path, make):
    make(tmp_path / "out")
    ran = redact(log, "--to", tmp_path / "out")
    assert ran.returncode == 64
    assert "name" in ran.stderr.decode()
    assert not (tmp_path / "elsewhere").exists()
