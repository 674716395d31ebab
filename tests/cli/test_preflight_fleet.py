"""A fleet in one call: 150 units and 2,000 Python files, each parsed once."""

import json
import time

import pytest

from tests.cli.running import qtops
from tests.preflight_trees import PYTHON, host

UNITS, PACKAGES, EACH = 150, 37, 50
FLEET = "/srv/fleet"
BODY = "".join(f"def step_{n}(value: float) -> float:\n    return value * {n} + len(str(value))\n\n\n" for n in range(12))


def fleet():
    files = {}
    for n in range(PACKAGES):
        for m in range(EACH):
            below = "".join(f"from part{n:02}.m{k:02} import step_1 as s{k}\n" for k in (2 * m + 1, 2 * m + 2) if k < EACH)
            files[f"{FLEET}/part{n:02}/m{m:02}.py"] = f"import json\nimport logging\n{below}{BODY}"
    for n in range(UNITS):
        wanted = "".join(f"from part{(n + k) % PACKAGES:02}.m00 import step_{k} as t{k}\n" for k in range(3))
        path = "import os\nimport sys\nsys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))\n"
        files[f"{FLEET}/svc{n:03}/main.py"] = f"{path}import redis\n{wanted}\nwhile True:\n    step = t0(1.0)\n"
        files[f"/etc/systemd/system/svc{n:03}.service"] = (
            f"[Unit]\nDescription=Service {n}\nOnFailure=alert.service\n[Service]\nUser=qt\nWorkingDirectory={FLEET}\n"
            f"EnvironmentFile=/etc/quantum/risk-proposal.env\nExecStart={PYTHON} {FLEET}/svc{n:03}/main.py\n"
            "Restart=always\nRestartSec=5\n[Install]\nWantedBy=multi-user.target\n"
        )
    return files


@pytest.mark.slow
def test_a_fleet_is_looked_at_in_one_call(tmp_path, capsys):
    files = fleet()
    assert sum(path.endswith(".py") for path in files) == 2000
    root = host(tmp_path, files)
    started = time.perf_counter()
    result = qtops("preflight", f"{root}/etc/systemd/system", "--root", root, "-o", "json")
    took_s = time.perf_counter() - started
    summary = json.loads(result.stdout)["summary"]
    with capsys.disabled():
        print(f"\n  preflight of {UNITS} units and 2,000 files: {took_s:.1f} s")
    assert (summary["total"], summary["ok"]) == (UNITS, UNITS)
    assert took_s < 20
