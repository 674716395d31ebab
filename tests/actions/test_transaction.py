import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from msgspec.structs import replace

from qtops.actions.errors import Drift, Refused
from qtops.actions.transaction import StepFailed, UndoFailed
from qtops.errors import Exit, Unavailable
from qtops.steps import Run, Step
from tests.actions.kill_sweep import NEW, OLD
from tests.actions.patching_run import ID, NEW_SOURCE, OLD_SOURCE, UNIT, Kept
from tests.actions.scene import Scene, opened


@pytest.fixture
def scene(tmp_path) -> Iterator[Scene]:
    with opened(tmp_path) as ready:
        yield ready


@pytest.fixture
def told() -> list[str]:
    return []


def test_carried_out_and_undone_it_is_as_it_was_byte_for_byte(scene, told):
    before = {file: file.stat() for file in scene.tree.iterdir()}
    run = scene.applied()
    assert scene.files == NEW
    assert run.undo(told.append) is True
    assert scene.files == OLD
    for file, stat in before.items():
        now = file.stat()
        assert (now.st_mode, now.st_uid, now.st_gid, now.st_mtime_ns) == (stat.st_mode, stat.st_uid, stat.st_gid, stat.st_mtime_ns)
    assert scene.ended == "undone"
    assert told[0] == f"step 3: undone: {scene.tree}/start.sh is as it was"


def test_what_is_undone_has_nothing_to_undo(scene, told):
    run = scene.applied()
    run.undo(told.append)
    told.clear()
    assert run.undo(told.append) is False
    assert told == [f"{ID}: was undone already: nothing to undo"]


def test_a_verified_recovery_can_be_undone_at_any_time(scene, told):
    run = scene.applied()
    scene.ledger.note(ID, "verified")
    assert run.undo(told.append) is True
    assert (scene.files, scene.ended) == (OLD, "undone")


def test_the_backups_are_kept_closed_to_others(scene):
    folder = Path(scene.applied().folder.path)
    contents = {file.read_bytes() for file in folder.iterdir() if len(file.name) == 64}
    assert {OLD_SOURCE, NEW_SOURCE} < contents
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def somebody_makes_the_new_file(tree: Path) -> None:
    (tree / "demo.service.d").mkdir()
    (tree / "demo.service.d" / "50-qtops.conf").touch()


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda tree: (tree / "main.py").write_bytes(b"other"), Drift, "main.py: changed since the plan: its content"),
        (lambda tree: (tree / "main.py").chmod(0o600), Drift, "changed since the plan: its mode"),
        (lambda tree: (tree / "main.py").unlink(), Drift, "main.py: vanished since the plan"),
        (somebody_makes_the_new_file, Drift, "was made since the plan"),
        (lambda tree: os.link(tree / "main.py", tree / "other"), Refused, "hard links"),
    ],
)
def test_nothing_is_begun_where_a_file_is_not_as_planned(scene, change, error, words):
    change(scene.tree)
    before = scene.files
    with pytest.raises(error, match=words):
        scene.run().begin(scene.kept.contents)
    assert scene.files == before
    assert scene.ledger.records() == ()
    assert not any(Path(scene.state_path, "recoveries").iterdir())


def test_a_plan_without_its_contents_is_refused(scene):
    with pytest.raises(Refused, match=r"main.py: its new content did not come with the plan"):
        scene.run().begin({})


def test_a_plan_that_replaces_a_file_twice_is_refused(scene):
    first = scene.kept.plan.steps[0]
    scene.plan((first, first))
    with pytest.raises(Refused, match="replaces a file twice"):
        scene.run().begin(scene.kept.contents)


def test_a_second_recovery_waits_until_the_first_has_ended(scene):
    scene.applied()
    scene.kept = Kept(replace(scene.kept.plan, id="later"), scene.kept.contents)
    with pytest.raises(Unavailable, match=f"{ID} has not ended: `qtops recover {UNIT} --resume` or `--undo` first"):
        scene.run().begin(scene.kept.contents)


def test_a_step_that_fails_ends_it_and_the_rest_is_undone(scene, told):
    first, second, third = scene.kept.plan.steps
    scene.plan((first, second, Step(("false",), "fails", action=Run(("/bin/false",))), third))
    run = scene.run()
    run.begin(scene.kept.contents)
    with pytest.raises(StepFailed, match=r"step 3: /bin/false: exited with 1") as failed:
        run.carry_out(told.append)
    assert (failed.value.number, failed.value.exit_code) == (2, Exit.NOT_APPLIED)
    run.undo(told.append)
    assert scene.files == OLD
    assert told[-3] == "step 3: has no way back: /bin/false"
    assert scene.ledger.record(ID).why == "/bin/false: exited with 1: ; run it by hand to see more"


def test_a_source_that_the_interpreter_refuses_is_never_put_in_place(scene, told):
    broken = replace(scene.kept.plan.steps[0].action, interpreter=("/usr/bin/python3",), account="")
    content = b"def f(:\n"
    digest = sha256(content).hexdigest()
    action = replace(broken, after=replace(broken.after, sha256=digest, size=len(content)))
    scene.plan((Step(("install",), "patch", action=action),))
    scene.kept = Kept(scene.kept.plan, {digest: content})
    run = scene.run()
    run.begin(scene.kept.contents)
    with pytest.raises(StepFailed, match=r"main.py: line 1: SyntaxError"):
        run.carry_out(told.append)
    assert scene.files == OLD


def test_a_file_that_was_changed_after_the_recovery_is_left_as_it_is_and_the_rest_is_undone(scene, told):
    run = scene.applied()
    (scene.tree / "start.sh").write_bytes(b"#!/bin/sh\nmine\n")
    with pytest.raises(UndoFailed, match=r"start\.sh: was changed since, and is left as it is\. What was is kept in /") as failed:
        run.undo(told.append)
    assert failed.value.exit_code is Exit.UNDO_FAILED
    assert len(failed.value.failures) == 1
    assert scene.files == OLD | {"start.sh": (b"#!/bin/sh\nmine\n", 0o755)}
    assert (scene.ended, scene.ledger.record(ID).why.count("start.sh")) == ("undo failed", 1)


def test_an_undo_that_failed_can_be_repeated_once_the_reason_is_gone(scene, told):
    run = scene.applied()
    now = (scene.tree / "main.py").read_bytes()
    (scene.tree / "main.py").write_bytes(b"mine")
    with pytest.raises(UndoFailed):
        run.undo(told.append)
    (scene.tree / "main.py").write_bytes(now)
    assert run.undo(told.append) is True
    assert (scene.files, scene.ended) == (OLD, "undone")


def test_a_damaged_backup_is_never_put_in_place(scene, told):
    run = scene.applied()
    backup = Path(run.folder.path, scene.kept.plan.steps[0].action.before.sha256)
    backup.write_bytes(b"flipped")
    with pytest.raises(UndoFailed, match="is damaged: its content has another hash than its name"):
        run.undo(told.append)
    assert scene.files["main.py"] == NEW["main.py"]


def test_a_folder_that_others_fill_is_not_removed_by_the_undo(scene, told):
    run = scene.applied()
    (scene.tree / "demo.service.d" / "90-own.conf").write_text("theirs")
    run.undo(told.append)
    assert [file.name for file in (scene.tree / "demo.service.d").iterdir()] == ["90-own.conf"]


def test_without_its_folder_nothing_is_undone_and_that_is_said(scene, told):
    run = scene.applied()
    for file in Path(run.folder.path).iterdir():
        file.unlink()
    with pytest.raises(UndoFailed, match="cannot be read: No such file or directory"):
        run.undo(told.append)
    with pytest.raises(Unavailable):
        run.folder.plan()
