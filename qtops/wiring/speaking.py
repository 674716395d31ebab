"""From a call, tuple or text to what it says to Redis: the command, its names, fields, group and limits."""

import ast
from typing import Literal, NamedTuple

from qtops.wiring.commands import COMMANDS, METHODS, Command, command
from qtops.wiring.evaluate import Evaluator
from qtops.wiring.handed import of_module
from qtops.wiring.members import with_any
from qtops.wiring.outline import Scope
from qtops.wiring.raw import Raw, Said
from qtops.wiring.state import label
from qtops.wiring.values import Frame, Items, Plain, Script, Table, Text, Unknown, Values, text

_MANY = frozenset(name for name, row in COMMANDS.items() if row.keys != "1") | {"redis-cli"}


class Candidate(NamedTuple):
    """What is a command, or may be one."""

    form: Literal["method", "raw", "words", "script", "typed", "handed on", "of a module"]
    node: ast.expr
    scope: Scope
    naming: list[ast.expr]
    """The expressions that its names depend on."""


def candidate(evaluator: Evaluator, node: ast.expr, scope: Scope) -> Candidate | None:
    """Whether it speaks to Redis at all."""
    if isinstance(node, ast.Tuple | ast.List):
        return Candidate("words", node, scope, node.elts[1:] if _word(node) in _MANY else node.elts[1:2])
    if isinstance(node, ast.Attribute):
        known = node.attr in METHODS and evaluator.is_method_of_client(node, scope)
        return Candidate("handed on", node, scope, []) if known else None
    if not isinstance(node, ast.Call):
        return None
    called = node.func
    if isinstance(called, ast.Attribute) and called.attr == "execute_command":
        return Candidate("raw", node, scope, list(node.args))
    if of_module(node) and evaluator.is_traced(called.value.func.value, scope):  # type: ignore[attr-defined]
        return Candidate("of a module", node, scope, [])
    if isinstance(called, ast.Attribute) and called.attr in METHODS:
        known = evaluator.is_client(called.value, called.attr, evaluator.base(scope.module.stands.get(called, scope)))
        return Candidate("method", node, scope, _naming(command(METHODS[called.attr]), node)) if known else None
    if any(isinstance(value, Script) for value in evaluator.evaluate(called, evaluator.base(scope))):
        return Candidate("script", node, scope, [word.value for word in node.keywords if word.arg == "keys"])
    first = node.args[0] if node.args else None
    return Candidate("typed", node, scope, [first]) if isinstance(first, ast.Constant | ast.JoinedStr) else None


def _word(node: ast.Tuple | ast.List) -> str:
    first = node.elts[0]
    return str(constant_word(first.value)) if isinstance(first, ast.Constant) else ""


def constant_word(value: object) -> object:
    """Bytes as text."""
    return value.decode("ascii", "replace") if isinstance(value, bytes) else value


def _naming(row: Command, node: ast.Call) -> list[ast.expr]:
    """Where a method has its names: most take one, first or by its keyword."""
    named = [word.value for word in node.keywords if word.arg in {row.argument, "name", "key", "streams", "match", "names", "keys"}]
    if row.keys == "1" and node.args:
        return node.args[:1]
    return [*node.args, *named] if row.keys != "1" else named


class Speaking(Raw):
    """Says what a candidate says in one frame."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def said(self, found: Candidate, frame: Frame) -> list[Said]:
        """The commands; none where it is something else after all."""
        match found.form, found.node:
            case "raw", ast.Call(args=words):
                return self.raw(self._sequence(ast.Tuple(words, ast.Load()), frame), strict=False)
            case "method", ast.Call(func=ast.Attribute(attr=method)) as node:
                return [self._method(METHODS[method], method, node, frame)]
            case "handed on", ast.Attribute(attr=method):
                return [Said(METHODS[method], (Unknown("the method is handed on, and who calls it is not followed"),))]
            case "of a module", ast.Call() as node:
                return [Said(of_module(node), (Unknown("what modules of Redis keep is not followed"),))]
            case "script", ast.Call() as node:
                return [Said("EVALSHA", self._flat(self._argument(node, 99, "keys"), frame))]
            case "typed", ast.Call() as node:
                return [said for value in self._values(node.args[0], frame) for said in self.typed(value)]
            case _, (ast.Tuple() | ast.List()) as words:
                first = words.elts[0]
                sure = isinstance(first, ast.Constant) and isinstance(first.value, bytes)
                return self.raw(self._sequence(words, frame), strict=True, sure=sure)
        return []

    def _values(self, node: ast.expr | None, frame: Frame) -> Values:
        return self._evaluator.evaluate(node, frame) if node is not None else ()

    def _sequence(self, node: ast.Tuple | ast.List, frame: Frame) -> Items:
        return self._evaluator.sequence(node, frame)[0]  # type: ignore[return-value]

    # ---- methods of redis-py

    def _argument(self, node: ast.Call, at: int, *names: str) -> ast.expr | None:
        for word in node.keywords:
            if word.arg in names:
                return word.value
        return node.args[at] if at < len(node.args) else None

    def _flat(self, node: ast.expr | None, frame: Frame) -> Values:
        """Names that are given as one text, a list of them, or the keys of a dict."""
        found: list[object] = []
        for value in self._values(node, frame):
            if isinstance(value, Items | Table):
                found += self._evaluator.elements((value,))
            else:
                found.append(value)
        return tuple(found)  # type: ignore[arg-type]

    def _method(self, name: str, method: str, node: ast.Call, frame: Frame) -> Said:
        row = command(name)
        more = self._fields(name, row, node, frame)
        group = self._argument(node, 0 if name == "XREADGROUP" else 1, "groupname", "group")
        grouped = name in {"XREADGROUP", "XACK", "XAUTOCLAIM", "XCLAIM", "XPENDING"} or name.startswith("XGROUP")
        by_type = " TYPE" if name == "SCAN" and self._argument(node, 99, "_type") is not None else ""
        return Said(
            name + by_type,
            self._names(row, method, node, frame),
            *more,
            group=self._word(group, frame) if grouped else "",
            creates=name == "XGROUP CREATE" and self._is_true(self._argument(node, 3, "mkstream"), frame),
            capped=self._capped(node, frame) if name == "XADD" else None,
            expires=self._expires(row, node, frame),
        )

    def _names(self, row: Command, method: str, node: ast.Call, frame: Frame) -> Values:
        first = node.args[0] if node.args else self._argument(node, 0, row.argument, "name", "key")
        match row.keys:
            case "all" | "into":
                spread = [
                    value for one in node.args for value in self._flat(one.value if isinstance(one, ast.Starred) else one, frame)
                ]
                handlers = [word for word in node.keywords if row.argument == "args" or word.arg == row.argument]
                named = [text(word.arg) for word in handlers if word.arg and word.arg != row.argument]
                lists = [value for word in handlers if word.arg in {None, row.argument} for value in self._flat(word.value, frame)]
                names: Values = (*spread, *named, *lists)
            case "but last":
                names = self._flat(first, frame)
            case "pairs":
                names = self._flat(first, frame)
            case "2":
                second = self._argument(node, 1, "dst", "destination", "second_list")
                source = first if first is not None else self._argument(node, 0, "source", "first_list")
                names = (*self._values(source, frame), *self._values(second, frame))
            case "after STREAMS":
                names = self._flat(self._argument(node, 2 if row.name == "XREADGROUP" else 0, "streams"), frame)
            case "counted":
                names = tuple(value for one in node.args[2:] for value in self._flat(one, frame))
                count = self._values(node.args[1], frame) if len(node.args) > 1 else ()
                if len(count) == 1 and isinstance(count[0], Plain) and isinstance(count[0].value, int):
                    names = names[: count[0].value]
            case "MATCH":
                names = self._values(self._argument(node, 0 if method == "scan_iter" else 1, "match"), frame)
            case _:
                names = self._values(first, frame)
        if row.name in {"SCAN", "KEYS", "PSUBSCRIBE"}:
            names = tuple(with_any(value, "any") if isinstance(value, Text) else value for value in names)
        return names

    def _fields(self, name: str, row: Command, node: ast.Call, frame: Frame) -> tuple[tuple[str, ...], bool]:
        match row.fields:
            case "entry":
                return self.field_names(self._values(self._argument(node, 1, "fields"), frame))
            case "pairs":
                mapping = self._argument(node, 1 if name == "HMSET" else 3, "mapping")
                key = None if name == "HMSET" else self._argument(node, 1, "key")
                found, known = self.field_names(self._values(mapping, frame)) if mapping is not None else ((), True)
                one, sure = self.plain_names(self._values(key, frame))
                spread = any(word.arg is None for word in node.keywords)
                return (*one, *found), known and sure and not spread and self._argument(node, 4, "items") is None
            case "one":
                return self.plain_names(self._values(self._argument(node, 1, "key"), frame))
            case "names":
                named = [self._argument(node, 1, "keys")] if name == "HMGET" else []
                given = [*named, *node.args[2 if name == "HMGET" else 1 :]]
                sources = [one.value if isinstance(one, ast.Starred) else one for one in given if one is not None]
                parts = [self.plain_names(self._flat(one, frame)) for one in sources]
                whole = all(self._is_whole(one, frame) for one in sources)
                return tuple(dict.fromkeys(word for part, _ in parts for word in part)), whole and all(sure for _, sure in parts)
        return (), False

    def _is_whole(self, node: ast.expr, frame: Frame) -> bool:
        return all(value.complete for value in self._values(node, frame) if isinstance(value, Items | Table))

    def field_names(self, values: Values) -> tuple[tuple[str, ...], bool]:
        """The keys of what may be several dicts, and whether they are all."""
        found: dict[str, None] = {}
        known = bool(values)
        for value in values:
            if isinstance(value, Table):
                names, sure = self.plain_names(tuple(key for key, _ in value.pairs))
                found.update(dict.fromkeys(names))
                known = known and sure and value.complete
            elif not (isinstance(value, Plain) and value.value is None):
                known = False
        return tuple(found), known

    def _capped(self, node: ast.Call, frame: Frame) -> bool | None:
        limits = [self._argument(node, 3, "maxlen"), self._argument(node, 6, "minid")]
        given = [limit for limit in limits if limit is not None]
        if any(self._is_given(limit, frame) for limit in given):
            return True
        return None if any(word.arg is None for word in node.keywords) else False

    def _is_given(self, node: ast.expr, frame: Frame) -> bool:
        return not all(isinstance(value, Plain) and value.value is None for value in self._values(node, frame))

    def _is_true(self, node: ast.expr | None, frame: Frame) -> bool:
        return any(not isinstance(value, Plain) or bool(value.value) for value in self._values(node, frame))

    def _expires(self, row: Command, node: ast.Call, frame: Frame) -> bool | None:
        if row.direction != "write" or row.kind == "channel":
            return None
        if row.name != "SET":
            return row.expires
        given = [self._argument(node, 2, "ex"), self._argument(node, 3, "px"), self._argument(node, 99, "exat", "pxat")]
        if any(limit is not None and self._is_given(limit, frame) for limit in given):
            return True
        return None if any(word.arg in {None, "keepttl"} for word in node.keywords) else False

    def _word(self, node: ast.expr | None, frame: Frame) -> str:
        values = self._values(node, frame)
        texts = {value.shown for value in values if isinstance(value, Text)}
        if len(texts) == 1:
            return texts.pop()
        return f"<{label(node) if not texts else 'group'}>" if node is not None and values else ""
