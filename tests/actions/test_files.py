"""A file is replaced as a whole and keeps what it had; what it had comes back; and nothing else is touched."""

import os
import struct
from pathlib import Path

import pytest

from qtops.actions.files import LARGEST_FILE, differences, examine, remove, replace, restore
from qtops.steps import Replace
from tests.actions.app_folder import APP, NEW, OLD, TEMPORARY, make, needs_root, patch, state, tree

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


def acl(*entries: tuple[int, int, int]) -> bytes:
    """A POSIX ACL as the kernel has it, of entries with tag, rights and user."""
    return b"".join([struct.pack("<I", 2), *(struct.pack("<HHI", *entry) for entry in entries)])


OWNER, USER, OWNING_GROUP, MASK, OTHERS, NOBODY = 0x01, 0x02, 0x04, 0x10, 0x20, 0xFFFFFFFF
ACL = acl((OWNER, 6, NOBODY), (USER, 4, 1234), (OWNING_GROUP, 0, NOBODY), (MASK, 4, NOBODY), (OTHERS, 0, NOBODY))
CAPABILITY = struct.pack("<IIIII", 0x02000001, 1 << 10, 0, 0, 0)  # cap_net_bind_service, effective and permitted


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("system.posix_acl_access", ACL),
        ("user.note", b"kept \xff"),
        ("user.empty", b""),
        pytest.param("security.capability", CAPABILITY, marks=needs_root),
    ],
)
def test_extended_attributes_are_kept_and_come_back(app: Path, name: str, value: bytes) -> None:
    file = app / "main.py"
    os.setxattr(file, name, value)
    step = patch(file)
    assert step.before.xattrs == {name: value.hex()}
    replace(step, NEW, TEMPORARY)
    assert os.getxattr(file, name) == value
    assert file.stat().st_mode & 0o7777 == step.before.mode
    restore(str(file), step.after, step.before, OLD, TEMPORARY)
    assert {each: os.getxattr(file, each) for each in os.listxattr(file)} == {name: value}
    assert file.stat().st_mode & 0o7777 == step.before.mode


def test_a_file_does_not_take_over_the_access_list_of_its_directory(app: Path) -> None:
    os.setxattr(app, "system.posix_acl_default", ACL)
    replace(patch(app / "main.py"), NEW, TEMPORARY)
    assert os.listxattr(app / "main.py") == []
    assert tree(app) == {"main.py": (0o100640, APP, 1, NEW)}


def test_a_label_that_the_kernel_gives_to_a_new_file_makes_no_other_of_it() -> None:
    label = {"security.selinux": b"system_u:object_r:etc_t:s0".hex()}
    assert differences(state(xattrs=label), state()) == ()
    assert differences(state(), state(xattrs=label)) == ("its extended attributes",)
    assert differences(state(xattrs={"user.note": "00"}), state()) == ("its extended attributes",)


@pytest.mark.parametrize("size", [0, 1, LARGEST_FILE])
def test_every_size_up_to_the_largest_is_kept(app: Path, size: int) -> None:
    content = os.urandom(size)
    path = make(app / "data", content)
    replace(patch(path, content[::-1]), content[::-1], TEMPORARY)
    found = examine(path)
    assert found is not None
    assert found[1] == content[::-1]
    assert found[0].size == size


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
