"""Exceptions of the program: raised, caught, swallowed by a context manager; and what it does without when an import is caught."""

import ast
import builtins
from collections.abc import Callable
from dataclasses import replace

from qtops.imports.modules import Left, Raised
from qtops.imports.values import Class, External, Function, Instance, Unknown, Value, truth
from qtops.imports.ways import Ways

_RERAISED = Unknown("an exception that is raised again")


class Guards(Ways):
    """Executes what raises and catches."""

    def run_try(self, node: ast.Try) -> None:
        """``try``."""
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
        return any(catches(kind, probe) is not False for kind in self._kinds(handler))

    def _kinds(self, handler: ast.ExceptHandler) -> list[Value]:
        value = self.value(handler.type) if handler.type is not None else External("builtins.BaseException")
        return list(value) if isinstance(value, list | tuple) else [value]

    def _handle(self, node: ast.Try, raised: Raised) -> None:
        for handler in node.handlers:
            answers = [catches(kind, raised) for kind in self._kinds(handler)]
            if True in answers:
                self._run_handler(handler, raised)
                return
            if None in answers:
                raised = self._in_doubt_of(raised, f"whether the handler at {self.at(handler)} catches it is not known")
        raise raised

    def _run_handler(self, handler: ast.ExceptHandler, raised: Raised) -> None:
        if handler.name is not None:
            self.bind_name(handler.name, _RERAISED)
        try:
            self.run_body(handler.body)
        except Raised as again:
            if again.value is _RERAISED:
                raise raised from None
            if again.cause is None:
                again.cause = raised.cause
            else:
                self.guard(raised, _switched_off(handler))
            raise
        if handler.name is not None:
            self.scope.names.pop(handler.name, None)
        self.guard(raised, _switched_off(handler))

    def guard(self, raised: Raised, names: tuple[str, ...]) -> None:
        """The program catches this failure: remember what it goes without."""
        if raised.cause is not None and raised.cause in self.imports:
            index = self.imports.index(raised.cause)
            self.imports[index] = replace(raised.cause, guarded=True, switched_off=names)

    def _in_doubt_of(self, raised: Raised, why: str) -> Raised:
        """The same exception, with the failing import marked as not certain."""
        if raised.cause is not None and raised.cause.reason is None and raised.cause in self.imports:
            index = self.imports.index(raised.cause)
            raised.cause = self.imports[index] = replace(raised.cause, reason=why)
        return raised

    def run_raise(self, node: ast.Raise) -> None:
        """``raise``."""
        site = self.at(node)
        if node.exc is None:
            raise Raised("", "", site, value=_RERAISED)
        value = self.value(node.exc.func if isinstance(node.exc, ast.Call) else node.exc)
        if value is _RERAISED:
            raise Raised("", "", site, value=_RERAISED)
        kind = (
            value.name.removeprefix("builtins.") if isinstance(value, External) else value.name if isinstance(value, Class) else ""
        )
        words = [self.value(argument) for argument in node.exc.args] if isinstance(node.exc, ast.Call) else []
        known = isinstance(value, External) and all(isinstance(word, str) for word in words) and len(words) <= 1
        raise Raised(kind, ("".join(words) if known else None), site, value=value)

    def run_assert(self, node: ast.Assert) -> None:
        """``assert``."""
        if truth(self.concrete(self.value(node.test))) is False:
            raise Raised("AssertionError", None, self.at(node))

    def run_with(self, node: ast.With | ast.AsyncWith) -> None:
        """``with``."""
        contexts = [self._entered(item) for item in node.items]
        try:
            self.run_body(node.body)
        except Raised as raised:
            answers = [self._swallows(context, raised) for context in contexts]
            if True in answers:
                self.guard(raised, ())
                return
            if None in answers:
                raised = self._in_doubt_of(raised, f"the context at {self.at(node)} may swallow it")
            raise raised from None
        for context in contexts:
            self._leave(context, None)

    def _entered(self, item: ast.withitem) -> Value:
        """A context manager whose ``__enter__`` has run; for contextlib.suppress the list of what it suppresses."""
        context = item.context_expr
        value = self.value(context)
        bound: Value = Unknown(f"the context at {self.at(context)}")
        if isinstance(value, Instance) and isinstance(enter := value.of.find("__enter__"), Function):
            bound = self.apply(enter, [value], {})
        if item.optional_vars is not None:
            self.bind(item.optional_vars, bound)
        if isinstance(context, ast.Call):
            function = self.value(context.func)
            if isinstance(function, External):
                return [self.value(argument) for argument in context.args] if function.name == "contextlib.suppress" else None
        return value

    def _leave(self, context: Value, exception: Value) -> bool | None:
        if isinstance(context, Instance) and isinstance(leave := context.of.find("__exit__"), Function):
            return truth(self.apply(leave, [context, exception, exception, exception], {}))
        return None

    def _swallows(self, context: Value, raised: Raised) -> bool | None:
        """Whether a context manager keeps an exception to itself; None when that cannot be told. The library's own do not."""
        if isinstance(context, list):
            return any(catches(kind, raised) for kind in context)
        if isinstance(context, Instance):
            return self._leave(context, Unknown("an exception"))
        return False if context is None or isinstance(context, External) else None


def _switched_off(handler: ast.ExceptHandler) -> tuple[str, ...]:
    """The names that a handler binds."""
    names: list[str] = []
    for statement in handler.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        names += [target.id for target in targets if isinstance(target, ast.Name)]
    return tuple(names)


def catches(kind: Value, raised: Raised) -> bool | None:
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
    return False if isinstance(other, type) else None if isinstance(mine, type) else raised.kind == kind.name


def _ancestors(found: Class) -> list[Class]:
    above: list[Class] = []
    for base in found.bases:
        if isinstance(base, Class):
            above += [base, *_ancestors(base)]
    return above
