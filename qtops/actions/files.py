"""Files examined, replaced and brought back as a whole: at any moment the old one or the new one is there, and never half of one.

Whoever owns the directory may do what they like in it meanwhile: nothing outside of it is touched, since every call is relative to
a directory that was opened safely, and none follows a link.
"""

import os
import posixpath
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Final

from qtops.actions import temporaries
from qtops.actions.directories import check_owner, close, names, open_directory, unmake
from qtops.actions.errors import PLAN_ANEW, Drift, Refused, Vanished, explaining
from qtops.actions.temporaries import LABELS, copied_xattrs
from qtops.errors import NotPermitted
from qtops.facts.text import printable
from qtops.steps import FileState, Replace

LARGEST_FILE: Final = 16 * 1024 * 1024  # bytes; no source, unit or script is larger
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

Identity = tuple[int, int, int]  # device, inode, and when it was last changed in any way


def examine(path: str) -> tuple[FileState, bytes] | None:
    """A regular file with its content, both of the very file that was opened; None where there is none.

    Raises Refused for what is not safe to replace: a link, a file with several names, one that is larger than LARGEST_FILE, or one
    in a directory of neither root nor the file's owner.
    """
    folder, name = _split(path)
    with suppress(Vanished), open_directory(folder) as directory:
        state, content, _identity = _read(directory, name, path)
        return state, content
    return None


def differences(found: FileState, expected: FileState) -> tuple[str, ...]:
    """What makes a file another one than expected, in words. Its modification time alone makes no other of it."""
    unforeseen = LABELS - expected.xattrs.keys()
    xattrs = {name: value for name, value in found.xattrs.items() if name not in unforeseen}
    answers = {
        "its content": found.sha256 != expected.sha256,
        f"its owner (now {found.uid}:{found.gid})": (found.uid, found.gid) != (expected.uid, expected.gid),
        f"its mode (now {found.mode:04o})": found.mode != expected.mode,
        "its extended attributes": xattrs != expected.xattrs,
    }
    return tuple(what for what, differs in answers.items() if differs)


def replace(step: Replace, content: bytes, temporary: str, check: Callable[[], None] | None = None) -> None:
    """Put a file with ``content`` in place of the one that is as ``step.before``, or where there is none.

    ``temporary`` is a name in the same directory; what a killed run left there is removed first. ``check`` is called when all is
    written and nothing is replaced yet: what it raises ends it. After an error nothing is changed, with one exception: where only
    the last fsync fails, that of the directory, the new file is in its place, and ``restore`` brings the old one back.

    Raises Drift where the file is not as planned, Refused where it is not safe to write, NotPermitted and Unavailable.
    """
    path, after = step.path, step.after
    folder, name = _split(path)
    if sha256(content).hexdigest() != after.sha256:
        raise Drift(f"{printable(path)}: the content kept for it is not the planned one; {PLAN_ANEW}")
    _check_right_to_give(path, after)
    with open_directory(folder, step.makes) as directory:
        check_owner(directory, after.uid, path)
        temporaries.discard(directory, temporary, path, after.uid)
        identity = _expect(directory, name, path, step.before)
        with temporaries.created(directory, temporary, path) as new:
            written = _identity(temporaries.fill(new, content, after, path))
            if check is not None:
                check()
            if _identity_at(directory, name, path) != identity:
                raise Drift(f"{printable(path)}: changed while its replacement was written; {PLAN_ANEW}")
            if _identity_at(directory, temporary, path) != written:  # its owner could reach it since it was given to them
                raise Drift(f"{printable(path)}: its replacement was changed before it was put in place; look who writes there")
            temporaries.put(directory, temporary, path, is_new=step.before is None)
            if (there := _identity_at(directory, name, path)) is None or there[:2] != written[:2]:
                raise Drift(f"{printable(path)}: something else was put in its place at the same moment; look who writes there")


def restore(path: str, current: FileState, old: FileState, content: bytes, temporary: str) -> None:
    """Bring an old file back, byte for byte, with its owner, mode, extended attributes and time. Raises what ``replace`` does."""
    replace(Replace(path=path, before=current, after=old), content, temporary)


def remove(path: str, expected: FileState, temporary: str, makes: Sequence[str] = ()) -> None:
    """Remove a file that was put where there was none, and the directories that were made for it where they are empty.

    Raises Drift where it is not as it was left.
    """
    folder, name = _split(path)
    with open_directory(folder) as directory:
        temporaries.discard(directory, temporary, path, expected.uid)
        _expect(directory, name, path, expected)
        with explaining("remove", path):
            os.unlink(name, dir_fd=directory)
            os.fsync(directory)
    unmake(makes)


def discard(path: str, temporary: str, owner: int) -> None:
    """Remove the temporary file that a killed run left beside ``path``, if there is one.

    ``owner`` is the user to whom it may belong already. Raises Refused where something else is in its place.
    """
    folder, _name = _split(path)
    with suppress(Vanished), open_directory(folder) as directory:
        temporaries.discard(directory, temporary, path, owner)


def _split(path: str) -> tuple[str, str]:
    if not names(path):
        raise Refused("/: not a file")
    return posixpath.split(path)


def _check_right_to_give(path: str, state: FileState) -> None:
    """Raise NotPermitted where this user may not make such a file: said before anything is written."""
    me = os.geteuid()
    if me not in {0, state.uid}:
        raise NotPermitted(f"{printable(path)}: belongs to user {state.uid}, not to user {me}; run it as that user or as root")
    if me and state.gid not in {os.getegid(), *os.getgroups()}:
        raise NotPermitted(f"{printable(path)}: belongs to group {state.gid}, of which user {me} is no member; run it as root")


def _check_kind(found: os.stat_result, path: str) -> None:
    """Raise Refused for what is no regular file of one name."""
    if stat.S_ISLNK(found.st_mode):
        raise Refused(f"{printable(path)}: a symbolic link, and those are never followed here; name the real path")
    if not stat.S_ISREG(found.st_mode):
        raise Refused(f"{printable(path)}: not a regular file")
    if found.st_nlink > 1:
        raise Refused(f"{printable(path)}: has {found.st_nlink} names (hard links); put a copy in its place that has one")
    if found.st_size > LARGEST_FILE:
        raise Refused(f"{printable(path)}: larger than {LARGEST_FILE >> 20} MiB; no file that qtops changes is")


def _expect(directory: int, name: str, path: str, expected: FileState | None) -> Identity | None:
    """Raise Drift where the file is not as expected (None: absent); else which file it is."""
    try:
        found, _content, identity = _read(directory, name, path)
    except Vanished:
        if expected is None:
            return None
        raise
    if expected is None:
        raise Drift(f"{printable(path)}: was made since the plan; {PLAN_ANEW}")
    if changed := differences(found, expected):
        raise Drift(f"{printable(path)}: changed since the plan: {', '.join(changed)}; {PLAN_ANEW}")
    return identity


def _read(directory: int, name: str, path: str) -> tuple[FileState, bytes, Identity]:
    """A file of a directory, all from one descriptor. Raises Vanished where there is none."""
    with explaining("read", path):
        _check_kind(os.stat(name, dir_fd=directory, follow_symlinks=False), path)  # opening a device may already do something
        fd = os.open(name, _READ, dir_fd=directory)
        try:
            found = os.fstat(fd)
            _check_kind(found, path)
            check_owner(directory, found.st_uid, path)
            content = _content(fd, found.st_size)
            state = _state(fd, found, content)
            if _identity(os.fstat(fd)) != _identity(found) or len(content) != found.st_size:
                raise Drift(f"{printable(path)}: changes while it is read; try again when that is over")
            return state, content, _identity(found)
        finally:
            close(fd)


def _content(fd: int, size: int) -> bytes:
    chunks: list[bytes] = []
    while size > 0 and (chunk := os.read(fd, size)):
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)


def _state(fd: int, found: os.stat_result, content: bytes) -> FileState:
    return FileState(
        sha256=sha256(content).hexdigest(),
        size=len(content),
        mode=stat.S_IMODE(found.st_mode),
        uid=found.st_uid,
        gid=found.st_gid,
        xattrs={name: os.getxattr(fd, name).hex() for name in copied_xattrs(fd)},
        mtime_ns=found.st_mtime_ns,
    )


def _identity(found: os.stat_result) -> Identity:
    return found.st_dev, found.st_ino, found.st_ctime_ns


def _identity_at(directory: int, name: str, path: str) -> Identity | None:
    with explaining("look at", path):
        try:
            return _identity(os.stat(name, dir_fd=directory, follow_symlinks=False))
        except FileNotFoundError:
            return None
