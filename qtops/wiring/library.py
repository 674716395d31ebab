"""What calls of the library give: environment, text, containers, and everything that makes or uses a client of Redis."""

import ast

from qtops.wiring.clients import makes_client
from qtops.wiring.decoded import LOADS, decoded
from qtops.wiring.members import Members
from qtops.wiring.state import label
from qtops.wiring.values import (
    Bound,
    ClassValue,
    Client,
    External,
    Frame,
    FunctionValue,
    Instance,
    Items,
    Made,
    Member,
    Plain,
    Reply,
    Table,
    Text,
    Unknown,
    Value,
    Values,
    distinct,
)

_GETENV = frozenset({"os.getenv", "os.environ.get", "os.environ.setdefault", "os.environ.pop", "os.getenvb", "decouple.config",
                     "environs.Env.str", "starlette.config.Config"})  # fmt: skip
_SAME = frozenset(
    [
        "str", "bytes", "list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "dict", "aiter", "deque",
        "OrderedDict", "cast", "deepcopy", "copy", "intern", "MappingProxyType", "run", "wait_for", "shield", "gather",
    ]
)  # fmt: skip
_CONNECTS = frozenset({"connect", "connect_robust", "create_pool", "create_engine", "client", "resource", "create_connection"})
"""What gives a connection to something else: ``nats.connect``, ``asyncpg.create_pool``, ``boto3.client``."""
_TABLES = frozenset({"SimpleNamespace", "Munch", "Box", "AttrDict", "EasyDict"})
"""What is made as a dict is, and has its items as attributes."""
_FIELDS = frozenset({"dataclasses.field", "pydantic.Field", "attr.ib", "attrs.field", "attr.Factory", "msgspec.field"})


class Library(Members):
    """Calls of what is not the project's own."""

    def invoke(self, function: Value, node: ast.Call, frame: Frame) -> Values:
        """What a call gives."""
        match function:
            case FunctionValue():
                return self.call_function(function, node, frame)
            case ClassValue():
                return self.construct(function, node, frame)
            case External(name=name):
                return self._external(name, node, frame)
            case Member():
                return self.member(function, node, frame)
            case Bound():
                return self.apply(function.function, [*function.positional, *(self.evaluate(one, frame) for one in node.args)])
            case Instance() if (method := self.method(function.of, "__call__")) is not None:
                inner = FunctionValue(method.node, method, self.base(method.outer or method), function)  # type: ignore[arg-type]
                return self.call_function(inner, node, frame)
        return self._unknown(function, node, frame)

    def _unknown(self, function: Value, node: ast.Call, frame: Frame) -> Values:
        called = node.func
        if isinstance(called, ast.Attribute):
            if called.attr in {"pipeline", "pubsub"} and self.looks_like_client(called.value):
                return (Client(called.attr),)
            if self.is_client(called.value, called.attr, frame):
                return self.reply(called.attr, node, frame)
        why = function.why if isinstance(function, Unknown) and function.why else f"what {label(node)}() returns is not known"
        return (Unknown(why, label(node)),)

    # ---- by name

    def _external(self, name: str, node: ast.Call, frame: Frame) -> Values:  # noqa: C901, PLR0912  (a row for each form)
        tail = name.rpartition(".")[2]
        if makes_client(name):
            return (Client(),)
        if name in _GETENV and node.args:
            return self._getenv(node, frame)
        if name in _FIELDS:
            return self._field(node, frame)
        if tail in _TABLES:
            return self._dict(node, frame)
        if name in LOADS and node.args:
            return distinct([decoded(value) for value in self.evaluate(node.args[0], frame)])
        if tail in _SAME:
            return self._same(tail, node, frame)
        match tail:
            case "Depends" if node.args:
                made = [value for one in self.evaluate(node.args[0], frame) for value in self.apply(one, [])]
                return distinct(
                    [part for value in made for part in (self.elements((value,)) if isinstance(value, Items) else (value,))]
                )
            case "next" | "anext" | "choice" if node.args:
                return self.elements(self.evaluate(node.args[0], frame))
            case "enumerate" if node.args:
                given = self.evaluate(node.args[0], frame)
                parts = self.elements(given)
                return (Items(tuple(((Items(((Unknown("a number", "number"),), (part,))),)) for part in parts)),)
            case "zip":
                return self._zip(node, frame)
            case "partial" if node.args:
                functions = self.evaluate(node.args[0], frame)
                more = tuple(self.evaluate(one, frame) for one in node.args[1:])
                named = tuple((word.arg, self.evaluate(word.value, frame)) for word in node.keywords if word.arg)
                return tuple(Bound(function, more, named) for function in functions)
            case "getattr" if len(node.args) > 1:
                return self._getattr(node, frame)
            case "map" if len(node.args) == 2:
                items = self.elements(self.evaluate(node.args[1], frame))
                made = [
                    value for one in self.evaluate(node.args[0], frame) for item in items for value in self.apply(one, [(item,)])
                ]
                return (Items(tuple((value,) for value in made), bool(made)),)
            case "asdict" | "model_dump" | "to_dict" | "astuple" if node.args:
                return self._as_table(node, frame)
            case "fromkeys" if node.args:
                keys = self.elements(self.evaluate(node.args[0], frame))
                return (Table(tuple((key, (Unknown("a default"),)) for key in keys if isinstance(key, Text | Plain))),)
        return (
            (Made(name),)
            if tail[:1].isupper() or tail in _CONNECTS
            else (Unknown(f"what {label(node)}() returns is not known", label(node)),)
        )

    def _getenv(self, node: ast.Call, frame: Frame) -> Values:
        given = next((word.value for word in node.keywords if word.arg == "default"), None)
        given = node.args[1] if len(node.args) > 1 else given
        default = self.evaluate(given, frame) if given is not None else None
        found: list[Value] = []
        for value in self.evaluate(node.args[0], frame):
            if isinstance(value, Text) and value.known is not None:
                found += self.variable(value.known, default)
            else:
                found.append(Unknown("which variable of the environment it is, is not known", label(node.args[0])))
        return distinct(found)

    def _field(self, node: ast.Call, frame: Frame) -> Values:
        for word in node.keywords:
            if word.arg in {"default_factory", "factory"}:
                return distinct([value for one in self.evaluate(word.value, frame) for value in self._made_by(one)])
            if word.arg == "default":
                return self.evaluate(word.value, frame)
        if node.args and not (isinstance(node.args[0], ast.Constant) and node.args[0].value is ...):
            return self.evaluate(node.args[0], frame)
        return (Unknown("a field without default"),)

    def _made_by(self, factory: Value) -> Values:
        if isinstance(factory, External):
            return (Items(()),) if factory.name.endswith("list") else (Table(()),)
        return self.apply(factory, [])

    def _same(self, tail: str, node: ast.Call, frame: Frame) -> Values:
        if tail == "dict":
            return self._dict(node, frame)
        if not node.args:
            return (Items(()),) if tail in {"list", "tuple", "set", "frozenset", "deque"} else (Text(("",)),)
        values = self.evaluate(node.args[1 if tail == "cast" and len(node.args) > 1 else 0], frame)
        if tail in {"str", "bytes"}:
            return self.pieces(values, label(node.args[0]))
        if tail in {"sorted", "reversed", "list", "tuple", "set", "frozenset", "deque", "iter"}:
            return tuple(
                Items(tuple((key,) for key, _ in one.pairs), one.complete) if isinstance(one, Table) else one for one in values
            )
        return values

    def _dict(self, node: ast.Call, frame: Frame) -> Values:
        named, complete = self._named(node, frame)
        more = Table(tuple((Text((name,)), values) for name, values in named.items()), complete)
        if not node.args:
            return (more,)
        found: list[Value] = []
        for value in self.evaluate(node.args[0], frame):
            if isinstance(value, Reply):
                found.append(value)
            elif isinstance(value, Table):
                found += self.sum(value, more)
            else:
                found.append(more._replace(complete=False))
        return tuple(found)

    def _zip(self, node: ast.Call, frame: Frame) -> Values:
        lists = [self.evaluate(one, frame) for one in node.args]
        known = [one[0] for one in lists if len(one) == 1 and isinstance(one[0], Items) and one[0].complete]
        if len(known) == len(lists) and known:
            return (Items(tuple((Items(row),) for row in zip(*(one.items for one in known), strict=False))),)
        return (Items(((Items(tuple(self.elements(one) for one in lists)),),), complete=False),)

    def _getattr(self, node: ast.Call, frame: Frame) -> Values:
        found: list[Value] = []
        for of in self.evaluate(node.args[0], frame):
            for name in self.evaluate(node.args[1], frame):
                word = name.known if isinstance(name, Text) else None
                found += self.attribute(of, word, frame) if word else (Unknown("which attribute it is, is not known"),)
        known: list[Value] = [value for value in found if not isinstance(value, Unknown)]
        if len(known) < len(found) and len(node.args) > 2:
            known += self.evaluate(node.args[2], frame)
        return distinct(known) or distinct(found)

    def _as_table(self, node: ast.Call, frame: Frame) -> Values:
        return tuple(self.fields_of(value) for value in self.evaluate(node.args[0], frame))

    def fields_of(self, value: Value) -> Value:
        """The fields of an object of a dataclass or model, as a dict."""
        if not isinstance(value, Instance):
            return Unknown("what is in it is not known")
        names = [name for cls in reversed(self.line(value.of)) for name in self.field_names(cls)]
        return Table(tuple((Text((name,)), (Unknown("a field"),)) for name in names), bool(names))
