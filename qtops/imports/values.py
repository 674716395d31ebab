"""What an expression can be worth without running it: plain Python constants, pathlib paths, and the few kinds below."""

import ast
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qtops.imports.modules import LoadedModule

Value = Any
"""str, int, bool, None, tuple, list, dict, PurePosixPath … as themselves; everything else is one of the classes below."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that cannot be told, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Maybe:
    """A name that is bound on some of the ways that led here."""

    why: str


@dataclass(frozen=True, slots=True)
class External:
    """Something of the standard library or of a distribution, by its dotted name: only calls that matter are known."""

    name: str


@dataclass(eq=False, repr=False, slots=True)
class Scope:
    """A namespace: of a module, a function call or a class body; ``outer`` is where a missing name is looked up."""

    names: dict[str, Value]
    module: "LoadedModule"
    outer: "Scope | None" = None
    is_class: bool = False
    global_names: frozenset[str] = frozenset()

    @property
    def function_outer(self) -> "Scope":
        """The scope that a function defined here sees: class bodies are passed over."""
        scope = self
        while scope.is_class and scope.outer is not None:
            scope = scope.outer
        return scope


@dataclass(eq=False, repr=False, slots=True)
class Function:
    """A function of the project."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope
    defaults: dict[str, Value] = field(default_factory=dict)
    is_property: bool = False
    doubt: str | None = None
    """A decorator that is not known stands before it."""

    @property
    def name(self) -> str:
        """Its name, for messages."""
        return "<lambda>" if isinstance(self.node, ast.Lambda) else self.node.name

    @property
    def is_generator(self) -> bool:
        """Whether calling it runs nothing yet."""
        return not isinstance(self.node, ast.Lambda) and _yields(self.node)

    def doubted(self, why: str) -> "Function":
        """The same function, behind something that is not known."""
        return replace(self, doubt=why)


@dataclass(eq=False, repr=False, slots=True)
class Class:
    """A class of the project."""

    name: str
    names: dict[str, Value]
    bases: tuple[Value, ...]
    unsure: tuple[Value, ...] = ()
    """Functions of a metaclass that may run when an object is made."""

    def find(self, name: str) -> Value | None:
        """An attribute, along the bases that are known; None when it is not found."""
        if name in self.names:
            return self.names[name]
        for base in self.bases:
            if isinstance(base, Class) and (found := base.find(name)) is not None:
                return found
        return None


@dataclass(eq=False, repr=False, slots=True)
class Instance:
    """An object of a class of the project."""

    of: Class
    attributes: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bound:
    """A function with its first argument."""

    function: Function
    subject: Value

    @property
    def name(self) -> str:
        """The function's."""
        return self.function.name


@dataclass(frozen=True, slots=True)
class Coroutine:
    """A call of an async function that waits to be awaited."""

    call: Function
    positional: tuple[Value, ...]
    named: tuple[tuple[str, Value], ...]


@lru_cache(maxsize=4096)
def _yields(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    pending: list[ast.AST] = list(node.body)
    while pending:
        part = pending.pop()
        if isinstance(part, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending += ast.iter_child_nodes(part)
    return False


_DEEPEST = 8
_OBJECTS = (Function, Class, Instance, Bound, Coroutine)


def truth(value: Value) -> bool | None:
    """Whether a value counts as true; None when that cannot be told."""
    if isinstance(value, Unknown | Maybe | External):
        return None
    if isinstance(value, Instance):
        return None if value.of.find("__bool__") or value.of.find("__len__") else True
    if isinstance(value, _OBJECTS) or not isinstance(value, str | bytes | int | float | complex | tuple | list | dict | set | None):
        return True
    return bool(value)


def doubt_in(*values: Value, depth: int = 0) -> str | None:
    """Why something made of these values cannot be told; None when all are known."""
    if depth > _DEEPEST:
        return "a value that is nested deeply"
    for value in values:
        if isinstance(value, Unknown | Maybe):
            return value.why
        if isinstance(value, External):
            return f"the value of {value.name} is not known"
        if isinstance(value, list | tuple | set) and (why := doubt_in(*value, depth=depth + 1)) is not None:
            return why
        if isinstance(value, dict) and (why := doubt_in(*value.values(), depth=depth + 1)) is not None:
            return why
    return None


def is_plain(value: Value, depth: int = 0) -> bool:
    """Whether a value is made of constants and paths alone, so that Python's own operators give what they give at run time."""
    if isinstance(value, list | tuple | set):
        return depth <= _DEEPEST and all(is_plain(item, depth + 1) for item in value)
    if isinstance(value, dict):
        return depth <= _DEEPEST and all(is_plain(item, depth + 1) for item in (*value, *value.values()))
    return value is None or isinstance(value, str | bytes | int | float | PurePosixPath | slice)
