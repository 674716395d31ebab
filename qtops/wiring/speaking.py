"""From a call, tuple or text to what it says to Redis: the command, its names, fields, group and limits."""

import ast
import shlex
from dataclasses import dataclass
from typing import Literal, NamedTuple

from qtops.wiring.commands import COMMANDS, DOUBTFUL_WORDS, METHODS, SUBCOMMANDS, Command, command, is_raw_command, raw_positions
from qtops.wiring.evaluate import Evaluator
from qtops.wiring.library import with_any
from qtops.wiring.outline import Scope
from qtops.wiring.values import Frame, Hole, Items, Plain, Reply, Script, Table, Text, Unknown, Values, text

_EXPIRY_WORDS = frozenset({"EX", "PX", "EXAT", "PXAT"})
_XADD_OPTIONS = {"NOMKSTREAM": 1, "KEEPREF": 1, "DELREF": 1, "ACKED": 1, "MAXLEN": 2, "MINID": 2, "LIMIT": 2}
_CLI_FLAGS = {
    "-h": 2,
    "-p": 2,
    "-n": 2,
    "-a": 2,
    "-u": 2,
    "-s": 2,
    "-r": 2,
    "-i": 2,
    "-t": 2,
    "--user": 2,
    "--pass": 2,
    "-d": 2,
    "-D": 2,
}
_MANY = frozenset(name for name, row in COMMANDS.items() if row.keys != "1") | {"redis-cli"}
_HTTP = frozenset({"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Said:
    """One command as one run of the code gives it."""

    command: str
    names: Values
    fields: tuple[str, ...] = ()
    fields_known: bool = False
    group: str = ""
    creates: bool = False
    capped: bool | None = None
    expires: bool | None = None

    @property
    def row(self) -> Command:
        """What the command does."""
        return command(self.command)


class Candidate(NamedTuple):
    """What is a command, or may be one."""

    form: Literal["method", "raw", "words", "script", "typed"]
    node: ast.expr
    scope: Scope
    naming: list[ast.expr]
    """The expressions that its names depend on."""


def candidate(evaluator: Evaluator, node: ast.expr, scope: Scope) -> Candidate | None:
    """Whether it speaks to Redis at all."""
    if isinstance(node, ast.Tuple | ast.List):
        return Candidate("words", node, scope, node.elts[1:] if _word(node) in _MANY else node.elts[1:2])
    if not isinstance(node, ast.Call):
        return None
    called = node.func
    if isinstance(called, ast.Attribute) and called.attr == "execute_command":
        return Candidate("raw", node, scope, list(node.args))
    if isinstance(called, ast.Attribute) and called.attr in METHODS:
        known = evaluator.is_client(called.value, called.attr, evaluator.base(scope))
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


class Speaking:
    """Says what a candidate says in one frame."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def said(self, found: Candidate, frame: Frame) -> list[Said]:
        """The commands; none where it is something else after all."""
        match found.form, found.node:
            case "raw", ast.Call(args=words):
                return self._raw(self._sequence(ast.Tuple(words, ast.Load()), frame), strict=False)
            case "method", ast.Call(func=ast.Attribute(attr=method)) as node:
                return [self._method(METHODS[method], method, node, frame)]
            case "script", ast.Call() as node:
                return [Said("EVALSHA", self._flat(self._argument(node, 99, "keys"), frame))]
            case "typed", ast.Call() as node:
                return [said for value in self._values(node.args[0], frame) for said in self._typed(value)]
            case _, (ast.Tuple() | ast.List()) as words:
                first = words.elts[0]
                sure = isinstance(first, ast.Constant) and isinstance(first.value, bytes)
                return self._raw(self._sequence(words, frame), strict=True, sure=sure)
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
        return Said(
            name,
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
            case "all":
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
                one, sure = self._plain_names(self._values(key, frame))
                spread = any(word.arg is None for word in node.keywords)
                return (*one, *found), known and sure and not spread and self._argument(node, 4, "items") is None
            case "one":
                return self._plain_names(self._values(self._argument(node, 1, "key"), frame))
            case "names":
                named = [self._argument(node, 1, "keys")] if name == "HMGET" else []
                given = [*named, *node.args[2 if name == "HMGET" else 1 :]]
                sources = [one.value if isinstance(one, ast.Starred) else one for one in given if one is not None]
                parts = [self._plain_names(self._flat(one, frame)) for one in sources]
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
                names, sure = self._plain_names(tuple(key for key, _ in value.pairs))
                found.update(dict.fromkeys(names))
                known = known and sure and value.complete
            elif not (isinstance(value, Plain) and value.value is None):
                known = False
        return tuple(found), known

    def _plain_names(self, values: Values) -> tuple[tuple[str, ...], bool]:
        names: list[str] = []
        known = True
        for value in values:
            if isinstance(value, Text) and value.says_something:
                names.append(value.shown)
                known = known and value.known is not None
            elif isinstance(value, Plain) and isinstance(value.value, int | float):
                names.append(str(value.value))
            elif not (isinstance(value, Plain) and value.value is None):
                known = False
        return tuple(dict.fromkeys(names)), known

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
        return None if any(word.arg is None for word in node.keywords) else False

    def _word(self, node: ast.expr | None, frame: Frame) -> str:
        for value in self._values(node, frame):
            if isinstance(value, Text):
                return value.shown
            if isinstance(value, Unknown) and node is not None:
                return f"<{value.name or 'group'}>"
        return ""

    # ---- raw commands

    def _raw(self, given: Items, *, strict: bool, sure: bool = False) -> list[Said]:
        """A command as a list of its words. ``strict``: it may be a tuple of something else, unless it is of bytes (``sure``)."""
        items = list(given.items)
        if items and len(items[0]) == 1 and isinstance(items[0][0], Text) and " " in (items[0][0].known or ""):
            items[:1] = [(text(word),) for word in (items[0][0].known or "").split()]
        words = [_known(values) for values in items]
        name = (words[0] or "") if words else ""
        if strict and name == "redis-cli":
            return self._cli(items[1:], given.complete)
        name = name if strict else name.upper()
        if name not in COMMANDS or len(items) < 2:
            return []
        if strict and not sure and name in DOUBTFUL_WORDS and not _like_a_name(items[1], words[1]):
            return []
        return [self._from_words(name, items[1:], words[1:], given.complete)]

    def _from_words(self, name: str, items: list[Values], words: list[str | None], complete: bool) -> Said:
        row = COMMANDS[name]
        names = tuple(value for at in raw_positions(row, words) if at < len(items) for value in items[at])
        full = f"{name} {(words[0] or '').upper()}".strip() if name in SUBCOMMANDS else name
        if name in {"SCAN", "KEYS", "PSUBSCRIBE"}:
            names = tuple(with_any(value, "any") if isinstance(value, Text) else value for value in names)
        upper = [(word or "").upper() for word in words]
        fields, known = self._raw_fields(row, items, upper)
        group = ""
        if name == "XREADGROUP" and "GROUP" in upper:
            group = _shown(items[upper.index("GROUP") + 1 :])
        elif name == "XGROUP":
            group = _shown(items[2:])
        elif name in {"XACK", "XAUTOCLAIM", "XCLAIM", "XPENDING"}:
            group = _shown(items[1:])
        expires = row.expires if row.direction == "write" and row.kind != "channel" else None
        if name == "SET":
            expires = bool(_EXPIRY_WORDS & set(upper[2:]))
        capped = bool({"MAXLEN", "MINID"} & set(upper)) if name == "XADD" else None
        return Said(full, names, fields, known and complete, group, "MKSTREAM" in upper, capped, expires)

    def _raw_fields(self, row: Command, items: list[Values], upper: list[str]) -> tuple[tuple[str, ...], bool]:
        match row.fields:
            case "pairs":
                chosen = items[1::2]
            case "names":
                chosen = items[1:]
            case "one":
                chosen = items[1:2]
            case "entry":
                at = 1
                while at < len(upper) and upper[at] in _XADD_OPTIONS:
                    at += _XADD_OPTIONS[upper[at]] + (1 if upper[at + 1 : at + 2] in (["~"], ["="]) else 0)
                chosen = items[at + 1 :: 2]
            case _:
                return (), False
        return self._plain_names(tuple(value for values in chosen for value in values))

    def _cli(self, items: list[Values], complete: bool) -> list[Said]:
        words = [_known(values) for values in items]
        at = 0
        while at < len(words) and (words[at] or "").startswith("-"):
            at += _CLI_FLAGS.get(words[at] or "", 1)
        name = (words[at] or "").upper() if at < len(words) else ""
        if name not in COMMANDS:
            return []
        return [self._from_words(name, items[at + 1 :], words[at + 1 :], complete)]

    def _typed(self, value: object) -> list[Said]:
        """``"redis-cli XADD stream * …"``: as a shell takes it apart."""
        if not isinstance(value, Text) or not value.shown.startswith("redis-cli "):
            return []
        holes = {f"\x00{at}\x00": part for at, part in enumerate(value.parts) if isinstance(part, Hole)}
        line = "".join(part if isinstance(part, str) else f"\x00{at}\x00" for at, part in enumerate(value.parts))
        try:
            words = shlex.split(line)
        except ValueError:
            return []
        return self._cli([(_with_holes(word, holes, value),) for word in words[1:]], complete=True)


def _with_holes(word: str, holes: dict[str, Hole], of: Text) -> Text:
    parts: list[str | Hole] = [word]
    for mark, found in holes.items():
        split: list[str | Hole] = []
        for part in parts:
            if not isinstance(part, str) or mark not in part:
                split.append(part)
                continue
            before, _, after = part.partition(mark)
            split += [piece for piece in (before, found, after) if piece]
        parts = split
    return Text(tuple(parts), of.origin)


def _known(values: Values) -> str | None:
    only = values[0] if len(values) == 1 else None
    if isinstance(only, Plain) and isinstance(only.value, int):
        return str(only.value)
    return only.known if isinstance(only, Text) else None


def _shown(rest: list[Values]) -> str:
    for value in rest[0] if rest else ():
        if isinstance(value, Text):
            return value.shown
        if isinstance(value, Unknown):
            return f"<{value.name or 'group'}>"
    return ""


def _like_a_name(values: Values, word: str | None) -> bool:
    """Whether what stands beside a word like GET is a name in Redis, and not a path or another method of HTTP."""
    if word in _HTTP or (word or "").startswith(("/", "http")) or is_raw_command(word or ""):
        return False
    return any(isinstance(value, Text) and ":" in value.shown for value in values)


__all__ = ("Candidate", "Reply", "Said", "Speaking", "candidate")
