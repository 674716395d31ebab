"""Functions and classes of the project, called: parameters bound, the body walked, the result kept where it is certain."""

import ast
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache

from qtops.imports.edits import Edits
from qtops.imports.modules import Returned
from qtops.imports.values import Bound, Class, Coroutine, Function, Instance, Scope, Unknown, Value, doubt_in

_DEEPEST = 40
_RECURSION = 16


class Functions(Edits):
    """Carries out calls of the project's own code."""

    @abstractmethod
    def run_body(self, body: list[ast.stmt]) -> None:
        """Execute statements in the present scope."""

    def apply(self, callee: Function | Bound | Class, positional: list[Value], named: dict[str, Value]) -> Value:
        """Call something of the project."""
        if isinstance(callee, Class):
            return self._construct(callee, positional, named)
        if isinstance(callee, Bound):
            return self.apply(callee.function, [callee.subject, *positional], named)
        if isinstance(callee.node, ast.AsyncFunctionDef):
            return Coroutine(callee, tuple(positional), tuple(named.items()))
        return self._enter(callee, positional, named)

    def await_value(self, value: Value) -> Value:
        """See Expressions."""
        if isinstance(value, Coroutine):
            return self._enter(value.call, list(value.positional), dict(value.named))
        return Unknown(doubt_in(value) or "a result of another library")

    def read_property(self, function: Function, subject: Value) -> Value:
        """See Expressions."""
        return self._enter(function, [subject], {})

    def hand_on(self, values: list[Value], what: str, *, sure: bool = False) -> None:
        """Functions and coroutines that are given to code of others: it may call them, and runs a coroutine sooner or later."""
        for value in values:
            if isinstance(value, Coroutine) and sure:
                self.await_value(value)
            elif isinstance(value, Coroutine):
                self._maybe(lambda value=value: self.await_value(value), f"when {what} runs a coroutine is not known")  # type: ignore[misc]
            elif isinstance(value, Function | Bound) and self.depth < _DEEPEST:
                self._maybe(lambda value=value: self.apply(value, [], {}), f"whether {what} calls {value.name} is not known")  # type: ignore[misc]

    @contextmanager
    def _counted(self, node: ast.AST) -> Iterator[None]:
        self.active[node] = self.active.get(node, 0) + 1
        try:
            yield
        finally:
            self.active[node] -= 1
            if not self.active[node]:
                del self.active[node]

    def _maybe(self, action: Callable[[], object], why: str) -> None:
        def taken() -> None:
            action()

        self.branch([taken, lambda: None], why)

    def _construct(self, made_of: Class, positional: list[Value], named: dict[str, Value]) -> Value:
        """Make an object: ``__new__``, ``__init__``, and what a dataclass calls after its own."""
        made = Instance(made_of)
        self.hand_on(list(made_of.unsure), f"making {made_of.name}")
        maker, constructor = made_of.find("__new__"), made_of.find("__init__")
        if isinstance(maker, Function):
            self.apply(maker, [made_of, *positional], named)
        if isinstance(constructor, Function):
            self.apply(constructor, [made, *positional], named)
        elif isinstance(after := made_of.find("__post_init__"), Function):
            self.apply(after, [made], {})
        return made

    def _enter(self, function: Function, positional: list[Value], named: dict[str, Value]) -> Value:
        active = self.active.get(function.node, 0)
        if self.depth >= _DEEPEST or self.calls_left <= 0 or active >= (1 if self.doubts else _RECURSION):
            return self._not_entered(function)
        self.calls_left -= 1
        result: list[Value] = [Unknown(f"the result of {function.name}")]

        def body() -> None:
            result[0] = self._run(function, positional, named)

        if function.is_generator:
            if function.node not in self.generators:
                self.generators.add(function.node)
                self.branch([body, lambda: None], f"how far the generator {function.name} runs is not known")
            return Unknown(f"{function.name} is a generator")
        if function.doubt is None:
            body()
        else:
            self.branch([body, lambda: None], function.doubt)
        return result[0]

    def _not_entered(self, function: Function) -> Value:
        """A call that is left out, because there are too many; it only matters where the function imports something."""
        why = f"calls of {function.name} are too many to be followed"
        if imports_something(function.node) and function.node not in self.active:
            self.suspect(why)
            self.hooks.append(why)
        return Unknown(why)

    def _run(self, function: Function, positional: list[Value], named: dict[str, Value]) -> Value:
        scope = Scope(
            _bound(function, positional, named), function.scope.module, function.scope, global_names=_globals(function.node)
        )
        with self.inside(scope), self._counted(function.node):
            sure = len(self.doubts)
            if isinstance(function.node, ast.Lambda):
                return self.value(function.node.body)
            result: Value = None
            try:
                self.run_body(function.node.body)
            except Returned as left:
                result = left.value
            return Unknown(self.doubts[-1]) if len(self.doubts) > sure else result


@lru_cache(maxsize=4096)
def imports_something(node: ast.AST) -> bool:
    """Whether an import stands anywhere in a function."""
    return any(isinstance(part, ast.Import | ast.ImportFrom) for part in ast.walk(node))


def _globals(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> frozenset[str]:
    if isinstance(node, ast.Lambda):
        return frozenset()
    return frozenset(name for statement in node.body if isinstance(statement, ast.Global) for name in statement.names)


def _bound(function: Function, positional: list[Value], named: dict[str, Value]) -> dict[str, Value]:
    """The parameters with their values; what is not given and has no default is unknown."""
    arguments = function.node.args
    parameters = [parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args)]
    names: dict[str, Value] = dict(function.defaults)
    names.update(zip(parameters, positional, strict=False))
    keywords = {*parameters, *(parameter.arg for parameter in arguments.kwonlyargs)}
    names.update({name: value for name, value in named.items() if name in keywords})
    for name in keywords - names.keys():
        names[name] = Unknown(f"argument {name} of {function.name} is not known")
    if arguments.vararg is not None:
        names[arguments.vararg.arg] = tuple(positional[len(parameters) :])
    if arguments.kwarg is not None:
        names[arguments.kwarg.arg] = {name: value for name, value in named.items() if name not in keywords}
    return names
