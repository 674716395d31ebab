"""Services that there are unit files of, by the names in systemd's directories: systemd itself takes a second for that."""

import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from qtops.collectors.systemd.names import SUFFIX
from qtops.unitfile.names import LOOKUP_PATH, parse_name

OWN: Final = ("/etc/systemd/system", "/run/systemd/system", "/run/systemd/transient", "/usr/local/lib/systemd/system")
"""Where the units of this host are; those below /usr/lib came with the system."""
_ALL: Final = tuple(dict.fromkeys((*OWN, *LOOKUP_PATH, "/lib/systemd/system")))


def own_services(root: str = "/") -> list[str]:
    """Services and templates that someone put on this host. What was only masked here is not one of them."""
    return sorted({entry.name for folder in OWN for entry in _services(root, folder) if _target(entry) != os.devnull})


def matching_services(patterns: Sequence[str], root: str = "/") -> list[str]:
    """Services and templates with a unit file whose name matches a pattern."""
    names = {entry.name for folder in _ALL for entry in _services(root, folder)}
    return sorted(name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns))


def _services(root: str, folder: str) -> Iterator[os.DirEntry[str]]:
    """Entries that stand for a service of their own name. A directory that cannot be read holds none."""
    try:
        entries = list(os.scandir(Path(root, folder.lstrip("/"))))
    except OSError:
        return
    for entry in entries:
        if (
            entry.name.endswith(SUFFIX)
            and parse_name(entry.name)
            and not _is_alias(entry)
            and not entry.is_dir(follow_symlinks=False)
        ):
            yield entry


def _is_alias(entry: os.DirEntry[str]) -> bool:
    """A link to a unit of another name."""
    target = _target(entry)
    return bool(target) and target != os.devnull and target.rpartition("/")[2] != entry.name


def _target(entry: os.DirEntry[str]) -> str:
    try:
        return str(Path(entry.path).readlink()) if entry.is_symlink() else ""
    except OSError:
        return ""
