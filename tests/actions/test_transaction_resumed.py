import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from qtops.actions.errors import Drift
from qtops.actions.ledger_opening import open_ledger
from qtops.actions.state import open_state
from tests.actions.kill_sweep import NEW, OLD
from tests.actions.patching_run import ID, UNIT, Kept
from tests.actions.scene import RELOAD, RESTART, Scene, opened

ROOT = Path(__file__).parents[2]


class Killed(BaseException):
    """As if the process had ended there."""


@pytest.fixture
def scene(tmp_path) -> Iterator[Scene]:
    with opened(tmp_path) as ready:
        yield ready


@pytest.fixture
def told() -> list[str]:
    return []


def killing(verb: str) -> None:
    raise Killed


def test_a_restart_that_was_asked_for_when_the_run_was_killed_is_asked_for_again(scene, told):
    scene.plan((*scene.kept.plan.steps, RELOAD, RESTART))
    scene.systemd.instead = lambda verb: killing(verb) if verb == "restart" else None
    with pytest.raises(Killed):
        scene.applied()
    scene.systemd.instead = lambda verb: None
    assert scene.run().resume(told.append) == "carried out"
    assert scene.systemd.asked == [("daemon-reload", ""), ("restart", UNIT), ("restart", UNIT)]


def test_a_restart_that_is_noted_as_done_is_not_repeated(scene, told):
    scene.plan((*scene.kept.plan.steps, RESTART))
    scene.applied()
    assert scene.run().resume(told.append) == "carried out"
    assert scene.systemd.asked == [("restart", UNIT)]


def test_after_a_file_that_had_to_be_put_in_place_again_the_service_is_started_again(scene, told):
    scene.plan((*scene.kept.plan.steps, RESTART))
    scene.applied()
    (scene.tree / "start.sh").chmod(0o644)  # as it was before
    assert scene.run().resume(told.append) == "carried out"
    assert (scene.files, len(scene.systemd.asked)) == (NEW, 2)


def test_a_file_that_is_neither_old_nor_new_is_not_overwritten_by_a_resume(scene, told):
    run = scene.applied()
    (scene.tree / "start.sh").write_bytes(b"mine")
    with pytest.raises(Drift, match=r"start.sh: is neither as it was nor as planned"):
        run.resume(told.append)
    assert scene.files["start.sh"][0] == b"mine"
    assert scene.ended == "begun"


@pytest.mark.parametrize("event", ["step failed", "proof failed", "undoing"])
def test_a_run_that_was_killed_before_or_in_its_undo_is_undone_by_the_next(scene, told, event):
    scene.applied()
    scene.ledger.note(ID, event)
    assert scene.run().resume(told.append) == "undone"
    assert (scene.files, scene.ended) == (OLD, "undone")


@pytest.mark.parametrize("end", ["verified", "undone", "refused"])
def test_what_has_ended_is_not_resumed(scene, told, end):
    scene.applied()
    scene.ledger.note(ID, end)
    assert scene.run().resume(told.append) == "ended before"
    assert told == [f"{ID}: is not under way: nothing to resume"]


def test_a_lost_ledger_does_not_lose_the_way_back(scene, told, tmp_path):
    scene.plan((*scene.kept.plan.steps, RESTART))
    scene.applied()
    Path(scene.state_path, "qtops.db").unlink()
    with open_ledger(open_state(scene.state_path)) as ledger:
        scene.ledger = ledger
        assert scene.run().undo(told.append) is True
    assert (scene.files, scene.systemd.asked[-1]) == (OLD, ("stop", UNIT))


def test_every_moment_of_a_kill_between_two_entries_is_ended_by_the_next_run(scene, told):
    """The net under the sweep of real kills: the ledger is what a run begins and ends each of its steps with."""
    scene.plan((*scene.kept.plan.steps, RELOAD, RESTART))
    for number in range(1, 20):
        whole = Kept(replace(scene.kept.plan, id=f"{ID}-{number}"), scene.kept.contents)
        entered = 0

        def enter_and_die(*arguments: object, write: Callable[..., None] = scene.ledger._write, at: int = number) -> None:
            nonlocal entered
            entered += 1
            if entered == at:
                raise Killed
            write(*arguments)

        scene.kept, scene.systemd.asked = whole, []
        scene.ledger._write = enter_and_die
        try:
            scene.applied()
        except Killed:
            del scene.ledger._write
        else:
            del scene.ledger._write
            assert number == 12  # begun, and two for each of five steps
            break
        if number > 1:
            assert scene.run().resume(told.append) == "carried out"
            assert scene.files == NEW
            assert scene.run().undo(told.append) is True
        assert scene.files == OLD


def swept(place: Path, killed: str, following: str, every: int) -> list[str]:
    """What a sweep of real kills prints (``kill_sweep``)."""
    program = [sys.executable, "-m", "tests.actions.kill_sweep", str(place), killed, following, str(every)]
    return subprocess.run(program, capture_output=True, text=True, check=False, cwd=ROOT, timeout=600).stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize(("killed", "following"), [("apply", "end"), ("apply", "undo"), ("undo", "end")])
def test_a_kill_now_and_then_is_ended_or_undone_by_the_next_run(tmp_path, killed, following):
    *torn, total = swept(tmp_path / "place", killed, following, every=29)
    assert torn == []
    assert int(total.split()[1]) > 10


@pytest.mark.heavy
@pytest.mark.parametrize("killed", ["apply", "resume", "undo"])
@pytest.mark.parametrize("following", ["end", "undo"])
def test_a_kill_before_and_after_every_call_is_ended_or_undone_by_the_next_run(tmp_path, killed, following):
    *torn, total = swept(tmp_path / "place", killed, following, every=1)
    print(f"{killed}, then {following}: {total}")
    assert torn == []
    assert int(total.split()[1]) > 300
