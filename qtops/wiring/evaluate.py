"""What an expression may be, by its form."""

import ast

from qtops.wiring import texts
from qtops.wiring.library import Library
from qtops.wiring.state import label
from qtops.wiring.values import (
    Client,
    External,
    Frame,
    FunctionValue,
    Instance,
    Items,
    Plain,
    Table,
    Text,
    Unknown,
    Value,
    Values,
    distinct,
    text,
)

_TOO_MUCH = Unknown("there is too much to follow")


class Evaluator(Library):
    """Evaluates expressions of one unit's source."""

    def evaluate(self, node: ast.AST, frame: Frame) -> Values:
        """What an expression may be."""
        if isinstance(node, ast.Constant):
            return (constant(node.value),)
        if (known := self._memory.get((node, frame))) is not None:
            return known
        values = self.work_out((node, frame), lambda: self._by_form(node, frame), (), self._memory)
        return values or (() if (node, frame) in self._active else (_TOO_MUCH,))

    def _by_form(self, node: ast.AST, frame: Frame) -> Values:  # noqa: C901, PLR0912  (a row for each form)
        match node:
            case ast.Name():
                return self.name(node, frame)
            case ast.Attribute():
                return self._attribute(node, frame)
            case ast.JoinedStr():
                return self._joined(node, frame)
            case ast.Call():
                return self._call(node, frame)
            case ast.Subscript():
                return self.subscript(node, frame)
            case ast.BinOp():
                return self._operation(node, frame)
            case ast.BoolOp():
                return self._either(node, frame)
            case ast.IfExp():
                return distinct([*self.evaluate(node.body, frame), *self.evaluate(node.orelse, frame)])
            case ast.NamedExpr(value=inner) | ast.Await(value=inner) | ast.Starred(value=inner):
                return self.evaluate(inner, frame)
            case ast.Tuple() | ast.List() | ast.Set():
                return self.sequence(node, frame)
            case ast.Dict():
                return self.table(node, frame)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return self.comprehension(node, frame)
            case ast.DictComp():
                return self.table_comprehension(node, frame)
            case ast.Lambda():
                return (FunctionValue(node, frame.scope, frame),)
            case ast.UnaryOp(op=ast.USub()):
                return self._negative(node, frame)
        return (Unknown("it is not followed", label(node)),)

    def _attribute(self, node: ast.Attribute, frame: Frame) -> Values:
        found: list[Value] = []
        for value in self.evaluate(node.value, frame):
            found += self.attribute(value, node.attr, frame)
        return distinct(found)

    def _joined(self, node: ast.JoinedStr, frame: Frame) -> Values:
        pieces: list[tuple[Text, ...]] = []
        names: list[str] = []
        for part in node.values:
            name = label(part)
            values = self.evaluate(part.value if isinstance(part, ast.FormattedValue) else part, frame)
            if isinstance(part, ast.FormattedValue) and part.format_spec is not None:
                values = (Unknown("it is formatted", name),)
            pieces.append(self.pieces(values, name) if isinstance(part, ast.FormattedValue) else (values[0],))  # type: ignore[arg-type]
            names.append(name)
        return distinct(list(texts.combined(pieces, names)))

    def _call(self, node: ast.Call, frame: Frame) -> Values:
        found: list[Value] = []
        called = node.func
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Call) and _is_super(called.value):
            return self._super(called.attr, node, frame)
        for function in self.evaluate(called, frame):
            if isinstance(function, Unknown) and isinstance(called, ast.Attribute) and called.attr in _DUMPS:
                found += [self.fields_of(value) for value in self.evaluate(called.value, frame)]
            else:
                found += self.invoke(function, node, frame)
        return distinct(found)

    def _super(self, name: str, node: ast.Call, frame: Frame) -> Values:
        owner = frame.scope.owner
        if owner is None or owner.outer is None:
            return (Unknown("super() is not followed"),)
        cls = next(iter(self._defined(owner.node, self.base(owner.outer))), None)
        for base in self.line(cls)[1:] if cls is not None and hasattr(cls, "scope") else ():  # type: ignore[arg-type]
            if (found := base.scope.inner.get(name)) and found[-1].is_function:
                method = found[-1]
                subject = next(iter((frame.arguments or {}).get(_first(frame), ())), Instance(cls))  # type: ignore[arg-type]
                function = FunctionValue(method.node, method, self.base(base.scope), subject)  # type: ignore[arg-type]
                return self.invoke(function, node, frame)
        return (Unknown("super() is not followed"),)

    def _operation(self, node: ast.BinOp, frame: Frame) -> Values:
        if isinstance(node.op, ast.Mod):
            return self._percent(node, frame)
        lefts, rights = self.evaluate(node.left, frame), self.evaluate(node.right, frame)
        if isinstance(node.op, ast.Add | ast.BitOr):
            lefts = self._as_pieces(lefts, rights, node.left)
            rights = self._as_pieces(rights, lefts, node.right)
            found = [value for left in lefts for right in rights for value in self.sum(left, right)]
            return distinct([texts.bounded(value) if isinstance(value, Text) else value for value in found])
        if isinstance(node.op, ast.Mult):
            for items, times in ((lefts, rights), (rights, lefts)):
                if len(items) == 1 and isinstance(items[0], Items) and isinstance(times[0], Plain):
                    return items
        return (Unknown("a calculation is not followed", label(node)),)

    def _as_pieces(self, values: Values, others: Values, node: ast.expr) -> Values:
        """Beside text, what is not known is a hole that is called after its expression."""
        if any(isinstance(value, Text) for value in others) and not any(isinstance(value, Items | Table) for value in values):
            return self.pieces(values, label(node))
        return values

    def _percent(self, node: ast.BinOp, frame: Frame) -> Values:
        found: list[Value] = []
        right = node.right
        for template in self.evaluate(node.left, frame):
            if not isinstance(template, Text) or template.known is None:
                found.append(Unknown("a calculation is not followed", label(node)))
                continue
            given = right.elts if isinstance(right, ast.Tuple) else [right]
            pieces = [self.pieces(self.evaluate(one, frame), label(one)) for one in given if not isinstance(one, ast.Dict)]
            named: dict[str, Text] = {}
            if isinstance(right, ast.Dict):
                for key, value in zip(right.keys, right.values, strict=True):
                    if isinstance(key, ast.Constant):
                        named[str(key.value)] = self.pieces(self.evaluate(value, frame), label(value))[0]
            rows = [tuple(one[0] for one in pieces)] if len(pieces) != 1 else [(piece,) for piece in pieces[0][: texts.MOST_PIECES]]
            for row in rows:
                made = texts.percent(template.known, list(row), named)
                found.append(
                    made._replace(origin=made.origin or template.origin) if made else Unknown("its format is not understood")
                )
        return distinct(found)

    def _either(self, node: ast.BoolOp, frame: Frame) -> Values:
        """``a or b``: what of ``a`` is true, and then ``b``; and the other way round for ``and``."""
        found: list[Value] = []
        wanted = isinstance(node.op, ast.Or)
        variable = ""
        for at, part in enumerate(node.values):
            values = self.evaluate(part, frame)
            if variable and wanted:
                values = tuple(
                    value._replace(origin=(f"default of {variable}",)) if isinstance(value, Text) and not value.origin else value
                    for value in values
                )
            variable = next((value.variable for value in values if isinstance(value, Unknown) and value.variable), variable)
            if at == len(node.values) - 1:
                return distinct([*found, *values])
            found += [value for value in values if truth(value) in {wanted, None} and not (wanted and isinstance(value, Unknown))]
            if values and all(truth(value) is wanted for value in values):
                return distinct(found)
            if wanted and any(isinstance(value, Unknown) for value in values) and not found:
                found += [value for value in values if isinstance(value, Unknown)]
        return distinct(found)

    def _negative(self, node: ast.UnaryOp, frame: Frame) -> Values:
        values = self.evaluate(node.operand, frame)
        return tuple(
            Plain(-value.value) if isinstance(value, Plain) and isinstance(value.value, int | float) else Unknown("a calculation")
            for value in values
        )


_DUMPS = frozenset({"model_dump", "dict", "asdict", "to_dict", "_asdict"})


def truth(value: Value) -> bool | None:
    """Whether a value counts as true; None where that cannot be told."""
    match value:
        case Text(parts=parts):
            return bool(value.known) if value.known is not None else True if any(isinstance(part, str) for part in parts) else None
        case Plain():
            return bool(value.value)
        case Items() | Table() if value.complete:
            return bool(value[0])
        case Client() | Instance() | FunctionValue() | External():
            return True
    return None


def constant(value: object) -> Value:
    """A constant: bytes are text too."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, bytes):
        return text(value.decode("utf-8", "backslashreplace"))
    return Plain(value)


def _is_super(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "super"


def _first(frame: Frame) -> str:
    node = frame.scope.node
    arguments = node.args.args if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else []
    return arguments[0].arg if arguments else ""
