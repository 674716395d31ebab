"""Calls at run time: functions of the project are walked, those of the library that shape imports are understood."""

import ast
from abc import abstractmethod
from collections.abc import Callable

from qtops.imports.edits import Edits
from qtops.imports.library import environment_value, evaluate_function, evaluate_method
from qtops.imports.modules import LoadedModule, Raised, Returned
from qtops.imports.values import Bound, Class, Coroutine, External, Function, Instance, Maybe, Scope, Unknown, Value, doubt_in

_DEEPEST = 40
_RUNNERS = frozenset({"asyncio.run", "anyio.run", "trio.run", "uvloop.run"})
_EXITS = frozenset({"sys.exit", "builtins.exit", "builtins.quit", "os._exit"})
_TRANSPARENT = frozenset(
    [
        "builtins.staticmethod",
        "builtins.classmethod",
        "functools.lru_cache",
        "functools.cache",
        "functools.wraps",
        "typing.overload",
        "typing.final",
        "abc.abstractmethod",
        "typing_extensions.override",
    ]
)
_HOOKS = ("sys.meta_path.", "sys.path_hooks.", "sys.modules.")
_IN_PLACE = frozenset({"append", "extend", "insert", "remove", "add", "update", "setdefault", "pop", "clear"})


class Calls(Edits):
    """Carries out calls."""

    @abstractmethod
    def run_body(self, body: list[ast.stmt]) -> None:
        """Execute statements in the present scope."""

    @abstractmethod
    def import_by_call(self, node: ast.Call, name: str, positional: list[Value]) -> Value:
        """importlib.import_module and its kin."""

    def call(self, node: ast.Call) -> Value:
        """See Expressions."""
        function = node.func
        subject: Value = None
        if isinstance(function, ast.Attribute):
            subject = self.value(function.value)
            callee = self.attribute(subject, function) if not isinstance(subject, str | list | tuple | dict) else None
        else:
            callee = self.value(function)
        positional, named = self._arguments(node)
        if isinstance(callee, External):
            return self._call_external(node, callee.name, positional, named)
        if isinstance(callee, Function | Bound | Class):
            return self.apply(callee, positional, named, node)
        if isinstance(function, ast.Attribute):
            if function.attr in _IN_PLACE and isinstance(subject, list | dict):
                return self._change(function, subject, positional)
            return evaluate_method(self, subject, function.attr, positional, named, str(self.at(node)))
        return Unknown(doubt_in(callee) or f"what is called at {self.at(node)} is not known")

    def _arguments(self, node: ast.Call) -> tuple[list[Value], dict[str, Value]]:
        positional: list[Value] = []
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                inner = self.concrete(self.value(argument.value))
                positional += (
                    inner if isinstance(inner, list | tuple) else [Unknown(doubt_in(inner) or "arguments that are not known")]
                )
            else:
                positional.append(self.concrete(self.value(argument)))
        named = {keyword.arg: self.concrete(self.value(keyword.value)) for keyword in node.keywords if keyword.arg}
        for keyword in node.keywords:
            if keyword.arg is None and isinstance(inner := self.value(keyword.value), dict):
                named.update({name: value for name, value in inner.items() if isinstance(name, str)})
        return positional, named

    def _call_external(self, node: ast.Call, name: str, positional: list[Value], named: dict[str, Value]) -> Value:
        if name.startswith("sys.path.") or name == "site.addsitedir":
            return self.edit_by_call(node, name, positional)
        if name in _EXITS:
            raise Raised("SystemExit", "", self.at(node))
        if name in {"importlib.import_module", "builtins.__import__", "importlib.util.find_spec", "importlib.reload"}:
            return self.import_by_call(node, name, positional)
        if name == "os.chdir":
            self.change_directory(positional[0] if positional else Unknown("no directory"))
            return None
        if name.startswith("os.environ.") and positional and isinstance(positional[0], str):
            return self._change_environment(name, positional)
        if name.startswith(_HOOKS) and name.rpartition(".")[2] in {
            "insert",
            "append",
            "extend",
            "update",
            "setdefault",
            "pop",
            "remove",
            "clear",
        }:
            self._hook(node, name, positional)
            return Unknown(f"{name} at {self.at(node)}")
        if name in _RUNNERS:
            return (
                self.await_value(positional[0])
                if positional and isinstance(positional[0], Coroutine)
                else Unknown(f"the result of {name}")
            )
        return self._library(node, name, positional, named)

    def _library(self, node: ast.Call, name: str, positional: list[Value], named: dict[str, Value]) -> Value:
        if name in {
            "builtins.exec",
            "builtins.eval",
            "runpy.run_path",
            "runpy.run_module",
            "builtins.globals",
            "builtins.setattr",
            "builtins.vars",
        }:
            self.scope.module.opaque = f"{name.removeprefix('builtins.')} at {self.at(node)} may define names"
            if name in {"builtins.exec", "runpy.run_path", "runpy.run_module"}:
                self.suspect(f"what {name} at {self.at(node)} does is not known")
        if name in {"builtins.getattr", "builtins.hasattr"} and len(positional) >= 2:
            return self._by_name(name, positional)
        if name in {"builtins.map", "builtins.filter"}:
            return Unknown(f"the result of {name} at {self.at(node)} is not evaluated")
        return evaluate_function(self, name, positional, named, str(self.at(node)))

    def _by_name(self, name: str, positional: list[Value]) -> Value:
        subject, attribute = positional[:2]
        if isinstance(subject, LoadedModule) and isinstance(attribute, str) and attribute in subject.names:
            found = subject.names[attribute]
            if not isinstance(found, Maybe):
                return found if name == "builtins.getattr" else True
        return Unknown(f"{name} is not decided")

    def _change_environment(self, name: str, positional: list[Value]) -> Value:
        key, default = positional[0], positional[1] if len(positional) > 1 else None
        match name:
            case "os.environ.get":
                return environment_value(self, key, default)
            case "os.environ.setdefault":
                return self.environment.setdefault(key, default)
            case "os.environ.pop":
                return self.environment.pop(key, default)
        return Unknown(f"the result of {name} is not known")

    def variable(self, name: str, node: ast.expr) -> Value:
        """See Expressions. An unset variable raises KeyError, as it will at run time."""
        if name not in self.environment:
            raise Raised("KeyError", repr(name), self.at(node))
        return environment_value(self, name)

    def _hook(self, node: ast.Call, name: str, positional: list[Value]) -> None:
        if not name.startswith("sys.modules."):
            self.hooks.append(f"{name} at {self.at(node)} may answer imports")
        elif name == "sys.modules.pop" and positional and isinstance(positional[0], str):
            self.modules.pop(positional[0], None)
        elif name != "sys.modules.pop":
            self.hooks.append(f"{name} at {self.at(node)} changes loaded modules")

    def _change(self, function: ast.Attribute, subject: Value, positional: list[Value]) -> Value:
        """A method that changes a list or dict in place: the changed copy takes its name, so that branches stay apart."""
        changed = subject.copy()
        result: Value = None
        name = "append" if function.attr == "add" else function.attr
        try:
            result = getattr(changed, name)(*positional)
        except (TypeError, ValueError, KeyError, IndexError, AttributeError):
            changed = Unknown(f"{function.attr} at {self.at(function)} is not evaluated")
        if isinstance(function.value, ast.Name | ast.Attribute):
            self.bind(function.value, changed)
        return result

    def apply(self, callee: Function | Bound | Class, positional: list[Value], named: dict[str, Value], node: ast.expr) -> Value:
        """Call something of the project."""
        if isinstance(callee, Class):
            made = Instance(callee)
            constructor = callee.find("__init__")
            if isinstance(constructor, Function):
                self.apply(Bound(constructor, made), positional, named, node)
            return made
        function = callee.function if isinstance(callee, Bound) else callee
        if isinstance(callee, Bound):
            positional = [callee.subject, *positional]
        if isinstance(function.node, ast.AsyncFunctionDef):
            return Coroutine(function, tuple(positional), tuple(named.items()))
        return self._enter(function, positional, named, node)

    def await_value(self, value: Value) -> Value:
        """See Expressions."""
        if isinstance(value, Coroutine) and isinstance(value.call, Function):
            return self._enter(value.call, list(value.positional), dict(value.named), value.call.node)
        return Unknown(doubt_in(value) or "a result of another library")

    def _enter(self, function: Function, positional: list[Value], named: dict[str, Value], node: ast.AST) -> Value:
        if self.depth >= _DEEPEST or self.steps <= 0:
            return Unknown(f"calls are nested too deeply at {function.name}")
        if isinstance(function.node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_generator(function.node):
            return Unknown(f"{function.name} is a generator")
        names = _bound(function, positional, named)
        scope = Scope(names, function.scope.module, function.scope, global_names=_globals(function.node))
        result: list[Value] = [None]

        def body() -> None:
            with self.inside(scope):
                sure = len(self.doubts)
                if isinstance(function.node, ast.Lambda):
                    result[0] = self.value(function.node.body)
                    return
                try:
                    self.run_body(function.node.body)
                except Returned as left:
                    result[0] = left.value
                if len(self.doubts) > sure:
                    result[0] = Unknown(self.doubts[-1])

        self._run(body, function.doubt)
        return result[0]

    def _run(self, body: Callable[[], None], doubt: str | None) -> None:
        if doubt is None:
            body()
        else:
            self.branch([body, lambda: None], doubt)


def _globals(node: ast.AST) -> frozenset[str]:
    body = getattr(node, "body", [])
    if not isinstance(body, list):
        return frozenset()
    return frozenset(name for statement in body if isinstance(statement, ast.Global) for name in statement.names)


def _is_generator(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether calling it runs nothing yet. Inner functions are not looked into; a rare miss only means less is known."""
    known = getattr(node, "_qtops_generator", None)
    if known is None:
        pending: list[ast.AST] = list(node.body)
        known = False
        while pending and not known:
            part = pending.pop()
            known = isinstance(part, ast.Yield | ast.YieldFrom)
            if not isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
                pending += ast.iter_child_nodes(part)
        node._qtops_generator = known  # type: ignore[union-attr]  # noqa: SLF001
    return bool(known)


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
