"""Which assignments reach which uses of a name, within one scope: branches that exclude each other are kept apart."""

import ast

from qtops.wiring.bindings import Binding, Bindings, Environment


class FlowBuilder(Bindings):
    """Walks the statements of one scope in order."""

    def __init__(self, node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        super().__init__()
        self._alive = True
        self._exits: list[list[Environment]] = []
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

    def _statement(self, node: ast.stmt) -> None:  # noqa: C901, PLR0912  (a row for each form)
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
