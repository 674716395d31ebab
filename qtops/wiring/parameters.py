"""What callers give for parameters: every call of a function that is found, handed-on ones too."""

import ast
import builtins
from collections import Counter
from collections.abc import Iterator

from qtops.wiring.clients import is_client_class
from qtops.wiring.functions import HANDED_ON, handed_on, is_classmethod, is_parameter, is_static, is_super
from qtops.wiring.names import Names
from qtops.wiring.outline import Scope
from qtops.wiring.state import instance_of
from qtops.wiring.values import (
    Bound,
    ClassValue,
    Client,
    External,
    Frame,
    FunctionValue,
    Instance,
    Plain,
    Unknown,
    Value,
    Values,
    distinct,
)

_BUILTINS = frozenset(dir(builtins))
_MOST_CALLERS = 64
_MOST_STARS = 8


class Parameters(Names):
    """Looks parameters up."""

    def parameter(self, name: str, node: ast.AST, frame: Frame) -> Values:
        """What callers give for a parameter, or its default."""
        scope = frame.scope
        function = scope.node
        if frame.arguments is not None and name in frame.arguments:
            given = self.given(frame.arguments[name])
            if frame.at and all(isinstance(value, Unknown) for value in given):
                return tuple(self._not_known(name, scope, value) for value in given if isinstance(value, Unknown))
            return given
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or not is_parameter(function, node):
            return (Unknown(f"{name} is a parameter of a lambda", name),)
        owner = scope.owner
        if owner is not None and function.args.args and function.args.args[0] is node and not is_static(function):
            cls = ClassValue(owner, self.base(owner.outer) if owner.outer is not None else frame)
            return (cls if is_classmethod(function) else Instance(cls),)
        annotation = getattr(node, "annotation", None)
        noted = self.annotated(annotation, scope)
        if isinstance(noted, Client):
            return (noted,)
        found: list[Value] = []
        for caller in self.callers(scope):
            found += self.given((caller.arguments or {}).get(name, ()))
        if not found:
            found += self.default(function, name, scope) or ()
        known = [value for value in found if not isinstance(value, Unknown)]
        if known and not all(isinstance(value, Plain) and value.value is None for value in known):
            return distinct(found)
        if isinstance(noted, Instance):
            return (noted,)
        if known:
            return distinct(found)
        what = f"the name is the parameter {name} of {function.name}()"
        if why := next((value.why for value in found if isinstance(value, Unknown) and value.why), ""):
            return (Unknown(why if why.startswith("the name is") else f"{what}, and {why}", name),)
        return (Unknown(f"{what}, and no call gives it a value that is known", name),)

    def _not_known(self, name: str, scope: Scope, value: Unknown) -> Unknown:
        if value.why.startswith("the name is"):
            return value
        return Unknown(
            f"the name is the parameter {name} of {scope.name}(), which is not known here: {value.why}", value.name or name
        )

    def annotated(self, node: ast.expr | None, scope: Scope) -> Value | None:
        """What an annotation says: a client of Redis, or an object of a class of the project."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return None
        match node:
            case ast.BinOp(left=left, right=right, op=ast.BitOr()):
                return self.annotated(left, scope) or self.annotated(right, scope)
            case ast.Subscript(value=of, slice=inner):
                outer = self.annotated(of, scope)
                return outer or self.annotated(inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner, scope)
            case ast.Name() | ast.Attribute():
                frame = self.base(scope.outer) if scope.outer is not None else self.base(scope)
                while frame.scope.node.__class__ is ast.ClassDef and frame.scope.outer is not None:
                    frame = self.base(frame.scope.outer)
                for value in self._of_annotation(node, frame):
                    if isinstance(value, External) and is_client_class(value.name):
                        return Client()
                    if isinstance(value, ClassValue):
                        return instance_of(value)
        return None

    def _of_annotation(self, node: ast.Name | ast.Attribute, frame: Frame) -> Values:
        if isinstance(node, ast.Name):
            return self.of_module(frame.scope.module, node.id) if frame.scope.outer is None else self.free(node.id, frame)
        return self.evaluate(node, frame)

    def default(self, function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, name: str, scope: Scope) -> Values | None:
        """The default of a parameter; None where it has none."""
        arguments = function.args
        positional = [*arguments.posonlyargs, *arguments.args]
        pairs = [
            *zip(positional[::-1], arguments.defaults[::-1], strict=False),
            *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
        ]
        outer = scope.outer if scope.outer is not None and not isinstance(function, ast.Lambda) else scope
        for argument, value in pairs:
            if argument.arg == name and value is not None:
                return self.evaluate(value, self.base(outer))
        return None

    def callers(self, scope: Scope) -> list[Frame]:
        """The frames of all calls of a function that are found."""

        def ask() -> list[Frame]:
            return [self.enter(function, node, self.base(caller)) for caller, node, function in self._calls_of(scope)]

        return self.work_out(("callers", scope), ask, [], self._callers)

    def calls_of(self, scope: Scope) -> list[tuple[Scope, ast.Call, FunctionValue]]:
        """The calls of a function that are found, and where."""
        return list(self._calls_of(scope))

    def _calls_of(self, scope: Scope) -> Iterator[tuple[Scope, ast.Call, FunctionValue]]:
        names = {scope.name, *HANDED_ON}
        if scope.name in {"__init__", "__call__"} and scope.owner is not None:
            names |= {scope.owner.name, "cls", *(sub.name for sub in self.subclasses(scope.owner))}
        looked = 0
        for outline in self.closure.outlines:
            for name in names | outline.aliases.get(
                scope.owner.name if scope.name == "__init__" and scope.owner else scope.name, set()
            ):
                for caller, node in outline.called.get(name, ()):
                    if caller not in self.reached or looked > _MOST_CALLERS:
                        continue
                    call = handed_on(node) if name in HANDED_ON else node
                    function = self._callee(call, scope, caller) if call is not None else None
                    if call is not None and function is not None:
                        looked += 1
                        yield caller, call, function

    def _callee(self, node: ast.Call, scope: Scope, caller: Scope) -> FunctionValue | None:
        """Whether a call is one of this function."""
        if is_super(node):
            owner = caller.owner
            line = self.line(ClassValue(owner, self.base(owner.outer or owner)))[1:] if owner is not None else []
            method = next((found[-1] for cls in line if (found := cls.scope.inner.get(scope.name)) and found[-1].is_function), None)
            return FunctionValue(scope.node, scope, self.base(scope.owner or scope), self._any(scope)) if method is scope else None  # type: ignore[arg-type]
        values = self.evaluate(node.func, self.base(caller))
        for value in values:
            match value:
                case FunctionValue(scope=called) if called is scope and isinstance(
                    value.node, ast.FunctionDef | ast.AsyncFunctionDef
                ):
                    return value
                case ClassValue() if scope.name == "__init__" and self.method(value, "__init__") is scope:
                    return FunctionValue(scope.node, scope, value.frame, Instance(value))  # type: ignore[arg-type]
                case Bound(function=FunctionValue(scope=called) as inner) if called is scope:
                    return inner
        certain = [value for value in values if not isinstance(value, Unknown)]
        if not certain and isinstance(node.func, ast.Attribute) and scope.owner is not None and self._is_only(scope):
            return FunctionValue(scope.node, scope, self.base(scope.owner), self._any(scope))  # type: ignore[arg-type]
        return None

    def _any(self, scope: Scope) -> Value | None:
        """Any object of the class whose method this is."""
        owner = scope.owner
        return None if owner is None else Instance(ClassValue(owner, self.base(owner.outer or owner)))

    def _is_only(self, scope: Scope) -> bool:
        """Whether no other method has this name."""
        if self.looks_common(scope.name):
            return False
        if self._called_so is None:
            self._called_so = Counter(other.name for outline in self.closure.outlines for other in outline.scopes)
        return self._called_so[scope.name] == 1

    def looks_common(self, name: str) -> bool:
        """Whether things of others have methods of this name."""
        return name in {
            "get",
            "set",
            "add",
            "pop",
            "append",
            "update",
            "keys",
            "send",
            "put",
            "run",
            "write",
            "read",
            "close",
            "info",
        }

    def subclasses(self, scope: Scope) -> list[Scope]:
        """The classes of the closure that derive from one."""
        if self._subclasses is None:
            self._subclasses = {}
            for outline in self.closure.outlines:
                for found in outline.scopes:
                    if isinstance(found.node, ast.ClassDef) and found.node.bases:
                        for base in self.line(ClassValue(found, self.base(found.outer or found)))[1:]:
                            self._subclasses.setdefault(base.scope, []).append(found)
        return self._subclasses.get(scope, [])
