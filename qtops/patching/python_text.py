"""A Python file as bytes, as text and as a tree, with the way from one to the other."""

import ast
import bisect
import codecs
import io
import re
import tokenize
import warnings
from dataclasses import dataclass

from qtops.patching import CannotPatch

LARGEST = 4 * 1024 * 1024  # bytes
_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True)
class PythonText:
    """A file that parses. ``utf8`` is its text without the byte order mark; positions are offsets into that."""

    mark: bytes
    encoding: str
    utf8: bytes
    tree: ast.Module
    line_starts: tuple[int, ...]

    def start(self, node: ast.stmt) -> int:
        """Where a statement begins; a decorated one, where its ``def`` does."""
        return self.line_starts[node.lineno - 1] + node.col_offset

    def end(self, node: ast.stmt) -> int:
        """Where a statement ends, without blanks, semicolon and comment."""
        return self.line_starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)

    def line_start(self, position: int) -> int:
        """Where the line of a position begins."""
        return self.line_starts[bisect.bisect_right(self.line_starts, position) - 1]

    def next_line(self, position: int) -> int:
        """Where the line after that of a position begins, or the file ends."""
        after = bisect.bisect_right(self.line_starts, position)
        return self.line_starts[after] if after < len(self.line_starts) else len(self.utf8)

    def encoded(self, start: int, stop: int) -> bytes:
        """The bytes of the file for a part of its text."""
        return self.utf8[start:stop].decode().encode(self.encoding)

    def spliced(self, start: int, stop: int, text: str) -> bytes:
        """The file with ``text`` in place of a part; every other byte is the file's own. Raises CannotPatch where an encoding
        does not give back the bytes that it was read from.
        """
        head, tail = self.mark + self.encoded(0, start), self.encoded(stop, len(self.utf8))
        if head + self.encoded(start, stop) + tail != self.mark + self.encoded(0, len(self.utf8)):
            raise CannotPatch(f"a part of a text in {self.encoding} cannot be replaced on its own")
        return head + text.encode(self.encoding) + tail


def read(source: bytes) -> PythonText:
    """Read a file as Python itself does. Raises CannotPatch for what is too large, or does not parse."""
    if len(source) > LARGEST:
        raise CannotPatch(f"it is larger than {LARGEST >> 20} MiB")
    if b"\0" in source:
        raise CannotPatch("it holds a NUL, which is no Python")
    tree = parsed(source)
    mark = codecs.BOM_UTF8 if source.startswith(codecs.BOM_UTF8) else b""
    encoding = declared_encoding(source)
    try:
        text = source[len(mark) :].decode(encoding)
        given_back = text.encode(encoding)
    except (UnicodeError, LookupError) as error:
        raise CannotPatch(f"it cannot be read as {encoding}: {error}") from None
    if mark + given_back != source:
        raise CannotPatch(f"its text, written in {encoding} again, gives other bytes")
    utf8 = text.encode()
    starts = (0, *(end.end() for end in _LINE_END.finditer(utf8)))
    return PythonText(mark, encoding, utf8, tree, starts)


def parsed(source: bytes) -> ast.Module:
    """The tree of a file. Raises CannotPatch."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes that are none
            return ast.parse(source)
    except SyntaxError as error:
        raise CannotPatch(f"it is not parsable: line {error.lineno or 1}: {error.msg}") from None
    except (ValueError, OverflowError) as error:
        raise CannotPatch(f"it is not parsable: {error}") from None
    except (RecursionError, MemoryError):
        raise CannotPatch("it is not parsable: it is nested too deeply") from None


def declared_encoding(source: bytes) -> str:
    """The encoding by PEP 263, ``utf-8`` where a byte order mark or nothing tells. Raises CannotPatch for one that is unknown."""
    plain = _LINE_END.sub(b"\n", source)  # a lone CR ends a line for Python, and none for readline
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(plain).readline)
    except SyntaxError as error:
        raise CannotPatch(f"it is not parsable: {error.msg}") from None
    return "utf-8" if encoding == "utf-8-sig" else encoding
