"""`qtops install` killed at a call that changes something: no file is half there, and the next run ends it."""

import subprocess
import sys

import pytest


def sweep(place, action, following, every):
    """What a sweep of real kills prints."""
    program = [sys.executable, "-m", "tests.deploy.kill_sweep", str(place), action, following, str(every)]
    return subprocess.run(program, capture_output=True, encoding="utf-8", check=False).stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize(("action", "following"), [("first", "apply"), ("remove", "remove")])
def test_the_next_run_ends_it(tmp_path, action, following):
    said = sweep(tmp_path.resolve() / "root", action, following, 131)
    assert [line for line in said if not line.startswith("points")] == []
    assert int(said[-1].split()[1]) >= 10


@pytest.mark.heavy
@pytest.mark.parametrize("following", ["apply", "remove"])
@pytest.mark.parametrize("action", ["first", "upgrade", "remove"])
def test_the_next_run_ends_it_at_two_thousand_points(tmp_path, action, following):
    said = sweep(tmp_path.resolve() / "root", action, following, 7)
    assert [line for line in said if not line.startswith("points")] == []
    assert int(said[-1].split()[1]) >= 250
