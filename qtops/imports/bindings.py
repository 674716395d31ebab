"""What a module's text binds, wherever it stands: the safety net before it is claimed that a name does not exist."""

import ast
from collections.abc import Iterator
from functools import lru_cache

from qtops.imports.values import Value

_DYNAMIC = frozenset({"globals", "exec", "setattr", "vars", "locals", "__dict__", "__class__", "modules"})


@lru_cache(maxsize=512)
def _bindings(module: ast.Module) -> tuple[frozenset[str], bool]:
    names: set[str] = set()
    dynamic = False
    for node in ast.walk(module):
        names.update(_bound_by(node))
        if isinstance(node, ast.Name) and node.id in _DYNAMIC:
            dynamic = True
        if isinstance(node, ast.Attribute) and node.attr in _DYNAMIC:
            dynamic = True
    return frozenset(names), dynamic or "__getattr__" in names


def _bound_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(name)):
            yield name
        case ast.Import(names=aliases):
            for alias in aliases:
                yield alias.asname or alias.name.partition(".")[0]
        case ast.ImportFrom(names=aliases):
            for alias in aliases:
                yield alias.asname or alias.name
        case ast.Global(names=names):
            yield from names


def binds(module: ast.Module, name: str) -> bool:
    """Whether the text may bind a name of the module somehow, at whatever place."""
    names, dynamic = _bindings(module)
    return dynamic or name in names


def exported(value: Value) -> list[str] | None:
    """The names of ``__all__``; None when they are not known."""
    if isinstance(value, list | tuple) and all(isinstance(name, str) for name in value):
        return list(value)
    return None
