"""The command line of ``qtops recover``: wrong words, a host without systemd, no records. No box is needed."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.running import COMMAND, environment, qtops

pytestmark = pytest.mark.slow  # many small ones
USAGE, UNAVAILABLE = 64, 75


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "nothing to recover: name a service, or --list"),
        (["a", "b"], "an ID goes with --undo only"),
        (["a", "--apply", "--undo"], "--apply and --undo do not go together"),
        (["a", "--undo", "--remedy", "x"], "do not go with --undo"),
        (["a", "--list", "--again"], "do not go with --list"),
        (["a b"], "'a b' is no name of a unit"),
        (["../x", "--apply"], "'../x' is no name of a unit"),
        (["*"], "one service at a time"),
        (["x\n\x1b[31m"], r"'x\n\x1b[31m' is no name of a unit"),
        (["x", "-o", "yaml"], "Invalid value for '-o'"),
    ],
)
def test_wrong_words(words, says, tmp_path):
    done = qtops("recover", *words, QTOPS_STATE=str(tmp_path / "state"))
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert says in done.stderr
    assert not (tmp_path / "state").exists()


def test_no_record_is_made_by_looking(tmp_path):
    done = qtops("recover", "--list", "-o", "json", QTOPS_STATE=str(tmp_path / "state"))
    assert (done.returncode, json.loads(done.stdout)["records"]) == (0, [])
    assert not (tmp_path / "state").exists()


@pytest.mark.skipif(Path("/run/systemd/system").exists(), reason="systemd runs here")
@pytest.mark.parametrize("mode", [[], ["--apply"]])
def test_without_systemd_nothing_is_told_and_nothing_done(mode, tmp_path):
    done = qtops("recover", "nosuch", *mode, QTOPS_STATE=str(tmp_path / "state"))
    assert done.returncode == UNAVAILABLE
    assert "systemd is not PID 1 here" in done.stderr


def test_a_damaged_ledger_is_told_and_not_mended_by_looking(tmp_path):
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    (state / "qtops.db").write_bytes(b"no database at all" * 100)
    done = qtops("recover", "--list", QTOPS_STATE=str(state))
    assert done.returncode == UNAVAILABLE
    assert "is damaged" in done.stderr
    assert [file.name for file in state.iterdir()] == ["qtops.db"]


def test_a_closed_pipe_is_no_noise(tmp_path):
    command = " ".join([*COMMAND, "recover", "--help"])
    done = subprocess.run(
        ["bash", "-c", f"{command} | head -1 >/dev/null; exit ${{PIPESTATUS[0]}}"],
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert (done.returncode in {0, 141}, done.stderr) == (True, b"")
