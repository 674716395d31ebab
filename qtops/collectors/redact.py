"""Take secrets out of text before it is kept or shown: values that are known to be secret, and what looks like one.

Every secret becomes ``***``. Line ends stay where they are, and what was redacted once is not changed by doing it again.
"""

import base64
import json
import re
import string
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, partial
from typing import Any, Final, Literal, TypeVar, cast, get_origin
from urllib.parse import quote, quote_plus, unquote

import msgspec

from qtops.collectors.secret_shapes import BLOCK, FLAG, FORMS, LITERAL, PAIRS, credentials_in_url, is_random
from qtops.facts.text import printable
from qtops.unitfile.variables import is_secret_like

HIDDEN: Final = "***"
SHORTEST: Final = 6  # characters of a known value; what is shorter is hidden only where a telling name stands beside it
_RANDOM: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")  # a value that may be a secret by its looks
_MOST_PASSES: Final = 10
_PATH: Final = re.compile(r"(?:~|\.{1,2})?/[\w./@~-]*")
_HARMLESS: Final = re.compile(
    r"[\d.,:+-]+(?:[a-z]{1,3})?|[a-z][a-z0-9+.-]*://\S*|localhost(?::\d+)?|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]+(?::\d+)?"
    r"|enabled|disabled|required|optional|default"
)
_NUMBER: Final = re.compile(r"\d+")
_FORMS: Final = tuple((word, form) for words, form in FORMS for word in words)
_PAIRS: Final = tuple((word, pair) for words, pair in PAIRS for word in words)
_WORDS: Final = tuple(word for word, _ in _PAIRS)
_LOWER_CASE: Final = {ord(letter): letter.lower() for letter in string.ascii_uppercase}
_ARGUMENT_OF: Final = {"redis-cli": {"-a", "--pass"}, "sshpass": {"-p"}, "curl": {"-u", "--user"}, "mysql": {"-p"}}
T = TypeVar("T")


class Redactor:
    """Hides secrets. It holds the known ones itself, so it is neither kept nor shown."""

    __slots__ = ("_known",)

    def __init__(self, values: Iterable[tuple[str, str]] = ()) -> None:
        """``values``: names and values of variables in the effective environments; which of them are secret is found out here."""
        ways = {way for name, value in values for secret in _secrets(name, value) for way in _ways(secret)}
        self._known = sorted(ways, key=lambda way: (-len(way), way))  # one may be part of another

    def text(self, text: str) -> str:
        """A text of any number of lines, without secrets."""
        once = self._once(BLOCK.sub(_block, text) if "PRIVATE KEY" in text else text)
        if once == text:
            return text
        lines = once.split("\n")
        for number, before in enumerate(text.split("\n")):
            if before != lines[number]:
                lines[number] = self._settled(lines[number])
        return "\n".join(lines)

    def argv(self, argv: Sequence[str]) -> tuple[str, ...]:
        """The words of a command line: besides what ``text`` finds, the word after an option that takes a secret."""
        program = argv[0].rpartition("/")[2] if argv else ""
        takes = _ARGUMENT_OF.get(program, {"-p"})
        hidden, is_next = [], False
        for word in argv:
            if is_next and not (word.startswith("-") or word.isdigit() or _PATH.fullmatch(word)):
                hidden.append(HIDDEN)
            else:
                hidden.append(self.text(word))
            is_next = word in takes or FLAG.fullmatch(word) is not None
        return tuple(hidden)

    def facts(self, facts: T, kept: Iterable[str] = ()) -> T:
        """The same tree of msgspec structs, tuples, lists and dicts, every string in it redacted; words of a closed set stay, and
        so do strings that are ``kept``.
        """
        return cast("T", self._walk(facts, {text: text for text in kept}))

    def _walk(self, value: Any, known: dict[str, str]) -> Any:
        if type(value) is str:
            if value not in known:
                text = self.text(value)
                known[value] = value if text == value else text
            return known[value]
        if isinstance(value, msgspec.Struct):
            old = {name: getattr(value, name) for name in _texts(type(value))}
            new = {name: self._walk(part, known) for name, part in old.items()}
            changed = {name: part for name, part in new.items() if part is not old[name]}
            return msgspec.structs.replace(value, **changed) if changed else value
        if isinstance(value, tuple | list):
            parts = [self._walk(part, known) for part in value]
            is_same = all(new is old for new, old in zip(parts, value, strict=True))
            return value if is_same else type(value)(parts)
        if isinstance(value, dict):
            return {self._walk(key, known): self._walk(part, known) for key, part in value.items()}
        return value

    def _settled(self, line: str) -> str:
        for _ in range(_MOST_PASSES):
            if (again := self._once(line)) == line:
                break
            line = again
        return line

    def _once(self, text: str) -> str:
        text = LITERAL.sub(_literal, text)
        for word in self._known:
            if word in text:
                text = _NUMBER.sub(partial(_number, word), text) if word.isdecimal() else text.replace(word, HIDDEN)
        for word, form in _FORMS:
            if word in text:
                text = form.sub(_hide, text)
        lowered = _lower(text)
        if not any(map(lowered.__contains__, _WORDS)):
            return text
        return "\n".join(map(_without_pairs, text.split("\n"), lowered.split("\n")))


def _without_pairs(line: str, lowered: str) -> str:
    """A line without the secrets that stand beside a name. Names are looked for in lower case, at the same places."""
    for word, pair in _PAIRS:
        if word in lowered:
            for start, end in reversed([found.span("secret") for found in pair.finditer(lowered)]):
                line, lowered = (text[:start] + HIDDEN + text[end:] for text in (line, lowered))
    return line


def _lower(text: str) -> str:
    """A text in lower case and of the same length, which ``str.lower`` does not promise."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else text.translate(_LOWER_CASE)


def _hide(found: re.Match[str]) -> str:
    first, last = (at - found.start() for at in found.span("secret"))
    return found[0][:first] + HIDDEN + found[0][last:]


def _literal(found: re.Match[str]) -> str:
    return HIDDEN if is_random(found["secret"]) else found[0]


def _number(word: str, found: re.Match[str]) -> str:
    return HIDDEN if found[0] == word else found[0]


def _block(found: re.Match[str]) -> str:
    r"""A key block with as many lines as it had, ``\n`` that is written out included."""
    body = re.sub(r"(\s|\\+[nr])|[A-Za-z0-9+/=]+?(?=\s|\\+[nr]|-|$)", lambda part: part[1] or HIDDEN, found["secret"])
    return found[0][: found.start("secret") - found.start()] + body


def _secrets(name: str, value: str) -> Iterator[str]:
    """The secrets in the value of a variable."""
    for password in credentials_in_url(value):
        yield from (password, unquote(password))
    for _, pair in PAIRS:
        yield from (value[slice(*found.span("secret"))] for found in pair.finditer(_lower(value)))
    if _is_secret(name, value.strip()):
        yield from (line.strip() for line in value.splitlines())


def _is_secret(name: str, value: str) -> bool:
    """Whether the whole value is to be hidden wherever it stands."""
    if not is_secret_like(name):
        return _RANDOM.fullmatch(value) is not None and is_random(value)
    if _PATH.fullmatch(value) and (value.count("/") > 1 or "." in value):
        return False
    is_about_it = is_secret_like(name.rpartition("_")[0])  # TOKEN_URL, PASSWORD_MIN_LENGTH
    return not (is_about_it and _HARMLESS.fullmatch(value))


def _ways(secret: str) -> Iterator[str]:
    """How a secret can stand in text: as it is, escaped, in a URL, in base64 at any offset."""
    if len(secret) < SHORTEST or set(secret) <= {"*"}:
        return
    yield from (secret, printable(secret), json.dumps(secret)[1:-1], repr(secret)[1:-1], quote(secret, safe=""), quote_plus(secret))
    raw = secret.encode("utf-8", "surrogateescape")
    for offset in range(3):
        whole = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
        within = whole[(0, 2, 3)[offset] : len(whole) - (1 if (len(raw) + offset) % 3 else 0)]
        if len(within) >= SHORTEST:
            yield from (within, within.replace("+", "-").replace("/", "_"))


@cache
def _texts(struct: type[msgspec.Struct]) -> tuple[str, ...]:
    """Fields of a struct that may hold free text."""
    return tuple(field.name for field in msgspec.structs.fields(struct) if get_origin(field.type) is not Literal)
