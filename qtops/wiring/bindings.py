"""Assignments, and the uses of names that they reach: what one expression or target does."""

import ast
from dataclasses import dataclass, field
from typing import Any, Literal

BindingKind = Literal[
    "value", "parameter", "element", "with", "import", "definition", "merge", "add", "append", "extend", "item", "update", "unknown"
]
MUTATIONS: dict[str, BindingKind] = {
    "append": "append", "add": "append", "appendleft": "append", "insert": "append",
    "extend": "extend", "update": "update", "setdefault": "item",
}  # fmt: skip
_CONTENTS = frozenset(
    {
        ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp, ast.NamedExpr, ast.Lambda, ast.Subscript, ast.Call, ast.Yield,
        ast.YieldFrom,
    }
)  # fmt: skip
_DEEPEST = 60  # expressions within comprehensions within lambdas …


@dataclass(eq=False, slots=True)
class Binding:
    """One assignment to a name, or one change of what it holds."""

    kind: BindingKind
    node: ast.AST
    """The expression that is assigned, iterated over or called; the import; the parameter."""
    path: tuple[int, ...] = ()
    """Which part of it: indexes of a tuple that is taken apart."""
    before: list["Binding"] = field(default_factory=list)
    """What the name held until now, where that still counts."""
    name: str = ""
    given: "Binding | None" = None
    """What an item is set to."""


Environment = dict[str, tuple[Binding, ...]]


@dataclass(eq=False, slots=True)
class Flow:
    """What one scope does with names."""

    uses: dict[ast.Name, tuple[Binding, ...]] = field(default_factory=dict)
    every: Environment = field(default_factory=dict)
    """All that a name is ever given: what functions within see."""
    last: Environment = field(default_factory=dict)
    """What names hold at the end."""
    returns: list[ast.expr] = field(default_factory=list)
    yields: list[ast.expr] = field(default_factory=list)
    stored: dict[str, list[Binding]] = field(default_factory=dict)
    """What is assigned to attributes of the first parameter (``self.name = …``)."""
    reads: list[ast.Subscript | ast.Call] = field(default_factory=list)
    """``data["x"]`` and ``data.get("x")``."""


_LEAVES = frozenset({ast.Constant, ast.Load, ast.Store, ast.Del, str, bytes, bool, int, float, complex, type(None), type(...)})


def children(node: ast.AST) -> list[ast.AST]:
    """As ast.iter_child_nodes, without what holds no name: this is asked of everything."""
    found: list[ast.AST] = []
    attributes = node.__dict__
    for name in node._fields:
        value: Any = attributes.get(name)
        if value.__class__ is list:
            found += [part for part in value if part.__class__ not in _LEAVES]
        elif value.__class__ not in _LEAVES:
            found.append(value)
    return found


class Bindings:
    """Notes what expressions use and what targets are given, in the order of the code."""

    def __init__(self) -> None:
        self.flow = Flow()
        self._environment: Environment = {}
        self._depth = 0
        self._private = False  # within a comprehension: its targets are nobody else's
        self._self = ""
        self._outer: set[str] = set()

    def _bind(self, name: str, binding: Binding) -> None:
        if name not in self._outer:
            self._environment[name] = (binding,)
        if not self._private:
            self.flow.every[name] = (*self.flow.every.get(name, ()), binding)

    def _assign(self, target: ast.expr, kind: BindingKind, value: ast.expr, path: tuple[int, ...] = ()) -> None:
        match target:
            case ast.Name(id=name):
                self._bind(name, Binding(kind, value, path))
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                starred = next((at for at, part in enumerate(parts) if isinstance(part, ast.Starred)), len(parts))
                for at, part in enumerate(parts):
                    if at == starred:
                        self._assign(part, "unknown", value)
                    else:
                        self._assign(part, kind, value, (*path, at if at < starred else at - len(parts)))
            case ast.Starred(value=inner):
                self._assign(inner, "unknown", value)
            case ast.Attribute(value=ast.Name(id=of), attr=name) if of == self._self:
                self.flow.stored.setdefault(name, []).append(Binding(kind, value, path))
            case ast.Subscript(value=of, slice=key):
                self._visit(key)
                self._visit(of)
                self._change(of, "item", target, Binding(kind, value, path))
            case _:
                self._visit(target)

    def _augment(self, node: ast.AugAssign, target: ast.expr) -> None:
        match target:
            case ast.Name() | ast.Attribute():
                if isinstance(target, ast.Name):
                    self._use(target)
                self._change(target, "add" if isinstance(node.op, ast.Add | ast.BitOr) else "unknown", node.value)
            case _:
                self._visit(target)

    def _mutation(self, value: ast.expr) -> None:
        """``names.append(x)``, ``fields.update(…)``: what the name holds is more than before."""
        match value:
            case ast.Call(func=ast.Attribute(value=of, attr=method)) if method in MUTATIONS:
                self._change(of, MUTATIONS[method], value)

    def _change(self, of: ast.expr, kind: BindingKind, node: ast.AST, given: Binding | None = None) -> None:
        """A binding that adds to what is there."""
        match of:
            case ast.Name(id=name):
                known = self._environment.get(name)
                if known is None and name not in self._outer:
                    return
                binding = Binding(kind, node, before=list(known or ()), given=given)
                self._bind(name, binding)
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner == self._self:
                self.flow.stored.setdefault(name, []).append(Binding(kind, node, given=given))

    # ---- expressions

    def _use(self, node: ast.Name) -> None:
        known = self._environment.get(node.id)
        if known is not None:
            self.flow.uses[node] = known

    def _visit(self, node: ast.AST) -> None:
        """Note what reaches each name in an expression."""
        pending = [node]
        while pending:
            part = pending.pop()
            kind = part.__class__
            if kind is ast.Name:
                self._use(part)  # type: ignore[arg-type]
            elif kind in _CONTENTS:
                self._visit_special(part, pending)
            elif kind is not ast.Constant:
                pending += children(part)[::-1]  # in order, for what := binds

    def _visit_special(self, part: ast.AST, pending: list[ast.AST]) -> None:
        """What is more than its parts."""
        match part:
            case ast.NamedExpr():
                self._visit_deeper(part.value)
                self._assign(part.target, "value", part.value)
                return
            case ast.Lambda():
                self._lambda(part)
                return
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                self._comprehension(part)
                return
            case ast.Subscript() | ast.Call(func=ast.Attribute(attr="get" | "pop")):
                self.flow.reads.append(part)
            case ast.Yield(value=ast.expr() as value) | ast.YieldFrom(value=value):
                self.flow.yields.append(value)
        pending += children(part)[::-1]

    def _visit_deeper(self, *nodes: ast.AST) -> None:
        if self._depth < _DEEPEST:
            self._depth += 1
            for node in nodes:
                self._visit(node)
            self._depth -= 1

    def _lambda(self, node: ast.Lambda) -> None:
        self._visit_deeper(*node.args.defaults)
        before = self._environment
        self._environment = dict(before)
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            self._environment[argument.arg] = (Binding("parameter", argument, name=argument.arg),)
        self._visit_deeper(node.body)
        self._environment = before

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        before = self._environment
        self._environment = dict(before)
        for generator in node.generators:
            self._visit_deeper(generator.iter)
            for name in ast.walk(generator.target):
                if isinstance(name, ast.Name):
                    self._environment.pop(name.id, None)
            outer, private, self._outer, self._private = self._outer, self._private, set(), True
            self._assign(generator.target, "element", generator.iter)
            self._outer, self._private = outer, private
            self._visit_deeper(*generator.ifs)
        parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        self._visit_deeper(*parts)
        self._environment = before
