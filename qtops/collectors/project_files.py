"""Where a project keeps its code, as far as one start tells: beside the script and above it, in the usual folders of sources."""

import posixpath
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Final

from qtops.imports.files import Files
from qtops.imports.interpreter import Interpreter
from qtops.imports.launch import Launch
from qtops.imports.path import Entry, absolute
from qtops.imports.tree import Kind

SOURCE_FOLDERS: Final = ("", "src", "lib", "app")  # where projects keep their packages, below their own folder
ENVIRONMENTS: Final = ("venv", ".venv", "env")
ALIKE: Final = 0.8  # of a name to one that is there, as difflib has it: one letter of five


class ProjectFiles:
    """Looks for modules of the project, and for the environments that have its distributions."""

    def __init__(self, files: Files, environments: Sequence[str] = (), sources: Sequence[str] = ()) -> None:
        self._files = files
        self._environments = tuple(dict.fromkeys(environments))
        self._sources = tuple(sources)

    def elsewhere(self, module: str, launch: Launch) -> tuple[str, ...]:
        """Files of the project that answer a name: beside the script and above it, and in the usual folders of sources."""
        relative = module.replace(".", "/")
        folders = dict.fromkeys(self._project_folders(launch))
        candidates = [posixpath.join(folder, path) for folder in folders for path in (f"{relative}/__init__.py", f"{relative}.py")]
        return tuple(path for path in candidates if self._is(Kind.FILE, path))

    def near(self, module: str, package: str, launch: Launch) -> tuple[str, ...]:
        """What may have been meant by a name that nothing answers. ``package``: the file of the package that lacks it; empty for a
        name at the top, where a project is taken to mean its own only by another case, or a compiled file without its source.
        """
        name = module.rpartition(".")[2]
        folders = (
            [posixpath.dirname(package)] if package else dict.fromkeys((*self._project_folders(launch), *self._on_path(launch)))
        )
        found = [path for folder in folders for path in self._near(folder, name, is_inside=bool(package))]
        return tuple(dict.fromkeys(found))

    def _near(self, folder: str, name: str, *, is_inside: bool) -> Iterator[str]:
        for compiled in sorted(self._names(f"{folder}/__pycache__")):
            if compiled.partition(".")[0] == name and compiled.endswith(".pyc"):
                yield f"{folder}/__pycache__/{compiled}"
        files = {other.removesuffix(".py"): other for other in sorted(self._names(folder)) if other != "__init__.py"}
        alike = [stem for stem in files if stem.casefold() == name.casefold()]
        alike = alike or (get_close_matches(name, files, 1, ALIKE) if is_inside else [])
        yield from (f"{folder}/{files[stem]}" for stem in alike if self._is_module(folder, files[stem]))

    def _is_module(self, folder: str, name: str) -> bool:
        if name.endswith(".py"):
            return True
        return name.isidentifier() and any(inside.endswith(".py") for inside in self._names(f"{folder}/{name}"))

    def _on_path(self, launch: Launch) -> Iterator[str]:
        """Directories of PYTHONPATH, whether or not the interpreter heeds it."""
        named = launch.environment.get("PYTHONPATH", "")
        yield from (absolute(text, launch.directory) for text in named.split(":") if text)

    def _meant(self, launch: Launch) -> Iterator[str]:
        """Directories that an entry of PYTHONPATH which is none may stand for: one of nearly its name, or several in one entry; and
        all of them where the interpreter is told to ignore it.
        """
        for place in self._on_path(launch):
            if self._is(Kind.DIRECTORY, place):
                yield from () if launch.uses_environment else (place,)
            else:
                yield from (part for part in place.split(";") if part != place and self._is(Kind.DIRECTORY, part))
                folder, name = posixpath.split(place)
                yield from (posixpath.join(folder, other) for other in get_close_matches(name, self._names(folder), 1, ALIKE))

    def installed_in(self, name: str, launch: Launch) -> Iterator[str]:
        """Other environments that have a distribution's module."""
        own = posixpath.dirname(posixpath.dirname(launch.interpreter))
        near = [posixpath.join(folder, usual) for folder in self._project_folders(launch) for usual in ENVIRONMENTS]
        for environment in dict.fromkeys((*self._environments, *near)):
            libraries = posixpath.join(environment, "lib")
            if environment != own:
                for python in sorted(self._names(libraries)):
                    packages = self._names(f"{libraries}/{python}/site-packages")
                    if name in packages or f"{name}.py" in packages:
                        yield environment

    def own_folders(self, path: Sequence[Entry], launch: Launch, interpreter: Interpreter) -> Iterator[str]:
        """Directories of sys.path that are neither the interpreter's nor of installed distributions."""
        certain = (entry.text for entry in path if entry.text is not None and not entry.doubt and not entry.ignored)
        for place in dict.fromkeys(absolute(text, launch.directory) for text in certain):
            if place not in interpreter.core_path and not is_foreign(f"{place}/") and self._is(Kind.DIRECTORY, place):
                yield place

    def _project_folders(self, launch: Launch) -> Iterator[str]:
        path = getattr(launch.target, "path", None)
        start = posixpath.dirname(posixpath.join(launch.directory, path)) if path else launch.directory
        for lowest in dict.fromkeys((start, launch.directory)):
            folder = lowest
            while folder.count("/") >= 2:  # not what /home, /opt or /srv hold of others
                yield from (posixpath.join(folder, name).rstrip("/") for name in SOURCE_FOLDERS)
                folder = posixpath.dirname(folder)
        yield from self._sources
        yield from self._meant(launch)

    def _names(self, directory: str) -> frozenset[str]:
        try:
            return self._files.names(directory)
        except OSError:
            return frozenset()

    def _is(self, kind: Kind, path: str) -> bool:
        try:
            return self._files.tree.kind(path) is kind
        except OSError:
            return False


def is_foreign(path: str) -> bool:
    """Whether a path leads to an installed distribution."""
    return "/site-packages/" in path or "/dist-packages/" in path
