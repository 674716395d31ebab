"""What methods of texts, dicts, clients of Redis and their replies give."""

import ast

from qtops.wiring import texts
from qtops.wiring.calls import Calls
from qtops.wiring.clients import is_client_class, is_client_name, makes_client
from qtops.wiring.commands import AMBIGUOUS, METHODS, command
from qtops.wiring.outline import Scope
from qtops.wiring.state import label
from qtops.wiring.values import (
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

_CLIENT_MEMBERS = frozenset(
    {"pipeline", "pubsub", "client", "multi", "initialize", "__aenter__", "master_for", "slave_for", "aclose"}
)
_NO_METHODS = (Text, Items, Table, Plain, Instance, ClassValue, FunctionValue, Made, Reply)


class Members(Calls):
    """Calls of methods of what is not the project's own."""

    def is_client(self, node: ast.expr, method: str, frame: Frame) -> bool:
        """Whether the receiver of a method is a client of Redis: traced to one, or named so where nothing else is known of it."""
        if method not in METHODS:
            return False
        if method in AMBIGUOUS and not self.closure.has_client and not self.looks_like_client(node):
            return False
        values = self.evaluate(node, frame)
        if any(isinstance(value, Client) or (isinstance(value, Instance) and self._is_proxy(value, method)) for value in values):
            return True
        known = [value for value in values if not isinstance(value, Unknown | Plain)]
        if known and all(isinstance(value, _NO_METHODS) or self._is_foreign(value) for value in known):
            return False
        return method not in AMBIGUOUS or self.looks_like_client(node)

    def is_method_of_client(self, node: ast.Attribute, scope: Scope) -> bool:
        """Whether an attribute that is not called where it stands is a command all the same."""
        return self.is_traced(node.value, scope) or (
            node.attr not in AMBIGUOUS and self.is_client(node.value, node.attr, self.base(scope))
        )

    def is_traced(self, node: ast.expr, scope: Scope) -> bool:
        """Whether an expression is known to be a client: not by its name alone."""
        return any(isinstance(value, Client) for value in self.evaluate(node, self.base(scope)))

    def _is_proxy(self, of: Instance, method: str) -> bool:
        """Whether an object passes a method on to a client: its class derives from one, or has ``__getattr__``."""
        if self.method(of.of, method) is not None:
            return False
        bases = (base for cls in self.line(of.of) for base in self.bases(cls))
        if any(isinstance(base, External) and is_client_class(base.name) for base in bases):
            return True
        asked = self.method(of.of, "__getattr__")
        for node in ast.walk(asked.node) if asked is not None else ():
            match node:
                case ast.Call(func=ast.Name(id="getattr"), args=[inner, *_]):
                    if any(isinstance(value, Client) for value in self.evaluate(inner, self.base(asked))):  # type: ignore[arg-type]
                        return True
        return False

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

    def reply(self, method: str, node: ast.Call, frame: Frame) -> Values:
        """What a command answers, as far as it is followed."""
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

    def member(self, function: Member, node: ast.Call, frame: Frame) -> Values:
        """What a method of a client, a text or a container gives."""
        of, name = function.of, function.name
        match of:
            case Client():
                if name in _CLIENT_MEMBERS:
                    return (Client(name),)
                if name == "register_script":
                    return (Script(),)
                return (of,) if of.kind == "pipeline" and name in METHODS else self.reply(name, node, frame)
            case Text():
                return self._text(of, name, node, frame)
            case Table():
                return self._table(of, name, node, frame)
            case Reply(shape="fields") if name == "copy":
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
                known: list[Value] = [value for value in found if not isinstance(value, Unknown)]
                if (len(known) < len(found) or not of.complete) and len(node.args) > 1:
                    known += self.evaluate(node.args[1], frame)
                return distinct(known) or distinct(found)
        return (Unknown(f"what {name}() of it gives is not followed"),)


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
