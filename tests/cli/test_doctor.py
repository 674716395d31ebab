"""The command line of ``qtops doctor``: wrong words, a host without systemd, and wherever its output may go. No box is needed."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.cli.running import COMMAND, environment, qtops
from tests.scenarios.imports import FOUNDING_SCENARIO
from tests.scenarios.recording import path_of

pytestmark = pytest.mark.slow  # many small ones

BUNDLE = str(path_of(FOUNDING_SCENARIO))
DOCTOR = (*COMMAND, "doctor")
REPLAY = (*DOCTOR, "--from", BUNDLE)
CRITICAL, COULD_NOT_TELL, USAGE, UNAVAILABLE, BROKEN_PIPE, BAD_CONFIGURATION = 2, 3, 64, 75, 141, 78
COLOR = re.compile(r"\x1b\[[\d;]*m")
IMPORTED = re.compile(r"import time:\s+\d+ \|\s+\d+ \|\s+(\S+)")
HEAVY = {"redis", "hiredis", "numpy", "pystemd", "rich", "psutil", "msgspec", "prometheus_client"}


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ([], USAGE, "name a service, or use --units 'PATTERN' or --all"),
        (["a b"], USAGE, "'a b' is no name of a unit: letters, digits and : - _ . \\ @ make up one"),
        (["../x"], USAGE, "'../x' is no name of a unit"),
        ([""], USAGE, "'' is no name of a unit"),
        (["x\n\x1b[31m"], USAGE, r"'x\n\x1b[31m' is no name of a unit"),
        (["x" * 300], USAGE, "x'… is no name of a unit"),
        (["x.timer"], USAGE, "x.timer is a timer: name a service"),
        (["x@"], USAGE, "x@ is a template"),
        (["--", "-x"], USAGE, "'-x' is an option, or no name of a service"),
        (["--form", "x"], USAGE, "Did you mean '--from'?"),
        (["x", "--via", "ssh"], USAGE, "'ssh' is not one of 'pystemd', 'systemctl'"),
        (["x", "-o", "yaml"], USAGE, "'yaml' is not one of 'human', 'json'"),
        (["x", "--source", "/none"], USAGE, "Directory '/none' does not exist"),
        (["x", "--save", "/none/x"], USAGE, "/none/x: cannot be written: No such file or directory"),
        (["x", "--save", "/"], USAGE, "there is something that is no file; name another place"),
        (["x", "--config", "/none"], BAD_CONFIGURATION, "/none: no such file"),
        (["--from", "/none"], USAGE, "/none: cannot be read: No such file or directory"),
        (["--from", "/dev/null"], USAGE, "/dev/null: is no regular file"),
        (["--from", BUNDLE, "--probe"], USAGE, "--from looks at a file"),
        (
            ["--from", BUNDLE, "elsewhere"],
            USAGE,
            "the bundle does not hold elsewhere.service; it holds quantum-risk-proposal.service",
        ),
    ],
)
def test_a_wrong_command_line_is_told_in_one_helpful_line(words, code, says):
    result = qtops("doctor", *words)
    assert (result.returncode, result.stdout) == (code, "")
    assert result.stderr.startswith("qtops: error: ")
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


def test_monitoring_systems_get_a_wrong_command_line_in_their_own_form():
    result = qtops("doctor", "a b", "-o", "nagios")
    assert (result.returncode, result.stderr) == (COULD_NOT_TELL, "")
    assert result.stdout.startswith("UNKNOWN: 'a b' is no name of a unit")


@pytest.mark.skipif(Path("/run/systemd/system").exists(), reason="systemd is PID 1 here")
@pytest.mark.parametrize("words", [["x"], ["--all", "-o", "json"], ["x", "-o", "nagios", "--via", "systemctl"]])
def test_without_systemd_it_could_not_tell_and_says_what_looks_at_files(words):
    result = qtops("doctor", *words)
    assert (result.returncode, result.stderr) == (COULD_NOT_TELL, "")
    assert "systemd is not PID 1 here" in result.stdout
    assert "qtops preflight looks at unit files without it" in result.stdout


@pytest.mark.parametrize("cut", [0, 0.5, -1])
def test_a_truncated_bundle_is_none(tmp_path, cut):
    whole = Path(BUNDLE).read_bytes()
    short = tmp_path / "short.json.gz"
    short.write_bytes(whole[: int(len(whole) * cut) if isinstance(cut, float) else cut])
    result = qtops("doctor", "--from", str(short))
    assert (result.returncode, result.stdout) == (USAGE, "")
    assert result.stderr.startswith(f"qtops: error: {short}: ")


def test_no_width_loses_a_word():
    told = {width: qtops("doctor", "--from", BUNDLE, COLUMNS=str(width)).stdout for width in (20, 80, 200)}
    for width, text in told.items():
        assert max(map(len, text.splitlines())) <= width
        assert [line for line in text.splitlines() if line != line.rstrip()] == []
    assert len({"".join(text.split()) for text in told.values()}) == 1


@pytest.mark.parametrize(("variables", "in_colour"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_a_terminal_gets_colours_unless_it_is_told_not_to(variables, in_colour):
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environ = environment(**{"TERM": "xterm-256color", **variables})
    with subprocess.Popen(REPLAY, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, env=environ) as process:
        os.close(theirs)
        text = _read(ours).replace("\r\n", "\n")
        assert (process.wait(20), process.stderr.read()) == (CRITICAL, b"")
    assert bool(COLOR.search(text)) == in_colour
    plain = COLOR.sub("", text)
    assert "\x1b" not in plain
    assert plain == qtops("doctor", "--from", BUNDLE, COLUMNS="80").stdout


def _read(handle: int) -> str:
    parts = []
    while True:
        try:
            part = os.read(handle, 65536)
        except OSError:  # the last writer has closed a terminal
            part = b""
        if not part:
            os.close(handle)
            return b"".join(parts).decode()
        parts.append(part)


def test_a_reader_that_has_gone_is_no_trouble():
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(REPLAY, stdout=writing, stderr=subprocess.PIPE, env=environment(), timeout=20, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (BROKEN_PIPE, b"")


def test_a_full_disk_is_told():
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(REPLAY, stdout=full, stderr=subprocess.PIPE, env=environment(), timeout=20, check=False)
    assert (done.returncode, done.stderr) == (UNAVAILABLE, b"qtops: error: standard output: No space left on device\n")


def test_closed_output_is_told():
    done = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *REPLAY], stderr=subprocess.PIPE, env=environment(), timeout=20, check=False
    )
    assert (done.returncode, b"standard output is closed" in done.stderr) == (UNAVAILABLE, True)


def test_a_working_directory_that_is_gone_is_not_needed(tmp_path):
    script = 'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"'
    run = ["sh", "-c", script, str(tmp_path / "gone"), *REPLAY]
    done = subprocess.run(run, capture_output=True, env=environment(), timeout=20, check=False)
    assert (done.returncode, done.stderr) == (CRITICAL, b"")


def test_help_imports_nothing_that_it_does_not_need():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "qtops", "doctor", "--help"],
        capture_output=True, encoding="utf-8", env=environment(), timeout=20, check=True,
    )  # fmt: skip
    assert "What is wrong with a SERVICE" in done.stdout
    imported = {match[1].partition(".")[0] for match in map(IMPORTED.match, done.stderr.splitlines()) if match}
    assert "click" in imported
    assert imported & HEAVY == set()
