"""Directories opened so that nobody can lead the way elsewhere, for writes as root into what belongs to other users.

A path is walked from ``/``, each part opened relative to the directory before and never through a symbolic link; what is done next
is done relative to the directory that was reached, so a part that is exchanged later has no effect. From the directory of an
unprivileged user only those of the same user are entered (the rule of systemd-tmpfiles, systemd#13052), and none in which everybody
may exchange what belongs to somebody else. A group that may write is trusted: that is the administrator's choice.
"""

import errno
import os
import posixpath
import stat
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from types import TracebackType
from typing import Final

from qtops.actions.errors import Refused, Vanished, explaining
from qtops.facts.text import printable

_WALK: Final = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_TAKEN: Final = {errno.ENOTEMPTY, errno.EEXIST, errno.EBUSY, errno.ENOTDIR, errno.ENOENT}  # by somebody else, or gone: left alone
_MODE: Final = 0o755  # of directories that are made: those of drop-ins, which systemd and people read


@contextmanager
def open_directory(path: str, make: Collection[str] = ()) -> Iterator[int]:
    """A descriptor of the directory at ``path``: for calls with ``dir_fd``, and for fsync.

    Those in ``make`` are made where they are missing, in directories of the caller's own only; where the body then fails they are
    removed again. Raises Refused for a way that is not safe, Vanished where there is none, else what the kernel's error means.
    """
    with ExitStack() as opened:
        here, walked = _enter(opened, "/", None, "/"), ""
        for name in names(path):
            walked = f"{walked}/{name}"
            if walked in make:
                _make(opened, here, name, walked)
            here = _enter(opened, name, here, walked)
        with explaining("open", path):
            final = opened.enter_context(_readable(here))
        yield final


def unmake(paths: Sequence[str]) -> None:
    """Remove those of the directories that are empty, the last first. Raises what the kernel's error means where one cannot be."""
    for path in reversed(paths):
        with suppress(Vanished), open_directory(posixpath.dirname(path)) as parent, explaining("remove", path):
            try:
                os.rmdir(posixpath.basename(path), dir_fd=parent)
            except OSError as error:
                if error.errno not in _TAKEN:
                    raise
            os.fsync(parent)


def names(path: str) -> list[str]:
    """The names that an absolute path consists of. Raises Refused for one that is not in its plainest form."""
    found = path.split("/")[1:] if path != "/" else []
    if not path.startswith("/") or "\0" in path or any(name in {"", ".", ".."} for name in found):
        raise Refused(f"{printable(path)}: not a plain absolute path; name it without '.', '..' and double slashes")
    return found


def check_owner(directory: int, uid: int, path: str) -> None:
    """Raise Refused where what belongs to a user lies in the directory of another one, who could exchange it."""
    with explaining("look at", path):
        owner = os.fstat(directory).st_uid
    if owner not in {0, uid}:
        why = f"belongs to user {uid} in a directory of user {owner}, who may exchange it; give both to the same user"
        raise Refused(f"{printable(path)}: {why}")


def close(fd: int) -> None:
    """Close a descriptor. What was written to it was synced before, so that an error of this tells nothing."""
    with suppress(OSError):
        os.close(fd)


def _enter(opened: ExitStack, name: str, parent: int | None, path: str) -> int:
    """The next directory of the way, without rights to read it."""
    with explaining("open", path):
        try:
            here = os.open(name, _WALK, dir_fd=parent)
        except NotADirectoryError as error:
            raise Refused(f"{printable(path)}: a symbolic link or a file, not a directory; name the real path") from error
        opened.callback(close, here)
        status = os.fstat(here)
        if status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX:
            raise Refused(f"{printable(path)}: everybody may exchange what is in this directory; take that right away (chmod o-w)")
        if parent is not None:
            check_owner(parent, status.st_uid, path)
    return here


def _make(opened: ExitStack, parent: int, name: str, path: str) -> None:
    """Make a directory where there is none, to be removed again when what is done with it fails."""
    with explaining("make", path):
        with suppress(FileNotFoundError):
            os.stat(name, dir_fd=parent, follow_symlinks=False)
            return
        if os.fstat(parent).st_uid != os.geteuid():  # its owner could exchange the new one before it is theirs
            raise Refused(f"{printable(path)}: missing, in a directory of another user than that of qtops; make it by hand")

    def remove(kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        if kind is not None:
            with suppress(OSError):
                os.rmdir(name, dir_fd=parent)

    with explaining("make", path):
        os.mkdir(name, _MODE, dir_fd=parent)
        opened.push(remove)
        with _readable(parent, name) as made, _readable(parent) as above:
            os.fchmod(made, _MODE)  # whatever the umask
            os.fsync(made)
            os.fsync(above)


@contextmanager
def _readable(directory: int, name: str = ".") -> Iterator[int]:
    """An entry of a directory opened to be read and synced, which the descriptors of the walk cannot be."""
    fd = os.open(name, _READ, dir_fd=directory)
    try:
        yield fd
    finally:
        close(fd)
