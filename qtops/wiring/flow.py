"""Which assignments reach which uses of a name, within one scope: branches that exclude each other are kept apart."""

import ast
from dataclasses import dataclass, field
from typing import Literal

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
        value = attributes.get(name)
        if value.__class__ is list:
            found += [part for part in value if part.__class__ not in _LEAVES]  # type: ignore[union-attr]
        elif value.__class__ not in _LEAVES:
            found.append(value)  # type: ignore[arg-type]
    return found


class FlowBuilder:
    """Walks the statements of one scope in order."""

    def __init__(self, node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.flow = Flow()
        self._environment: Environment = {}
        self._alive = True
        self._exits: list[list[Environment]] = []
        self._depth = 0
        self._private = False  # within a comprehension: its targets are nobody else's
        self._self = ""
        self._outer: set[str] = set()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self._parameters(node.args)
        self._block(node.body)
        self.flow.last = self._environment

    def _parameters(self, arguments: ast.arguments) -> None:
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        for argument in [*every, *(extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None)]:
            self._bind(argument.arg, Binding("parameter", argument, name=argument.arg))
        if arguments.args:
            self._self = arguments.args[0].arg

    # ---- statements

    def _block(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Expr(value=value):
                self._visit(value)
                self._mutation(value)
            case ast.Assign(targets=targets, value=value):
                self._visit(value)
                for target in targets:
                    self._assign(target, "value", value)
            case ast.AnnAssign(target=target, value=value):
                if value is not None:
                    self._visit(value)
                    self._assign(target, "value", value)
            case ast.AugAssign(target=target, value=value):
                self._visit(value)
                self._augment(node, target)
            case ast.Return(value=value):
                if value is not None:
                    self._visit(value)
                    self.flow.returns.append(value)
                self._alive = False
            case ast.Raise():
                self._visit(node)
                self._alive = False
            case ast.Break() | ast.Continue():
                if self._exits and self._alive:
                    self._exits[-1].append(dict(self._environment))
                self._alive = False
            case ast.If():
                self._branches(node)
            case ast.For() | ast.AsyncFor():
                self._visit(node.iter)
                self._loop(node)
            case ast.While():
                self._loop(node)
            case ast.Try() | ast.TryStar():
                self._try(node)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    self._visit(item.context_expr)
                    if item.optional_vars is not None:
                        self._assign(item.optional_vars, "with", item.context_expr)
                self._block(node.body)
            case ast.Match():
                self._match(node)
            case _:
                self._other(node)

    def _other(self, node: ast.stmt) -> None:
        match node:
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                for alias in names:
                    name = alias.asname or (alias.name.partition(".")[0] if isinstance(node, ast.Import) else alias.name)
                    self._bind(name, Binding("import", node, name=alias.name))
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                for expression in ast.iter_child_nodes(node):
                    if isinstance(expression, ast.expr):
                        self._visit(expression)
                if not isinstance(node, ast.ClassDef):
                    for default in (*node.args.defaults, *node.args.kw_defaults):
                        if default is not None:
                            self._visit(default)
                self._bind(node.name, Binding("definition", node, name=node.name))
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                self._outer.update(names)
            case ast.Delete(targets=targets):
                for target in targets:
                    self._visit(target)
            case _:
                self._visit(node)

    def _branches(self, node: ast.If) -> None:
        """A chain of elif, without recursion: it may be a thousand long."""
        ends: list[Environment] = []
        rest: list[ast.stmt] = [node]
        while len(rest) == 1 and isinstance(branch := rest[0], ast.If):
            self._visit(branch.test)
            before = dict(self._environment)
            self._arm(branch.body, before, ends)
            self._environment, self._alive = before, True
            rest = branch.orelse
        self._arm(rest, self._environment, ends)
        self._merge(ends)

    def _arm(self, body: list[ast.stmt], start: Environment, ends: list[Environment]) -> None:
        self._environment, self._alive = dict(start), True
        self._block(body)
        if self._alive:
            ends.append(self._environment)

    def _merge(self, ends: list[Environment]) -> None:
        """Where several ways meet. What no way leads to is followed all the same: it does no harm."""
        self._alive = bool(ends)
        if not ends:
            return
        self._environment = ends[0]
        for other in ends[1:]:
            for name, bindings in other.items():
                known = self._environment.get(name)
                if known is None:
                    self._environment[name] = bindings
                elif known is not bindings:
                    self._environment[name] = (*known, *(binding for binding in bindings if binding not in known))

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        before = dict(self._environment)
        merged = {name: Binding("merge", node, before=list(bindings)) for name, bindings in before.items()}
        self._environment = {name: (binding,) for name, binding in merged.items()}
        if isinstance(node, ast.While):
            self._visit(node.test)
        else:
            self._assign(node.target, "element", node.iter)
        self._exits.append([])
        ends: list[Environment] = []
        self._arm(node.body, self._environment, ends)
        ends += self._exits.pop()
        for end in ends:
            for name, binding in merged.items():
                binding.before += [other for other in end.get(name, ()) if other is not binding and other not in binding.before]
        self._merge([before, *ends])
        for name, bindings in self._environment.items():
            if name in merged and merged[name] in bindings:
                kept = [binding for binding in bindings if binding is not merged[name]]
                self._environment[name] = tuple(kept) or before[name]
        self._alive = True
        self._block(node.orelse)

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        before = dict(self._environment)
        ends: list[Environment] = []
        self._block(node.body)
        after = dict(self._environment)
        if self._alive:
            self._block(node.orelse)
            if self._alive:
                ends.append(self._environment)
        for handler in node.handlers:
            self._merge([dict(before), after])
            self._alive = True
            if handler.name:
                self._bind(handler.name, Binding("unknown", handler))
            self._block(handler.body)
            if self._alive:
                ends.append(self._environment)
        self._merge(ends)
        if not ends:
            self._environment = after
        alive, self._alive = self._alive, True
        self._block(node.finalbody)
        self._alive = self._alive and alive

    def _match(self, node: ast.Match) -> None:
        self._visit(node.subject)
        before = self._environment
        ends: list[Environment] = [dict(before)]
        for case in node.cases:
            self._environment, self._alive = dict(before), True
            for part in ast.walk(case.pattern):
                captured = getattr(part, "name", None) or getattr(part, "rest", None)
                if isinstance(captured, str):
                    whole = part is case.pattern
                    self._bind(captured, Binding("value", node.subject) if whole else Binding("unknown", part))
            if case.guard is not None:
                self._visit(case.guard)
            self._block(case.body)
            if self._alive:
                ends.append(self._environment)
        self._merge(ends)

    # ---- bindings

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
