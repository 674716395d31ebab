"""How systemd cuts a value into words: quotes, C escapes, blanks (systemd.syntax(7), "QUOTING")."""

from collections.abc import Iterator
from dataclasses import dataclass

from qtops.unitfile.characters import WHITESPACE, is_text

_SIMPLE = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92, '"': 34, "'": 39, "s": 32}
_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")
_OCTAL = frozenset("01234567")


class BadQuoting(ValueError):
    """Quotes that are not closed, or an escape that is none. systemd drops what it was reading."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a setting lets quotes and backslashes do; they differ from setting to setting."""

    quotes: bool = True
    """Quotes hold words together; else they are characters like any other."""
    escapes: bool = False
    """``\\n``, ``\\x41``, ``\\u00e9`` and the like are replaced; else a backslash makes the next character plain."""
    keep_escapes: bool = False
    """A backslash is a character like any other."""
    keep_unknown_escapes: bool = False
    """An escape that is none stays as written."""
    relaxed: bool = False
    """What is not closed at the end counts as closed."""


SETTING = Rules(escapes=True)
GROUPS = Rules(quotes=False)
PLAIN = Rules()
LENIENT = Rules(escapes=True, keep_unknown_escapes=True)
VARIABLE = Rules(relaxed=True)


@dataclass(frozen=True, slots=True)
class Word:
    """One word, and where the text goes on after it and the blanks that follow."""

    text: str
    end: int


def split(text: str, rules: Rules) -> Iterator[str]:
    """The words of ``text``. Raises BadQuoting where systemd stops, after the words before it."""
    position = 0
    while (word := first(text, position, rules)) is not None:
        yield word.text
        position = word.end


def first(text: str, start: int, rules: Rules) -> Word | None:
    """The first word at or after ``start``; None when there is none. Raises BadQuoting.

    Quotes may open in the middle of a word; what they hold is part of it (``a"b c"`` is one word). Bytes that an escape makes
    and that are no UTF-8 are kept as PEP 383 has it.
    """
    position = start
    while position < len(text) and text[position] in WHITESPACE:
        position += 1
    if position == len(text):
        return None
    return _Scan(text, position, rules).word()


class _Scan:
    def __init__(self, text: str, position: int, rules: Rules) -> None:
        self._text, self._position, self._rules = text, position, rules
        self._out = bytearray()

    def word(self) -> Word:
        quote = ""
        text, rules = self._text, self._rules
        while self._position < len(text):
            c = text[self._position]
            if c == "\\" and not rules.keep_escapes:
                self._position += 1
                self._escape(quote)
                continue
            if quote:
                if c == quote:
                    quote = ""
                else:
                    self._put(c)
            elif c in "'\"" and rules.quotes:
                quote = c
            elif c in WHITESPACE:
                break
            else:
                self._put(c)
            self._position += 1
        if quote and not rules.relaxed:
            raise BadQuoting("quotes are not closed")
        while self._position < len(text) and text[self._position] in WHITESPACE:
            self._position += 1
        return Word(self._out.decode("utf-8", "surrogateescape"), self._position)

    def _put(self, c: str) -> None:
        self._out += c.encode("utf-8", "surrogateescape")

    def _escape(self, quote: str) -> None:
        """What follows a backslash."""
        text, rules = self._text, self._rules
        if self._position == len(text):
            if rules.keep_unknown_escapes and (not quote or rules.relaxed):
                self._out += b"\\"
            elif not rules.relaxed:
                raise BadQuoting("a backslash at the end")
        elif not rules.escapes:
            self._put(text[self._position])
            self._position += 1
        elif (found := unescape(text, self._position)) is not None:
            made, self._position = found
            self._out += made
        elif rules.keep_unknown_escapes:
            self._out += b"\\"
            self._put(text[self._position])
            self._position += 1
        else:
            raise BadQuoting(f"\\{text[self._position]} is no escape")


def unescape(text: str, position: int) -> tuple[bytes, int] | None:
    """What the C escape whose backslash is just before ``position`` stands for, and where it ends; None when it is none."""
    c = text[position]
    if c in _SIMPLE:
        return bytes((_SIMPLE[c],)), position + 1
    if c == "x":
        return _coded(text, position + 1, 2, _HEXADECIMAL)
    if c == "u":
        return _coded(text, position + 1, 4, _HEXADECIMAL)
    if c == "U":
        return _coded(text, position + 1, 8, _HEXADECIMAL)
    return _coded(text, position, 3, _OCTAL) if c in _OCTAL else None


def _coded(text: str, start: int, length: int, digits: frozenset[str]) -> tuple[bytes, int] | None:
    """A byte or character by its number; zero is none of them."""
    written = text[start : start + length]
    if len(written) < length or not digits.issuperset(written):
        return None
    number = int(written, 8 if digits is _OCTAL else 16)
    if not number or number > 0x10FFFF:
        return None
    if length <= 3:
        return (bytes((number,)), start + length) if number <= 0xFF else None
    if length == 8 and not is_text(chr(number)):
        return None
    return chr(number).encode("utf-8", "surrogatepass"), start + length
