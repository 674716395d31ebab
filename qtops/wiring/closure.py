"""The files of one unit: its entry script, and every module of the project's own that they import anywhere."""

import ast
import posixpath
from collections import deque
from dataclasses import dataclass, field

from qtops.imports.files import Files, parse
from qtops.imports.resolve import Finder, Found
from qtops.wiring.bindings import Flow
from qtops.wiring.flow import FlowBuilder
from qtops.wiring.outline import Outline, Scope, outline

MOST_FILES = 500  # of one unit
MOST_RECENT = 64  # files that one unit alone has asked for: a thousand syntax trees are a gigabyte
_EXTENSIONS = (".so",)
_INSTALLED = ("/site-packages/", "/dist-packages/")


class Cache:
    """What was learnt of each file, for the units that come after. None of it depends on a unit's environment."""

    def __init__(self) -> None:
        self._shared: dict[tuple[str, tuple[int, int]], Outline | str] = {}
        self._recent: dict[tuple[str, tuple[int, int]], Outline | str] = {}
        self._read: set[tuple[str, tuple[int, int]]] = set()
        self._found: dict[tuple[tuple[str, ...], str], Found | None] = {}

    def outline(self, files: Files, path: str, version: tuple[int, int]) -> Outline | str:
        """A file's outline, or why there is none. What several units import stays; of the rest only the latest do."""
        key = (path, version)
        known = self._shared.get(key)
        if known is not None:
            return known
        known = self._recent.pop(key, None)
        if known is None:
            known = _read(files, path, version)
        if key in self._read:
            self._shared[key] = known
            return known
        self._read.add(key)
        self._recent[key] = known
        return known

    def trim(self) -> None:
        """After a unit: let the oldest files go that it or others alone have asked for."""
        while len(self._recent) > MOST_RECENT:
            dropped = self._recent.pop(next(iter(self._recent)))
            if isinstance(dropped, Outline):
                dropped.forget()

    def flow(self, scope: Scope) -> Flow:
        """What a scope does with names."""
        flows = scope.module.flows
        known = flows.get(scope)
        if known is None:
            try:
                known = FlowBuilder(scope.node).flow
            except RecursionError:
                known = Flow()
            flows[scope] = known
        return known

    def find(self, finder: Finder, path: tuple[str, ...], name: str) -> Found | None:
        """The file that an import finds along a path."""
        key = (path, name)
        if key not in self._found:
            self._found[key] = self._search(finder, path, name)
        return self._found[key]

    def _search(self, finder: Finder, path: tuple[str, ...], name: str) -> Found | None:
        above = name.rpartition(".")[0]
        if not above:
            return finder.search(name, [(folder, None) for folder in path]).winner
        package = self.find(finder, path, above)
        if package is None or not package.search:
            return None
        return finder.search(name, [(folder, None) for folder in package.search]).winner


def _read(files: Files, path: str, version: tuple[int, int]) -> Outline | str:
    try:
        source = parse(files.read(path), path, version, compiled=True)
    except (OSError, ValueError) as error:
        return f"{path}: {getattr(error, 'strerror', None) or 'No such file or directory'}"
    if source.module is None:
        at = f"{path}:{source.line}" if source.line else path
        return f"{at}: {source.error}" if source.error else source.doubt or path
    try:
        return outline(path, source.module)
    except RecursionError:
        return f"{path} is nested too deeply to be read"


@dataclass(eq=False, slots=True)
class Closure:
    """The modules of one unit that were read."""

    files: Files
    path: tuple[str, ...]
    own: tuple[str, ...]
    version: tuple[int, int]
    cache: Cache
    modules: dict[str, Outline] = field(default_factory=dict)
    """By their full names."""
    packages: dict[Outline, str] = field(default_factory=dict)
    """What ``.`` means in a file."""
    missing: list[str] = field(default_factory=list)
    _finder: Finder = field(init=False)
    _pending: deque[Outline] = field(default_factory=deque)
    _tried: set[str] = field(default_factory=set)
    _full: bool = False
    _has_client: bool = False

    def __post_init__(self) -> None:
        self._finder = Finder(self.files, _EXTENSIONS, self.version)

    @property
    def outlines(self) -> list[Outline]:
        """Every file once, in the order in which they were found."""
        return list(self.packages)

    @property
    def has_client(self) -> bool:
        """Whether any of it imports a module of clients."""
        return self._has_client

    def start(self, script: str, module: str) -> None:
        """Read the entry, and all that is imported from it."""
        name = module.partition(":")[0]
        if name:
            self._load(name)
            if name in self.modules and (found := self._find(name)) is not None and found.kind == "package" and ":" not in module:
                self._load(f"{name}.__main__")
        known = {found.path for found in self.modules.values()}
        if script and script not in known:
            self._enter("__main__", script, name.rpartition(".")[0])
        while self._pending:
            self._follow(self._pending.popleft())

    def _follow(self, found: Outline) -> None:
        for node in found.imports:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self._load(alias.name)
                continue
            base = self.target(found, node)
            if base:
                self._load(base)
                for alias in node.names:
                    if alias.name != "*" and self._of_package(base):
                        self._load(f"{base}.{alias.name}")
        for name in found.loaded:
            self._load(name)

    def _of_package(self, name: str) -> bool:
        found = self._find(name)
        return found is not None and found.search is not None

    def target(self, found: Outline, node: ast.ImportFrom) -> str:
        """The full name that ``from … import`` speaks of; empty where there is none."""
        if not node.level:
            return node.module or ""
        parts = self.packages.get(found, "").split(".")
        if node.level > len(parts) or not parts[0]:
            return ""
        return ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])])

    def _load(self, name: str) -> None:
        """A module and the packages above it."""
        parts = name.split(".")
        for end in range(1, len(parts) + 1):
            full = ".".join(parts[:end])
            if full in self._tried:
                continue
            self._tried.add(full)
            found = self._find(full)
            if found is None:
                return
            if found.file is not None and found.file.endswith(".py") and self._is_own(found.file):
                package = full if found.kind == "package" else full.rpartition(".")[0]
                self._enter(full, found.file, package)

    def _find(self, name: str) -> Found | None:
        return self.cache.find(self._finder, self.path, name)

    def is_package(self, name: str) -> bool:
        """Whether modules are looked for below this name, in folders of the project's own."""
        found = self._find(name)
        return found is not None and found.search is not None and any(self._is_own(f"{folder}/") for folder in found.search)

    def _is_own(self, file: str) -> bool:
        return not any(part in file for part in _INSTALLED) and any(
            file.startswith(folder.rstrip("/") + "/") for folder in self.own
        )

    def _enter(self, name: str, file: str, package: str) -> None:
        if len(self.packages) >= MOST_FILES:
            if not self._full:
                self.missing.append(f"more than {MOST_FILES} files are imported: {file} and what comes after it is not read")
            self._full = True
            return
        found = self.cache.outline(self.files, posixpath.normpath(file), self.version)
        if isinstance(found, str):
            self.missing.append(found)
            return
        self.modules[name] = found
        self._has_client = self._has_client or found.has_client
        if found not in self.packages:
            self.packages[found] = package
            self._pending.append(found)
