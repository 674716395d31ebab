"""Lists, tuples and dicts: what is in them, and what is made of them."""

import ast

from qtops.wiring.attributes import Attributes
from qtops.wiring.texts import plain_text
from qtops.wiring.values import (
    MOST_ITEMS,
    Argument,
    ClassValue,
    External,
    Frame,
    Hole,
    Instance,
    Items,
    Plain,
    Reply,
    Table,
    Text,
    Unknown,
    Value,
    Values,
    distinct,
    join_texts,
    text,
)

MOST_ALTERNATIVES = 64  # items of a dict that one without a known key may be
_METHODS = frozenset(dir(dict))


class Containers(Attributes):
    """Evaluates displays, comprehensions and subscripts."""

    def sequence(self, node: ast.Tuple | ast.List | ast.Set, frame: Frame) -> Values:
        """``[a, b, *more]``."""
        items: list[Values] = []
        complete = len(node.elts) <= MOST_ITEMS
        for element in node.elts[:MOST_ITEMS]:
            if not isinstance(element, ast.Starred):
                items.append(self.evaluate(element, frame))
                continue
            inner = self.evaluate(element.value, frame)
            if len(inner) == 1 and isinstance(inner[0], Items):
                items += inner[0].items
                complete = complete and inner[0].complete
            else:
                known = [one for one in inner if isinstance(one, Items)]
                items += [distinct([value for one in known for values in one.items for value in values])] if known else []
                complete = complete and len(known) == len(inner) and all(one.complete for one in known)
        return (Items(tuple(items), complete),)

    def table(self, node: ast.Dict, frame: Frame) -> Values:
        """``{key: value, **more}``."""
        tables: list[Table] = [Table(())]
        for key, value in list(zip(node.keys, node.values, strict=True))[:MOST_ITEMS]:
            if key is None:
                spread = self.evaluate(value, frame)
                known = [more for more in spread if isinstance(more, Table)] or [Table((), complete=False)]
                tables = [merged(old, more) for old in tables for more in known][:MOST_ITEMS]
                continue
            keys = self.evaluate(key, frame)
            given = Argument(value, frame)
            pairs = tuple((one, given) for one in keys if isinstance(one, Text | Plain))
            complete = len(pairs) == len(keys) and len(node.keys) <= MOST_ITEMS
            tables = [Table((*old.pairs, *pairs), old.complete and complete) for old in tables]
        return tuple(tables)

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, frame: Frame) -> Values:
        """``[… for … in …]``: as many items as there are values."""
        values = self.evaluate(node.elt, frame)
        items = [value for value in values if not isinstance(value, Unknown)]
        complete = len(items) == len(values) and not node.generators[0].ifs
        return (Items(tuple((value,) for value in items), complete and bool(items)),)

    def table_comprehension(self, node: ast.DictComp, frame: Frame) -> Values:
        """``{k: v for … in …}``. A reply's fields that are merely decoded remain its fields."""
        source = node.generators[0].iter
        if isinstance(source, ast.Call) and isinstance(source.func, ast.Attribute) and source.func.attr == "items":
            fields = [
                value for value in self.evaluate(source.func.value, frame) if isinstance(value, Reply) and value.shape == "fields"
            ]
            if fields:
                return tuple(fields)
        keys, values = self.evaluate(node.key, frame), Argument(node.value, frame)
        known = [key for key in keys if isinstance(key, Text | Plain)]
        return (Table(tuple((key, values) for key in known), complete=len(known) == len(keys) and bool(keys)),)

    def subscript(self, node: ast.Subscript, frame: Frame) -> Values:
        """``of[key]``."""
        if isinstance(node.slice, ast.Slice):
            return self._slice(node, frame)
        keys = self.evaluate(node.slice, frame)
        found: list[Value] = []
        for of in self.evaluate(node.value, frame):
            for key in keys:
                found += self.at(of, key)
        return distinct(found)

    def _slice(self, node: ast.Subscript, frame: Frame) -> Values:
        found: list[Value] = []
        for of in self.evaluate(node.value, frame):
            bounds = [self._number(bound, frame) for bound in (node.slice.lower, node.slice.upper)]  # type: ignore[attr-defined]
            known = "?" not in bounds and getattr(node.slice, "step", None) is None
            lower, upper = (bound if isinstance(bound, int) else None for bound in bounds)
            if isinstance(of, Items):
                found.append(Items(of.items[lower:upper], of.complete) if known else of._replace(complete=False))
            elif isinstance(of, Text) and of.known is not None and known:
                found.append(Text((of.known[lower:upper],), of.origin))
            elif isinstance(of, Reply):
                found.append(of)
            else:
                found.append(Unknown("a part of it is not followed"))
        return tuple(found)

    def _number(self, node: ast.expr | None, frame: Frame) -> object:
        if node is None:
            return None
        values = self.evaluate(node, frame)
        only = values[0] if len(values) == 1 else None
        return only.value if isinstance(only, Plain) and isinstance(only.value, int) else "?"

    def attribute(self, of: Value, name: str, frame: Frame) -> Values:
        """An attribute of a value; of a namespace that was made as a dict is, its item."""
        if isinstance(of, Table) and name not in _METHODS:
            return self.at(of, text(name))
        return super().attribute(of, name, frame)

    def at(self, of: Value, key: Value) -> Values:
        """One item of a value, by key or index."""
        index = key.value if isinstance(key, Plain) and isinstance(key.value, int) else None
        word = key.known if isinstance(key, Text) else None
        match of:
            case Table():
                if word is None and index is None:
                    return self._any_of(of)
                found = [values for at, values in of.pairs if _same(at, key)]
                return self.given(found[-1]) if found else (Unknown(f"it has no key {word or index} that is known", word or ""),)
            case Items():
                if index is None:
                    return distinct([value for values in of.items for value in values]) or (Unknown("its index is not known"),)
                return self.item(of, index)
            case Reply() if index is not None or of.shape in {"streams", "entries"}:
                part = of.part(index)
                return (part,) if part is not None else (Unknown("a part of a reply", word or ""),)
            case External(name="os.environ") if word is not None:
                return self.variable(word)
            case External(name=name):
                return (Unknown(f"{name} is not known from source", word or ""),)
            case ClassValue() if word is not None:
                return self.attribute(of, word, self.base(of.scope))
            case Instance() if (method := self.method(of.of, "__getitem__")) is not None:
                frame = Frame(method, {**self._subject(method, of), _second(method.node): (key,)}, 2)
                return self.returned(self.attribute(of, "__getitem__", frame)[0], frame)  # type: ignore[arg-type]
        return (Unknown(of.why if isinstance(of, Unknown) and of.why else "an item of it is not known", word or ""),)

    def _any_of(self, of: Table) -> Values:
        """The values of a dict whose key is not known: one with more of them than a command may have names tells nothing."""
        self.steps += len(of.pairs)  # each is one: what leads back to itself would ask for all of them again and again
        if len(of.pairs) > MOST_ALTERNATIVES or self.steps > self.most_steps:
            return (Unknown(f"which of {len(of.pairs)} items of a dict it is, is not known"),)
        return distinct([value for _, values in of.pairs for value in self.given(values)]) or (Unknown("its key is not known"),)

    def elements(self, values: Values) -> Values:
        """What a loop over values gives."""
        found: list[Value] = []
        for value in values:
            match value:
                case Items():
                    found += [item for items in value.items for item in items]
                    if not value.complete:
                        found.append(Unknown("what it loops over is not known"))
                case Table():
                    found += [key for key, _ in value.pairs]
                    if not value.complete:
                        found.append(Unknown("what keys it has is not known"))
                case Reply(shape="keys", call=call):
                    found.append(self.matched.get(call) or Unknown("it is a key that a scan found"))
                case Reply() if (part := value.part(None)) is not None:
                    found.append(part)
                case ClassValue() if self.is_enum(value):
                    for name in self.flow(value.scope).last:
                        found += [item for item in self.attribute(value, name, self.base(value.scope)) if isinstance(item, Text)]
                case _:
                    found.append(
                        Unknown(value.why if isinstance(value, Unknown) and value.why else "what it loops over is not known")
                    )
        return distinct(found, MOST_ITEMS)

    def sum(self, left: Value, right: Value) -> Values:
        """``left + right``, ``left | right``."""
        match left, right:
            case Items(), Items():
                # What comes last is known even where what came before is not
                return (Items((*left.items, *right.items)[-MOST_ITEMS:], left.complete and right.complete),)
            case Items(), _:
                return (left._replace(complete=False),)
            case _, Items():
                return (right._replace(complete=False),)
            case Table(), Table():
                return (merged(left, right),)
            case Table(), _:
                return (left._replace(complete=False),)
            case Plain(value=int() | float()), Plain(value=int() | float()):
                return (Plain(left.value + right.value),)  # type: ignore[operator]
        first, second = plain_text(left, ""), plain_text(right, "")
        if first is None and second is None:
            return (Unknown(next((one.why for one in (left, right) if isinstance(one, Unknown)), "a sum of it is not followed")),)
        return (join_texts(first or _missing(left), second or _missing(right)),)


def _missing(value: Value) -> Text:
    name = value.name if isinstance(value, Unknown) else ""
    return Text((Hole(name or "value", value.why if isinstance(value, Unknown) else ""),))


def merged(old: Table, new: Table) -> Table:
    """A dict after ``update``."""
    return Table((*old.pairs, *new.pairs)[:MOST_ITEMS], old.complete and new.complete)


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, Text) and isinstance(other, Text):
        return one.known is not None and one.known == other.known
    return isinstance(one, Plain) and isinstance(other, Plain) and one.value == other.value


def _second(node: ast.AST) -> str:
    arguments = node.args.args if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else []
    return arguments[1].arg if len(arguments) > 1 else ""
