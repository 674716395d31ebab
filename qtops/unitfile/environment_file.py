"""The files that EnvironmentFile= names, read as systemd reads them (systemd.exec(5), "EnvironmentFile=").

It is neither shell nor .env: no ``export``, no expansion, no comment after a value; a quote closes where it closes, and what
follows it still belongs to the value; a lone CR ends a line; an unquoted backslash makes the next character plain.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from qtops.unitfile.characters import WHITESPACE, decoded
from qtops.unitfile.diagnostics import Diagnostic, Effect, Origin
from qtops.unitfile.variables import Secret, Variable, is_name, oddities

_LINE_END = "\n\r"
_PIECES = re.compile(r"[^\s\\'\"`$=#;]+|.", re.DOTALL)  # characters that mean nothing, as many as there are; any other alone
_UNESCAPED_IN_QUOTES = '"\\`$'
_LARGEST = 64 * 1024 * 1024
_BOM = "\ufeff"
NEWEST = 257
"""The version of systemd that is meant where none is given."""


@dataclass(frozen=True, slots=True)
class EnvironmentText:
    """One file, read: its variables in order, and why systemd could not use it at all."""

    path: str
    variables: tuple[Variable, ...]
    diagnostics: tuple[Diagnostic, ...]
    failure: str | None = None
    """Set: the unit does not start (Result=resources), unless the file is optional; then none of its variables is set."""


class _State(Enum):
    PRE_KEY = auto()
    KEY = auto()
    PRE_VALUE = auto()
    VALUE = auto()
    VALUE_ESCAPE = auto()
    SINGLE = auto()
    DOUBLE = auto()
    DOUBLE_ESCAPE = auto()
    COMMENT = auto()
    COMMENT_ESCAPE = auto()


@dataclass(slots=True)
class _Pair:
    """An assignment while it is read. ``value_end`` is where the blanks at the end of an unquoted value begin."""

    line: int
    key: list[str] = field(default_factory=list)
    value: list[str] = field(default_factory=list)
    value_end: int | None = None
    dropped_backslash: bool = False
    quoted_line_ends: int = 0
    closed: bool = True

    @property
    def name(self) -> str:
        return "".join(self.key).rstrip(WHITESPACE)


def parse(path: str, data: bytes, version: int = NEWEST) -> EnvironmentText:
    """Read a file. Nothing is raised, whatever the bytes; no diagnostic holds any of a value."""
    if b"\0" in data:
        return _unusable(path, 1 + data[: data.index(b"\0")].count(b"\n"), "there is a NUL in it")
    if len(data) >= _LARGEST:
        return _unusable(path, 1, "it is larger than 64 MiB")
    reader = _Reader(path, version)
    variables: list[Variable] = []
    for pair in reader.pairs(data.decode("utf-8", "surrogateescape")):
        name, value = pair.name, "".join(pair.value[: pair.value_end])
        if decoded(f"{name}={value}".encode("utf-8", "surrogateescape")) is None:
            return _unusable(path, pair.line, "there is an assignment that is not UTF-8")
        origin = Origin(path, pair.line)
        if not is_name(name):
            reader.note(pair.line, Effect.IGNORED, _bad_name(name))
            continue
        variables.append(Variable(name, Secret(value), origin))
        for text in (*oddities(value), *_losses(pair)):
            reader.note(pair.line, Effect.NOTED, f"{name}: {text}")
    if "\r\n" in reader.line_ends:
        reader.note(1, Effect.NOTED, "lines end in CR LF: systemd drops the CR, a shell that reads the file keeps it")
    return EnvironmentText(path, tuple(variables), tuple(reader.diagnostics))


def _unusable(path: str, line: int, why: str) -> EnvironmentText:
    return EnvironmentText(path, (), (Diagnostic(Origin(path, line), Effect.REFUSED, why),), why)


def _bad_name(name: str) -> str:
    if name.startswith(_BOM):
        return f"a byte order mark is part of the first name, so {name.removeprefix(_BOM)[:64]!a} is not set"
    words = name.split()
    if len(words) == 2 and words[0] == "export" and is_name(words[1]):
        return f"{words[1]} is not set: `export` is shell, systemd takes it for part of the name"
    if re.fullmatch(r"[\w.-]{1,64}", name, re.ASCII):
        return f"{name!a} is no name for a variable"
    known = re.match(r"[A-Za-z_]\w{0,63}", name, re.ASCII)  # what follows it may be meant for a value
    return (
        f"what begins with {known[0]!a} is no name for a variable"
        if known
        else "what stands before the = is no name for a variable"
    )


def _no_assignment(text: str) -> str:
    """Of a line with a colon as in YAML, which variable it does not set; nothing of any other, which may be a value."""
    meant = re.match(r"(?P<name>[A-Z][A-Z0-9_]{1,63})[ \t]*:", text, re.ASCII)
    return f"{meant['name']} is not set: a line without =" if meant else "a line without ="


def _losses(pair: _Pair) -> Iterator[str]:
    if pair.dropped_backslash:
        yield "a backslash is dropped, quotes keep it"
    if not pair.closed:
        yield "its quotes are not closed: the rest of the file is part of the value"
    elif pair.quoted_line_ends:
        yield f"its quotes run over {pair.quoted_line_ends + 1} lines"


class _Reader:
    """systemd's automaton (``parse_env_file_internal``, by observation and manual). It takes a character at a time, or several that
    all mean nothing to it.
    """

    def __init__(self, path: str, version: int) -> None:
        self._path, self._version = path, version
        self.diagnostics: list[Diagnostic] = []
        self.line_ends: set[str] = set()

    def note(self, line: int, effect: Effect, text: str) -> None:
        self.diagnostics.append(Diagnostic(Origin(self._path, line), effect, text))

    def pairs(self, text: str) -> Iterator[_Pair]:
        """Assignments in order, whatever their names."""
        state, pair, line, before = _State.PRE_KEY, _Pair(1), 1, ""
        for c in _PIECES.findall(text):
            old, state = state, self._next(state, c, pair, line)
            if state is _State.PRE_KEY and old in (_State.PRE_VALUE, _State.VALUE):
                yield pair
            if state is _State.PRE_KEY:
                pair = _Pair(line)
            if c in _LINE_END:
                crlf = before == "\r" and c == "\n"
                self.line_ends.add("\r\n" if crlf else c)
                line += not crlf
            before = c
        if state not in (_State.PRE_KEY, _State.KEY, _State.COMMENT, _State.COMMENT_ESCAPE):
            pair.closed = state not in (_State.SINGLE, _State.DOUBLE, _State.DOUBLE_ESCAPE)
            if state is not _State.VALUE:
                pair.value_end = None
            yield pair
        elif state is _State.KEY:
            self.note(line, Effect.IGNORED, _no_assignment(pair.name))

    def _next(self, state: _State, c: str, pair: _Pair, line: int) -> _State:
        match state:
            case _State.PRE_KEY | _State.KEY:
                return self._key(state, c, pair, line)
            case _State.PRE_VALUE | _State.VALUE:
                return _value(state, c, pair)
            case _State.VALUE_ESCAPE:
                if c not in _LINE_END:
                    pair.value.append(c)
                    pair.dropped_backslash |= c[0].isalnum()
                return _State.VALUE
            case _State.SINGLE | _State.DOUBLE | _State.DOUBLE_ESCAPE:
                return _quoted(state, c, pair)
            case _State.COMMENT:
                return _State.COMMENT_ESCAPE if c == "\\" else _State.PRE_KEY if c in _LINE_END else _State.COMMENT
            case _State.COMMENT_ESCAPE:
                return self._after_comment(c, line)

    def _key(self, state: _State, c: str, pair: _Pair, line: int) -> _State:
        if state is _State.PRE_KEY:
            if c in WHITESPACE:
                return state
            if c in "#;":
                return _State.COMMENT
            pair.line = line
        elif c in _LINE_END:
            self.note(line, Effect.IGNORED, _no_assignment(pair.name))
            return _State.PRE_KEY
        elif c == "=":
            return _State.PRE_VALUE
        pair.key.append(c)
        return _State.KEY

    def _after_comment(self, c: str, line: int) -> _State:
        if c not in _LINE_END:
            return _State.COMMENT
        self.note(line, Effect.NOTED, "a comment ends in a backslash: systemd before 254 takes the next line for a part of it")
        return _State.COMMENT if self._version < 254 else _State.PRE_KEY


def _value(state: _State, c: str, pair: _Pair) -> _State:
    if c in _LINE_END:
        return _State.PRE_KEY
    if c == "\\":
        pair.value_end = None
        return _State.VALUE_ESCAPE
    if state is _State.PRE_VALUE:
        if c in "'\"":
            return _State.SINGLE if c == "'" else _State.DOUBLE
        if c in WHITESPACE:
            return state
        pair.value_end = None
    elif c not in WHITESPACE:
        pair.value_end = None
    elif pair.value_end is None:
        pair.value_end = len(pair.value)
    pair.value.append(c)
    return _State.VALUE


def _quoted(state: _State, c: str, pair: _Pair) -> _State:
    if state is _State.DOUBLE_ESCAPE:
        if c in _UNESCAPED_IN_QUOTES:
            pair.value.append(c)
        elif c != "\n":
            pair.value += ("\\", c)
        return _State.DOUBLE
    if c == ("'" if state is _State.SINGLE else '"'):
        return _State.PRE_VALUE
    if c == "\\" and state is _State.DOUBLE:
        return _State.DOUBLE_ESCAPE
    pair.quoted_line_ends += c == "\n"
    pair.value.append(c)
    return state
