"""``--probe`` on the founding service: it imports as the service would, proves or refutes, and leaves all else alone."""

import json
import time
from collections.abc import Iterator

import pytest

from tests.box.box import Box, NoBox
from tests.faults.doctoring import DOCTOR, NOBODY, ask, environment, let_anybody_run
from tests.preflight_trees import MAIN, PROJECT, REAL, SHADOW
from tests.scenarios.imports import FOUNDING_SCENARIO
from tests.scenarios.installing import prepared

pytestmark = [pytest.mark.slow, pytest.mark.systemd]

NAME = "quantum-risk-proposal.service"
MISSES = "ModuleNotFoundError: No module named 'ai_engine.risk_kernel_stops'"
OWNER = ("setpriv", "--reuid", "qt", "--regid", "qt", "--clear-groups", "--")
STATE = ("ActiveState", "SubState", "NRestarts", "InvocationID", "ExecMainStartTimestampMonotonic", "StateChangeTimestampMonotonic")
TELLS = """import json
import os
import sys
seen = [os.getuid(), os.getgid(), os.getcwd(), sys.executable, dict(os.environ)]
with open(f"/tmp/seen.{os.getpid()}", "w") as file:
    json.dump(seen, file)
"""
TRAP = "#!/bin/sh\nid -u >/tmp/trapped\n"


@pytest.fixture(scope="module")
def founding() -> Iterator[Box]:
    try:
        with prepared([FOUNDING_SCENARIO]) as (box, _):
            let_anybody_run(box)
            yield box
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


@pytest.fixture(autouse=True)
def alone(founding: Box) -> Iterator[None]:
    """Whatever a test does: the service is as it was, and nothing of a probe is left, in systemd, as a process, as a file."""
    before = founding.show(NAME, properties=STATE)
    yield
    assert founding.show(NAME, properties=STATE) == before
    assert "qtops" not in founding.systemctl("list-units", "--all", "--plain", "--no-legend", "qtops-*")
    assert founding.text("sh", "-c", "ls -d /run/qtops* /run/systemd/transient/* 2>/dev/null || true") == ""
    assert founding.text("sh", "-c", "pgrep -u qt || true") == ""
    founding.write(SHADOW, "")
    founding.run("sh", "-c", "rm -f /tmp/seen.* /tmp/trapped")


def probed(box: Box, *, before: tuple[str, ...] = ()):
    told = ask(box, NAME, "--probe", "-o", "json", before=before)
    assert told.code == 2
    return told.results[NAME]


def test_the_cause_and_the_way_out_are_proven(founding):
    result = probed(founding)
    assert (result["root"]["code"], result["root"]["where"]) == ("IMPORT101", f"{MAIN}:29")
    assert (
        f"imported in the unit's own context (systemd-run as qt): {MISSES}; without the edit at {MAIN}:29: {REAL}"
        in result["proof"]
    )


def test_it_runs_as_the_unit_would(founding):
    founding.write(SHADOW, TELLS)
    probed(founding)
    (seen,) = founding.text("sh", "-c", "cat /tmp/seen.*").splitlines()
    user, group, directory, interpreter, variables = json.loads(seen)
    assert (user, group, directory) == (991, 991, PROJECT)
    assert interpreter == "/opt/quantum/venvs/ai-engine/bin/python3"
    assert variables["PYTHONPATH"] == PROJECT
    assert variables["PATH"].startswith("/opt/quantum/venvs/ai-engine/bin:")
    assert (variables["LOG_LEVEL"], variables["HOME"]) == ("INFO", "/home/qt")


def test_the_service_cannot_have_its_programs_run_by_root(founding):
    for name in ("systemd-run", "systemctl"):
        founding.write(f"/opt/quantum/venvs/ai-engine/bin/{name}", TRAP, 0o755)  # first in the PATH of the unit
    try:
        assert len(probed(founding)["proof"]) == 2
    finally:
        founding.remove([f"/opt/quantum/venvs/ai-engine/bin/{name}" for name in ("systemd-run", "systemctl")])
    assert not founding.host_path("/tmp/trapped").exists()


def test_the_owner_needs_no_root(founding):
    founding.write(SHADOW, "import os\nassert os.environ['LOG_LEVEL'] == 'INFO'\n")
    result = probed(founding, before=OWNER)
    assert any("(a child process)" in proof and proof.endswith(REAL) for proof in result["proof"])


def test_nobody_is_told_who_could(founding):
    result = probed(founding, before=NOBODY)
    assert f"probe: only root can become qt (sudo qtops doctor {NAME} --probe)" in result["unknown"]
    assert result["root"]["code"] == "IMPORT101"
    assert not any("context" in proof for proof in result["proof"])


def test_what_it_says_otherwise_is_no_proof(founding):
    founding.write(SHADOW, "import socket\nif not socket.gethostname().startswith('prod'):\n    raise LookupError('no venue')\n")
    result = probed(founding)
    assert not any("context" in proof for proof in result["proof"])
    assert result["root"]["code"] == "IMPORT101"
    assert any(
        "imported in the unit's own context (systemd-run as qt), it is LookupError: no venue" in why for why in result["unknown"]
    )


def test_what_a_module_prints_is_no_answer(founding):
    founding.write(SHADOW, "import os\nos.write(1, b'x' * 1_000_000 + b'\\n[\"\", \"/elsewhere\"]\\n')\n")
    assert any(MISSES in proof and REAL in proof for proof in probed(founding)["proof"])


def test_what_a_module_leaves_running_ends_with_the_probe(founding):
    founding.write(SHADOW, "import os\nimport time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(1000)\n    os._exit(0)\n")
    assert probed(founding)["root"]["code"] == "IMPORT101"


@pytest.mark.parametrize(("signal", "code"), [("INT", 130), ("TERM", 143)])
def test_whoever_interrupts_it_leaves_nothing_behind(founding, signal, code):
    founding.write(SHADOW, "import time\nopen('/tmp/seen.here', 'w')\ntime.sleep(1000)\n")
    began = time.monotonic()
    script = f'"$@" & until [ -e /tmp/seen.here ]; do sleep 0.05; done; kill -{signal} $!; wait $!'
    done = founding.run("bash", "-c", f"set -m; {script}", "bash", *DOCTOR, NAME, "--probe", check=False, env=environment())
    assert (done.returncode, done.stdout) == (code, b"")
    assert time.monotonic() - began < 10
