"""Take secrets out of text before it is kept or shown: values that are known to be secret, and what looks like one.

Every secret becomes ``***``. Line ends stay where they are, and what was redacted once is not changed by doing it again.
"""

import re
from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Final, Literal, TypeVar, cast, get_origin

import msgspec

from qtops.collectors.known_secrets import HIDDEN, KnownSecrets, covered
from qtops.collectors.secret_shapes import ACROSS, BLOCK, CODES, FLAG, FORMS, LITERAL, NAME, PAIRS, compiled, is_random, lowered

__all__ = ["HIDDEN", "Redactor"]
_MOST_PASSES: Final = 10
_NEAR: Final = 300  # characters from a name to what tells that its value follows
_PATH: Final = re.compile(r"(?:~|\.{1,2})?/[\w./@~-]*")
_FORMS: Final = tuple((word, form) for words, form in FORMS for word in words)
_WORDS: Final = tuple(sorted(frozenset[str]().union(*(words for words, _ in PAIRS))))
_PUBLIC: Final = re.compile(r"-----BEGIN (?![A-Z0-9 ]*PRIVATE)")
_ESCAPES: Final = ("\x1b", "\\", "#033", "^[")
_ARGUMENT_OF: Final = {"redis-cli": {"-a", "--pass"}, "sshpass": {"-p"}, "curl": {"-u", "--user"}, "mysql": {"-p"}}
T = TypeVar("T")


class Redactor:
    """Hides secrets. It holds the known ones itself, so it is neither kept nor shown."""

    __slots__ = ("_known",)

    def __init__(self, values: Iterable[tuple[str, str]] = ()) -> None:
        """``values``: names and values of variables in the effective environments; which of them are secret is found out here."""
        self._known = KnownSecrets(values)

    def text(self, text: str) -> str:
        """A text of any number of lines, without secrets."""
        settled: set[str] = set()
        for _ in range(_MOST_PASSES):
            if (once := self._once(text, settled)) == text:
                break
            text = once
        return text

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
            is_next = word in takes or compiled(FLAG).fullmatch(word) is not None
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
            return {self._walk(key, known): self._walk(self._named(key, part), known) for key, part in value.items()}
        return value

    def _named(self, name: object, value: Any) -> Any:
        """What a mapping has under a name; hidden where it would be beside that name in text."""
        if not (type(name) is str and type(value) is str and compiled(NAME).search(lowered(name))):
            return value
        return value if value == HIDDEN or self.text(f"{name}={value}") == f"{self.text(name)}={self.text(value)}" else HIDDEN

    def _once(self, text: str, settled: set[str]) -> str:
        """One pass; ``settled`` are lines in which nothing stands beside a name."""
        text = compiled(BLOCK).sub(_block, text) if "PRIVATE KEY" in text else text
        if any(map(text.__contains__, _ESCAPES)) and compiled(CODES).search(text):
            text = "\n".join(self._plain(line) for line in text.split("\n"))
        return _without_shapes(self._known.hide(text), settled)

    def _plain(self, line: str) -> str:
        """A line with terminal codes; without them where a secret is in it, for one may run through it."""
        plain = compiled(CODES).sub("", line)
        return plain if _without_shapes(self._known.hide(plain), set()) != plain else line


def _without_shapes(text: str, settled: set[str]) -> str:
    for word, form in _FORMS:
        if word in text:
            text = compiled(form).sub(_hide, text)
    if any(map(lowered(text).__contains__, _WORDS)):
        text = "\n".join(_without_pairs(line, settled) for line in _without_pairs_across(text).split("\n"))
    return compiled(LITERAL).sub(_literal, text)


def _without_pairs_across(text: str) -> str:
    for sign, pair in ACROSS:
        lower = lowered(text)
        for start, end in sorted(set(_across(sign, pair, lower)), reverse=True):
            text = text[:start] + covered(text[start:end]) + text[end:]
    return text


def _across(sign: str, pair: str, lower: str) -> Iterator[tuple[int, int]]:
    for at in compiled(sign).finditer(lower):
        line_before = lower.rfind("\n", 0, max(0, lower.rfind("\n", 0, at.start()))) + 1
        for name in compiled(NAME).finditer(lower, max(line_before, at.start() - _NEAR), at.end()):
            if found := compiled(pair).match(lower, name.start()):
                yield found.span("secret")


def _without_pairs(line: str, settled: set[str]) -> str:
    """A line without the secrets that stand beside a name."""
    if line in settled:
        return line
    before, lower = line, lowered(line)
    words = {word for word in _WORDS if word in lower}
    for needed, pair in PAIRS if words else ():
        if not needed.isdisjoint(words):
            line = _covered(line, pair, lower)
            lower = lowered(line)
    if line == before:
        settled.add(line)
    return line


def _covered(text: str, pair: str, lower: str) -> str:
    """A text without what a pattern finds in its lower case, at the same places."""
    for start, end in reversed([found.span("secret") for found in compiled(pair).finditer(lower)]):
        text = text[:start] + covered(text[start:end]) + text[end:]
    return text


def _hide(found: re.Match[str]) -> str:
    first, last = (at - found.start() for at in found.span("secret"))
    return found[0][:first] + HIDDEN + found[0][last:]


def _literal(found: re.Match[str]) -> str:
    word = found["secret"]
    return HIDDEN if is_random(word) and not (_is_public(found.string, found.start()) or _is_prose(word)) else word


def _is_public(text: str, at: int) -> bool:
    """Whether a place is within a block that may be seen by anybody: a certificate, a public key."""
    begin = text.rfind("-----BEGIN ", 0, at)
    return begin >= 0 and _PUBLIC.match(text, begin) is not None and text.rfind("-----END ", 0, at) < begin


def _is_prose(word: str) -> bool:
    """Whether a word is base64 of several words in which there is no secret."""
    try:
        prose = b64decode(word + "=" * (-len(word) % 4), validate=True).decode("ascii")
    except (NoBase64, UnicodeDecodeError):
        return False
    return prose.isprintable() and prose.count(" ") > 1 and _without_shapes(prose, set()) == prose


def _block(found: re.Match[str]) -> str:
    r"""A key block with as many lines as it had, ``\n`` that is written out included."""
    body = re.sub(r"(\s|\\+[nr])|[A-Za-z0-9+/=]+?(?=\s|\\+[nr]|-|$)", lambda part: part[1] or HIDDEN, found["secret"])
    return found[0][: found.start("secret") - found.start()] + body


@cache
def _texts(struct: type[msgspec.Struct]) -> tuple[str, ...]:
    """Fields of a struct that may hold free text."""
    return tuple(field.name for field in msgspec.structs.fields(struct) if get_origin(field.type) is not Literal)
