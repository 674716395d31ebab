"""Secrets whose values are known, in text: however they are written, and where a line end or an escape runs through them."""

import base64
import html
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final, TypeAlias
from urllib.parse import unquote

from qtops.collectors.secret_shapes import PAIRS, compiled, credentials_in_url, is_random, lowered
from qtops.facts.text import printable
from qtops.unitfile.variables import is_secret_like

HIDDEN: Final = "***"
SHORTEST: Final = 6  # characters of a known value; what is shorter is hidden only where a telling name stands beside it
_DEPTH: Final = 3  # writings within writings: a URL in a URL, JSON in JSON in the journal's JSON
_NUMBER: Final = re.compile(r"\d+")
_RANDOM: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")  # a value that may be a secret by its looks
_DIGEST: Final = re.compile(r"[0-9a-fA-F]{32,}")
_KEY: Final = re.compile(r"(?:HMAC|SALT|SIGN|CRYPT|MASTER|SHARED|SECRET|WEBHOOK)|_PIN$", re.IGNORECASE)
_PATH: Final = re.compile(r"(?:~|\.{1,2})?/[\w./@~-]*")
_HARMLESS: Final = re.compile(
    r"[\d.,:+-]+(?:[a-z]{1,3})?|[a-z][a-z0-9+.-]*://\S*|localhost(?::\d+)?|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]+(?::\d+)?"
    r"|enabled|disabled|required|optional|default"
)
_BYTE, _MORE = r"(?:%|\\+x)", r"[89ab][0-9a-f]"
_WRITTEN: Final = re.compile(
    rf"{_BYTE}(?:[0-7][0-9a-f]|[cd][0-9a-f]{_BYTE}{_MORE}|e[0-9a-f](?:{_BYTE}{_MORE}){{2}}|f[0-7](?:{_BYTE}{_MORE}){{3}})"
    r"|\\+(?P<unicode>u[0-9a-f]{4})|\\+(?:\r?\n[ \t]*|[nrt])?|(?P<entity>&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,6});)"
    # a line end, with what journalctl puts before the next line
    r"|[\t\r\n][ \t\r\n]*(?:(?:[a-z]{3} [ \d]\d [\d:]{8}|\d{4}-\d\d-\d\d[t ]\S{8,32}) \S{1,64} [^\s:]{1,64}: )?",
    re.IGNORECASE,
)


_learned: Final = set[tuple[str, str]]()


def learned() -> Iterable[tuple[str, str]]:
    """All values that this process was ever told: what it says when it breaks is not to quote them either."""
    return _learned


class KnownSecrets:
    """Hides secrets that are known. It holds them, so it is neither kept nor shown."""

    __slots__ = ("_read", "_words")

    def __init__(self, values: Iterable[tuple[str, str]]) -> None:
        """``values``: names and values of variables; which of them hold a secret is found out here."""
        given = [*values]
        _learned.update(given)
        words = {way for name, value in given for secret in _secrets(name, value) for way in _ways(secret)}
        self._words = sorted(words, key=lambda word: (-len(word), word))  # one may be part of another
        read = {_reading(word)[0] for word in words if not word.isdecimal()}
        self._read = sorted((word for word in read if len(word) >= SHORTEST), key=lambda word: (-len(word), word))

    def hide(self, text: str) -> str:
        """The text without them; line ends stay."""
        for word in self._words:
            if word in text:
                text = _NUMBER.sub(partial(_number, word), text) if word.isdecimal() else text.replace(word, covered(word))
        if self._read and _WRITTEN.search(text):
            for start, end in sorted(self._spans(text, _DEPTH), reverse=True):
                text = text[:start] + covered(text[start:end]) + text[end:]
        return text

    def _spans(self, text: str, depth: int) -> list[tuple[int, int]]:
        """Where they are once escapes are read and line ends are left out; the places are those in ``text``, and apart."""
        read, cuts = _reading(text)
        if not cuts or not depth:
            return []
        places = [place for word in self._read for place in _places(word, read)] + self._spans(read, depth - 1)
        merged: list[tuple[int, int]] = []
        for start, end in sorted((_origin(cuts, start)[0], _origin(cuts, end - 1)[1]) for start, end in places):
            if merged and start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged


def covered(secret: str) -> str:
    """What is shown in the place of a secret: as many lines as it has."""
    return "\n".join(HIDDEN if line else "" for line in secret.split("\n")) if "\n" in secret else HIDDEN


Cut: TypeAlias = tuple[int, int, int, bool]  # a piece: its place when read, first and last place in the text, whether it is as is


def _reading(text: str) -> tuple[str, list[Cut]]:
    """A text with escapes read and line ends left out, and the cuts between its pieces; no cuts where it is as it stands."""
    pieces: list[str] = []
    cuts: list[Cut] = []
    at = last = 0
    for found in _WRITTEN.finditer(text):
        start, end = found.span()
        for piece, begin, stop, as_is in ((text[last:start], last, start, True), (_meaning(found), start, end, False)):
            if piece:
                pieces.append(piece)
                cuts.append((at, begin, stop, as_is))
                at += len(piece)
        last = end
    if last == 0:
        return text, []
    cuts.append((at, last, len(text), True))
    return "".join((*pieces, text[last:])), cuts


def _meaning(found: re.Match[str]) -> str:
    written = found[0]
    if found["entity"]:
        return html.unescape(written)
    if found["unicode"]:
        return chr(int(found["unicode"][1:], 16))
    if written[0] == "%" or written[-3:-2] in ("x", "X"):
        return bytes.fromhex(re.sub(_BYTE, "", written, flags=re.IGNORECASE)).decode(errors="replace")
    return ""


def _places(word: str, text: str) -> Iterator[tuple[int, int]]:
    at = text.find(word)
    while at >= 0:
        yield at, at + len(word)
        at = text.find(word, at + len(word))


def _origin(cuts: list[Cut], at: int) -> tuple[int, int]:
    """From where to where in the text the character is that is at a place when read."""
    first, begin, end, as_is = cuts[bisect_right(cuts, at, key=lambda cut: cut[0]) - 1]
    return (begin + at - first, begin + at - first + 1) if as_is else (begin, end)


def _number(word: str, found: re.Match[str]) -> str:
    return HIDDEN if found[0] == word else found[0]


def _secrets(name: str, value: str) -> Iterator[str]:
    """The secrets in the value of a variable."""
    for password in credentials_in_url(value):
        yield from (password, unquote(password))
    lower = lowered(value)
    for words, pair in PAIRS:
        if any(word in lower for word in words):
            yield from (value[slice(*found.span("secret"))] for found in compiled(pair).finditer(lower))
    if _is_secret(name, value.strip()):
        yield from (line.strip() for line in value.splitlines())


def _is_secret(name: str, value: str) -> bool:
    """Whether the whole value is to be hidden wherever it stands."""
    if not is_secret_like(name):
        is_digest = _KEY.search(name) is not None and _DIGEST.fullmatch(value) is not None
        return is_digest or (_RANDOM.fullmatch(value) is not None and is_random(value))
    if _PATH.fullmatch(value) and (value.count("/") > 1 or "." in value):
        return False
    is_about_it = is_secret_like(name.rpartition("_")[0])  # TOKEN_URL, PASSWORD_MIN_LENGTH
    return not (is_about_it and _HARMLESS.fullmatch(value))


def _ways(secret: str) -> Iterator[str]:
    """How a secret can stand in text: as it is, in a form, for a shell, in hex, in base64 at any offset. Escapes are read."""
    if len(secret) < SHORTEST or set(secret) <= {"*"}:
        return
    yield from (secret, printable(secret), secret.replace(" ", "+"), secret.replace("'", "'\"'\"'"), secret.replace("'", "'\\''"))
    raw = secret.encode("utf-8", "surrogateescape")
    yield from (raw.hex(), raw.hex().upper())
    for offset in range(3):
        whole = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
        within = whole[(0, 2, 3)[offset] : len(whole) - (1 if (len(raw) + offset) % 3 else 0)]
        if len(within) >= SHORTEST:
            yield from (within, within.replace("+", "-").replace("/", "_"))
