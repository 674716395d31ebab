"""Why something on the host was not changed: it is not as planned, it is not safe to write, or the kernel says no.

QtopsError ─┬─ Drift ── Vanished      4   what is there is not what the plan was made for
            ├─ Refused                4   a target that is not safe to write
            ├─ Unavailable           75   full, broken or busy: try again when that is mended
            └─ NotPermitted          77   a right is missing, or the file system is read-only
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from qtops.errors import Exit, NotPermitted, QtopsError, Unavailable
from qtops.facts.text import printable


class Drift(QtopsError):
    """What is there is not what the plan was made for."""

    exit_code = Exit.NOT_APPLIED


class Vanished(Drift):
    """What the plan was made for is not there any more."""


class Refused(QtopsError):
    """A target that is not safe to write."""

    exit_code = Exit.NOT_APPLIED


PLAN_ANEW: Final = "run the command again to plan anew"
_KINDS: Final[dict[int, tuple[type[QtopsError], str]]] = {  # what an error of the kernel means here, and what to try
    errno.EROFS: (NotPermitted, "remount it writable, or take it out of ReadOnlyPaths= where qtops runs as a unit"),
    errno.EACCES: (NotPermitted, "run it as root"),
    errno.EPERM: (NotPermitted, "run it as root, and look for an immutable flag with lsattr"),
    errno.ELOOP: (Refused, "symbolic links are never followed here: name the real path"),
    errno.ENAMETOOLONG: (Refused, "give it a shorter name"),
    errno.EISDIR: (Refused, "it has to be a regular file"),
    errno.ENOENT: (Vanished, f"it vanished: {PLAN_ANEW}"),
    errno.ENOTDIR: (Drift, f"a directory of its path is none now: {PLAN_ANEW}"),
    errno.EEXIST: (Drift, f"something else made it meanwhile: {PLAN_ANEW}"),
    errno.ESTALE: (Drift, f"it was replaced on the file server: {PLAN_ANEW}"),
    errno.ENOSPC: (Unavailable, "make room on its file system (df, df -i), then try again"),
    errno.EDQUOT: (Unavailable, "make room in its owner's quota, then try again"),
    errno.EFBIG: (Unavailable, "raise the limit of file sizes (ulimit -f), then try again"),
    errno.EIO: (Unavailable, "look for errors of the disk in the kernel's log (journalctl -k)"),
}


def explained(error: OSError, what: str, path: str) -> QtopsError:
    """The error that a command ends with for one of the kernel's: ``what`` ("write", "open") failed on a path, and what to try."""
    kind, advice = _KINDS.get(error.errno or 0, (Unavailable, "try again"))
    return kind(f"{printable(path)}: could not {what} it: {error.strerror or error}; {advice}")


@contextmanager
def explaining(what: str, path: str) -> Iterator[None]:
    """The kernel's errors of its body, explained."""
    try:
        yield
    except OSError as error:
        raise explained(error, what, path) from error
