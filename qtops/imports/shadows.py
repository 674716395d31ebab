"""First-party files with a name of the standard library: whether code of others, which is not followed, would meet them."""

import ast
from collections.abc import Iterator

from qtops.imports.files import Files
from qtops.imports.path import Entry
from qtops.imports.resolve import Finder, Found

_FILES_AT_MOST = 400


def names_imported(module: ast.Module) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """The imports of a module's own level (functions are not entered): level, name, and the names taken from it."""
    pending: list[ast.AST] = list(module.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            yield from ((0, alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.level, node.module or "", tuple(alias.name for alias in node.names)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.expr):
            pending += ast.iter_child_nodes(node)


class Reach:
    """What a module of others imports, directly or underneath, at its start."""

    def __init__(self, files: Files, finder: Finder, version: tuple[int, int]) -> None:
        self._files = files
        self._finder = finder
        self._version = version
        self._below: dict[str, frozenset[str] | None] = {}

    def top_names(self, name: str, found: Found, places: list[tuple[str, Entry | None]]) -> frozenset[str] | None:
        """The top-level names in the closure; None when it is too large to be looked through."""
        if name not in self._below:
            self._below[name] = self._closure(name, found, places)
        return self._below[name]

    def _closure(self, name: str, found: Found, places: list[tuple[str, Entry | None]]) -> frozenset[str] | None:
        tops: set[str] = set()
        seen = {name}
        pending = [(name, found)]
        files = 0
        while pending:
            here, offer = pending.pop()
            files += 1
            if files > _FILES_AT_MOST:
                return None
            for wanted in self._imports_of(here, offer):
                tops.add(wanted.partition(".")[0])
                if wanted not in seen:
                    seen.add(wanted)
                    below = self._finder.find(wanted, places)
                    if below is not None:
                        pending.append((wanted, below))
        return frozenset(tops)

    def _imports_of(self, name: str, found: Found) -> Iterator[str]:
        if found.file is None or found.kind not in {"package", "module"}:
            return
        try:
            source = self._files.source(found.file, self._version)
        except OSError:
            return
        if source.module is None:
            return
        package = name.split(".") if found.search is not None else name.split(".")[:-1]
        for level, target, names in names_imported(source.module):
            base = ".".join([*package[: len(package) - level + 1], *([target] if target else [])]) if level else target
            yield base
            yield from (f"{base}.{one}" for one in names)
