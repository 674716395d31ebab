"""A directory is reached without following a link, and only on a way that nobody but its owner could have laid."""

import os
import stat
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qtops.actions.directories import open_directory, unmake
from qtops.actions.errors import Drift, Refused, Vanished
from qtops.errors import Exit, NotPermitted
from tests.actions.app_folder import APP, as_user, needs_root, own, tree


def opened(path: Path | str) -> str:
    """Where the descriptor of a directory leads."""
    with open_directory(str(path)) as directory:
        return str(Path(f"/proc/self/fd/{directory}").readlink())


def test_the_directory_itself_is_opened_to_be_read_and_synced(app: Path) -> None:
    with open_directory(str(app)) as directory:
        assert os.path.samestat(os.fstat(directory), app.stat())
        assert [entry.name for entry in os.scandir(directory)] == ["main.py"]
        assert not os.get_inheritable(directory)
        os.fsync(directory)


def test_the_root_is_a_directory_too() -> None:
    assert opened("/") == "/"


def test_what_is_done_with_it_stays_in_it_when_its_name_leads_elsewhere(app: Path, outside: Path) -> None:
    with open_directory(str(app)) as directory:
        app.rename(outside / "moved")
        app.symlink_to("/")
        os.close(os.open("new", os.O_CREAT | os.O_WRONLY, dir_fd=directory))
    assert sorted(path.name for path in (outside / "moved").iterdir()) == ["main.py", "new"]


def test_what_a_path_says_to_a_terminal_is_escaped() -> None:
    with pytest.raises(Vanished, match=r"/\\x1b\[2J: could not open it"):
        opened("/\x1b[2J")


@pytest.mark.parametrize("path", ["", "app", "./app", "/..", "/a/../b", "/a/./b", "//a", "/a//b", "/a/", "/a\0b", "/."])
def test_only_plain_absolute_paths_are_walked(path: str) -> None:
    with pytest.raises(Refused, match="not a plain absolute path"), open_directory(path):
        pass


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(parts=st.lists(st.sampled_from(["", ".", "..", "app", "lib", "link", "main.py", "absent", "app\0", "\x1b[2J"]), max_size=5))
def test_a_path_leads_where_it_says_or_nowhere(app: Path, parts: list[str]) -> None:
    (app / "lib").mkdir(exist_ok=True)
    own(app / "lib")
    for link in (app / "link", app / "lib" / "link"):
        link.unlink(missing_ok=True)
        link.symlink_to("/etc")
    path = "/".join([str(app), *parts])
    with suppress(Refused, Vanished):
        assert opened(path) == path


@pytest.mark.parametrize("where", ["", "/lib"])
def test_a_symbolic_link_is_not_followed(app: Path, outside: Path, where: str) -> None:
    (app / "lib").mkdir()
    own(app / "lib")
    (outside / "link").symlink_to(app)
    with pytest.raises(Refused, match=r"/link: a symbolic link or a file, not a directory; name the real path"):
        opened(f"{outside}/link{where}")


def test_a_file_is_no_directory(app: Path) -> None:
    with pytest.raises(Refused, match=r"main\.py: a symbolic link or a file"):
        opened(app / "main.py")


def test_a_directory_that_is_not_there_vanished(app: Path) -> None:
    with pytest.raises(Vanished, match=r"app/lib: could not open it: No such file") as caught:
        opened(app / "lib" / "deeper")
    assert caught.value.exit_code == Exit.NOT_APPLIED


@needs_root
@pytest.mark.parametrize("stranger", [0, 1234])
def test_below_the_directory_of_a_plain_user_everything_is_that_users(app: Path, stranger: int) -> None:
    lib = app / "lib"
    lib.mkdir()
    own(lib, stranger)
    with pytest.raises(
        Refused, match=f"app/lib: belongs to user {stranger} in a directory of user {APP}, who may exchange it; give both"
    ):
        opened(lib)
    own(lib)
    assert opened(lib) == str(lib)


def test_a_directory_that_everybody_may_write_is_refused_on_the_way_and_at_its_end(app: Path) -> None:
    (app / "lib").mkdir()
    own(app / "lib")
    app.chmod(0o777)
    for path in (app, app / "lib"):
        with pytest.raises(Refused, match=r"/app: everybody may exchange what is in this directory; .*chmod o-w"):
            opened(path)
    app.chmod(0o1777)  # as /tmp: there, nobody may exchange what belongs to others
    assert opened(app / "lib")


def test_a_directory_that_its_group_may_write_is_the_choice_of_whoever_made_it(app: Path) -> None:
    app.chmod(0o2775)
    assert opened(app) == str(app)


@needs_root
def test_a_directory_that_may_be_passed_but_not_read_leads_on(app: Path) -> None:
    (app / "lib").mkdir()
    own(app / "lib")
    app.chmod(0o711)
    with as_user(1234):
        assert opened(app / "lib")
        with pytest.raises(NotPermitted, match=r"/app: could not open it: Permission denied; run it as root"):
            opened(app)


def test_missing_directories_are_made_where_that_is_asked_for(outside: Path) -> None:
    made = (f"{outside}/a", f"{outside}/a/b")
    old = os.umask(0o077)
    try:
        with open_directory(made[-1], made) as directory:
            assert os.path.samestat(os.fstat(directory), Path(made[-1]).stat())
    finally:
        os.umask(old)
    assert [stat.S_IMODE(Path(path).stat().st_mode) for path in made] == [0o755, 0o755]
    with open_directory(made[-1], made):
        pass  # they are there already


def test_made_directories_go_when_what_they_were_made_for_fails(outside: Path) -> None:
    (outside / "a").mkdir(mode=0o700)
    made = tuple(f"{outside}/{name}" for name in ("a", "a/b", "a/b/c"))
    with pytest.raises(Drift), open_directory(made[-1], made):
        raise Drift
    assert [*outside.rglob("*")] == [outside / "a"], "what was there before stays"


def test_no_directory_is_made_that_nobody_asked_for(outside: Path) -> None:
    with pytest.raises(Vanished):
        opened(outside / "a")
    with pytest.raises(Vanished), open_directory(f"{outside}/a/b", (f"{outside}/a",)):
        pass
    assert [*outside.iterdir()] == []


@needs_root
def test_no_directory_is_made_where_another_user_could_exchange_it(app: Path) -> None:
    path = f"{app}/lib"
    said = "app/lib: missing, in a directory of another user than that of qtops; make it by hand"
    with pytest.raises(Refused, match=said), open_directory(path, (path,)):
        pass
    assert [*tree(app)] == ["main.py"]


def test_no_directory_is_made_through_a_link(app: Path, outside: Path) -> None:
    (outside / "link").symlink_to(app / "absent")
    made = (f"{outside}/link", f"{outside}/link/lib")
    with pytest.raises(Refused, match="symbolic link"), open_directory(made[-1], made):
        pass
    assert [*tree(app)] == ["main.py"]


def test_unmake_removes_what_is_empty_and_nothing_else(outside: Path) -> None:
    for name in ("a", "a/b", "c", "c/d"):
        (outside / name).mkdir()
    (outside / "c" / "kept").touch()
    unmake([f"{outside}/{name}" for name in ("a", "a/b", "c", "c/d", "gone", "gone/too")])
    assert [*tree(outside)] == ["c", "c/kept"]
