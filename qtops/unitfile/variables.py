"""Environment variables with their origins, their values out of sight until somebody asks for them by name."""

import re
from dataclasses import dataclass

from qtops.unitfile.characters import is_text
from qtops.unitfile.diagnostics import Origin

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET = re.compile(
    r"(?:^|_)(?:PASS(?:WORD|WD|PHRASE)?|PWD|SECRETS?|TOKENS?|CREDENTIALS?|(?:API|ACCESS|PRIVATE|SIGNING|AUTH)_?KEYS?)(?:_|$)",
    re.IGNORECASE,
)
_INLINE_COMMENT = re.compile(r"\s#")


class Secret:
    """A value that neither repr nor str nor a traceback shows."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret(…)"


@dataclass(frozen=True, slots=True)
class Variable:
    """One assignment, at the place it was made."""

    name: str
    value: Secret
    origin: Origin
    unknown: tuple[str, ...] = ()
    """Specifiers left in the value, because no file tells what they stand for."""


def is_name(text: str) -> bool:
    """Whether systemd takes it for the name of a variable."""
    return _NAME.fullmatch(text) is not None


def assignment(text: str) -> tuple[str, str] | None:
    """Name and value of ``NAME=value``; None when systemd would not take it for an assignment."""
    name, equals, value = text.partition("=")
    return (name, value) if equals and is_name(name) and is_text(value) else None


def is_secret_like(name: str) -> bool:
    """Whether the name says that its value is to be kept."""
    return _SECRET.search(name) is not None


def oddities(value: str) -> list[str]:
    """What looks unintended in a value as the program will see it. None of these texts holds any of it."""
    found = []
    if _INLINE_COMMENT.search(value):
        found.append("what looks like a comment is part of the value: comments have a line of their own")
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        found.append("the quotes are part of the value")
    if "\r" in value:
        found.append("there is a carriage return in the value")
    if value.strip(" \t") != value:
        found.append("there are blanks at an end of the value")
    return found
