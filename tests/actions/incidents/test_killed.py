"""A supervisor that is killed: every death is on record once, every notice comes, and twice only where it was under way."""

import os
import random
import shutil
import signal
import time
from pathlib import Path

import pytest

from tests.actions.incidents.supervising_run import EACH, UNITS, supervise, wrong
from tests.faults.sweep.strace import FAULTS, Fault, calls, obstacle, python, struck

ROUND = UNITS * EACH
RUN = "tests.actions.incidents.supervising_run"


def killed_at_random(folder: Path, deaths: int, seed: int) -> int:
    """Kill it again and again, until it comes to its end; how often."""
    chance, kills = random.Random(seed), 0
    while True:
        child = os.fork()
        if not child:
            code = 1
            try:
                supervise(str(folder), deaths)
                code = 0
            finally:
                os._exit(code)
        time.sleep(chance.uniform(0.001, 0.06))
        os.kill(child, signal.SIGKILL)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if ended != -signal.SIGKILL:
            assert ended == 0
            return kills
        kills += 1
        if kills > 40 * deaths // ROUND:  # it may be so slow here that it never comes to its end
            supervise(str(folder), deaths)
            return kills


def killed_at_each_call(folder: Path, every: int, faults: tuple[Fault, ...]) -> list[str]:
    """Strike a run at each of its calls that changes something, let the next one end it, and tell what was wrong."""
    place, found, tried = folder / "now", list[str](), 0
    command = python(RUN, str(place), str(ROUND))
    for _ in "compiled", "recorded":
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        recorded = calls(command, place)
    assert wrong(str(place), ROUND, 0) == []
    for number, call in enumerate(recorded):
        if number % every:
            continue
        for fault in faults:
            shutil.rmtree(place)
            place.mkdir()
            ended = struck(command, place, call, fault)
            if "Traceback" in ended.err:
                found.append(f"{call} {fault}: {ended.err[-200:]}")
            supervise(str(place), ROUND)
            found += [f"{call} {fault}: {why}" for why in wrong(str(place), ROUND, 1)]
            tried += 1
    print(f"{tried} points of {len(recorded)} calls")
    return found


@pytest.mark.slow
def test_killed_at_random_moments(tmp_path):
    kills = killed_at_random(tmp_path, 4 * ROUND, seed=7)
    assert kills > 2
    assert wrong(str(tmp_path), 4 * ROUND, kills) == []


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(10))
def test_killed_at_random_moments_two_hundred_times_and_more(tmp_path, seed):
    kills = killed_at_random(tmp_path, 20 * ROUND, seed)
    assert wrong(str(tmp_path), 20 * ROUND, kills) == []


@pytest.mark.slow
@pytest.mark.skipif(bool(obstacle()), reason=obstacle())
def test_struck_at_some_of_its_calls(tmp_path):
    assert killed_at_each_call(tmp_path, 97, FAULTS) == []


@pytest.mark.heavy
@pytest.mark.skipif(bool(obstacle()), reason=obstacle())
@pytest.mark.parametrize("fault", FAULTS)
def test_struck_at_each_of_its_calls(tmp_path, fault):
    assert killed_at_each_call(tmp_path, 1, (fault,)) == []


def test_one_that_is_left_alone_does_all(tmp_path):
    supervise(str(tmp_path), ROUND)
    assert wrong(str(tmp_path), ROUND, 0) == []
    before = (tmp_path / "told").read_text()
    supervise(str(tmp_path), ROUND)
    assert (tmp_path / "told").read_text() == before
