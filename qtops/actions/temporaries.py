"""Temporary files: a content written beside its final place, as it is to be, and then put there in one step.

All is done relative to the descriptor of a directory that was opened safely; paths are for messages.
"""

import errno
import os
import posixpath
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from qtops.actions.directories import close, names
from qtops.actions.errors import Refused, explaining
from qtops.facts.text import printable
from qtops.steps import FileState

LABELS: Final = {"security.selinux", "security.SMACK64"}  # the kernel gives one to a new file, which no plan foresees
_OF_CONTENT: Final = {"security.ima", "security.evm"}  # made of the content by the kernel: never copied
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def created(directory: int, temporary: str, path: str) -> Iterator[int]:
    """A new, empty file beside ``path``, for its maker's eyes only; removed again where the body fails."""
    with explaining("make", _beside(path, temporary)):
        fd = os.open(temporary, _CREATE, 0o600, dir_fd=directory)
    try:
        yield fd
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=directory)
        raise
    finally:
        close(fd)


def fill(fd: int, content: bytes, state: FileState, path: str) -> os.stat_result:
    """Write content, owner, extended attributes and mode, and sync them; gives which file it is.

    In that order: a change of owner takes setuid bits and capabilities away, one of ACLs changes the rights of the group.
    """
    with explaining("write a replacement of", path):
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(fd, rest) :]
        os.fchown(fd, state.uid, state.gid)
        for name in set(copied_xattrs(fd)) - {*state.xattrs, *LABELS}:  # from the directory's default ACL
            os.removexattr(fd, name)
        for name, value in state.xattrs.items():
            os.setxattr(fd, name, bytes.fromhex(value))
        os.fchmod(fd, state.mode)
        if state.mtime_ns:
            os.utime(fd, ns=(state.mtime_ns, state.mtime_ns))
        os.fsync(fd)
        return os.fstat(fd)


def put(directory: int, temporary: str, path: str, *, is_new: bool) -> None:
    """Give the file its final name, and sync the directory. A new one never takes the name from another: that is a Drift."""
    name = posixpath.basename(path)
    with explaining("replace", path):
        if is_new:
            os.link(temporary, name, src_dir_fd=directory, dst_dir_fd=directory, follow_symlinks=False)
            try:
                os.unlink(temporary, dir_fd=directory)
            except OSError:
                os.unlink(name, dir_fd=directory)
                raise
        else:
            os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
        os.fsync(directory)


def discard(directory: int, temporary: str, path: str, owner: int) -> None:
    """Remove what a killed run left: its maker's, or ``owner``'s already, and where that run was killed in ``put`` of two names."""
    where = _beside(path, temporary)
    with explaining("remove", where), suppress(FileNotFoundError):
        left = os.stat(temporary, dir_fd=directory, follow_symlinks=False)
        links = 2 if _is_same(directory, posixpath.basename(path), left) else 1
        if not stat.S_ISREG(left.st_mode) or left.st_uid not in {os.geteuid(), owner} or left.st_nlink != links:
            raise Refused(f"{printable(where)}: in the way, and not left there by qtops; move it away")
        os.unlink(temporary, dir_fd=directory)


def copied_xattrs(fd: int) -> list[str]:
    """Names of the extended attributes that are copied with a file."""
    try:
        return sorted(set(os.listxattr(fd)) - _OF_CONTENT)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            return []
        raise


def _is_same(directory: int, name: str, other: os.stat_result) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(os.stat(name, dir_fd=directory, follow_symlinks=False), other)
    return False


def _beside(path: str, temporary: str) -> str:
    """Where the temporary file is. Raises Refused for a name that leads elsewhere."""
    if names(f"/{temporary}") != [temporary]:
        raise Refused(f"{printable(temporary)}: not a plain name; a temporary file lies beside what it replaces")
    return posixpath.join(posixpath.dirname(path), temporary)
