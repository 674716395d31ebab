from collections.abc import Iterator

import pytest

from qtops.actions.transaction import StepFailed, UndoFailed
from qtops.errors import Unavailable
from qtops.steps import Run, Step
from tests.actions.kill_sweep import OLD
from tests.actions.patching_run import UNIT
from tests.actions.scene import RELOAD, RESTART, Scene, opened


@pytest.fixture
def scene(tmp_path) -> Iterator[Scene]:
    with opened(tmp_path) as ready:
        yield ready


@pytest.fixture
def told() -> list[str]:
    return []


def test_a_service_that_was_down_is_stopped_again_once_the_files_are_back(scene, told):
    scene.plan((*scene.kept.plan.steps, RELOAD, RESTART), was_up=False)
    run = scene.applied()
    scene.systemd.instead = lambda verb: None if scene.files == OLD else pytest.fail("before the files were back")
    run.undo(told.append)
    assert scene.systemd.asked == [("daemon-reload", ""), ("restart", UNIT), ("stop", UNIT)]
    assert told[-1] == "step 5: undone: demo.service is down as it was"


def test_a_service_that_was_up_is_started_anew_from_the_old_files(scene, told):
    scene.plan((*scene.kept.plan.steps, RESTART), was_up=True)
    scene.applied().undo(told.append)
    assert scene.systemd.asked == [("restart", UNIT), ("restart", UNIT)]


@pytest.mark.parametrize("was_up", [True, False])
def test_a_service_that_was_never_started_anew_is_left_alone(scene, told, was_up):
    failing = Step(("false",), "fails", action=Run(("/bin/false",)))
    scene.plan((*scene.kept.plan.steps, failing, RESTART), was_up=was_up)
    run = scene.run()
    run.begin(scene.kept.contents)
    with pytest.raises(StepFailed):
        run.carry_out(told.append)
    run.undo(told.append)
    assert scene.systemd.asked == []


def refusing(verb: str) -> None:
    if verb in {"restart", "stop"}:
        raise Unavailable("Job for demo.service failed")


def test_a_refused_restart_is_a_failed_step_and_a_refused_stop_fails_the_undo(scene, told):
    scene.plan((*scene.kept.plan.steps, RESTART))
    scene.systemd.instead = refusing
    run = scene.run()
    run.begin(scene.kept.contents)
    with pytest.raises(StepFailed, match=r"step 4: Job for demo.service failed"):
        run.carry_out(told.append)
    with pytest.raises(UndoFailed, match=r"Job for demo.service failed"):
        run.undo(told.append)
    assert scene.files == OLD
    scene.systemd.instead = lambda verb: None
    assert run.undo(told.append) is True
