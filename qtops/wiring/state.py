"""What an evaluation of one unit's source remembers, and what each layer of it asks of the others."""

import ast
import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TypeVar

from qtops.unitfile.variables import is_secret_like
from qtops.wiring.bindings import Binding, Flow
from qtops.wiring.closure import Closure
from qtops.wiring.outline import Scope
from qtops.wiring.values import (
    Argument,
    Arguments,
    ClassValue,
    Frame,
    FunctionValue,
    Given,
    Hole,
    Instance,
    Text,
    Unknown,
    Value,
    Values,
    distinct,
    text,
)

T = TypeVar("T")

DEEPEST = 60  # expressions within expressions, names followed to names
MOST_STEPS = 3_000  # of one command: then it is too much to follow
MOST_STEPS_OF_UNIT = 300_000
_NO_CIRCLE = 1 << 30
_NO_LETTER = re.compile(r"\W+")


class State:
    """Memory and limits. Expressions, names, attributes and calls are the next layers'."""

    def __init__(self, closure: Closure, environment: Mapping[str, tuple[str, str]]) -> None:
        self.closure = closure
        self.environment = environment
        self.steps = 0
        self.all_steps = 0
        self.most_steps = MOST_STEPS
        self.reached: set[Scope] = set()
        self._memory: dict[tuple[object, ...], Values] = {}
        self._active: dict[tuple[object, ...], int] = {}
        self._lowest = _NO_CIRCLE
        """The outermost of what is being worked out that was asked for again: until it is done, nothing is the whole answer."""
        self._frames: dict[Scope, Frame] = {}
        self._callers: dict[tuple[object, ...], list[Frame]] = {}
        self._subclasses: dict[Scope, list[Scope]] | None = None
        self._called_so: Counter[str] | None = None
        """How many scopes have a name."""
        self._made: dict[tuple[object, ...], list[Arguments]] = {}
        self._constructors: dict[int, tuple[Instance, Frame]] = {}
        self.entered: set[tuple[object, ...]] = set()
        self._lines: dict[Scope, list[ClassValue]] = {}
        self.matched: dict[ast.AST, Text] = {}
        """The pattern that a scan looks for, by its call."""

    def work_out(self, key: tuple[object, ...], ask: Callable[[], T], otherwise: T, memory: dict[tuple[object, ...], T]) -> T:
        """Ask once and remember; ``otherwise`` where a question leads back to itself, or too deep."""
        if (known := memory.get(key)) is not None:
            return known
        if (at := self._active.get(key)) is not None:
            self._lowest = min(self._lowest, at)
            return otherwise
        here = len(self._active)
        if here >= DEEPEST or self.steps > self.most_steps:
            return otherwise
        self.steps += 1
        self._active[key] = here
        before, self._lowest = self._lowest, _NO_CIRCLE
        try:
            answer = ask()
        finally:
            del self._active[key]
        if self._lowest >= here:
            memory[key] = answer
            self._lowest = _NO_CIRCLE
        self._lowest = min(self._lowest, before)
        return answer

    @abstractmethod
    def evaluate(self, node: ast.AST, frame: Frame) -> Values:
        """What an expression may be."""

    @abstractmethod
    def binding(self, binding: Binding, frame: Frame) -> Values:
        """What one assignment gives."""

    @abstractmethod
    def parameter(self, name: str, node: ast.AST, frame: Frame) -> Values:
        """What callers give for a parameter, or its default."""

    @abstractmethod
    def attribute(self, of: Value, name: str, frame: Frame) -> Values:
        """An attribute of a value."""

    @abstractmethod
    def invoke(self, function: Value, node: ast.Call, frame: Frame) -> Values:
        """What a call gives."""

    @abstractmethod
    def elements(self, values: Values) -> Values:
        """What a loop over values gives."""

    @abstractmethod
    def enter(self, function: FunctionValue, node: ast.Call, frame: Frame) -> Frame:
        """The frame of a call."""

    @abstractmethod
    def looks_like_client(self, node: ast.expr) -> bool:
        """Whether an expression is named as clients of Redis are."""

    def begin(self, most_steps: int = MOST_STEPS) -> None:
        """Start afresh with one command: limits count from here."""
        self.all_steps += self.steps
        self.steps = 0
        self.most_steps = most_steps if self.all_steps < MOST_STEPS_OF_UNIT else 0
        self._active.clear()
        self._lowest = _NO_CIRCLE
        self.entered.clear()

    def given(self, argument: Given) -> Values:
        """An argument, evaluated now; what is not known of it is called after its expression."""
        if not isinstance(argument, Argument):
            return argument
        if isinstance(argument.node, Binding):
            return self.binding(argument.node, argument.frame)
        values = self.evaluate(argument.node, argument.frame)
        return tuple(
            value._replace(name=value.name or label(argument.node)) if isinstance(value, Unknown) else value for value in values
        )

    def flow(self, scope: Scope) -> Flow:
        """What a scope does with names."""
        return self.closure.cache.flow(scope)

    def base(self, scope: Scope) -> Frame:
        """A scope, whoever may have called it."""
        known = self._frames.get(scope)
        if known is None:
            known = self._frames[scope] = Frame(scope)
        return known

    def where(self, scope: Scope, node: ast.AST) -> str:
        """FILE:LINE."""
        return f"{scope.module.path}:{getattr(node, 'lineno', 0)}"

    def variable(self, name: str, default: Values | None = None) -> Values:
        """A variable of the unit's effective environment."""
        if is_secret_like(name):
            return (Text((Hole(name, f"{name} is a secret"),)),)
        if (found := self.environment.get(name)) is not None:
            return (text(found[0], found[1] or name),)
        if default is None:
            return (Unknown(f"{name} is not set in the unit's environment, and source has no default for it", name, name),)
        return tuple(value._replace(origin=(f"default of {name}",)) if isinstance(value, Text) else value for value in default)

    def method(self, of: ClassValue, name: str) -> Scope | None:
        """A method of a class, along its bases."""
        for cls in self.line(of):
            if (found := cls.scope.inner.get(name)) and found[-1].is_function:
                return found[-1]
        return None

    def line(self, of: ClassValue) -> list[ClassValue]:
        """A class and its bases of the project, nearest first."""
        known = self._lines.get(of.scope)
        if known is not None:
            return [of, *known[1:]]
        found: list[ClassValue] = []
        pending = [of]
        while pending and len(found) < DEEPEST:
            cls = pending.pop(0)
            if any(cls.scope is other.scope for other in found):
                continue
            found.append(cls)
            pending += [base for base in self.bases(cls) if isinstance(base, ClassValue)]
        if self._lowest == _NO_CIRCLE:
            self._lines[of.scope] = found
        return found

    def bases(self, of: ClassValue) -> Values:
        """What a class derives from."""
        node = of.scope.node
        frame = self.base(of.scope.outer) if of.scope.outer is not None else of.frame
        nodes = node.bases if isinstance(node, ast.ClassDef) else []
        return distinct([value for base in nodes for value in self.evaluate(base, frame)])


def label(node: ast.AST | None) -> str:
    """What to call an expression in a placeholder: ``self.symbol`` and ``data["symbol"]`` are both the symbol."""
    for _ in range(DEEPEST):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) if name not in {"value", "name"} or isinstance(node, ast.Name):
                return _tidy(name)
            case ast.Attribute(value=inner) | ast.Await(value=inner) | ast.NamedExpr(value=inner) | ast.FormattedValue(value=inner):
                node = inner
            case ast.Subscript(slice=ast.Constant(value=str(key))) | ast.Constant(value=str(key)):
                return _tidy(key)
            case ast.Subscript(value=inner):
                node = inner
            case ast.Call(func=ast.Attribute(attr="get" | "pop" | "getenv" | "hget"), args=[*_, ast.Constant(value=str(key))]) if (
                node.args and isinstance(node.args[0], ast.Constant)
            ):
                return _tidy(str(node.args[0].value) or key)
            case ast.Call(func=ast.Name(id="str" | "int" | "repr"), args=[inner, *_]):
                node = inner
            case ast.Call(func=ast.Attribute(value=inner, attr="lower" | "upper" | "strip" | "decode" | "encode" | "replace")):
                node = inner
            case ast.Call(func=inner):
                node = inner
            case ast.BoolOp(values=[inner, *_]) | ast.IfExp(body=inner) | ast.BinOp(left=inner):
                node = inner
            case _:
                break
    return "value"


def _tidy(name: str) -> str:
    return _NO_LETTER.sub("_", name).strip("_") or "value"


def instance_of(value: Value) -> Value:
    """An object of a class."""
    return Instance(value) if isinstance(value, ClassValue) else value
