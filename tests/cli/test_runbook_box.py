"""Guided recoveries beside a booted systemd: what they only look at, and the gates between their steps."""

import json
import re
import sys

import pytest

from tests.box.box import PYTHON
from tests.cli.runbook_scene import verdicts

pytestmark = [pytest.mark.systemd, pytest.mark.slow]

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


@pytest.mark.heavy  # it waits until the loop counts as over
def test_looks_at_a_restart_loop_hold_and_name_its_root(loop):
    _, record = run(loop, "recover-restart-loop")
    steps = {step["name"]: step for step in record["steps"]}
    assert [steps[name]["verdict"] for name in ("counters", "log", "diagnose")] == ["held"] * 3
    assert re.search(r"^NRestarts=[1-9]", steps["counters"]["output"], re.MULTILINE)
    assert "No module named 'engine.stops'" in steps["log"]["output"]
    assert "IMPORT101" in steps["diagnose"]["output"]
    assert f"{FOLDER}/main.py:4" in steps["diagnose"]["output"]
    assert json.loads(loop.read(record["evidence"])) == record


def test_looks_at_a_broken_import_hold(loop):
    _, record = run(loop, "recover-import")
    assert {name: verdict for name, verdict in verdicts(record).items() if name in ("status", "log", "diagnose", "probe")} == {
        "status": "held", "log": "held", "diagnose": "held", "probe": "held",
    }  # fmt: skip


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
