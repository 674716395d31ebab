"""The .pth files of one site directory: plain paths, the finders of editable installs, and code whose effect is not known."""

import ast
import posixpath
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from qtops.imports.tree import Kind, Tree

_FINDER = re.compile(r"import (__editable___\w+_finder); \1\.install\(\)")
_HARMLESS = (  # hooks that concern distutils alone
    "import os; var = 'SETUPTOOLS_USE_DISTUTILS'",
    "import _virtualenv",
)
_TOUCHES_IMPORTS = re.compile(rb"path|modules|import_|__import|exec|eval|site|loader|finder")


@dataclass(frozen=True, slots=True)
class Mapping:
    """An editable install's import hook: top-level names and the paths they are taken from. Asked after sys.path."""

    file: str
    names: tuple[tuple[str, str], ...]
    namespaces: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class PthLine:
    """One line that does something: a path, or a hook, or code that is in doubt."""

    file: str
    number: int
    path: str = ""
    mapping: Mapping | None = None
    doubt: str | None = None


def lines_of(tree: Tree, directory: str, version: tuple[int, int]) -> Iterator[PthLine]:
    """The effective lines of all .pth files in a directory, in the order of site.py."""
    try:
        names = sorted(name for name in tree.names(directory) if name.endswith(".pth"))
    except OSError:
        return
    for name in names:
        if name.startswith(".") and version >= (3, 13):
            continue
        path = posixpath.join(directory, name)
        try:
            contents = tree.read(path)
        except OSError:
            continue
        text = contents.decode("utf-8-sig" if version >= (3, 13) else "utf-8", "surrogateescape")
        for number, line in enumerate(text.splitlines(), 1):
            if line.startswith("#") or not line.strip():
                continue
            if "\0" in line:
                break  # site.py reports the line and leaves the rest of the file alone
            if line.startswith(("import ", "import\t")):
                yield from _code(tree, directory, path, number, line)
            else:
                yield PthLine(path, number, path=line.rstrip())


def _code(tree: Tree, directory: str, path: str, number: int, line: str) -> Iterator[PthLine]:
    if line.startswith(_HARMLESS):
        return
    finder = _FINDER.match(line.strip())
    if finder:
        mapping = _mapping(tree, posixpath.join(directory, f"{finder[1]}.py"))
        if mapping is not None:
            yield PthLine(path, number, mapping=mapping)
            return
    if _is_plain(tree, directory, line):
        return
    yield PthLine(path, number, doubt=f"{path}:{number} runs code whose effect on imports is not known")


def _is_plain(tree: Tree, directory: str, line: str) -> bool:
    """Whether neither the line nor the modules beside it that it imports touch the import system."""
    try:
        body = ast.parse(line.strip()).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    texts = [line.encode("utf-8", "replace")]
    for node in body:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        places = [posixpath.join(directory, f"{name}.py") for name in names]
        if not isinstance(node, ast.Import) or any(name not in sys.stdlib_module_names for name in names):
            found = [place for place in places if tree.kind(place) is Kind.FILE]
            if isinstance(node, ast.Import) and len(found) < len([name for name in names if name not in sys.stdlib_module_names]):
                return False
            texts += [tree.read(place) for place in found]
    return not any(_TOUCHES_IMPORTS.search(text) for text in texts)


def _mapping(tree: Tree, path: str) -> Mapping | None:
    """The MAPPING and NAMESPACES constants of a finder that setuptools generated."""
    if tree.kind(path) is not Kind.FILE:
        return None
    try:
        body = ast.parse(tree.read(path)).body
    except (SyntaxError, ValueError, OSError):
        return None
    found: dict[str, dict[object, object]] = {}
    for node in body:
        targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets if isinstance(node, ast.Assign) else []
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        for target in targets:
            if isinstance(target, ast.Name) and target.id in {"MAPPING", "NAMESPACES"} and isinstance(value, ast.Dict):
                try:
                    found[target.id] = ast.literal_eval(value)
                except ValueError:
                    return None
    if "MAPPING" not in found:
        return None
    names = tuple((str(name), str(place)) for name, place in found["MAPPING"].items())
    spaces = found.get("NAMESPACES", {}).items()
    namespaces = tuple((str(name), tuple(map(str, places))) for name, places in spaces if isinstance(places, list))
    return Mapping(path, names, namespaces)
