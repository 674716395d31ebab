"""``qtops supervise`` as operators start it: what it refuses, how it ends, and that a source that is away ends nothing."""

import json
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.running import COMMAND, environment, qtops

pytestmark = pytest.mark.slow
NOBODY_HOME = """
services = []
[redis]
url = "redis://127.0.0.1:1/0"
[[services]]
name = "proposals"
unit = "no-such-unit.service"
families = ["risk-proposal"]
[supervise]
metrics = ""
state = "{state}"
"""


@pytest.fixture
def config(tmp_path) -> Path:
    """Everything that a supervisor looks at is away."""
    file = tmp_path / "qtops.toml"
    (file).write_text(NOBODY_HOME.format(state=tmp_path / "state").replace("services = []\n", ""))
    return file


def started(config: Path, *arguments: str) -> "subprocess.Popen[str]":
    """A supervisor that watches by now."""
    process = subprocess.Popen(
        [*COMMAND, "--config", str(config), "supervise", *arguments], stderr=subprocess.PIPE, encoding="utf-8", env=environment()
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("watching "):
            return process
    raise AssertionError(f"it ended with {process.wait()}")


def test_once_with_everything_away_could_not_tell(config):
    done = qtops("--config", str(config), "supervise", "--once", "--patience", "3s", "-o", "json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["exit_code"]) in {(3, 3), (2, 2)}  # 2: the Redis that is away is an incident by then
    assert found["missing"] or found["incidents"]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_a_signal_ends_it_at_once_and_leaves_nobody_behind(config, number, code):
    process = started(config)
    time.sleep(0.5)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    began = time.monotonic()
    process.send_signal(number)
    _, said = process.communicate(timeout=10)
    assert process.returncode == code
    assert time.monotonic() - began < 4
    assert "Traceback" not in said
    assert "stopped watching" in said
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]


def test_there_is_one_supervisor_and_the_other_says_which(config):
    process = started(config)
    try:
        done = qtops("--config", str(config), "supervise", "--once")
    finally:
        process.terminate()
        process.communicate(timeout=10)
    assert done.returncode == 75
    assert f"another supervisor is at work here: pid {process.pid} " in done.stderr


def test_after_kill_9_the_next_one_takes_over(config):
    process = started(config)
    process.kill()
    process.communicate(timeout=10)
    process = started(config)
    process.terminate()
    process.communicate(timeout=10)


def test_a_port_that_is_taken_is_said_and_stops_nothing(config):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        process = started(config, "--metrics", place)
        process.terminate()
        _, said = process.communicate(timeout=10)
    assert process.returncode == 143
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("text", "arguments", "code", "says"),
    [
        ("services = []\n", (), 78, "there is nothing to watch"),
        ("[supervise]\nevery_s = 0\n", (), 78, "every_s"),
        ("[supervise]\nmetrics = '0.0.0.0:9468'\n", (), 78, "metrics on loopback"),
        ("[supervise]\nwatsch = ['x']\n", (), 78, "watch"),
        ("[[notify]]\nname = 'ops'\n", (), 78, "either command or url_file"),
        ("[[notify]]\nname = 'ops'\ncommand = ['told']\n", (), 78, "absolute path"),
        ("[supervise.budget]\nmost_s = 700\n", (), 78, "most_s < window_s"),
        ("[[services]]\nname = 'a'\nunit = 'a.service'\nauto_recover = ['all']\n", (), 78, "codes of checks"),
        ("[supervise]\nwatch = ['x.service']\n", ("--metrics", "example.org:1"), 78, "metrics on loopback"),
        ("[supervise]\nwatch = ['x.service']\n", ("--patience", "soon"), 64, "soon"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_watched(tmp_path, text, arguments, code, says):
    file = tmp_path / "qtops.toml"
    file.write_text(text)
    done = qtops("--config", str(file), "supervise", "--once", *arguments)
    assert (done.returncode, says in done.stderr) == (code, True), done.stderr
    assert done.stdout == ""


def test_a_folder_that_cannot_be_used_is_said(tmp_path):
    (tmp_path / "state").write_text("a file")
    file = tmp_path / "qtops.toml"
    file.write_text(f"[supervise]\nwatch = ['x.service']\nstate = '{tmp_path / 'state'}'\n")
    done = qtops("--config", str(file), "supervise", "--once")
    assert done.returncode in {75, 77, 4}
    assert str(tmp_path / "state") in done.stderr
    assert "Traceback" not in done.stderr
