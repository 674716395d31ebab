"""What is not safe to write is not written; what is not as planned is left as it is; and no temporary file stays."""

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from qtops.actions.errors import Drift, Refused, Vanished
from qtops.actions.files import LARGEST_FILE, discard, examine, remove, replace
from qtops.errors import NotPermitted
from qtops.steps import Replace
from tests.actions.app_folder import APP, NEW, OLD, TEMPORARY, as_user, make, needs_root, patch, state, tree


def link(file: Path) -> None:
    file.rename(file.with_name("real.py"))
    file.symlink_to("real.py")


def hard_link(file: Path) -> None:
    file.with_name("other.py").hardlink_to(file)


def fifo(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def unix_socket(file: Path) -> None:
    file.unlink()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(file))


def directory(file: Path) -> None:
    file.unlink()
    file.mkdir()


def huge(file: Path) -> None:
    os.truncate(file, LARGEST_FILE + 1)


def open_to_everybody(file: Path) -> None:
    file.parent.chmod(0o757)


def linked_folder(file: Path) -> None:
    file.parent.rename(file.parent.with_name("elsewhere"))
    file.parent.symlink_to("elsewhere")


def device(file: Path) -> None:
    file.unlink()
    os.mknod(file, stat.S_IFCHR | 0o600, os.makedev(1, 3))


def folder_of_a_stranger(file: Path) -> None:
    os.chown(file.parent, 1234, 1234)


def file_of_a_stranger(file: Path) -> None:
    os.chown(file, 1234, 1234)


def file_of_root(file: Path) -> None:
    os.chown(file, 0, 0)


UNSAFE = [
    (link, r"/main\.py: a symbolic link"),
    (hard_link, r"/main\.py: has 2 names \(hard links\)"),
    (fifo, r"/main\.py: not a regular file"),
    (unix_socket, r"/main\.py: not a regular file"),
    (directory, r"/main\.py: not a regular file"),
    (huge, r"/main\.py: larger than 16 MiB"),
    (open_to_everybody, "/app: everybody may exchange"),
    (linked_folder, "/app: a symbolic link"),
    pytest.param(device, r"/main\.py: not a regular file", marks=needs_root),
    pytest.param(folder_of_a_stranger, rf"/main\.py: belongs to user {APP} in a directory of user 1234", marks=needs_root),
    pytest.param(file_of_a_stranger, rf"/main\.py: belongs to user 1234 in a directory of user {APP}", marks=needs_root),
    pytest.param(file_of_root, rf"/main\.py: belongs to user 0 in a directory of user {APP}", marks=needs_root),
]


@pytest.mark.parametrize(("spoil", "said"), UNSAFE)
def test_what_is_not_safe_to_write_is_refused(app: Path, outside: Path, spoil: Callable[[Path], None], said: str) -> None:
    file = app / "main.py"
    step = patch(file)
    spoil(file)
    as_it_was = tree(outside)
    for act in (
        lambda: replace(step, NEW, TEMPORARY),
        lambda: remove(step.path, step.before, TEMPORARY),
        lambda: examine(step.path),
    ):
        with pytest.raises(Refused, match=said):
            act()
    assert tree(outside) == as_it_was


@pytest.mark.parametrize("path", ["main.py", "/", "/srv/app/", "/srv/../etc/passwd", "/srv//app/main.py", "/srv/app/\0"])
def test_a_path_that_is_not_plain_is_refused(path: str) -> None:
    with pytest.raises(Refused):
        examine(path)


@needs_root
def test_a_new_file_is_not_given_to_a_user_in_the_folder_of_another(app: Path) -> None:
    step = Replace(path=f"{app}/new.py", before=None, after=state(NEW, uid=1234, gid=1234))
    with pytest.raises(Refused, match=rf"/new\.py: belongs to user 1234 in a directory of user {APP}"):
        replace(step, NEW, TEMPORARY)
    assert [*tree(app)] == ["main.py"]


def edit(file: Path) -> None:
    file.write_bytes(OLD + b"# edited\n")


def replace_by_hand(file: Path) -> None:
    file.with_name("edited").write_bytes(b"edited")
    file.with_name("edited").replace(file)


def change_mode(file: Path) -> None:
    file.chmod(0o755)


def mark(file: Path) -> None:
    os.setxattr(file, "user.qtops", b"1")


def change_group(file: Path) -> None:
    os.chown(file, -1, 1234)


CHANGES = [
    (edit, Drift, "changed since the plan: its content; run the command again to plan anew"),
    (change_mode, Drift, r"changed since the plan: its mode \(now 0755\); run"),
    (mark, Drift, "its extended attributes"),
    (Path.unlink, Vanished, "could not read it: No such file or directory; it vanished: run the command again to plan anew"),
    pytest.param(change_group, Drift, rf"changed since the plan: its owner \(now {APP}:1234\); run", marks=needs_root),
]


@pytest.mark.parametrize(("change", "kind", "said"), CHANGES)
def test_what_changed_since_the_plan_is_left_as_it_is(
    app: Path, change: Callable[[Path], None], kind: type[Drift], said: str
) -> None:
    file = app / "main.py"
    step = patch(file)
    change(file)
    as_it_is = tree(app)
    with pytest.raises(kind, match=said):
        replace(step, NEW, TEMPORARY)
    with pytest.raises(kind, match=said):
        remove(step.path, step.before, TEMPORARY)
    assert tree(app) == as_it_is


@pytest.mark.parametrize("change", [edit, replace_by_hand, change_mode, Path.unlink, link, hard_link])
def test_what_changes_while_its_replacement_is_written_is_left_as_it_is(app: Path, change: Callable[[Path], None]) -> None:
    file, seen = app / "main.py", {}

    def meddle() -> None:
        change(file)
        seen.update(tree(app))

    with pytest.raises(Drift, match=r"main\.py: changed while its replacement was written"):
        replace(patch(file), NEW, TEMPORARY, meddle)
    assert seen.pop(TEMPORARY)[3] == NEW
    assert tree(app) == seen


def test_a_file_that_was_touched_is_no_other(app: Path) -> None:
    step = patch(app / "main.py")
    os.utime(app / "main.py", ns=(1, 1))
    replace(step, NEW, TEMPORARY)
    assert (app / "main.py").read_bytes() == NEW


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_file_that_appears_where_there_was_none_is_not_overwritten(app: Path, when: str) -> None:
    step = Replace(path=f"{app}/new.py", before=None, after=state(NEW))
    appear = lambda: make(app / "new.py", b"theirs")  # noqa: E731
    if when == "before":
        appear()
    with pytest.raises(Drift, match=r"new\.py: (was made since the plan|changed while)"):
        replace(step, NEW, TEMPORARY, appear)
    assert {name: described[3] for name, described in tree(app).items()} == {"main.py": OLD, "new.py": b"theirs"}


def test_another_content_than_the_planned_one_is_not_written(app: Path) -> None:
    with pytest.raises(Drift, match="the content kept for it is not the planned one"):
        replace(patch(app / "main.py"), b"other", TEMPORARY)
    assert (app / "main.py").read_bytes() == OLD


@pytest.mark.parametrize("error", [NotPermitted("does not compile"), OSError("no interpreter"), KeyboardInterrupt()])
def test_a_check_that_fails_ends_it_with_nothing_changed(app: Path, error: BaseException) -> None:
    as_it_was = tree(app)

    def fail() -> None:
        assert tree(app)[TEMPORARY] == (0o100640, APP, 1, NEW), "it comes when all is written"
        raise error

    with pytest.raises(type(error)):
        replace(patch(app / "main.py"), NEW, TEMPORARY, fail)
    assert tree(app) == as_it_was


def half_written(path: Path) -> None:
    make(path, b"imp", 0o600, os.geteuid())


def given_away(path: Path) -> None:
    make(path, NEW)


@pytest.mark.parametrize("leave", [half_written, given_away])
def test_what_a_killed_run_left_is_removed_first(app: Path, leave: Callable[[Path], None]) -> None:
    step = patch(app / "main.py")
    leave(app / TEMPORARY)
    replace(step, NEW, TEMPORARY)
    assert tree(app) == {"main.py": (0o100640, APP, 1, NEW)}
    leave(app / TEMPORARY)
    discard(step.path, TEMPORARY, APP)
    assert [*tree(app)] == ["main.py"]
    discard(step.path, TEMPORARY, APP)
    discard(f"{app}/absent/main.py", TEMPORARY, APP)


def test_a_run_killed_between_the_two_names_of_a_new_file_has_made_it(app: Path) -> None:
    step = Replace(path=f"{app}/new.py", before=None, after=state(NEW))
    given_away(app / TEMPORARY)
    (app / "new.py").hardlink_to(app / TEMPORARY)
    discard(step.path, TEMPORARY, APP)
    assert tree(app)["new.py"] == (0o100640, APP, 1, NEW)
    remove(step.path, step.after, TEMPORARY)
    assert [*tree(app)] == ["main.py"]


def of_a_stranger(path: Path) -> None:
    make(path)
    os.chown(path, 1234, 1234)


def second_name(path: Path) -> None:
    make(path.with_name("other"))
    path.hardlink_to(path.with_name("other"))


@pytest.mark.parametrize(
    "put", [os.mkdir, lambda path: path.symlink_to("main.py"), second_name, pytest.param(of_a_stranger, marks=needs_root)]
)
def test_what_else_has_the_name_of_the_temporary_file_is_left_alone(app: Path, put: Callable[[Path], None]) -> None:
    step = patch(app / "main.py")
    put(app / TEMPORARY)
    as_it_was = tree(app)
    for act in (lambda: replace(step, NEW, TEMPORARY), lambda: discard(step.path, TEMPORARY, APP)):
        with pytest.raises(Refused, match=r"1f3a: in the way, and not left there by qtops; move it away"):
            act()
    assert tree(app) == as_it_was


@pytest.mark.parametrize("temporary", ["", ".", "..", "a/b", "../main.py", "/etc/passwd", "a\0"])
def test_a_temporary_file_lies_beside_what_it_replaces(app: Path, temporary: str) -> None:
    with pytest.raises(Refused, match="not a plain"):
        replace(patch(app / "main.py"), NEW, temporary)
    assert [*tree(app)] == ["main.py"]


@needs_root
def test_a_plain_user_changes_what_is_theirs(app: Path) -> None:
    with as_user(APP):
        replace(patch(app / "main.py"), NEW, TEMPORARY)
    assert tree(app) == {"main.py": (0o100640, APP, 1, NEW)}


@needs_root
@pytest.mark.parametrize(
    ("uid", "gid", "said"),
    [(1234, 1234, f"belongs to user {APP}, not to user 1234"), (APP, 1234, "belongs to group 1234, of which user")],
)
def test_a_file_that_this_user_could_not_give_its_owner_is_not_begun(app: Path, uid: int, gid: int, said: str) -> None:
    os.chown(app / "main.py", APP, gid)
    step = patch(app / "main.py")
    app.chmod(0o1777)
    as_it_was = tree(app)
    with as_user(uid), pytest.raises(NotPermitted, match=said):
        replace(step, NEW, TEMPORARY)
    assert tree(app) == as_it_was


@needs_root
def test_a_folder_that_this_user_may_not_write_is_not_permitted(outside: Path) -> None:
    step = patch(make(outside / "own.py"))
    with as_user(APP):
        for act in (lambda: replace(step, NEW, TEMPORARY), lambda: remove(step.path, step.before, TEMPORARY)):
            with pytest.raises(NotPermitted, match=r"could not (make|remove) it: Permission denied; run it as root"):
                act()
    assert [*tree(outside)] == ["own.py"]
