"""Read-only and full file systems, immutable files, limits of the process: a clear error, and nothing has changed."""

import fcntl
import json
import os
import resource
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from qtops.actions.errors import Refused
from qtops.actions.files import remove, replace
from qtops.errors import NotPermitted, Unavailable
from qtops.steps import Replace
from tests.actions.app_folder import APP, OLD, TEMPORARY, needs_root, patch, state, tree

BIG = os.urandom(256 * 1024)
CHILD = """
import json, os, sys
import msgspec
from qtops.actions.files import replace
from qtops.errors import QtopsError
from qtops.steps import Replace

step, content = msgspec.json.decode(sys.argv[1], type=Replace), sys.stdin.buffer.read()
try:
    replace(step, content, ".temporary")
    error = None
except QtopsError as caught:
    error = caught
there = {entry.name: open(entry.path, "rb").read().hex() for entry in os.scandir(os.path.dirname(step.path))}
json.dump({"error": type(error).__name__, "code": error and error.exit_code, "said": str(error), "there": there}, sys.stdout)
"""


def replaced_behind_a_mount(mount: str, step: Replace, content: bytes) -> dict[str, object]:
    """How a replacement ends behind a mount that only its process sees."""
    command = [
        "unshare",
        "--mount",
        "sh",
        "-ec",
        f'{mount}; exec "$@"',
        "sh",
        sys.executable,
        "-c",
        CHILD,
        msgspec.json.encode(step),
    ]
    done = subprocess.run(command, input=content, capture_output=True, check=True, timeout=60)
    return json.loads(done.stdout)


@needs_root
def test_a_read_only_mount_is_not_permitted_and_named(app: Path) -> None:
    step, as_it_was = patch(app / "main.py", BIG), tree(app)
    mount = f"mount --bind {app} {app}; mount -o remount,bind,ro {app}"
    ended = replaced_behind_a_mount(mount, step, BIG)
    assert ended["said"] == (
        f"{app}/.temporary: could not make it: Read-only file system; "
        "remount it writable, or take it out of ReadOnlyPaths= where qtops runs as a unit"
    )
    assert (ended["error"], ended["code"]) == ("NotPermitted", 77)
    assert tree(app) == as_it_was


@needs_root
def test_a_full_disk_leaves_the_old_file_and_no_temporary_one(app: Path) -> None:
    step = patch(app / "main.py", BIG)
    aside = f"{app}/../aside"
    mount = f"cp -a {app} {aside}; mount -t tmpfs -o size=64k,mode=755 full {app}; cp -a {aside}/. {app}"
    ended = replaced_behind_a_mount(mount, step, BIG)
    assert ended["said"] == (
        f"{app}/main.py: could not write a replacement of it: No space left on device; "
        "make room on its file system (df, df -i), then try again"
    )
    assert (ended["error"], ended["code"]) == ("Unavailable", 75)
    assert ended["there"] == {"main.py": OLD.hex()}


IMMUTABLE, GET_FLAGS, SET_FLAGS = 0x10, 0x80086601, 0x40086602  # linux/fs.h


@contextmanager
def immutable(path: Path) -> Iterator[None]:
    """The body with ``chattr +i``."""
    fd = os.open(path, os.O_RDONLY)
    try:
        flags = struct.unpack("q", fcntl.ioctl(fd, GET_FLAGS, bytes(8)))[0]
        fcntl.ioctl(fd, SET_FLAGS, struct.pack("q", flags | IMMUTABLE))
    except OSError as error:
        os.close(fd)
        pytest.skip(f"no immutable flag here: {error}")
    try:
        yield
    finally:
        fcntl.ioctl(fd, SET_FLAGS, struct.pack("q", flags))
        os.close(fd)


@needs_root
@pytest.mark.parametrize("what", [".", "main.py"])
def test_what_is_immutable_stays_as_it_is(app: Path, what: str) -> None:
    step, as_it_was = patch(app / "main.py"), tree(app)
    with immutable(app / what):
        for act in (lambda: replace(step, b"import sys\r\n", TEMPORARY), lambda: remove(step.path, step.before, TEMPORARY)):
            with pytest.raises(
                NotPermitted, match="Operation not permitted; run it as root, and look for an immutable flag with lsattr"
            ):
                act()
    assert tree(app) == as_it_was


@contextmanager
def limited(what: int, soft: int) -> Iterator[None]:
    """The body with a lower limit of this process."""
    before = resource.getrlimit(what)
    resource.setrlimit(what, (soft, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(what, before)


def test_a_limit_of_file_sizes_leaves_the_old_file_and_no_temporary_one(app: Path) -> None:
    step = patch(app / "main.py", BIG)
    with limited(resource.RLIMIT_FSIZE, 4096), pytest.raises(Unavailable, match=r"File too large; .*\(ulimit -f\)"):
        replace(step, BIG, TEMPORARY)
    assert tree(app) == {"main.py": (0o100640, APP, 1, OLD)}


def test_without_descriptors_nothing_is_begun_and_none_is_lost(app: Path) -> None:
    step = patch(app / "main.py", BIG)
    said: list[str] = []
    lowest = os.dup(0)
    os.close(lowest)
    for spare in range(12):
        with limited(resource.RLIMIT_NOFILE, lowest + spare):
            try:
                replace(step, BIG, TEMPORARY)
            except Unavailable as error:
                said.append(str(error))
                continue
        break
    assert len(said) > 4, "each directory of the way, its end, the old file and the new one"
    assert all("Too many open files; try again" in each for each in said)
    assert tree(app) == {"main.py": (0o100640, APP, 1, BIG)}


def test_a_name_that_is_too_long_is_refused_by_name(app: Path) -> None:
    step = Replace(path=f"{app}/{'x' * 300}", before=None, after=state(BIG))
    with pytest.raises(Refused, match="File name too long; give it a shorter name"):
        replace(step, BIG, TEMPORARY)
    assert [*tree(app)] == ["main.py"]


def test_made_directories_go_with_a_failure(outside: Path) -> None:
    folder = outside / "app.service.d"
    step = Replace(path=f"{folder}/a.conf", before=None, after=state(BIG, uid=os.geteuid(), gid=os.getegid()), makes=(str(folder),))
    with limited(resource.RLIMIT_FSIZE, 4096), pytest.raises(Unavailable):
        replace(step, BIG, TEMPORARY)
    assert [*outside.iterdir()] == []
