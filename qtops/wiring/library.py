"""What calls of the library give: environment, text, containers, and everything that makes or uses a client of Redis."""

import ast

from qtops.wiring import texts
from qtops.wiring.calls import Calls
from qtops.wiring.clients import is_client_name, makes_client
from qtops.wiring.commands import AMBIGUOUS, METHODS, command
from qtops.wiring.state import label
from qtops.wiring.values import (
    Bound,
    ClassValue,
    Client,
    External,
    Frame,
    FunctionValue,
    Hole,
    Instance,
    Items,
    Made,
    Member,
    Plain,
    Reply,
    Script,
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
_FIELDS = frozenset({"dataclasses.field", "pydantic.Field", "attr.ib", "attrs.field", "attr.Factory", "msgspec.field"})
_CLIENT_MEMBERS = frozenset({"pipeline", "pubsub", "client", "multi", "initialize", "__aenter__", "with_retry", "master_for", "slave_for",
                             "aclose"})  # fmt: skip
_NO_METHODS = (Text, Items, Table, Plain, Instance, ClassValue, FunctionValue, Made, Reply)


class Library(Calls):
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
                return self._member(function, node, frame)
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
                return self._reply(called.attr, node, frame)
        why = function.why if isinstance(function, Unknown) and function.why else f"what {label(node)}() returns is not known"
        return (Unknown(why, label(node)),)

    # ---- clients

    def is_client(self, node: ast.expr, method: str, frame: Frame) -> bool:
        """Whether the receiver of a method is a client of Redis: traced to one, or named so where nothing else is known of it."""
        if method not in METHODS:
            return False
        if method in AMBIGUOUS and not self.closure.has_client and not self.looks_like_client(node):
            return False
        values = self.evaluate(node, frame)
        if any(isinstance(value, Client) for value in values):
            return True
        known = [value for value in values if not isinstance(value, Unknown | Plain)]
        if known and all(isinstance(value, _NO_METHODS) or self._is_foreign(value) for value in known):
            return False
        return method not in AMBIGUOUS or self.looks_like_client(node)

    def _is_foreign(self, value: Value) -> bool:
        return isinstance(value, External) and not makes_client(value.name)

    def looks_like_client(self, node: ast.expr) -> bool:
        """Whether an expression is named as clients of Redis are."""
        match node:
            case ast.Await(value=inner):
                return self.looks_like_client(inner)
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return is_client_name(name)
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                return name in {"pipeline", "pubsub"} or is_client_name(name.removeprefix("get_").removeprefix("_get_"))
        return False

    def _reply(self, method: str, node: ast.Call, frame: Frame) -> Values:
        name = METHODS.get(method)
        if name is None:
            return (Unknown(f"what {method}() answers is not known", label(node)),)
        shape = command(name).reply
        if shape == "keys":
            self._remember_pattern(node, frame)
        return (Reply(node, shape, name),) if shape else (Unknown(f"what {name} answers is not known", label(node)),)  # type: ignore[arg-type]

    def _remember_pattern(self, node: ast.Call, frame: Frame) -> None:
        given = next((word.value for word in node.keywords if word.arg in {"match", "pattern"}), None)
        if given is None and node.args:
            given = node.args[-1]
        for value in self.evaluate(given, frame) if given is not None else ():
            if isinstance(value, Text):
                self.matched[node] = with_any(value, "key")

    def _member(self, function: Member, node: ast.Call, frame: Frame) -> Values:
        of, name = function.of, function.name
        match of:
            case Client():
                if name in _CLIENT_MEMBERS:
                    return (Client(name),)
                if name == "register_script":
                    return (Script(),)
                return (of,) if of.kind == "pipeline" and name in METHODS else self._reply(name, node, frame)
            case Text():
                return self._text(of, name, node, frame)
            case Table():
                return self._table(of, name, node, frame)
            case Reply(shape="fields") if name in {"copy"}:
                return (of,)
            case Reply(shape="fields") if name == "items":
                return (of._replace(shape="pairs"),)
            case Reply(shape="streams" | "stream") if name in {"items", "values"}:
                return (of,) if name == "items" else (of._replace(shape="stream"),)
            case Items() if name == "copy":
                return (of,)
            case Made() if makes_client(f"{of.by}.{name}"):
                return (Client(),)
        return (Unknown(f"what {label(node)}() returns is not known", label(node)),)

    # ---- text and containers

    def _text(self, of: Text, name: str, node: ast.Call, frame: Frame) -> Values:
        if name == "join" and node.args:
            found: list[Value] = []
            for value in self.evaluate(node.args[0], frame):
                made = texts.joined(of, list(value.items)) if isinstance(value, Items) and value.complete else None
                if made is None and isinstance(value, Items) and value.complete:
                    pieces: list[tuple[Text, ...]] = [self.pieces(one, "value") for one in value.items]
                    between = [piece for one in pieces for piece in ((of,), one)][1:]
                    found += texts.combined(between, ["value"] * len(between))
                else:
                    found.append(made or Unknown("what it joins is not known", "value"))
            return tuple(found)
        if name == "format" and of.known is not None:
            given = [self.pieces(self.evaluate(one, frame), label(one))[0] for one in node.args if not isinstance(one, ast.Starred)]
            named = {
                word.arg: self.pieces(self.evaluate(word.value, frame), label(word.value))[0] for word in node.keywords if word.arg
            }
            made = texts.formatted(of.known, given, named)
            return (made._replace(origin=made.origin or of.origin),) if made else (Unknown("its format is not understood"),)
        words = [self._word(one, frame) for one in node.args]
        return (texts.method(of, name, words) or Unknown(f"what {name}() makes of it is not known", label(node)),)

    def _word(self, node: ast.expr, frame: Frame) -> str | None:
        values = self.evaluate(node, frame)
        only = values[0] if len(values) == 1 else None
        return only.known if isinstance(only, Text) else None

    def pieces(self, values: Values, name: str) -> tuple[Text, ...]:
        """Values as pieces of a text; what is not known of them is a hole of that name."""
        found = []
        for value in values:
            made = texts.plain_text(value, name)
            if made is None:
                short = isinstance(value, Unknown) and (len(name) <= 2 or name == "value") and len(value.name) > 2
                made = Text((Hole(value.name if short and isinstance(value, Unknown) else name, getattr(value, "why", "")),))
            found.append(made)
        return tuple(dict.fromkeys(found)) or (Text((Hole(name),)),)

    def _table(self, of: Table, name: str, node: ast.Call, frame: Frame) -> Values:
        match name:
            case "items":
                return (Items(tuple((Items(((key,), self.given(values))),) for key, values in of.pairs), of.complete),)
            case "keys":
                return (Items(tuple((key,) for key, _ in of.pairs), of.complete),)
            case "values":
                return (Items(tuple(self.given(values) for _, values in of.pairs), of.complete),)
            case "copy":
                return (of,)
            case "get" | "pop" | "setdefault" if node.args:
                found: list[Value] = []
                for key in self.evaluate(node.args[0], frame):
                    found += self.at(of, key)
                known = [value for value in found if not isinstance(value, Unknown)]
                if (len(known) < len(found) or not of.complete) and len(node.args) > 1:
                    known += self.evaluate(node.args[1], frame)
                return distinct(known) or distinct(found)
        return (Unknown(f"what {name}() of it gives is not followed"),)

    # ---- by name

    def _external(self, name: str, node: ast.Call, frame: Frame) -> Values:
        tail = name.rpartition(".")[2]
        if makes_client(name):
            return (Client(),)
        if name in _GETENV and node.args:
            return self._getenv(node, frame)
        if name in _FIELDS:
            return self._field(node, frame)
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
        return (Made(name),) if tail[:1].isupper() else (Unknown(f"what {label(node)}() returns is not known", label(node)),)

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
        known = [value for value in found if not isinstance(value, Unknown)]
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


def with_any(value: Text, name: str) -> Text:
    """A pattern as Redis matches it: ``*`` is a hole."""
    parts: list[str | Hole] = []
    for part in value.parts:
        if not isinstance(part, str):
            parts.append(part)
            continue
        for at, piece in enumerate(part.split("*")):
            if at:
                parts.append(Hole(name, "it matches any"))
            if piece:
                parts.append(piece)
    return Text(tuple(parts), value.origin)
