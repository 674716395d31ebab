"""Statements in execution order: what they bind, which ways they take, what they raise and who catches it."""

import ast
import builtins
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from qtops.imports.importing import Imports
from qtops.imports.modules import Left, LoadedModule, LoopLeft, Raised, Returned, Runs
from qtops.imports.outcome import Import, ImportVerdict
from qtops.imports.values import Class, External, Function, Instance, Scope, Unknown, Value, doubt_in, truth

_ITERATIONS = 512
_WHILE = 24
_TRANSPARENT = frozenset(
    [
        "builtins.staticmethod",
        "builtins.property",
        "functools.lru_cache",
        "functools.cache",
        "functools.wraps",
        "typing.overload",
        "typing.final",
        "abc.abstractmethod",
        "typing_extensions.override",
    ]
)


class Statements(Imports):
    """Executes statements."""

    def execute(self, module: LoadedModule, body: list[ast.stmt]) -> None:
        """See Imports."""
        with self.inside(self.scope_of(module)):
            self.run_body(body)

    def run_body(self, body: list[ast.stmt]) -> None:
        """See Calls."""
        for statement in body:
            self.steps -= 1
            if self.steps < 0:
                self._give_up(statement)
                return
            handler = self._executors.get(type(statement))
            if handler is not None:
                handler(self, statement)

    def _give_up(self, statement: ast.stmt) -> None:
        why = f"the walk was given up at {self.at(statement)}: too many statements"
        if why not in self.doubts:
            self.doubts.append(why)
        self.scope.module.opaque = why
        if not any(found.reason and "too many statements" in found.reason for found in self.imports):
            self.imports.append(Import(self.scope.module.name, self.at(statement), ImportVerdict.UNKNOWN, reason=why))

    # binding

    def bind(self, target: ast.expr, value: Value) -> None:
        """See Expressions."""
        match target:
            case ast.Name(id=name):
                self._bind_name(name, value)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                known = (
                    isinstance(value, list | tuple)
                    and len(value) == len(parts)
                    and not any(isinstance(p, ast.Starred) for p in parts)
                )
                values = (
                    value
                    if known
                    else [Unknown(doubt_in(value) or f"a part of what is unpacked at {self.at(target)}")] * len(parts)
                )
                for part, item in zip(parts, values, strict=True):
                    self.bind(part, item)
            case ast.Starred(value=inner):
                self.bind(inner, Unknown(doubt_in(value) or f"a part of what is unpacked at {self.at(target)}"))
            case ast.Attribute(value=inner, attr=name):
                self._bind_attribute(self.value(inner), name, value, target)
            case ast.Subscript():
                self._bind_item(target, value)

    def _bind_name(self, name: str, value: Value) -> None:
        scope = self.scope
        if name in scope.global_names:
            scope.module.names[name] = value
        else:
            scope.names[name] = value

    def _bind_attribute(self, subject: Value, name: str, value: Value, target: ast.expr) -> None:
        if isinstance(subject, LoadedModule):
            subject.names[name] = value
        elif isinstance(subject, Instance):
            subject.attributes[name] = value if not self.doubts else Unknown(self.doubts[-1])
        elif isinstance(subject, Class):
            subject.names[name] = value if not self.doubts else Unknown(self.doubts[-1])
        elif (
            isinstance(subject, External)
            and subject.name in {"sys", "builtins"}
            and name in {"meta_path", "path_hooks", "modules", "__import__"}
        ):
            self.hooks.append(f"{subject.name}.{name} is replaced at {self.at(target)}")

    def _bind_item(self, target: ast.Subscript, value: Value) -> None:
        subject = self.value(target.value)
        index = self.value(target.slice)
        if isinstance(subject, External) and subject.name == "os.environ" and isinstance(index, str):
            self.environment[index] = value
        elif isinstance(subject, External) and subject.name == "sys.modules":
            self._replace_module(index, value, target)
        elif isinstance(subject, dict | list) and isinstance(target.value, ast.Name | ast.Attribute):
            changed: Value = subject.copy()
            try:
                changed[index] = value
            except (TypeError, IndexError, ValueError):
                changed = Unknown(doubt_in(index) or f"the change at {self.at(target)} is not evaluated")
            self.bind(target.value, changed)
        elif isinstance(subject, Unknown) and "globals" in subject.why:
            self.scope.module.opaque = f"names are bound by hand at {self.at(target)}"

    def _replace_module(self, name: Value, value: Value, target: ast.expr) -> None:
        if not isinstance(name, str):
            self.hooks.append(f"sys.modules is changed at {self.at(target)}")
        elif isinstance(value, LoadedModule):
            self.modules[name] = value
        else:
            from qtops.imports.resolve import Found

            why = f"sys.modules[{name!r}] is set at {self.at(target)}"
            self.modules[name] = LoadedModule(name, Found("namespace", search=()), "third", opaque=why, complete=True)

    def _assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            self._assign_to(target, value, node)

    def _assign_to(self, target: ast.expr, value: Value, node: ast.stmt) -> None:
        if self._is_path(target):
            self.assign_path(self.concrete(value), node)
        elif isinstance(target, ast.Subscript) and self._is_path(target.value):
            self.assign_part(target, self.concrete(value), node)
        else:
            self.bind(target, value)

    def _is_path(self, node: ast.expr) -> bool:
        """Whether an expression is sys.path itself, under whatever name."""
        if isinstance(node, ast.Attribute) and node.attr == "path":
            value = self.value(node.value)
            return isinstance(value, External) and value.name == "sys"
        return False

    def _assign_annotated(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._assign_to(node.target, self.value(node.value), node)

    def _assign_augmented(self, node: ast.AugAssign) -> None:
        target: ast.expr = node.target
        here = self.value(_loaded(target))
        added = self.concrete(self.value(node.value))
        if isinstance(here, External) and here.name == "sys.path" and isinstance(node.op, ast.Add):
            if isinstance(added, list | tuple):
                self.assign_path([*self.concrete(here), *added], node, "extend")
            else:
                self.assign_path(Unknown(doubt_in(added) or f"what is added at {self.at(node)} is not known"), node, "extend")
            return
        total = ast.copy_location(ast.BinOp(_loaded(target), node.op, node.value), node)
        self.bind(target, self.value(total))

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.scope.names.pop(target.id, None)
            elif isinstance(target, ast.Subscript):
                subject = self.value(target.value)
                if isinstance(subject, External) and subject.name == "sys.path":
                    self.delete_part(target, node)
                elif isinstance(subject, External) and subject.name == "sys.modules":
                    index = self.value(target.slice)
                    if isinstance(index, str):
                        self.modules.pop(index, None)
                    else:
                        self.hooks.append(f"sys.modules is changed at {self.at(node)}")

    def _expression(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.value(node.value)

    # definitions

    def _define_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        arguments = node.args
        defaults: dict[str, Value] = {}
        positional = [*arguments.posonlyargs, *arguments.args]
        if arguments.defaults:
            for parameter, default in zip(positional[-len(arguments.defaults) :], arguments.defaults, strict=True):
                defaults[parameter.arg] = self.value(default)
        for parameter, keyword in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if keyword is not None:
                defaults[parameter.arg] = self.value(keyword)
        function = Function(node, self.scope.function_outer, defaults)
        self._bind_name(node.name, self._decorated(node, function))

    def _decorated(self, node: ast.FunctionDef | ast.AsyncFunctionDef, function: Function) -> Value:
        result: Value = function
        for decorator in reversed(node.decorator_list):
            value = self.value(decorator)
            known = value.name if isinstance(value, External) else ""
            if known in _TRANSPARENT or (
                isinstance(decorator, ast.Call) and ast.unparse(decorator.func).rpartition(".")[2] == "lru_cache"
            ):
                if known == "builtins.property":
                    return Unknown(f"property {node.name}")
                continue
            if isinstance(value, Function) and isinstance(result, Function):
                result = self.apply(value, [result], {}, decorator)
            elif isinstance(result, Function):
                result = Function(result.node, result.scope, result.defaults, f"the decorator at {self.at(decorator)} is not known")
        return result

    def _define_class(self, node: ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self.value(decorator)
        bases = tuple(self.value(base) for base in node.bases)
        for keyword in node.keywords:
            self.value(keyword.value)
        scope = Scope({}, self.scope.module, self.scope, is_class=True)
        with self.inside(scope):
            self.run_body(node.body)
        self._bind_name(node.name, Class(node.name, scope.names, bases))

    # imports

    def _import(self, node: ast.Import) -> None:
        site = self.at(node)
        for alias in node.names:
            module = self.load(alias.name, site)
            self.imported(module, site)
            if alias.asname is not None:
                self._bind_name(alias.asname, self.seen(module))
            else:
                top = alias.name.partition(".")[0]
                self._bind_name(top, self.seen(self.modules.get(top, module)))

    def _import_from(self, node: ast.ImportFrom) -> None:
        site = self.at(node)
        if node.module == "__future__" and not node.level:
            for alias in node.names:
                self._bind_name(alias.asname or alias.name, Unknown("a __future__ feature"))
            return
        name = node.module or ""
        if node.level:
            name = self._relative(node, name)
        module = self.load(name, site)
        found = self.import_from(module, [alias.name for alias in node.names], site)
        self.imported(module, site)
        if node.names[0].name == "*":
            for bound, value in found.items():
                self._bind_name(bound, value)
            return
        for alias in node.names:
            self._bind_name(alias.asname or alias.name, found[alias.name])

    def _relative(self, node: ast.ImportFrom, name: str) -> str:
        """The absolute name of a relative import."""
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
            shown = "." * node.level + name
            failed = self._failed(
                shown, site, ImportVerdict.MISSING, message=f"{kind}: {message}", resolved_to=self.scope.module.file
            )
            raise Raised(kind, message, site, failed)
        base = ".".join(parts[: len(parts) - node.level + 1])
        return f"{base}.{name}" if name else base

    # ways

    def _if(self, node: ast.If) -> None:
        test = self.concrete(self.value(node.test))
        known = truth(test)
        if known is not None:
            self.run_body(node.body if known else node.orelse)
            return
        why = f"the condition at {self.at(node)} is not known: {doubt_in(test) or 'it depends on an object'}"
        self.branch([lambda: self.run_body(node.body), lambda: self.run_body(node.orelse)], why)

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        items = self.concrete(self.value(node.iter))
        if isinstance(items, dict):
            items = list(items)
        if not isinstance(items, list | tuple) or len(items) > _ITERATIONS:
            why = f"the loop at {self.at(node)} is not known: {doubt_in(items) or 'what it goes over'}"
            self.branch([lambda: self._once(node, Unknown(why)), lambda: None], why)
            self.run_body(node.orelse)
            return
        for item in items:
            self.bind(node.target, item)
            try:
                self.run_body(node.body)
            except LoopLeft as left:
                if not left.again:
                    return
        self.run_body(node.orelse)

    def _once(self, node: ast.For | ast.AsyncFor, item: Value) -> None:
        self.bind(node.target, item)
        self._iteration(node.body)

    def _iteration(self, body: list[ast.stmt]) -> None:
        try:
            self.run_body(body)
        except LoopLeft:
            return

    def _while(self, node: ast.While) -> None:
        for _ in range(_WHILE):
            test = self.concrete(self.value(node.test))
            known = truth(test)
            if known is False:
                self.run_body(node.orelse)
                return
            if known is None:
                why = f"the condition at {self.at(node)} is not known: {doubt_in(test) or 'it depends on an object'}"
                self.branch([lambda: self._iteration(node.body), lambda: None], why)
                return
            doubts = len(self.doubts)
            try:
                self.run_body(node.body)
            except LoopLeft as left:
                if not left.again:
                    return
            if len(self.doubts) > doubts:
                return  # it may have been left
        if isinstance(node.test, ast.Constant):
            raise Runs
        self.doubts.append(f"how long the loop at {self.at(node)} runs is not known")

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        caught: list[Value] = []
        for item in node.items:
            context = item.context_expr
            value = self.value(context)
            if isinstance(context, ast.Call):
                function = self.value(context.func)
                if isinstance(function, External) and function.name == "contextlib.suppress":
                    caught += [self.value(argument) for argument in context.args]
            if item.optional_vars is not None:
                self.bind(
                    item.optional_vars, value if isinstance(value, Instance) else Unknown(f"the context at {self.at(context)}")
                )
        try:
            self.run_body(node.body)
        except Raised as raised:
            if not any(_catches(kind, raised) for kind in caught):
                raise
            self._guard(raised, ())

    def _match(self, node: ast.Match) -> None:
        self.value(node.subject)
        why = f"the match at {self.at(node)} is not decided"

        def arm(case: ast.match_case) -> Callable[[], None]:
            def run() -> None:
                for part in ast.walk(case.pattern):
                    name = getattr(part, "name", None) or getattr(part, "rest", None)
                    if isinstance(name, str):
                        self._bind_name(name, Unknown(why))
                self.run_body(case.body)

            return run

        self.branch([*(arm(case) for case in node.cases), lambda: None], why)

    # exceptions

    def _try(self, node: ast.Try) -> None:
        self.try_doubts.append(None)
        raised: Raised | None = None
        try:
            try:
                self.run_body(node.body)
            except Raised as error:
                raised = error
            finally:
                doubt = self.try_doubts.pop()
            if raised is None:
                self._after_body(node, doubt)
            else:
                self._handle(node, raised)
        except Left:
            self.run_body(node.finalbody)
            raise
        self.run_body(node.finalbody)

    def _after_body(self, node: ast.Try, doubt: str | None) -> None:
        """The body went through; where something in it could not be told, the handlers may run as well."""
        handlers = [handler for handler in node.handlers if doubt is not None and self._may_catch_import(handler)]
        if not handlers or doubt is None:
            self.run_body(node.orelse)
            return
        self.branch([lambda: self.run_body(node.orelse), *(self._arm(handler) for handler in handlers)], doubt)

    def _arm(self, handler: ast.ExceptHandler) -> Callable[[], None]:
        return lambda: self._run_handler(handler, Raised("ImportError", "", self.at(handler)))

    def _may_catch_import(self, handler: ast.ExceptHandler) -> bool:
        probe = Raised("ModuleNotFoundError", "", self.at(handler))
        return handler.type is None or any(_catches(kind, probe) is not False for kind in self._kinds(handler))

    def _kinds(self, handler: ast.ExceptHandler) -> list[Value]:
        value = self.value(handler.type) if handler.type is not None else External("builtins.BaseException")
        return list(value) if isinstance(value, list | tuple) else [value]

    def _handle(self, node: ast.Try, raised: Raised) -> None:
        for handler in node.handlers:
            answers = [_catches(kind, raised) for kind in self._kinds(handler)]
            if any(answer is True for answer in answers):
                self._run_handler(handler, raised)
                return
        raise raised

    def _run_handler(self, handler: ast.ExceptHandler, raised: Raised) -> None:
        if handler.name is not None:
            self._bind_name(handler.name, Unknown("an exception"))
        try:
            self.run_body(handler.body)
        except Raised as again:
            if again.value is _RERAISED:
                raise raised from None
            if (again.kind == "SystemExit" and again.cause is None) or (again.cause is None and raised.cause is not None):
                again.cause = raised.cause
            else:
                self._guard(raised, _switched_off(handler))
            raise
        if handler.name is not None:
            self.scope.names.pop(handler.name, None)
        self._guard(raised, _switched_off(handler))

    def _guard(self, raised: Raised, names: tuple[str, ...]) -> None:
        """The program catches this failure: remember what it goes without."""
        if raised.cause is None or raised.cause not in self.imports:
            return
        index = self.imports.index(raised.cause)
        self.imports[index] = replace(raised.cause, guarded=True, switched_off=names)

    def _raise(self, node: ast.Raise) -> None:
        site = self.at(node)
        if node.exc is None:
            raise Raised("", "", site, value=_RERAISED)
        value = self.value(node.exc.func if isinstance(node.exc, ast.Call) else node.exc)
        kind = (
            value.name.removeprefix("builtins.") if isinstance(value, External) else value.name if isinstance(value, Class) else ""
        )
        if isinstance(value, Unknown) and value.why == "an exception":
            raise Raised("", "", site, value=_RERAISED)
        words = [self.value(argument) for argument in node.exc.args] if isinstance(node.exc, ast.Call) else []
        message = words[0] if len(words) == 1 and isinstance(words[0], str) else ""
        raise Raised(kind, message, site, value=value)

    def _return(self, node: ast.Return) -> None:
        raise Returned(None if node.value is None else self.value(node.value))

    def _break(self, _: ast.Break) -> None:
        raise LoopLeft(again=False)

    def _continue(self, _: ast.Continue) -> None:
        raise LoopLeft(again=True)

    def _assert(self, node: ast.Assert) -> None:
        if truth(self.concrete(self.value(node.test))) is False:
            raise Raised("AssertionError", "", self.at(node))

    _executors: ClassVar[dict[type[ast.stmt], Callable[..., None]]] = {
        ast.Assign: _assign,
        ast.AnnAssign: _assign_annotated,
        ast.AugAssign: _assign_augmented,
        ast.Delete: _delete,
        ast.Expr: _expression,
        ast.FunctionDef: _define_function,
        ast.AsyncFunctionDef: _define_function,
        ast.ClassDef: _define_class,
        ast.Import: _import,
        ast.ImportFrom: _import_from,
        ast.If: _if,
        ast.For: _for,
        ast.AsyncFor: _for,
        ast.While: _while,
        ast.With: _with,
        ast.AsyncWith: _with,
        ast.Match: _match,
        ast.Try: _try,
        ast.TryStar: _try,
        ast.Raise: _raise,
        ast.Return: _return,
        ast.Break: _break,
        ast.Continue: _continue,
        ast.Assert: _assert,
    }


_RERAISED = object()


def _loaded(target: ast.expr) -> ast.expr:
    """The same expression, to be read."""
    return target


def _switched_off(handler: ast.ExceptHandler) -> tuple[str, ...]:
    """The names that a handler binds."""
    names: list[str] = []
    for statement in handler.body:
        targets = (
            statement.targets
            if isinstance(statement, ast.Assign)
            else [statement.target]
            if isinstance(statement, ast.AnnAssign)
            else []
        )
        names += [target.id for target in targets if isinstance(target, ast.Name)]
    return tuple(names)


def _catches(kind: Value, raised: Raised) -> bool | None:
    """Whether an except clause catches an exception; None when that cannot be told."""
    if isinstance(kind, Class):
        return raised.value is kind or (isinstance(raised.value, Class) and kind in _ancestors(raised.value))
    if not isinstance(kind, External):
        return None
    name = kind.name.removeprefix("builtins.")
    mine, other = getattr(builtins, name, None), getattr(builtins, raised.kind, None)
    if isinstance(mine, type) and isinstance(other, type):
        return issubclass(other, mine)
    if name in {"Exception", "BaseException"}:
        return True
    return False if isinstance(other, type) else raised.kind == kind.name


def _ancestors(found: Class) -> list[Class]:
    above: list[Class] = []
    for base in found.bases:
        if isinstance(base, Class):
            above += [base, *_ancestors(base)]
    return above
