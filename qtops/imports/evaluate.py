"""What an expression is worth, evaluated over constants, paths and the imagined process; *unknown* where that ends."""

import ast
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import ClassVar

from qtops.imports.naming import Naming
from qtops.imports.operators import BINARY, LARGEST, LONGEST, WRONG, bounded, compared, is_wide, shown
from qtops.imports.values import (
    Coroutine,
    External,
    Function,
    Maybe,
    Scope,
    Unknown,
    Value,
    doubt_in,
    is_plain,
    truth,
)


class Expressions(Naming):
    """Evaluates expressions. Calls are the next layer's."""

    def value(self, node: ast.expr) -> Value:
        """See Naming."""
        handler = self._evaluators.get(type(node))
        if handler is not None:
            return handler(self, node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)
        return Unknown(f"{type(node).__name__} at {self.at(node)} is not evaluated")

    def _literal(self, node: ast.Constant) -> Value:
        return node.value

    def _subscript(self, node: ast.Subscript) -> Value:
        subject, index = self.value(node.value), self.value(node.slice)
        if isinstance(subject, External) and subject.name == "os.environ" and isinstance(index, str):
            return self.variable(index, node)
        subject = self.concrete(subject)
        if (why := doubt_in(index)) is None and isinstance(subject, str | list | tuple | dict):
            try:
                return subject[index]
            except WRONG:
                why = f"{ast.unparse(node)[:60]} at {self.at(node)} does not exist"
        return Unknown(why or doubt_in(subject) or f"{ast.unparse(node)[:60]} at {self.at(node)} is not known")

    def _slice(self, node: ast.Slice) -> Value:
        parts = [None if part is None else self.value(part) for part in (node.lower, node.upper, node.step)]
        why = doubt_in(*parts)
        return Unknown(why) if why is not None else slice(*parts)

    def _binary(self, node: ast.BinOp) -> Value:
        left, right = self.concrete(self.value(node.left)), self.concrete(self.value(node.right))
        if isinstance(left, list) and isinstance(right, list) and isinstance(node.op, ast.Add):
            return left + right if len(left) + len(right) <= LARGEST else Unknown(f"the list at {self.at(node)} is too long")
        why = doubt_in(left, right)
        function = BINARY.get(type(node.op))
        if why is None and function is not None and is_plain(left) and is_plain(right):
            try:
                return bounded(function(left, right)) if not is_wide(node.op, left) else Unknown("a text that is formatted")
            except WRONG:
                pass
        return Unknown(why or f"the expression at {self.at(node)} is not evaluated")

    def _compare(self, node: ast.Compare) -> Value:
        left = self.concrete(self.value(node.left))
        result: Value = True
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            raw = self.value(comparator)
            right = self.concrete(raw)
            if isinstance(raw, External) and raw.name in {"os.environ", "sys.modules"} and isinstance(left, str):
                right = self._keys(raw.name, left)
            result = compared(left, op, right, f"the comparison at {self.at(node)} is not decided")
            if truth(result) is not True:
                return result
            left = right
        return result

    def _keys(self, name: str, key: str) -> Value:
        """What ``key in os.environ`` or ``key in sys.modules`` looks into."""
        if name == "sys.modules":
            return [key] if key in self.modules else Unknown(f"whether {key} has been imported is not known")
        if key not in self.environment and self.variables_unknown:
            return Unknown(self.variables_unknown)
        value = self.environment.get(key)
        return Unknown(value.why) if isinstance(value, Maybe) else self.environment

    def _boolean(self, node: ast.BoolOp) -> Value:
        stop = isinstance(node.op, ast.Or)
        unknown: Unknown | None = None
        result: Value = None
        mark = len(self.doubts)
        for part in node.values:
            result = self.concrete(self.value(part))
            known = truth(result)
            if known is stop:
                break
            if known is None and unknown is None:
                unknown = Unknown(doubt_in(result) or f"{ast.unparse(part)[:60]} at {self.at(part)} is not known")
                self.doubts.append(unknown.why)
        del self.doubts[mark:]
        return result if unknown is None or (known is stop and isinstance(result, bool)) else unknown

    def _unary(self, node: ast.UnaryOp) -> Value:
        value = self.concrete(self.value(node.operand))
        if isinstance(node.op, ast.Not):
            known = truth(value)
            return Unknown(doubt_in(value) or f"the condition at {self.at(node)} is not known") if known is None else not known
        if isinstance(node.op, ast.USub) and isinstance(value, int | float):
            return -value
        return Unknown(doubt_in(value) or f"the expression at {self.at(node)} is not evaluated")

    def _choice(self, node: ast.IfExp) -> Value:
        test = self.value(node.test)
        known = truth(self.concrete(test))
        if known is not None:
            return self.value(node.body if known else node.orelse)
        why = doubt_in(test) or f"the condition at {self.at(node)} is not known"
        self.branch([lambda: self._discard(node.body), lambda: self._discard(node.orelse)], why)
        return Unknown(why)

    def _discard(self, node: ast.expr) -> None:
        self.value(node)

    def _joined(self, node: ast.JoinedStr) -> Value:
        parts = []
        for part in node.values:
            value = self.value(part)
            if not isinstance(value, str):
                return Unknown(doubt_in(value) or f"the text at {self.at(node)} is not known")
            parts.append(value)
        return "".join(parts)

    def _formatted(self, node: ast.FormattedValue) -> Value:
        value = self.concrete(self.value(node.value))
        spec = "" if node.format_spec is None else self.value(node.format_spec)
        if doubt_in(value, spec) is None and isinstance(value, str | int | float | PurePosixPath) and isinstance(spec, str):
            try:
                return shown(value, node.conversion, spec)
            except WRONG:
                pass
        return Unknown(doubt_in(value, spec) or f"the text at {self.at(node)} is not known")

    def _sequence(self, node: ast.List | ast.Tuple | ast.Set) -> Value:
        items: list[Value] = []
        for element in node.elts:
            if isinstance(element, ast.Starred):
                inner = self.concrete(self.value(element.value))
                if not isinstance(inner, list | tuple):
                    return Unknown(doubt_in(inner) or f"the list at {self.at(node)} is not known")
                items += inner
            else:
                items.append(self.value(element))
        return tuple(items) if isinstance(node, ast.Tuple) else items

    def _mapping(self, node: ast.Dict) -> Value:
        found: dict[Value, Value] = {}
        whole = True
        for key, item in zip(node.keys, node.values, strict=True):
            name = None if key is None else self.value(key)
            value = self.value(item)
            if isinstance(name, str | int):
                found[name] = value
            else:
                whole = False
        return found if whole else Unknown(f"the dictionary at {self.at(node)} is not known")

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp) -> Value:
        source = self.concrete(self.value(node.generators[0].iter))
        if len(node.generators) > 1 or node.generators[0].is_async or not isinstance(source, list | tuple):
            return Unknown(doubt_in(source) or f"the comprehension at {self.at(node)} is not evaluated")
        items: list[Value] = []
        inner = Scope({}, self.scope.module, self.scope)
        with self.inside(inner):
            for item in source[:LONGEST]:
                self.bind(node.generators[0].target, item)
                wanted = [truth(self.concrete(self.value(test))) for test in node.generators[0].ifs]
                if None in wanted:
                    return Unknown(f"the condition at {self.at(node)} is not known")
                if all(wanted):
                    items.append(self.value(node.elt))
        return items

    def _walrus(self, node: ast.NamedExpr) -> Value:
        value = self.value(node.value)
        self.bind(node.target, value)
        return value

    def _lambda(self, node: ast.Lambda) -> Value:
        return Function(node, self.scope.function_outer)

    def _await(self, node: ast.Await) -> Value:
        value = self.value(node.value)
        return (
            self.await_value(value) if isinstance(value, Coroutine) else Unknown(doubt_in(value) or "a result of another library")
        )

    _evaluators: ClassVar[dict[type[ast.expr], Callable[..., Value]]] = {
        ast.Constant: _literal,
        ast.Name: Naming.name,
        ast.Attribute: Naming.attribute_node,
        ast.Call: lambda self, node: self.call(node),
        ast.Subscript: _subscript,
        ast.Slice: _slice,
        ast.BinOp: _binary,
        ast.Compare: _compare,
        ast.BoolOp: _boolean,
        ast.UnaryOp: _unary,
        ast.IfExp: _choice,
        ast.JoinedStr: _joined,
        ast.FormattedValue: _formatted,
        ast.Tuple: _sequence,
        ast.List: _sequence,
        ast.Set: _sequence,
        ast.Dict: _mapping,
        ast.ListComp: _comprehension,
        ast.GeneratorExp: _comprehension,
        ast.SetComp: _comprehension,
        ast.NamedExpr: _walrus,
        ast.Lambda: _lambda,
        ast.Await: _await,
    }
