"""What an expression may be: texts with holes, containers, objects of the project, clients of Redis and their replies.

An expression has several values where several are possible: a tuple of alternatives.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from qtops.wiring.bindings import Binding
    from qtops.wiring.outline import Outline, Scope

MOST_ITEMS = 256  # of one container
LONGEST = 512  # characters of a name


class Hole(NamedTuple):
    """A piece of text that is not known."""

    name: str
    why: str = ""


class Text(NamedTuple):
    """Text: pieces that are known, and holes. Bytes are text too."""

    parts: tuple[str | Hole, ...]
    origin: tuple[str, ...] = ()
    """Where it comes from, where that is no literal: "default of STREAM_IN"."""

    @property
    def known(self) -> str | None:
        """The whole text; None where there is a hole."""
        return "".join(self.parts) if all(isinstance(part, str) for part in self.parts) else None  # type: ignore[arg-type]

    @property
    def shown(self) -> str:
        """With placeholders for holes."""
        return "".join(part if isinstance(part, str) else f"<{part.name}>" for part in self.parts)

    @property
    def says_something(self) -> bool:
        """Whether a letter or digit of it is known."""
        return any(isinstance(part, str) and any(character.isalnum() for character in part) for part in self.parts)


class Plain(NamedTuple):
    """A number, a truth value or None."""

    value: object


class Unknown(NamedTuple):
    """Nothing is known of it."""

    why: str
    name: str = ""
    """What to call it in a placeholder."""
    variable: str = ""
    """The variable of the environment that is not set."""


class Items(NamedTuple):
    """A list, tuple or set; each item with its alternatives."""

    items: "tuple[Values, ...]"
    complete: bool = True


class Table(NamedTuple):
    """A dict: keys with the alternatives of their values."""

    pairs: "tuple[tuple[Value, Given], ...]"
    complete: bool = True


class External(NamedTuple):
    """Something that is not of the project, by its dotted name: ``redis.Redis``, ``os.environ``, ``builtins.str``."""

    name: str


class Made(NamedTuple):
    """What a call of something external gives: ``httpx.Client``."""

    by: str


class ModuleValue(NamedTuple):
    """A module of the project."""

    outline: "Outline"


class Argument(NamedTuple):
    """An argument as it stands in a call, or a value in a dict; evaluated when it is asked for."""

    node: "ast.expr | Binding"
    frame: "Frame"


@dataclass(eq=False, frozen=True, slots=True)
class Frame:
    """A scope as it is run. ``arguments`` is None where any caller may have called it."""

    scope: "Scope"
    arguments: "Arguments | None" = None
    depth: int = 0
    at: str = ""
    """FILE:LINE of the call."""
    outer: "Frame | None" = None
    """The frame that it was defined in."""
    items: "dict[ast.AST, Values] | None" = None
    """Of loops over what is known: the item of this turn, by what is iterated over."""


class ClassValue(NamedTuple):
    """A class of the project."""

    scope: "Scope"
    frame: Frame


class FunctionValue(NamedTuple):
    """A function of the project; ``subject`` is what it is bound to."""

    node: "ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda"
    scope: "Scope"
    """Its own; of a lambda the one that it stands in."""
    frame: Frame
    subject: "Value | None" = None


@dataclass(eq=False, frozen=True, slots=True)
class Instance:
    """An object of a class of the project; ``given`` what its constructor was called with, where that is known."""

    of: ClassValue
    given: "Arguments | None" = None


class Member(NamedTuple):
    """A method of a value that is no object of the project: ``"…".upper``, ``r.hset``."""

    of: "Value"
    name: str


class Client(NamedTuple):
    """A client of Redis, a pipeline or a subscriber."""

    kind: str = "client"


class Script(NamedTuple):
    """A registered Lua script."""


class Bound(NamedTuple):
    """functools.partial."""

    function: "Value"
    positional: "tuple[Values, ...]"
    named: "tuple[tuple[str, Values], ...]"


Shape = Literal["streams", "stream", "entries", "entry", "claimed", "fields", "pairs", "values", "value", "keys"]
_STEPS: dict[tuple[Shape, int | None], Shape] = {
    ("streams", None): "stream",
    ("stream", 1): "entries",
    ("entries", None): "entry",
    ("entry", 1): "fields",
    ("claimed", 1): "entries",
}


class Reply(NamedTuple):
    """What a command answers, or a part of it. ``call`` is the command."""

    call: ast.AST
    shape: Shape
    command: str = ""

    def part(self, index: int | None) -> "Reply | None":
        """An item: by its index, or any (None) of a loop."""
        shape = _STEPS.get((self.shape, index)) or _STEPS.get((self.shape, None))
        return None if shape is None else self._replace(shape=shape)


Value = (
    Text | Plain | Unknown | Items | Table | External | Made | ModuleValue | ClassValue | FunctionValue | Instance | Member
    | Client | Script | Bound | Reply
)  # fmt: skip
Values = tuple[Value, ...]
Given = Values | Argument  # an Argument is a tuple as well: it is told by its class
Arguments = dict[str, Given]


def text(words: str, *origin: str) -> Text:
    """Text that is known."""
    return Text((words,), origin)


def hole(name: str, why: str = "") -> Text:
    """Text of which nothing is known."""
    return Text((Hole(name, why),))


def join_texts(*texts: Text) -> Text:
    """One after the other."""
    parts: list[str | Hole] = []
    for part in (part for piece in texts for part in piece.parts):
        if isinstance(part, str) and parts and isinstance(parts[-1], str):
            parts[-1] += part
        else:
            parts.append(part)
    origin = tuple(dict.fromkeys(word for piece in texts for word in piece.origin))
    return Text(tuple(parts), origin)


def distinct(values: "Sequence[Value]", most: int = MOST_ITEMS) -> Values:
    """Each value once; no more than can be looked at."""
    if len(values) <= 1:
        return tuple(values)
    found: list[Value] = []
    seen: set[object] = set()
    for value in values:
        mark = _mark(value)
        if mark not in seen:
            seen.add(mark)
            found.append(value)
            if len(found) >= most:
                break
    return tuple(found)


def _mark(value: Value) -> object:
    if isinstance(value, Plain):
        return type(value.value), repr(value.value)
    if isinstance(value, Text | Unknown | External | Made | Client | Reply):
        return value
    if isinstance(value, ClassValue):
        return value.scope
    if isinstance(value, Instance):
        return value.of.scope if value.given is None else id(value)
    return id(value)
