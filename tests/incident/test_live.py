"""The show as it is seen: everything of it on a booted systemd, with as little waiting as it can do with."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.box.box import obstacle
from tests.incident.live import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.systemd, pytest.mark.skipif(bool(obstacle()), reason=str(obstacle()))]
SHOW = [sys.executable, "-m", "tests.incident", "--brief"]
ENVIRONMENT = {**os.environ, "COLUMNS": "80"}


def test_it_goes_as_promised_from_failure_to_a_checked_report(tmp_path: Path):
    done = subprocess.run(
        [*SHOW, "--to", str(tmp_path)], capture_output=True, text=True, cwd=ROOT, env=ENVIRONMENT, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "NOT AS PROMISED" not in done.stdout
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.replace(str(tmp_path), "").splitlines())) <= 80
    assert "systemd boots" in done.stderr
    lines = done.stdout.splitlines()
    assert sum("No module named 'ai_engine.risk_kernel_stops'" in line for line in lines) >= 5  # one for each start
    assert [line.split()[0] for line in lines if "UTC  " in line or line.startswith("failed  ")] == [
        "failed",
        "noticed",
        "verified",
    ]
    assert {"report.md", "report.html", "report.json", "evidence"} <= {path.name for path in (tmp_path / "incident").iterdir()}


def test_when_it_is_broken_off_the_box_goes(tmp_path: Path):
    with subprocess.Popen(
        [*SHOW, "--to", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=ENVIRONMENT
    ) as show:
        assert show.stdout is not None
        while not show.stdout.readline().startswith("$ "):
            pass
        begun = psutil.Process(show.pid).children(recursive=True)
        assert any(process.name() == "systemd" for process in begun)
        show.send_signal(signal.SIGINT)
        _, talk = show.communicate(timeout=30)
    assert show.returncode == 130
    assert "broken off" in talk
    assert "Traceback" not in talk
    assert psutil.wait_procs(begun, timeout=5)[1] == []
