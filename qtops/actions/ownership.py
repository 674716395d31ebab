"""Whether somebody but root could put something else in the place of a file that root is to run."""

import stat
from pathlib import Path

from qtops.facts.text import printable


def tampering(path: Path) -> str:
    """Which place on the way to a file others than root can change, and why; empty for none. Links are followed as well."""
    real = path.resolve()
    for place in (path, *path.parents, real, *real.parents):
        if why := _doubt(place):
            return f"{printable(str(place))} {why}"
    return ""


def _doubt(place: Path) -> str:
    try:
        found = place.lstat()
    except OSError as error:
        return f"cannot be looked at: {error.strerror}"
    if found.st_uid:
        return f"belongs to user {found.st_uid}"
    is_kept = stat.S_ISLNK(found.st_mode) or (stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX)
    writers = stat.S_IWGRP | stat.S_IWOTH if found.st_gid else stat.S_IWOTH
    return "can be written by others" if found.st_mode & writers and not is_kept else ""
