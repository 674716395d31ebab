"""The syntax of unit files: lines, comments, continuations, sections and assignments (systemd.syntax(7), "INTRODUCTION").

Nothing is raised, whatever the bytes; what systemd would warn of is a diagnostic.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from qtops.unitfile.characters import WHITESPACE, decoded, is_safe
from qtops.unitfile.diagnostics import Diagnostic, Effect, Origin

_BOM = b"\xef\xbb\xbf"
_LONGEST = 1024 * 1024
"""Bytes in a line, or in lines joined by backslashes."""
_LINE_END = re.compile(rb"(?:\r\n?|\n\r?)\x00?|\x00")  # systemd takes a NUL and a lone CR for line ends as well


@dataclass(frozen=True, slots=True)
class Assignment:
    """``key=value`` in a section; continuation lines are joined, nothing is unquoted."""

    section: str
    key: str
    value: str
    origin: Origin
    """The line the assignment ends on, which is the one that systemd names."""


@dataclass(frozen=True, slots=True)
class UnitText:
    """One file, read: its assignments in order."""

    path: str
    assignments: tuple[Assignment, ...]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: bytes
    swallowed: int = 0
    """The line whose backslash took this line in; 0 when it stands alone."""


class _Unreadable(Exception):
    """systemd stops reading the file here."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line, self.text = line, text


def parse(path: str, data: bytes, sections: frozenset[str]) -> UnitText:
    """Read a unit file. ``sections`` are those its type has: ``Unit``, ``Install`` and the type's own."""
    reading = _Reading(path, sections)
    try:
        for line in _joined(data):
            reading.line(line)
    except _Unreadable as end:
        reading.note(end.line, Effect.CUT, end.text)
    return UnitText(path, tuple(reading.assignments), tuple(reading.diagnostics))


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Numbered lines without their ends."""
    start = number = 0
    while start < len(data):
        end = _LINE_END.search(data, start)
        number += 1
        stop, after = end.span() if end else (len(data), len(data))
        if stop - start >= _LONGEST:
            raise _Unreadable(number, "line too long (1 MiB)")
        yield number, data[start:stop]
        start = after


def _joined(data: bytes) -> Iterator[_Line]:
    """Lines with their continuations; comments are left out, also between a line and its continuation."""
    pending: list[bytes] = []
    length = opened = number = 0
    bom_seen = False
    for number, raw in _lines(data):
        if raw.lstrip(WHITESPACE.encode())[:1] in (b"#", b";"):
            continue
        line = raw
        if not bom_seen and line.startswith(_BOM):
            line, bom_seen = line.removeprefix(_BOM), True
        length += len(line)
        if opened and length > _LONGEST:
            raise _Unreadable(number, "continued line too long (1 MiB)")
        if (len(line) - len(line.rstrip(b"\\"))) % 2:
            pending.append(line[:-1] + b" ")
            opened = opened or number
            continue
        yield _Line(number, b"".join((*pending, line)), opened)
        pending, length, opened = [], 0, 0
    if opened:
        yield _Line(number + 1, b"".join(pending), opened)


class _Reading:
    """The state of systemd's reader between two lines."""

    def __init__(self, path: str, sections: frozenset[str]) -> None:
        self._path, self._sections = path, sections
        self._section: str | None = None
        self._ignoring = False
        self.assignments: list[Assignment] = []
        self.diagnostics: list[Diagnostic] = []

    def note(self, line: int, effect: Effect, text: str) -> None:
        self.diagnostics.append(Diagnostic(Origin(self._path, line), effect, text))

    def line(self, line: _Line) -> None:
        stripped = line.text.strip(WHITESPACE.encode())
        if not stripped:
            return
        if (text := decoded(stripped)) is None:
            raise _Unreadable(line.number, "not UTF-8")
        if text.startswith("["):
            self._enter(line.number, text)
        elif self._section is None:
            if not self._ignoring:
                self.note(line.number, Effect.IGNORED, "assignment outside of a section")
        else:
            self._assign(line, self._section, text)

    def _enter(self, number: int, header: str) -> None:
        name = header[1:-1]
        if not header.endswith("]") or len(header) < 2:
            raise _Unreadable(number, f"section header without its bracket: {header}")
        if not is_safe(name):
            raise _Unreadable(number, f"section header with characters that may not be in it: {header}")
        if name in self._sections:
            self._section, self._ignoring = name, False
            return
        self._section, self._ignoring = None, True
        if not name.startswith("X-"):
            near = get_close_matches(name, self._sections, 1)
            self.note(number, Effect.IGNORED, f"unknown section [{name}]" + (f", did you mean [{near[0]}]?" if near else ""))

    def _assign(self, line: _Line, section: str, text: str) -> None:
        key, equals, value = text.partition("=")
        if not equals or not key:
            self.note(line.number, Effect.IGNORED, "a line without =" if not equals else "a line without a name before =")
            return
        assignment = Assignment(section, key.strip(WHITESPACE), value.strip(WHITESPACE), Origin(self._path, line.number))
        self.assignments.append(assignment)
        if line.swallowed and (taken := _directive_in(value)):
            self.note(
                line.swallowed, Effect.NOTED, f"the backslash at the end takes the next line in: {taken}= is now part of {key}="
            )


def _directive_in(value: str) -> str | None:
    r"""A directive that was swallowed by a backslash: ``X=1 \\`` and then ``ExecStart=/bin/x``."""
    found = re.search(r"(?<=\s)(Exec[A-Z]\w+|[A-Z]\w+(?:Sec|File|Directory)|User|Group|Environment|Restart|Type)(?==)", value)
    return found[0] if found else None
