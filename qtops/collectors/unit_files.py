"""Find and read unit files: those that are named, those in folders, their drop-ins, and which units there are besides."""

import os
import posixpath
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from qtops.collectors.tree import RootedTree, host_path
from qtops.errors import UsageError
from qtops.imports.tree import Kind
from qtops.unitfile.names import LOOKUP_PATH, UnitName, dropin_directories, in_order, parse_name

DEEPEST: Final = 6  # folders below the one that is named
MOST_UNITS: Final = 5000
LOST: Final = "no regular file, or a link that leads out of the tree"
LARGEST_UNIT: Final = 1024 * 1024  # bytes, as systemd has it for a line
SKIPPED: Final = frozenset({"node_modules", "site-packages", "venv", "__pycache__"})
NOT_FOLDERS: Final = (".d", ".wants", ".requires", ".upholds")
GENERATED: Final = (".device", ".mount", ".slice", ".scope", ".swap", ".automount")  # systemd makes these up by itself
OWN_UNITS: Final = ("/usr/lib/systemd/system", "/lib/systemd/system")


class FoundUnit(msgspec.Struct, frozen=True):
    """A unit file as read. ``trouble`` says why it could not be."""

    name: UnitName
    shown: str
    data: bytes = b""
    dropins: tuple[tuple[str, bytes], ...] = ()
    masked: bool = False
    trouble: str = ""


class _Place(msgspec.Struct, frozen=True):
    """A file in a tree, and how to show it."""

    tree: RootedTree
    path: str
    shown: str


class UnitFiles:
    """The units of one request. Links are followed inside the root, or inside the folder that was named."""

    def __init__(self, tree: RootedTree, root: str, arguments: Iterable[str]) -> None:
        self._tree, self._root = tree, root
        self._states: dict[str, str] = {}
        self.services: list[FoundUnit] = []
        for argument in arguments:
            places = list(self._places(argument))
            if not places:
                raise UsageError(f"{argument!a}: no unit file is in it")
            self.services += [self._read(place) for place in places]

    def state(self, name: str) -> str:
        """``found``, ``masked``, ``missing`` or ``unknown``: the units that were given, then those of the tree."""
        unit = parse_name(name)
        names = [name, *([str(UnitName(unit.prefix, "", unit.type))] if unit and unit.instance else [])]
        for known in names:
            if known in self._states:
                return self._states[known]
        if name.endswith(GENERATED):
            return "found"
        for folder in LOOKUP_PATH:
            for known in names:
                path = posixpath.join(folder, known)
                if self._exists(path):
                    return "masked" if self._is_masked(self._tree, path) else "found"
        complete = any(self._exists(folder) for folder in OWN_UNITS)
        return "missing" if complete else "unknown"

    def _places(self, argument: str) -> Iterator[_Place]:
        full = host_path(argument)
        if f"{full}/".startswith(self._root.rstrip("/") + "/"):
            tree, path = self._tree, posixpath.normpath("/" + posixpath.relpath(full, self._root))
        elif os.path.isdir(full):  # noqa: PTH112  (text in, text out)
            tree, path = RootedTree(full), "/"
        else:
            real = os.path.realpath(full)
            tree, path = RootedTree(posixpath.dirname(real)), "/" + posixpath.basename(real)
        try:
            kind = tree.kind(path)
        except OSError as error:
            raise UsageError(f"{argument!a}: {error.strerror}") from None
        if kind is Kind.DIRECTORY:
            yield from self._walk(tree, path, argument, 0)
        elif kind is None and not self._is_masked(tree, path):
            raise UsageError(f"{argument!a}: no such file or folder")
        else:
            name = parse_name(posixpath.basename(full))
            if name is None or name.type != "service":
                raise UsageError(f"{argument!a}: not the name of a service unit, such as app.service")
            self._states[str(name)] = "masked" if self._is_masked(tree, path) else "found"
            yield _Place(tree, path, argument)

    def _walk(self, tree: RootedTree, folder: str, shown: str, depth: int) -> Iterator[_Place]:
        try:
            names = sorted(tree.names(folder))
        except OSError:
            return
        for name in names:
            path, seen = posixpath.join(folder, name), posixpath.join(shown, name)
            unit = parse_name(name)
            if unit is not None and len(self._states) < MOST_UNITS:
                self._states[name] = "masked" if self._is_masked(tree, path) else "found"
                if unit.type == "service":
                    yield _Place(tree, path, seen)
            elif depth < DEEPEST and self._is_folder(tree, path, name):
                yield from self._walk(tree, path, seen, depth + 1)

    def _is_folder(self, tree: RootedTree, path: str, name: str) -> bool:
        if name.startswith(".") or name in SKIPPED or name.endswith(NOT_FOLDERS):
            return False
        try:
            return tree.kind(path) is Kind.DIRECTORY and tree.resolve(path) == path  # a link would show the same units twice
        except OSError:
            return False

    def _read(self, place: _Place) -> FoundUnit:
        name = parse_name(posixpath.basename(place.shown.rstrip("/")))
        assert name is not None, place.shown  # noqa: S101  (only units get here)
        if self._is_masked(place.tree, place.path):
            return FoundUnit(name, place.shown, masked=True)
        try:
            data = bounded(place.tree, place.path)
        except OSError as error:
            return FoundUnit(name, place.shown, trouble=f"{place.shown}: {error.strerror or LOST}")
        dropins, trouble = self._dropins(name, place)
        return FoundUnit(name, place.shown, data, dropins, trouble=trouble)

    def _dropins(self, name: UnitName, place: _Place) -> tuple[tuple[tuple[str, bytes], ...], str]:
        """Drop-ins beside the unit file, and in all of systemd's folders where it is in one of them."""
        own = posixpath.dirname(place.path)
        folders = LOOKUP_PATH if own in LOOKUP_PATH else (own,)
        shown_folder = posixpath.dirname(place.shown)
        paths = []
        for folder in dropin_directories(name, folders):
            try:
                paths += [posixpath.join(folder, file) for file in place.tree.names(folder)]
            except OSError:
                continue
        found, trouble = [], ""
        for path in in_order(paths):
            shown = posixpath.join(shown_folder, posixpath.relpath(path, own)) if path.startswith(own) else path
            try:
                found.append((shown, dropin(place.tree, path)))
            except OSError as error:
                trouble = f"{shown}: {error.strerror or LOST}"
        return tuple(found), trouble

    def _is_masked(self, tree: RootedTree, path: str) -> bool:
        """A link to /dev/null, or an empty file."""
        if tree.resolve(path) == "/dev/null":
            return True
        try:
            return tree.kind(path) is Kind.FILE and not tree.head(path)
        except OSError:
            return False

    def _exists(self, path: str) -> bool:
        try:
            return self._tree.kind(path) is not None or self._tree.resolve(path) == "/dev/null"
        except OSError:
            return True


def bounded(tree: RootedTree, path: str) -> bytes:
    """The contents of a unit file. Raises OSError, also for a file that is larger than any unit file."""
    data = tree.read(path)
    if len(data) > LARGEST_UNIT:
        raise OSError(0, "larger than any unit file", path)
    return data


def dropin(tree: RootedTree, path: str) -> bytes:
    """The contents of a drop-in; nothing where a link to /dev/null masks it, read as an empty one. Raises OSError."""
    return b"" if tree.resolve(path) == "/dev/null" else bounded(tree, path)
