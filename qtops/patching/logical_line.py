"""One logical line with a simple statement in it: what goes with the statement, and what stays."""

import re
from dataclasses import dataclass

import libcst

from qtops.patching import CannotPatch

LONGEST = 16 * 1024
"""Bytes of a line. libcst descends on the machine's stack and would end the process on an ``and`` of tens of thousands of parts."""
_GAP = rb"(?:[ \t\f]|\\(?:\r\n|\r|\n))*"
JOINED = re.compile(_GAP + rb";" + _GAP)
"""What stands between two statements of one line."""
TAIL = re.compile(_GAP + rb"(?:;" + _GAP + rb")?(?:#[^\r\n]*)?(?=\r|\n|\Z)")
"""What stands between the last statement of a line and the end of that line."""


@dataclass(frozen=True)
class Cut:
    """A part of a line that is taken out, and what a reader is told of it."""

    start: int
    stop: int
    removed: str


def whole(line: bytes) -> Cut:
    """All of a line that holds one statement, its comment with it. Raises CannotPatch for any other line."""
    if len(_statements(line)) != 1:
        raise CannotPatch("its line holds more than this statement")
    return Cut(0, len(line), line.rstrip().decode())


def one_of(line: bytes, index: int) -> Cut:
    """One of several statements and one semicolon; the comment at the end speaks of the line, and stays. Raises CannotPatch."""
    parts = _statements(line)
    lengths = [len(statement) + len(semicolon) for statement, semicolon in parts]
    start, (statement, _) = sum(lengths[:index]), parts[index]
    if index + 1 < len(parts):
        return Cut(start, start + lengths[index], statement.decode())
    return Cut(start - len(parts[index - 1][1]), start + len(statement), statement.decode())


def _statements(line: bytes) -> list[tuple[bytes, bytes]]:
    """Each statement of a line with the semicolon behind it, blanks included, as libcst takes them apart."""
    if len(line) > LONGEST:
        raise CannotPatch(f"its line has more than {LONGEST >> 10} KiB")
    plain = re.sub(rb"\r(?!\n)", b"\n", line).replace(b"\f", b" ")  # of one length; libcst keeps neither as it is
    text = plain.decode() + ("\r\n" if b"\r\n" in plain else "\n")
    try:
        module = libcst.parse_module(text)
        parsed = module.body[0]
        if not isinstance(parsed, libcst.SimpleStatementLine) or len(module.body) > 1 or module.code != text:
            raise CannotPatch("its line cannot be taken apart")
        found = []
        for small in parsed.body:
            code = module.code_for_node(small).encode()
            end = module.code_for_node(small.semicolon).encode() if isinstance(small.semicolon, libcst.Semicolon) else b""
            found.append((code.removesuffix(end), end))
    except libcst.ParserSyntaxError as error:
        raise CannotPatch(f"its line cannot be taken apart: {error.message}") from None
    except RecursionError:
        raise CannotPatch("it is nested too deeply") from None
    return found
