"""Which nodes of a tree change ``sys.path``, by the names that the file itself gives to it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

_CHANGING = frozenset({"insert", "append", "extend", "remove", "pop", "clear", "reverse", "sort"})


@dataclass(frozen=True)
class PathNames:
    """What a file calls ``sys``, ``site``, ``sys.path`` and ``site.addsitedir``."""

    modules: set[str] = field(default_factory=lambda: {"sys", "site"})
    paths: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)

    def edits(self, statement: ast.stmt) -> Iterator[ast.stmt | ast.expr]:
        """The changes of sys.path in a statement: calls, or the statement itself."""
        for node in ast.walk(statement):
            match node:
                case ast.Call(func=ast.Attribute(value=subject, attr=name)):
                    if (name in _CHANGING and self._is_path(subject)) or (name == "addsitedir" and self._is_module(subject)):
                        yield node
                case ast.Call(func=ast.Name(id=name)) if name in self.functions:
                    yield node
                case ast.Assign(targets=targets) | ast.Delete(targets=targets):
                    if any(self._is_target(target) for target in targets):
                        yield node
                case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
                    if self._is_target(target) or self._is_path(target):
                        yield node

    def _is_target(self, node: ast.expr) -> bool:
        return self._is_path(node.value if isinstance(node, ast.Subscript) else node, plain_name=isinstance(node, ast.Subscript))

    def _is_path(self, node: ast.expr, *, plain_name: bool = True) -> bool:
        match node:
            case ast.Attribute(value=subject, attr="path"):
                return self._is_module(subject)
            case ast.Name(id=name):
                return plain_name and name in self.paths
        return False

    def _is_module(self, node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name):
                return name in self.modules
            case ast.Call(args=[ast.Constant(value="sys" | "site")]):  # __import__("sys")
                return True
        return False


def path_names(tree: ast.Module) -> PathNames:
    """The names of a file, gathered wherever they are bound."""
    found = PathNames()
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found.modules.update(alias.asname for alias in names if alias.name in {"sys", "site"} and alias.asname)
            case ast.ImportFrom(module="sys", level=0, names=names):
                found.paths.update(alias.asname or alias.name for alias in names if alias.name == "path")
            case ast.ImportFrom(module="site", level=0, names=names):
                found.functions.update(alias.asname or alias.name for alias in names if alias.name == "addsitedir")
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Attribute(value=ast.Name(id="sys"), attr="path")):
                found.paths.add(name)
    return found
