"""Which fields readers look for in what Redis answers, in the function that asks and in those that it is handed to."""

import ast
from collections import defaultdict

from qtops.wiring.evaluate import Evaluator
from qtops.wiring.outline import Scope
from qtops.wiring.values import Reply, Text


class Accesses:
    """Looks through the code around the commands that ask."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def of(self, calls: set[ast.expr]) -> dict[ast.expr, set[str]]:
        """The names of fields, by the command whose reply they are looked for in."""
        found: dict[ast.expr, set[str]] = defaultdict(set)
        for scope in self._around(calls):
            self._evaluator.begin()
            try:
                self._read(scope, found)
            except RecursionError:
                continue
        return found

    def _around(self, calls: set[ast.expr]) -> dict[Scope, None]:
        """The scopes that ask, those that call them or are called by them, and those that their callers call."""
        scopes = [
            scope for outline in self._evaluator.closure.outlines for scope in outline.scopes if scope in self._evaluator.reached
        ]
        asking = [scope for scope in scopes if not calls.isdisjoint(scope.suspects)]
        by_name: dict[str, list[Scope]] = defaultdict(list)
        for scope in scopes:
            by_name[scope.name].append(scope)
        near = dict.fromkeys(asking)
        for _ in range(2):
            names = {scope.name for scope in near if scope.name}
            near.update(dict.fromkeys(scope for scope in scopes if not names.isdisjoint(scope.mentions)))
            near.update(dict.fromkeys(found for scope in list(near) for name in scope.mentions for found in by_name.get(name, ())))
        return near

    def _read(self, scope: Scope, found: dict[ast.expr, set[str]]) -> None:
        frame, added = self._evaluator.base(scope), None
        for node in self._evaluator.flow(scope).reads:
            match node:
                case ast.Subscript(value=of, slice=key) if not isinstance(key, ast.Slice):
                    pass
                case ast.Call(func=ast.Attribute(value=of), args=[key, *_]):
                    pass
                case _:
                    continue
            if isinstance(key, ast.Constant) and not isinstance(key.value, str | bytes):
                continue
            asked = [value for value in self._evaluator.evaluate(of, frame) if isinstance(value, Reply) and value.shape == "fields"]
            if not asked:
                continue
            words = [value.known for value in self._evaluator.evaluate(key, frame) if isinstance(value, Text)]
            added = _added(scope) if added is None else added
            name = of.id if isinstance(of, ast.Name) else ""
            for reply in asked:
                if isinstance(reply.call, ast.expr):
                    found[reply.call].update(word for word in words if word and (name, word) not in added)


def _added(scope: Scope) -> set[tuple[str, object]]:
    """What the code itself puts into replies before it looks for it there: ``row["at"] = …``."""
    stored = (node for node in ast.walk(scope.node) if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store))
    return {
        (node.value.id, node.slice.value)
        for node in stored
        if isinstance(node.value, ast.Name) and isinstance(node.slice, ast.Constant)
    }
