"""sys.path before the first line of the program, as CPython builds it, each entry with where it came from."""

import posixpath
from dataclasses import dataclass
from typing import Literal

from qtops.imports.interpreter import Interpreter
from qtops.imports.launch import Application, Code, Launch, Script
from qtops.imports.pth import Mapping, lines_of
from qtops.imports.tree import Kind, Tree

OriginKind = Literal["script directory", "working directory", "PYTHONPATH", "standard library", "site", "pth", "edit", "server"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Who put an entry on sys.path."""

    kind: OriginKind
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.kind} {self.file}:{self.line}" if self.file else self.kind


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of sys.path."""

    text: str | None
    """As the program would print it; None when it could not be evaluated."""
    origin: Origin
    doubt: str | None = None
    """Why it is not certain that the entry is there, or what it is."""
    ignored: bool = False
    """Not a string (a Path object, say): the import system passes over it."""


@dataclass(frozen=True, slots=True)
class Start:
    """What the interpreter has set up when the program begins."""

    path: tuple[Entry, ...]
    mappings: tuple[Mapping, ...] = ()
    """Import hooks of editable installs, in the order in which they were put up."""
    doubts: tuple[str, ...] = ()
    """Code in .pth files whose effect is not known."""


@dataclass(slots=True)
class _Site:
    """site.py at work: what it appends, and what it has seen."""

    tree: Tree
    directory: str
    entries: list[Entry]
    known: set[str]
    mappings: list[Mapping]
    doubts: list[str]

    def add(self, path: str, origin: Origin) -> None:
        path = absolute(path, self.directory)
        if path not in self.known:
            self.known.add(path)
            self.entries.append(Entry(path, origin))

    def add_site(self, path: str, version: tuple[int, int], origin: Origin) -> None:
        """site.addsitedir: the directory, then what its .pth files name."""
        self.add(path, origin)
        for line in lines_of(self.tree, path, version):
            if line.mapping is not None:
                self.mappings.append(line.mapping)
            elif line.doubt is not None:
                self.doubts.append(line.doubt)
            elif self.tree.kind(absolute(line.path, path)) is not None:
                self.add(posixpath.join(path, line.path), Origin("pth", line.file, line.number))


def absolute(path: str, directory: str) -> str:
    """os.path.abspath, seen from a working directory."""
    return posixpath.normpath(posixpath.join(directory, path))


def starting_path(tree: Tree, launch: Launch, interpreter: Interpreter) -> Start:
    """sys.path as the program finds it."""
    site = _Site(tree, launch.directory, [], set(), [], [])
    named = launch.variable("PYTHONPATH")
    entries = (
        [Entry(_from_environment(text, launch, interpreter), Origin("PYTHONPATH")) for text in named.split(":")] if named else []
    )
    entries += [Entry(text, Origin("standard library")) for text in interpreter.core_path]
    if launch.flags.no_site:
        site.entries = entries
    else:
        for entry in entries:
            site.add(entry.text or "", entry.origin)
        _add_sites(site, launch, interpreter)
    first = _first_entry(tree, launch, interpreter)
    return Start((*first, *site.entries), tuple(site.mappings), tuple(site.doubts))


def _from_environment(text: str, launch: Launch, interpreter: Interpreter) -> str:
    """PYTHONPATH entries are made absolute by the interpreter itself since 3.11, before that by site.py alone."""
    if interpreter.version < (3, 11):
        return text
    tidy = posixpath.normpath(text) if text else "."
    return launch.directory if tidy == "." else posixpath.join(launch.directory, tidy)


def _add_sites(site: _Site, launch: Launch, interpreter: Interpreter) -> None:
    version, origin = interpreter.version, Origin("site")
    if not launch.no_user_site and (not interpreter.in_venv or interpreter.system_site):
        for path in _user_site(site, launch, interpreter):
            if site.tree.kind(path) is Kind.DIRECTORY:
                site.add_site(path, version, origin)
    for path in site_directories(interpreter):
        if site.tree.kind(path) is Kind.DIRECTORY:
            site.add_site(path, version, origin)


def _user_site(site: _Site, launch: Launch, interpreter: Interpreter) -> list[str]:
    home = launch.environment.get("HOME") or launch.home
    folder = f"lib/python{interpreter.version[0]}.{interpreter.version[1]}/site-packages"
    if base := launch.variable("PYTHONUSERBASE"):
        return [posixpath.join(base, folder)]
    if home is not None:
        return [posixpath.join(home, ".local", folder)]
    homes = ["/root"]
    if site.tree.kind("/home") is Kind.DIRECTORY:
        homes += [f"/home/{name}" for name in sorted(site.tree.names("/home"))]
    for home in homes:
        place = posixpath.join(home, ".local", folder)
        if site.tree.kind(place) is Kind.DIRECTORY:
            site.doubts.append(f"the home directory of the process is not known, and {place} exists")
            break
    return []


def site_directories(interpreter: Interpreter) -> list[str]:
    """The site-packages (Debian: dist-packages) directories that site.py tries, in order."""
    library = f"lib/python{interpreter.version[0]}.{interpreter.version[1]}"
    prefixes = [interpreter.prefix]
    if interpreter.in_venv and interpreter.system_site:
        prefixes.append(interpreter.base_prefix)
    found = []
    for prefix in prefixes:
        if not interpreter.debian:
            found.append(posixpath.join(prefix, library, "site-packages"))
            continue
        if interpreter.in_venv:
            found.append(posixpath.join(prefix, library, "site-packages"))
        found += [posixpath.join(prefix, f"local/{library}/dist-packages"), posixpath.join(prefix, "lib/python3/dist-packages")]
        found.append(posixpath.join(prefix, library, "dist-packages"))
    return found


def _first_entry(tree: Tree, launch: Launch, interpreter: Interpreter) -> list[Entry]:
    """sys.path[0]: the archive or directory that is run, the script's real directory, or the working directory."""
    target = launch.target
    safe = launch.flags.isolated if interpreter.version < (3, 11) else launch.safe_path
    if isinstance(target, Script):
        path = posixpath.join(launch.directory, target.path)
        if tree.kind(path) is Kind.DIRECTORY or (tree.kind(path) is Kind.FILE and is_archive(tree.read(path))):
            shown = (
                posixpath.join(launch.directory, target.path.removeprefix("./")) if interpreter.version >= (3, 9) else target.path
            )
            return [Entry(shown, Origin("script directory"))]
        return [] if safe else [Entry(posixpath.dirname(tree.resolve(path)), Origin("script directory"))]
    if safe:
        return []
    if isinstance(target, Application) and target.server.startswith("/"):
        return [Entry(posixpath.dirname(tree.resolve(target.server)), Origin("script directory"))]
    return [Entry("" if isinstance(target, Code) else launch.directory, Origin("working directory"))]


def is_archive(contents: bytes) -> bool:
    """Whether a file ends like a zip archive, whatever stands before it."""
    return b"PK\x05\x06" in contents[-65_557:]
