"""Where a finding is, as the tools of a code host want it: a path of this host, relative to where the command runs."""

import posixpath
from typing import NamedTuple

from qtops.reports.preflight.report import Row


class Place(NamedTuple):
    """A file and a line, 1 where none is known."""

    path: str
    line: int


def place_of(where: str, row: Row, root: str, directory: str) -> Place | None:
    """``where`` (FILE:LINE, in the service's own view or in its unit file) as a place on this host; None where there is none."""
    path, _, number = where.rpartition(":")
    if not number.isdigit():
        path, number = where, "1"
    unit = row.start.unit_file
    path = path or unit or row.start.script
    if not path or path == "command line":
        return None
    of_unit = bool(unit) and (path == unit or path.startswith(f"{unit}.d/"))
    if not of_unit and root != "/":
        path = posixpath.join(root, path.lstrip("/"))
    path = posixpath.normpath(posixpath.join(directory, path))
    inside = posixpath.commonpath((path, directory)) == directory
    return Place(posixpath.relpath(path, directory) if inside else path, max(int(number), 1))
