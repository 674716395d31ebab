"""A transaction is killed at each of its calls that change something, and each of these calls fails: nothing is ever torn.

Each point is a run of its own, struck by strace: SIGKILL on entering the call, EIO, ENOSPC. Right after it each target is the
whole old or the whole new file, and each backup equals the old one. Then the next run finishes, or undoes, and one more finds
nothing to do.
"""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults.sweep.points import Outcome, Point, points, sweep
from tests.faults.sweep.scene import ACTIONS
from tests.faults.sweep.strace import FAULTS, obstacle

pytestmark = pytest.mark.skipif(bool(obstacle()), reason=obstacle() or "strace works")
SLICE = 13  # prime to the number of faults: over all of these, all actions and all kinds of calls


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sweep")


@pytest.fixture(scope="module")
def every_point(folder: Path) -> list[Point]:
    return points(folder)


@pytest.mark.slow
def test_what_is_swept_is_all_that_a_transaction_does(every_point: list[Point]) -> None:
    for action in ACTIONS:
        made = {point.call.name for point in every_point if point.action == action}
        assert made >= {"write", "pwrite64", "fsync", "fdatasync", "fchmod", "fchown", "renameat", "unlinkat", "openat"}, action
    assert {point.call.name for point in every_point} >= {"mkdirat", "rename", "unlink", "linkat", "fsetxattr", "utimensat"}
    assert {point.fault for point in every_point} == {*FAULTS}


@pytest.mark.slow
def test_a_slice_of_all_points_leaves_nothing_torn(
    folder: Path, every_point: list[Point], capsys: pytest.CaptureFixture[str]
) -> None:
    is_swept(folder, every_point[::SLICE], capsys)


@pytest.mark.heavy
def test_no_point_leaves_anything_torn(folder: Path, every_point: list[Point], capsys: pytest.CaptureFixture[str]) -> None:
    is_swept(folder, every_point, capsys)


def is_swept(folder: Path, chosen: Sequence[Point], capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    outcomes = sweep(folder, chosen)
    with capsys.disabled():
        print(f"\n{told(outcomes)} ({time.monotonic() - began:.0f} s)")
    wrong = [outcome for outcome in outcomes if outcome.torn or outcome.unfinished or outcome.ill_said]
    assert not wrong, "\n".join(map(complaint, wrong))


def told(outcomes: Sequence[Outcome]) -> str:
    """The figures of a sweep."""
    tried = Counter((outcome.point.action, outcome.point.fault) for outcome in outcomes)
    by_action = [f"{action} {'/'.join(str(tried[action, fault]) for fault in FAULTS)}" for action in ACTIONS]
    kinds = (sum(map(bool, column)) for column in zip(*((o.torn, o.unfinished, o.ill_said) for o in outcomes), strict=True))
    torn, unfinished, ill_said = kinds
    return (
        f"transaction, every call struck by {'/'.join(FAULTS)} ({', '.join(by_action)}): "
        f"points tried {len(outcomes)}, torn {torn}, not finished {unfinished}, ill said {ill_said}"
    )


def complaint(outcome: Outcome) -> str:
    return f"{outcome.point}: torn {outcome.torn}, not finished {outcome.unfinished}, ill said {outcome.ill_said}"
