"""Tracebacks within a line: programs that log JSON write a whole one as one string."""

import re
from typing import Any, Final

import msgspec

from qtops.collectors.journal.raised import WORDS

_STRINGS: Final = {quote: re.compile(rf"(?:[^{quote}\\]|\\.)*") for quote in "\"'"}
_ESCAPES: Final = {"n": "\n", "t": "    ", '"': '"', "'": "'", "\\": "\\", "/": "/", "r": ""}
_DEEPEST: Final = 4  # a string in JSON in a string in JSON


def embedded(text: str, depth: int = 0) -> tuple[str, ...]:
    """The lines of a traceback that a line holds with escaped line ends; empty where it holds none."""
    start = text.find(WORDS)
    if start < 0 or "\\n" not in text or depth > _DEEPEST:
        return ()
    found = _in_json(text) or _unescaped(text, start)
    return embedded(found, depth + 1) or tuple(line.rstrip() for line in found.split("\n") if line.strip())


def _in_json(text: str) -> str:
    try:
        document = msgspec.json.decode(text[text.index("{") :])
    except (ValueError, msgspec.DecodeError, RecursionError):
        return ""
    return _holding(document, 0)


def _holding(value: Any, depth: int) -> str:
    """The first text in a document that holds a traceback."""
    if isinstance(value, str):
        return value if WORDS in value else ""
    if depth > _DEEPEST or not isinstance(value, dict | list):
        return ""
    parts = value.values() if isinstance(value, dict) else value
    return next((found for part in parts if (found := _holding(part, depth + 1))), "")


def _unescaped(text: str, start: int) -> str:
    """The rest of the string that a traceback begins in: up to the quote that the string began with."""
    quote = max(_STRINGS, key=lambda quote: text.rfind(quote, 0, start))
    string = _STRINGS[quote].match(text, start)
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[0]), string[0]) if string else ""
