"""Which file wins an import, and which lose: CPython's path search for one name (``importlib._bootstrap_external``)."""

import errno
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from qtops.imports.files import Files
from qtops.imports.path import Entry

FoundKind = Literal["package", "module", "extension", "bytecode", "namespace", "built-in"]


@dataclass(frozen=True, slots=True)
class Found:
    """One place that offers a module."""

    kind: FoundKind
    file: str | None = None
    """The file that is executed or loaded; None for built-in modules and namespace packages."""
    search: tuple[str, ...] | None = None
    """Where submodules are looked for; None when it is no package."""
    entry: Entry | None = None
    """The entry of sys.path that offered it."""

    @property
    def place(self) -> str:
        """What to show: the file, or the directory of a namespace portion."""
        return self.file or (self.search[0] if self.search else "built-in")


@dataclass(frozen=True, slots=True)
class Resolution:
    """The answer for one name. With a doubt, ``winner`` is the best guess."""

    winner: Found | None
    doubt: str | None = None


class Finder:
    """Looks one name up in directories, with the suffixes of one interpreter."""

    def __init__(self, files: Files, extension_suffixes: tuple[str, ...], version: tuple[int, int]) -> None:
        self._files = files
        self._version = version
        self.extensions = extension_suffixes
        self.namespaces: dict[str, dict[str, tuple[str, ...]]] = {}
        """Entries of sys.path that are no directories: where a hook of an editable install answers, by full name."""

    def offer(self, directory: str, name: str, entry: Entry | None = None) -> Found | None:
        """What one directory offers: a regular package before an extension, a module, bytecode, and a namespace portion last."""
        files = self._files
        if directory in self.namespaces:
            search = self.namespaces[directory].get(name)
            return None if search is None else Found("namespace", None, search, entry)
        tail = name.rpartition(".")[2]
        if tail not in files.stems(directory):
            return None
        names = files.names(directory)
        base = posixpath.join(directory, tail)
        portion = tail in names and files.is_directory(base)
        if portion and (found := self._module(base, "__init__", files.names(base))):
            return Found("package", found[1], (base,), entry)
        if found := self._module(directory, tail, names):
            return Found(found[0], found[1], None, entry)
        if portion and files.in_archive(base) and not files.is_listed(base):
            if self._version >= (3, 13):
                raise OSError(errno.ENOTSUP, "the archive has no entry for this folder, which some versions ask for", base)
            return None
        return Found("namespace", None, (base,), entry) if portion else None

    def _module(self, directory: str, tail: str, names: frozenset[str]) -> tuple[FoundKind, str] | None:
        kinds: list[tuple[FoundKind, str]] = [("extension", suffix) for suffix in self.extensions]
        kinds += [("module", ".py"), ("bytecode", ".pyc")]
        if self._files.in_archive(directory):
            kinds = [("bytecode", ".pyc"), ("module", ".py")]
        for kind, suffix in kinds:
            if tail + suffix in names and self._files.is_file(path := posixpath.join(directory, tail + suffix)):
                return kind, path
        return None

    def search(self, name: str, places: Iterable[tuple[str, Entry | None]]) -> Resolution:
        """The winner over several directories: the first that is more than a portion; portions merge only if there is none.

        ``name`` is the full name; its last part is looked for.
        """
        portions: list[Found] = []
        doubts: list[str] = []
        for directory, entry in places:
            if entry is not None and entry.text is None:
                doubts.append(entry.doubt or "an entry of sys.path is not known")
                continue
            try:
                found = self.offer(directory, name, entry)
            except OSError as error:
                doubts.append(f"{directory} could not be read: {error.strerror or error}")
                continue
            if found is None:
                continue
            if entry is not None and entry.doubt:
                doubts.append(entry.doubt)
            if found.kind != "namespace":
                return Resolution(found, doubts[0] if doubts else None)
            portions.append(found)
        doubt = doubts[0] if doubts else None
        if not portions:
            return Resolution(None, doubt)
        search = tuple(place for found in portions for place in found.search or ())
        return Resolution(Found("namespace", None, search, portions[0].entry), doubt)

    def find(self, name: str, places: list[tuple[str, Entry | None]]) -> Found | None:
        """The winner of a dotted name, from its first part on."""
        found: Found | None = None
        above = ""
        for part in name.split("."):
            above = f"{above}.{part}" if above else part
            found = self.search(above, places).winner
            if found is None:
                return None
            places = [(place, None) for place in found.search or ()]
        return found

    def offers(self, name: str, places: Iterable[tuple[str, Entry | None]]) -> list[Found]:
        """Everything that any of the directories offers, in order: the winner's rivals are among them."""
        found = []
        for directory, entry in places:
            try:
                offer = self.offer(directory, name, entry)
            except OSError:
                continue
            if offer is not None:
                found.append(offer)
        return found
