"""Units of a folder of source, for use without systemd.

The folder may be a whole file system (``DIR/etc/systemd/system``), or a checkout whose unit files name the place where it is
deployed: what they name is then looked for in the checkout.
"""

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from qtops.collectors.tree import RootedTree, host_path
from qtops.collectors.unit_files import FoundUnit, UnitFiles
from qtops.collectors.wiring_units import UnitSources, Wired
from qtops.unitfile.names import LOOKUP_PATH, UnitName

STARTERS: Final = ("timer", "path", "socket")  # units that start a service of their own name
_INSTALL: Final = re.compile(rb"^(WantedBy|RequiredBy|UpheldBy|Alias|Also)[ \t]*=[ \t]*\S", re.MULTILINE)
_DIRECTORY: Final = re.compile(r"^WorkingDirectory[ \t]*=[ \t]*(/\S*)", re.MULTILINE)
_STARTED: Final = re.compile(r"(?<![\w./-])(?:([\w.@/+-]+\.py)\b|-m[ \t]+([\w.]+)(?![\w.:])|([\w.]+):\w+)")


def in_source(source: str) -> Iterator[Wired]:
    """The units below a folder. Raises UsageError where there are none. Whether they are enabled only a file system tells."""
    folder = host_path(source)
    inside = RootedTree(folder)
    is_root = any(inside.kind(place) is not None for place in LOOKUP_PATH)
    tree = inside if is_root else RootedTree("/")
    files = UnitFiles(tree, folder if is_root else "/", [source])
    deployed = "" if is_root else _deployed_at(inside, files)
    sources = UnitSources(CheckedOut(deployed, folder) if deployed else tree)
    for found in files.services:
        read = sources.read(found, str(found.name))
        started_by = tuple(name for kind in STARTERS if files.state(name := f"{found.name.stem}.{kind}") == "found")
        state = _enabled(tree, found) if is_root else read.unit.unit_file_state
        yield read._replace(unit=replace(read.unit, triggered_by=started_by, unit_file_state=state))


class CheckedOut(RootedTree):
    """The host's files, with a checkout at the place where it is deployed."""

    def __init__(self, deployed: str, checkout: str) -> None:
        super().__init__("/")
        self._deployed, self._checkout = deployed, checkout

    def _link_at(self, path: str) -> str | None:
        return self._checkout if path == self._deployed else super()._link_at(path)

    def _host(self, path: str) -> str:
        return self.resolve(path)


def _deployed_at(checkout: RootedTree, files: UnitFiles) -> str:
    """The folder that the unit files speak of, where the checkout has what they look for in it; empty where they name this one."""
    votes, host = Counter[str](), RootedTree("/")
    for path in sorted({path for found in files.services for path in _started(found.data.decode("utf-8", "replace"))}):
        parts = path.split("/")[1:]
        if host.kind(path) is None:
            places = (cut for cut in range(1, len(parts)) if checkout.kind("/" + "/".join(parts[cut:])) is not None)
            votes.update("/" + "/".join(parts[:cut]) for cut in list(places)[:1])
    return max(votes, key=lambda place: (votes[place], place), default="")


def _started(unit: str) -> Iterator[str]:
    """Files that a unit may start, as it has them: scripts, and modules below its working directory."""
    folder = _DIRECTORY.search(unit)
    for script, run, served in _STARTED.findall(unit):
        module = run or served
        named = (script,) if script else (f"{module.replace('.', '/')}.py", f"{module.replace('.', '/')}/__init__.py")
        yield from (posixpath.normpath(posixpath.join(folder[1] if folder else "/", name)) for name in named)


def _enabled(tree: RootedTree, found: FoundUnit) -> str:
    """UnitFileState as ``systemctl --root=DIR is-enabled`` has it."""
    if found.masked:
        return "masked"
    for folder in LOOKUP_PATH:
        for wants in (name for name in _names(tree, folder) if name.endswith((".wants", ".requires"))):
            if any(_is_enabled_by(found.name, link) for link in _names(tree, posixpath.join(folder, wants))):
                return "enabled"
    return "disabled" if any(map(_INSTALL.search, (found.data, *(data for _, data in found.dropins)))) else "static"


def _is_enabled_by(name: UnitName, link: str) -> bool:
    """A link of its own name, or of an instance of it."""
    return link == str(name) or (name.is_template and link.startswith(f"{name.prefix}@"))


def _names(tree: RootedTree, folder: str) -> frozenset[str]:
    try:
        return tree.names(folder)
    except OSError:
        return frozenset()
