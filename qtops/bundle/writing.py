"""Put a file in its place: as a whole or not at all, and never where it was not meant to be."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EISDIR, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, EROFS
from pathlib import Path
from typing import BinaryIO, Final

from qtops.errors import NotPermitted, QtopsError, Unavailable, UsageError

PRIVATE: Final = 0o600
_NO_PLACE: Final = (ENOENT, ENOTDIR, EISDIR, ENAMETOOLONG, ELOOP, EROFS)


class BundleError(UsageError):
    """What was named is no bundle, or no place for one."""


def write(path: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Write a file; what is at ``path`` is replaced at once and as a whole, or not at all. The umask takes its part of ``mode``.

    Raises BundleError where ``path`` is a link, a directory or somebody else's, NotPermitted, Unavailable (a full disk).
    """
    with replacing(path, mode) as file:
        file.write(content)


@contextmanager
def replacing(path: Path, mode: int = PRIVATE) -> Iterator[BinaryIO]:
    """The same for content that comes piece by piece: the file to write it to takes its place once the block has ended well.

    Raises as ``write`` does; an OSError within the block counts as one of writing.
    """
    new = path.parent / f".qtops-{secrets.token_hex(8)}"
    try:
        _refuse_target(path)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        new.replace(path)
    except OSError as error:
        raise complaint(path, "cannot be written", error) from None
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)  # it has its name by now, unless something failed


def _refuse_target(path: Path) -> None:
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return
    if stat.S_ISLNK(status.st_mode):
        raise BundleError(f"{path}: is a link; name the file itself")
    if not stat.S_ISREG(status.st_mode):
        raise BundleError(f"{path}: there is something that is no file; name another place")
    if status.st_uid != os.geteuid():
        raise BundleError(f"{path}: belongs to user {status.st_uid}; name another place, or remove it first")


def complaint(path: Path, what: str, error: OSError) -> QtopsError:
    """The error that a command ends with."""
    reason = error.strerror or type(error).__name__
    kind = NotPermitted if isinstance(error, PermissionError) else BundleError if error.errno in _NO_PLACE else Unavailable
    return kind(f"{path}: {what}: {reason}")
