"""Statements in execution order."""

import ast
from collections.abc import Callable
from typing import ClassVar

from qtops.imports.guards import Guards
from qtops.imports.modules import LoopLeft, Raised, Returned
from qtops.imports.outcome import Import, ImportVerdict
from qtops.imports.values import Unknown, Value


class Statements(Guards):
    """Executes statements: one method each, here or below."""

    def run_body(self, body: list[ast.stmt]) -> None:
        """See Functions."""
        executors = self._executors
        for statement in body:
            self.steps -= 1
            if self.steps < 0:
                self._give_up(statement)
                return
            executor = executors.get(type(statement))
            if executor is not None:
                executor(self, statement)

    def _give_up(self, statement: ast.stmt) -> None:
        why = f"the walk was given up at {self.at(statement)}: too many statements"
        self.scope.module.opaque = why
        if self.given_up is None:
            self.given_up = why
            self.unclear_import(self.scope.module.name, self.at(statement), why)
        if self.given_up not in self.doubts:
            self.doubts.append(self.given_up)

    def run_expression(self, node: ast.Expr) -> None:
        """An expression for its effects."""
        if not isinstance(node.value, ast.Constant):
            self.value(node.value)

    def run_return(self, node: ast.Return) -> None:
        """``return``."""
        raise Returned(None if node.value is None else self.value(node.value))

    def run_break(self, _: ast.Break) -> None:
        """``break``."""
        raise LoopLeft(again=False)

    def run_continue(self, _: ast.Continue) -> None:
        """``continue``."""
        raise LoopLeft(again=True)

    def run_import(self, node: ast.Import) -> None:
        """``import a.b as c``."""
        site = self.at(node)
        for alias in node.names:
            module = self.load(alias.name, site)
            self.imported(module, site)
            if alias.asname is not None:
                self.bind_name(alias.asname, self.seen(module))
            else:
                top = alias.name.partition(".")[0]
                self.bind_name(top, self.seen(self.modules.get(top, module)))

    def run_import_from(self, node: ast.ImportFrom) -> None:
        """``from a import b as c``."""
        site = self.at(node)
        name = self._relative(node) if node.level else node.module or ""
        found: dict[str, Value]
        if name == "__future__":
            found = {alias.name: Unknown("a __future__ feature") for alias in node.names}
        else:
            module = self.load(name, site)
            found = self.import_from(module, [alias.name for alias in node.names], site)
            self.imported(module, site)
        if node.names[0].name == "*":
            for bound, value in found.items():
                self.bind_name(bound, value)
            return
        for alias in node.names:
            self.bind_name(alias.asname or alias.name, found[alias.name])

    def _relative(self, node: ast.ImportFrom) -> str:
        """The absolute name of a relative import."""
        name = node.module or ""
        package = self.scope.module.package
        parts = package.split(".") if package else []
        message = ""
        if not parts:
            message = "attempted relative import with no known parent package"
        elif node.level > len(parts):
            message = "attempted relative import beyond top-level package"
        if message:
            kind = "ValueError" if self.interpreter.version < (3, 9) and parts else "ImportError"
            site = self.at(node)
            failed = Import("." * node.level + name, site, ImportVerdict.MISSING, message=f"{kind}: {message}", path=self.path)
            raise Raised(kind, message, site, self.fail(failed))
        base = ".".join(parts[: len(parts) - node.level + 1])
        return f"{base}.{name}" if name else base

    _executors: ClassVar[dict[type[ast.stmt], Callable[..., None]]] = {
        ast.Assign: Guards.run_assign,
        ast.AnnAssign: Guards.run_annotated,
        ast.AugAssign: Guards.run_augmented,
        ast.Delete: Guards.run_delete,
        ast.Expr: run_expression,
        ast.FunctionDef: Guards.run_function,
        ast.AsyncFunctionDef: Guards.run_function,
        ast.ClassDef: Guards.run_class,
        ast.Import: run_import,
        ast.ImportFrom: run_import_from,
        ast.If: Guards.run_if,
        ast.For: Guards.run_for,
        ast.AsyncFor: Guards.run_for,
        ast.While: Guards.run_while,
        ast.With: Guards.run_with,
        ast.AsyncWith: Guards.run_with,
        ast.Match: Guards.run_match,
        ast.Try: Guards.run_try,
        ast.TryStar: Guards.run_try,
        ast.Raise: Guards.run_raise,
        ast.Return: run_return,
        ast.Break: run_break,
        ast.Continue: run_continue,
        ast.Assert: Guards.run_assert,
    }
