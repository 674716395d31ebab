"""Calls at run time: of the project's functions, and of those in the library that shape imports."""

import ast
import sys
from abc import abstractmethod

from qtops.imports.functions import Functions
from qtops.imports.library import environment_value, evaluate_function
from qtops.imports.methods import evaluate_method
from qtops.imports.modules import LoadedModule, Raised
from qtops.imports.values import Bound, Class, Coroutine, External, Function, Instance, Maybe, Unknown, Value, doubt_in

_RUNNERS = frozenset({"asyncio.run", "anyio.run", "trio.run", "uvloop.run"})
_AWAITS = frozenset({"asyncio.gather", "asyncio.wait_for", "asyncio.shield"})
_EXITS = frozenset({"sys.exit", "builtins.exit", "builtins.quit", "os._exit"})
_IMPORTS = frozenset({"importlib.import_module", "builtins.__import__", "importlib.util.find_spec", "importlib.reload"})
_LATER = frozenset(
    {"atexit.register", "signal.signal", "functools.wraps", "functools.partial"}
)  # what they are given is not called now
_WINDOWS_ONLY = frozenset({"getwindowsversion", "startfile", "winver"})  # attributes of sys and os
_RUNS_TEXT = frozenset({"builtins.exec", "runpy.run_path", "runpy.run_module"})
_BINDS_NAMES = _RUNS_TEXT | {"builtins.eval", "builtins.globals", "builtins.setattr", "builtins.vars"}
_SETS_VARIABLES = frozenset({"os.environ.update", "os.environ.__ior__"})
_LOADERS = frozenset(  # distributions whose purpose is to fill the environment from files
    {"decouple", "django", "dotenv", "dynaconf", "environ", "environs", "envparse", "honcho", "pydantic_settings"}
)
_HOOKS = ("sys.meta_path.", "sys.path_hooks.", "sys.modules.")
_CHANGES = frozenset({"insert", "append", "extend", "update", "setdefault", "pop", "remove", "clear"})
_IN_PLACE = _CHANGES | {"add"}


class Calls(Functions):
    """Carries out calls."""

    @abstractmethod
    def import_by_call(self, node: ast.Call, name: str, positional: list[Value]) -> Value:
        """importlib.import_module and its kin."""

    def call(self, node: ast.Call) -> Value:
        """See Expressions."""
        function = node.func
        subject: Value = None
        if isinstance(function, ast.Attribute):
            subject = self.value(function.value)
            if isinstance(subject, External) and isinstance(text := self.concrete(subject), str):
                subject = text  # sys.platform
            callee = None if isinstance(subject, str | list | tuple | dict) else self.attribute(subject, function)
        else:
            callee = self.value(function)
        positional, named = self._arguments(node)
        if isinstance(callee, External):
            return self.call_external(node, callee.name, positional, named)
        if isinstance(callee, Instance) and isinstance(method := callee.of.find("__call__"), Function):
            callee = Bound(method, callee)
        if isinstance(callee, Function | Bound | Class):
            return self.apply(callee, positional, named)
        return self._call_method(node, subject, positional, named)

    def _call_method(self, node: ast.Call, subject: Value, positional: list[Value], named: dict[str, Value]) -> Value:
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else ""
        if isinstance(function, ast.Attribute) and name in _IN_PLACE and isinstance(subject, list | dict):
            return self._change(function, subject, positional)
        self.hand_on([*positional, *named.values()], f"the call at {self.at(node)}", sure=name == "run_until_complete")
        return evaluate_method(self, subject, name, positional, named, str(self.at(node)))

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

    def call_external(self, node: ast.Call, name: str, positional: list[Value], named: dict[str, Value]) -> Value:
        """A call of something of the library or of a distribution, with what it does to imports."""
        if name.startswith("sys.path.") or name == "site.addsitedir":
            return self.edit_by_call(node, name, positional)
        if name in _EXITS:
            words = positional[0] if positional else None
            raise Raised("SystemExit", words if isinstance(words, str) else "", self.at(node), value=doubt_in(words))
        if name in _IMPORTS:
            return self.import_by_call(node, name, positional)
        if name == "os.chdir":
            self.change_directory(positional[0] if positional else Unknown("no directory"))
            return None
        if name.startswith("os.environ.") and positional and isinstance(positional[0], str):
            return self._change_environment(name, positional)
        if name in _SETS_VARIABLES:
            return self._update_environment(node, positional, named)
        self._may_set_variables(node, name)
        if name.startswith(_HOOKS) and name.rpartition(".")[2] in _CHANGES:
            self._hook(node, name, positional)
            return Unknown(f"{name} at {self.at(node)}")
        if name in _RUNNERS and positional and isinstance(positional[0], Coroutine):
            return self.await_value(positional[0])
        return self._library(node, name, positional, named)

    def _library(self, node: ast.Call, name: str, positional: list[Value], named: dict[str, Value]) -> Value:
        if name in _BINDS_NAMES:
            self.scope.module.opaque = f"{name.removeprefix('builtins.')} at {self.at(node)} may define names"
        if name in _RUNS_TEXT:
            self.unclear_import(
                name, self.at(node), f"what {name.removeprefix('builtins.')} at {self.at(node)} runs is not followed"
            )
        if name in {"builtins.getattr", "builtins.hasattr"} and len(positional) >= 2:
            return self._by_name(name, positional)
        if name not in _LATER:
            self.hand_on([*positional, *named.values()], name, sure=name in _AWAITS)
        return evaluate_function(self, name, positional, named, str(self.at(node)))

    def _by_name(self, name: str, positional: list[Value]) -> Value:
        subject, attribute = positional[:2]
        if attribute in _WINDOWS_ONLY and isinstance(subject, External) and name == "builtins.hasattr":
            return False
        if isinstance(subject, LoadedModule) and isinstance(attribute, str) and attribute in subject.names:
            found = subject.names[attribute]
            if not isinstance(found, Maybe):
                return found if name == "builtins.getattr" else True
        return Unknown(f"{name.removeprefix('builtins.')} is not decided")

    def _update_environment(self, node: ast.Call, positional: list[Value], named: dict[str, Value]) -> Value:
        given = positional[0] if positional else {}
        if not isinstance(given, dict) or not all(isinstance(name, str) for name in given):
            self.variables_unknown = f"which variables are set at {self.at(node)} is not known"
            return None
        self.environment.update({**given, **named})
        return None

    def _may_set_variables(self, node: ast.Call, name: str) -> None:
        root = name.partition(".")[0]
        if root in _LOADERS:
            self.variables_unknown = f"{name} at {self.at(node)} may set variables of any name"
        elif root != "builtins" and root not in sys.stdlib_module_names:
            self.variables_doubted = f"{name} at {self.at(node)} may set variables"

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
        if name not in self.environment and (why := self.variables_unknown or self.variables_doubted):
            return Unknown(f"whether {name} is set at {self.at(node)} is not known: {why}")
        if name not in self.environment:
            raise Raised("KeyError", repr(name), self.at(node))
        return environment_value(self, name)

    def _hook(self, node: ast.Call, name: str, positional: list[Value]) -> None:
        if not name.startswith("sys.modules."):
            self.hooks.append(f"{name} at {self.at(node)} may answer imports")
        elif name == "sys.modules.pop" and positional and isinstance(positional[0], str):
            self.modules.pop(positional[0], None)
        else:
            self.hooks.append(f"{name} at {self.at(node)} changes loaded modules")

    def _change(self, function: ast.Attribute, subject: Value, positional: list[Value]) -> Value:
        """A method that changes a list or dict in place: the changed copy takes its name, so that branches stay apart."""
        changed = subject.copy()
        result: Value = None
        try:
            result = getattr(changed, "append" if function.attr == "add" else function.attr)(*positional)
        except (TypeError, ValueError, KeyError, IndexError, AttributeError):
            changed = Unknown(f"{function.attr} at {self.at(function)} is not evaluated")
        if isinstance(function.value, ast.Name | ast.Attribute):
            self.bind(function.value, changed)
        return result
