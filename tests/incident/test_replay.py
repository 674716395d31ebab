"""Where nothing can be booted the recorded incident is told: everything of it made anew, and why it is not live."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.incident.live import ROOT
from tests.incident.recording import FOUNDING

pytestmark = pytest.mark.slow

SHOW = [sys.executable, "-m", "tests.incident"]


def show(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    told = {"COLUMNS": "80", **more}
    environ = {**os.environ, **told}
    return subprocess.run([*SHOW, *words], capture_output=True, text=True, cwd=ROOT, env=environ, timeout=60, check=False)


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """One replay, where the programs that a box needs are not there."""
    folder = tmp_path_factory.mktemp("replayed")
    nothing = folder / "bin"
    nothing.mkdir()
    (nothing / "sh").symlink_to("/bin/sh")
    return folder, show("--to", str(folder), PATH=str(nothing))


def test_it_says_why_and_ends_well(replayed):
    _, done = replayed
    assert (done.returncode, done.stderr.count("it cannot be played here: ")) == (0, 1), done.stdout + done.stderr
    assert "NOT AS PROMISED" not in done.stdout


def test_diagnosis_plan_and_check_are_told(replayed):
    _, done = replayed
    for said in (
        "IMPORT101",
        "PLANNED",
        "-sys.path.insert(",
        "RECOVERED",
        "SAYS WHAT ITS EVIDENCE SAYS",
        "failed  ",
        "noticed  ",
        "verified  ",
    ):
        assert said in done.stdout


def test_the_report_that_it_makes_is_the_recorded_one(replayed):
    folder, _ = replayed
    for name in ("report.md", "report.json", "report.html"):
        assert (folder / "incident" / name).read_bytes() == (FOUNDING / name).read_bytes()


def test_a_pipe_gets_plain_lines_of_eighty_columns(replayed):
    folder, done = replayed
    assert "\x1b" not in done.stdout
    assert max(len(line) for line in done.stdout.splitlines() if str(folder)[:20] not in line) <= 80


def test_what_it_does_not_take_is_refused():
    done = show("--no-such")
    assert (done.returncode, done.stdout) == (64, "")
    assert "--record" in done.stderr
