"""Guided recoveries beside a booted systemd: their steps, and the gates between them."""

import json
import re
import sys
from pathlib import Path

import pytest

from tests.box.box import PYTHON
from tests.cli.runbook_scene import verdicts

pytestmark = [pytest.mark.systemd, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
FOLDER, UNIT = "/srv/guided", "guided-loop.service"
MAIN = """\
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/micro")
from engine.stops import compute

compute()
"""


@pytest.fixture
def loop(box):
    """A service that restarts again and again: the folder that its code puts first holds half of a package."""
    box.write(f"{FOLDER}/main.py", MAIN)
    box.write(f"{FOLDER}/engine/__init__.py", "")
    box.write(f"{FOLDER}/engine/stops.py", "def compute():\n    import time\n    time.sleep(600)\n")
    box.write(f"{FOLDER}/micro/engine/__init__.py", "")
    box.unit(
        UNIT,
        f"[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart={PYTHON} {FOLDER}/main.py\n"
        f"Environment=PYTHONPATH={FOLDER}\nRestart=always\nRestartSec=200ms\n",
    )
    box.reload()
    box.systemctl("start", UNIT)
    box.run("sh", "-c", f"until [ $(systemctl show -P NRestarts {UNIT}) -ge 2 ]; do sleep .1; done")
    yield box
    box.systemctl("stop", UNIT)
    box.remove([FOLDER, f"/etc/systemd/system/{UNIT}"])


def run(box, name, *options):
    words = ("runbook", "run", name, "--set", "service=guided-loop", "--yes", "-o", "json", *options)
    done = box.run(sys.executable, "-m", "qtops", *words, check=False, cwd="/", timeout=120)
    return done.returncode, json.loads(done.stdout)


def test_a_restart_loop_is_recovered_step_by_step(loop):
    code, record = run(loop, "recover-restart-loop")
    steps = {step["name"]: step for step in record["steps"]}
    assert {name: step["objections"] for name, step in steps.items() if step["verdict"] != "held"} == {}
    assert (code, record["outcome"]) == (0, "done")
    assert re.search(r"^NRestarts=[1-9]", steps["counters"]["output"], re.MULTILINE)
    assert "No module named 'engine.stops'" in steps["log"]["output"]
    assert "IMPORT101" in steps["diagnose"]["output"]
    assert f"{FOLDER}/main.py:4" in steps["diagnose"]["output"]
    assert "sys.path.insert" not in loop.read(f"{FOLDER}/main.py").decode()
    assert json.loads(loop.read(record["evidence"])) == record


def test_looks_at_a_broken_import_hold(loop):
    looks = (ROOT / "runbooks" / "recover-import.md").read_text("utf-8").partition("## Mend")[0]
    loop.write("/root/looks.md", looks)
    code, record = run(loop, "/root/looks.md")
    assert (code, verdicts(record)) == (0, dict.fromkeys(("status", "log", "diagnose", "probe"), "held"))


def test_the_import_recovery_does_not_go_on_where_no_import_is_at_fault(box):
    box.unit("guided-well.service", "[Service]\nExecStart=/usr/bin/sleep 600\n")
    box.reload()
    box.systemctl("start", "guided-well.service")
    code, record = run(box, "recover-import", "--set", "service=guided-well")
    assert (code, record["outcome"]) == (4, "failed")
    assert verdicts(record) | {
        "status": "held",
        "log": "held",
        "diagnose": "failed",
        "probe": "not run",
        "apply": "not run",
    } == verdicts(record)
    box.systemctl("stop", "guided-well.service")
