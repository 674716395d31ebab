"""A file is replaced as a whole and keeps what it had; what it had comes back; and nothing else is touched."""

import os
from pathlib import Path

import pytest

from qtops.actions.files import examine, remove, replace, restore
from qtops.steps import Replace
from tests.actions.app_folder import APP, NEW, OLD, TEMPORARY, make, patch, state, tree

DAY_NS = 86_400_000_000_000


def test_a_replaced_file_has_the_new_content_and_keeps_owner_and_mode(app: Path) -> None:
    replace(patch(app / "main.py"), NEW, TEMPORARY)
    assert tree(app) == {"main.py": (0o100640, APP, 1, NEW)}


def test_what_was_there_comes_back_byte_for_byte_with_owner_mode_and_time(app: Path) -> None:
    file = app / "main.py"
    os.utime(file, ns=(DAY_NS, DAY_NS + 123_456_789))
    as_it_was, old = tree(app), file.stat()
    step = patch(file)
    replace(step, NEW, TEMPORARY)
    assert file.stat().st_mtime_ns != old.st_mtime_ns, "or a compiled file of the old source would pass for one of the new"
    restore(str(file), step.after, step.before, OLD, TEMPORARY)
    assert tree(app) == as_it_was
    assert file.stat().st_mtime_ns == old.st_mtime_ns


@pytest.mark.parametrize("mode", [0o4755, 0o2750, 0o6711, 0o1644, 0o400, 0o000])
def test_every_bit_of_the_mode_is_kept(app: Path, mode: int) -> None:
    file = Path(make(app / "tool", mode=mode))
    step = Replace(path=str(file), before=state(mode=mode), after=state(NEW, mode=mode))
    replace(step, NEW, TEMPORARY)
    assert file.stat().st_mode & 0o7777 == mode


def test_examine_tells_what_the_file_is(app: Path) -> None:
    file = app / "main.py"
    assert examine(str(file)) == (state(mtime_ns=file.stat().st_mtime_ns), OLD)


@pytest.mark.parametrize("path", ["absent", "absent/too"])
def test_examine_finds_no_file_where_there_is_none(app: Path, path: str) -> None:
    assert examine(f"{app}/{path}") is None


def test_a_new_file_is_made_and_removed_with_its_directory(outside: Path) -> None:
    folder = outside / "app.service.d"
    step = Replace(
        path=f"{folder}/50-qtops.conf", before=None, after=state(NEW, uid=os.geteuid(), gid=os.getegid()), makes=(str(folder),)
    )
    replace(step, NEW, TEMPORARY)
    assert folder.stat().st_mode & 0o7777 == 0o755
    assert (folder / "50-qtops.conf").read_bytes() == NEW
    assert [*folder.iterdir()] == [folder / "50-qtops.conf"]
    remove(step.path, step.after, TEMPORARY, step.makes)
    assert [*outside.iterdir()] == []
