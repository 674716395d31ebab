"""An application's folder that belongs to its own user, as root finds it, and the steps that change a file of it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from qtops.actions.files import examine
from qtops.steps import FileState, Replace

ROOT = os.geteuid() == 0
APP = 65534 if ROOT else os.geteuid()  # the user of the application
GROUP = 65534 if ROOT else os.getegid()
OLD, NEW = b"import sys\r\nsys.path.insert(0, 'vendor')\r\n", b"import sys\r\n"
TEMPORARY = ".main.py.qtops-1f3a"

needs_root = pytest.mark.skipif(not ROOT, reason="gives files to other users")


def make(path: Path, content: bytes = OLD, mode: int = 0o640, uid: int = APP) -> str:
    path.write_bytes(content)
    own(path, uid)
    path.chmod(mode)
    return str(path)


def own(path: Path, uid: int = APP) -> None:
    if ROOT:
        os.chown(path, uid, uid and GROUP)


def state(content: bytes = OLD, *, mode: int = 0o640, uid: int = APP, gid: int = GROUP, **rest: object) -> FileState:
    return FileState(sha256=sha256(content).hexdigest(), size=len(content), mode=mode, uid=uid, gid=gid, **rest)


def patch(path: Path | str, content: bytes = NEW) -> Replace:
    """The step that gives a file another content and keeps all else."""
    found = examine(str(path))
    assert found is not None
    before = found[0]
    return Replace(
        path=str(path), before=before, after=state(content, mode=before.mode, uid=before.uid, gid=before.gid, xattrs=before.xattrs)
    )


def tree(folder: Path) -> dict[str, tuple[int, int, int, bytes]]:
    """All that is below a folder: mode, owner, links, and content or target."""
    return {str(path.relative_to(folder)): _described(path) for path in sorted(folder.rglob("*"))}


def _described(path: Path) -> tuple[int, int, int, bytes]:
    found = path.lstat()
    content = path.readlink().__fspath__().encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
    return found.st_mode, found.st_uid, found.st_nlink, content


@contextmanager
def as_user(uid: int) -> Iterator[None]:
    """The body with the rights of a plain user, who is in no other group."""
    groups, gid = os.getgroups(), os.getegid()
    os.setgroups([])
    os.setegid(uid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(gid)
        os.setgroups(groups)
