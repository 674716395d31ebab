"""sys.path before the first line of the program, as CPython builds it, each entry with where it came from."""

import posixpath
from dataclasses import dataclass
from typing import Literal

from qtops.imports.archive import is_archive
from qtops.imports.interpreter import Interpreter
from qtops.imports.launch import Application, Code, Launch, Script
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
    """What the interpreter puts on sys.path, in the order in which it does so."""

    core: tuple[Entry, ...]
    """PYTHONPATH and the standard library: before site.py is at work."""
    sites: tuple[str, ...]
    """The site directories that site.py goes through; in a virtual environment it goes through some twice."""
    first: tuple[Entry, ...]
    """sys.path[0], which comes last: code in site directories does not see it."""
    customized: tuple[str, ...] = ()
    """Modules that site.py imports at its end, where they exist."""
    doubts: tuple[str, ...] = ()
    """Site directories that may be there as well."""


def absolute(path: str, directory: str) -> str:
    """os.path.abspath, seen from a working directory."""
    return posixpath.normpath(posixpath.join(directory, path))


def starting_path(tree: Tree, launch: Launch, interpreter: Interpreter) -> Start:
    """Where sys.path comes from, before any code has run."""
    named = launch.variable("PYTHONPATH")
    core = [Entry(_from_environment(text, launch, interpreter), Origin("PYTHONPATH")) for text in named.split(":")] if named else []
    core += [Entry(text, Origin("standard library")) for text in interpreter.core_path]
    first = tuple(_first_entry(tree, launch, interpreter))
    if launch.flags.no_site:
        return Start(tuple(core), (), first)
    distinct: dict[str, Entry] = {}
    for entry in core:
        path = absolute(entry.text or "", launch.directory)
        distinct.setdefault(path, Entry(path, entry.origin))
    own = site_directories(interpreter)
    users, doubt = _user_site(tree, launch, interpreter)
    in_prefix = [place for place in own if place.startswith(f"{interpreter.prefix}/")] if interpreter.in_venv else []
    sites: list[str] = []
    doubts = [] if doubt is None else [doubt]
    for place in (*in_prefix, *users, *own):
        try:
            sites += [place] if tree.kind(place) is Kind.DIRECTORY else []
        except OSError as error:
            doubts.append(f"{place} could not be looked at: {error.strerror or error}")
    customized = ("sitecustomize", "usercustomize") if _has_user_site(launch, interpreter) else ("sitecustomize",)
    return Start(tuple(distinct.values()), tuple(sites), first, customized, tuple(doubts))


def _has_user_site(launch: Launch, interpreter: Interpreter) -> bool:
    return not launch.no_user_site and (not interpreter.in_venv or interpreter.system_site)


def _from_environment(text: str, launch: Launch, interpreter: Interpreter) -> str:
    """PYTHONPATH entries are made absolute by the interpreter itself since 3.11, before that by site.py alone."""
    if interpreter.version < (3, 11):
        return text
    tidy = posixpath.normpath(text) if text else "."
    return launch.directory if tidy == "." else posixpath.join(launch.directory, tidy)


def _user_site(tree: Tree, launch: Launch, interpreter: Interpreter) -> tuple[list[str], str | None]:
    """The user's site-packages, and why there may be others."""
    if not _has_user_site(launch, interpreter):
        return [], None
    home = launch.environment.get("HOME") or launch.home
    folder = f"lib/python{interpreter.version[0]}.{interpreter.version[1]}/site-packages"
    if base := launch.variable("PYTHONUSERBASE"):
        return [posixpath.join(base, folder)], None
    if home is not None:
        return [posixpath.join(home, ".local", folder)], None
    for place in (posixpath.join(home, ".local", folder) for home in _homes(tree)):
        try:
            if tree.kind(place) is Kind.DIRECTORY:
                return [], f"the home directory of the process is not known, and {place} exists"
        except OSError:
            return [], f"the home directory of the process is not known, and {place} cannot be looked at"
    return [], None


def _homes(tree: Tree) -> list[str]:
    try:
        return ["/root", *(f"/home/{name}" for name in sorted(tree.names("/home")))]
    except OSError:
        return ["/root"]


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


def _holds_main(tree: Tree, path: str) -> bool:
    """Whether a directory or an archive is run, which is put on sys.path itself."""
    try:
        kind = tree.kind(path)
        return kind is Kind.DIRECTORY or (kind is Kind.FILE and is_archive(tree.read(path)))
    except OSError:
        return False


def _first_entry(tree: Tree, launch: Launch, interpreter: Interpreter) -> list[Entry]:
    """sys.path[0]: the archive or directory that is run, the script's real directory, or the working directory."""
    target = launch.target
    safe = launch.flags.isolated if interpreter.version < (3, 11) else launch.safe_path
    if isinstance(target, Script):
        path = posixpath.join(launch.directory, target.path)
        if _holds_main(tree, path):
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


def moved_first_entry(tree: Tree, launch: Launch, first: tuple[Entry, ...], directory: str | None) -> tuple[Entry, ...]:
    """sys.path[0] where code of the start has changed the working directory: it is computed after site (Modules/main.c,
    _PyPathConfig_ComputeSysPath0), from the words of the command line. ``directory``: None where it is not known.
    """
    target = launch.target
    if directory == launch.directory or not first or isinstance(target, Code | Application):
        return first
    if isinstance(target, Script) and (
        target.path.startswith("/") or _holds_main(tree, posixpath.join(launch.directory, target.path))
    ):
        return first
    if directory is None:
        return (Entry(None, first[0].origin, "the working directory was changed before the program began"),)
    if not isinstance(target, Script):
        return (Entry(directory, first[0].origin),)
    path = posixpath.join(directory, target.path)
    try:
        is_there = tree.kind(path) is not None
    except OSError:
        return (Entry(None, first[0].origin, f"{path} could not be looked at"),)
    return (Entry(posixpath.dirname(tree.resolve(path) if is_there else target.path), first[0].origin),)
