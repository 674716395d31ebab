"""Read a runbook's file: whoever may write it decides what is run, so root reads only what root or nobody else can write.

The folder is opened first, and the file within it without following a link: what was looked at is what is read.
"""

import os
import pwd
import stat
from pathlib import Path

from qtops.errors import NotPermitted
from qtops.facts.text import printable
from qtops.guides.parsing import LARGEST
from qtops.guides.values import RunbookError

_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def read(path: Path) -> bytes:
    """The content of a runbook. Raises RunbookError where there is no such file, NotPermitted where it cannot be trusted."""
    shown = printable(str(path))
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            _refuse_folder(printable(str(path.parent)), os.fstat(folder))
            file = os.open(path.name or ".", os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        finally:
            os.close(folder)
        with os.fdopen(file, "rb", closefd=True) as opened:
            _refuse_file(shown, os.fstat(file))
            return opened.read(LARGEST + 1)
    except PermissionError:
        raise NotPermitted(f"{shown}: this user may not read it") from None
    except (OSError, ValueError) as error:  # a NUL in the name is a ValueError
        if os.path.islink(path):  # noqa: PTH114  (Path raises for the same name)
            raise RunbookError(f"{shown}: is a link; name the file itself") from None
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise RunbookError(f"{shown}: cannot be read: {reason}") from None


def _refuse_file(shown: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise RunbookError(f"{shown}: not a regular file")
    if status.st_uid not in {0, os.geteuid()}:
        raise NotPermitted(
            f"{shown}: belongs to {_name(status.st_uid)}: what is run comes from root's files or your own; "
            "read it, then run a copy of yours"
        )
    if os.geteuid() == 0 and status.st_mode & _OTHERS:
        raise NotPermitted(f"{shown}: others than root may write it: read it, then chmod go-w")


def _refuse_folder(shown: str, status: os.stat_result) -> None:
    """Who may write the folder may put another file in place of this one; the sticky bit prevents it."""
    if os.geteuid() != 0:
        return
    if status.st_uid != 0:
        raise NotPermitted(f"{shown}: belongs to {_name(status.st_uid)}, who could put another one there: copy it to root's own")
    if status.st_mode & _OTHERS and not status.st_mode & stat.S_ISVTX:
        raise NotPermitted(f"{shown}: others than root may write this folder, and put another runbook there: chmod go-w")


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
