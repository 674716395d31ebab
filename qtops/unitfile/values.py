"""Single values: time spans, truth, sizes, paths (systemd.time(7), "PARSING TIME SPANS"; systemd.syntax(7))."""

import re

from qtops.unitfile.characters import WHITESPACE, is_text

INFINITY = 2**64 - 1
"""``infinity``, as D-Bus has it."""
_SECOND = 1_000_000
_SPANS = (  # the first that the text starts with, in this order: "m" is not asked before "msec"
    ("seconds", _SECOND), ("second", _SECOND), ("sec", _SECOND), ("s", _SECOND),
    ("minutes", 60 * _SECOND), ("minute", 60 * _SECOND), ("min", 60 * _SECOND),
    ("months", 2629800 * _SECOND), ("month", 2629800 * _SECOND), ("M", 2629800 * _SECOND),
    ("msec", 1000), ("ms", 1000), ("m", 60 * _SECOND),
    ("hours", 3600 * _SECOND), ("hour", 3600 * _SECOND), ("hr", 3600 * _SECOND), ("h", 3600 * _SECOND),
    ("days", 86400 * _SECOND), ("day", 86400 * _SECOND), ("d", 86400 * _SECOND),
    ("weeks", 604800 * _SECOND), ("week", 604800 * _SECOND), ("w", 604800 * _SECOND),
    ("years", 31557600 * _SECOND), ("year", 31557600 * _SECOND), ("y", 31557600 * _SECOND),
    ("usec", 1), ("us", 1), ("μs", 1), ("µs", 1),
)  # fmt: skip
_NUMBER = re.compile(r"[ \t\n\r\v\f]*[+]?([0-9]+)|(?=\.)")
_TRUE, _FALSE = frozenset({"1", "yes", "y", "true", "t", "on"}), frozenset({"0", "no", "n", "false", "f", "off"})
_SIZE = re.compile(r"[ \t\n\r\v\f]*[+]?([0-9]+)(?:\.([0-9]*))?[ \t\n\r]*([EPTGMKB]?)")
_UNITS = ("", "B", "K", "M", "G", "T", "P", "E")


def time_span(text: str) -> int | None:
    """A time span in microseconds (``1min 30.5s``; a plain number is seconds), INFINITY for ``infinity``; None when it is none."""
    rest = text.lstrip(WHITESPACE)
    if rest.startswith("infinity"):
        return INFINITY if not rest.removeprefix("infinity").strip(WHITESPACE) else None
    total, rest = 0, rest or "-"
    while rest:
        taken = _one_span(rest)
        if taken is None:
            return None
        total, rest = total + taken[0], taken[1].lstrip(WHITESPACE)
        if total >= INFINITY:
            return None
    return total


def _one_span(text: str) -> tuple[int, str] | None:
    """Microseconds of the first ``number[.fraction][unit]`` and the text after it."""
    match = _NUMBER.match(text)
    whole = (match[1] or "0").lstrip("0") if match else ""
    if not match or len(whole) > 19 or int(whole or "0") >= 2**63:
        return None
    after, fraction = text[match.end() :], None
    if after.startswith("."):
        fraction = re.match(r"\.([0-9]*)", after)
        after = after[fraction.end() :] if fraction else after
    rest = after.lstrip(WHITESPACE)
    suffix, unit = next(((name, usec) for name, usec in _SPANS if rest.startswith(name)), ("", _SECOND))
    if not suffix and rest == after and rest:
        return None
    if fraction and not fraction[1]:
        return None
    usec, place = int(whole or "0") * unit, unit // 10
    for digit in fraction[1] if fraction else "":
        usec, place = usec + int(digit) * place, place // 10
    return (usec, rest[len(suffix) :]) if usec < INFINITY else None


def truth(text: str) -> bool | None:
    """``yes``, ``1``, ``on``, … or their opposites in any case; None when it is neither."""
    folded = text.lower()
    return True if folded in _TRUE else False if folded in _FALSE else None


def size(text: str) -> int | None:
    """Bytes from ``1.5G`` or ``1G 512M`` (powers of 1024), INFINITY for ``infinity``; None for shares and for what is no size."""
    if text == "infinity":
        return INFINITY
    total, position, least = 0, 0, len(_UNITS)
    while position < len(text) or not position:
        match = _SIZE.match(text, position)
        place = _UNITS.index(match[3]) if match else least
        if not match or place >= least or len(match[1]) > 20:
            return None
        factor = 1 << 10 * max(0, place - 1)
        decimals = (match[2] or "0")[:18]
        total += int(match[1]) * factor + int(decimals) * factor // int("1" + "0" * len(decimals))
        position, least = match.end(), place
    return total if total < INFINITY else None


def count(text: str) -> int | None:
    """An unsigned number as strtoul(3) reads it in any base, at most 32 bits; None when it is none."""
    match = re.fullmatch(r"[ \t\n\r\v\f]*[+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|[0-9]+)", text)
    if not match or len(match[1]) > 40:
        return None
    digits = match[1]
    octal = digits.startswith("0") and digits.isdigit() and len(digits) > 1
    try:
        number = int(digits, 8 if octal else 0)
    except ValueError:
        return None
    return number if number < 2**32 else None


def simplified(path: str) -> str:
    """A path without doubled slashes, ``.`` parts and a slash at the end; ``..`` stays."""
    parts = [part for part in path.split("/") if part not in {"", "."}]
    return "/" * path.startswith("/") + "/".join(parts)


def is_too_long(path: str) -> bool:
    """Whether the kernel would not take the path, or a part of it, for its length."""
    return len(_bytes(path)) >= 4096 or any(len(_bytes(part)) > 255 for part in path.split("/"))


def objection_to_path(path: str, *, absolute: bool = True) -> str | None:
    """Why systemd does not take a path in a setting; None when it does."""
    if not is_text(path):
        return "not UTF-8"
    if path.startswith("/") != absolute:
        return "not an absolute path" if absolute else "an absolute path"
    if is_too_long(path):
        return "too long for a path"
    return "a path with .. in it" if ".." in path.split("/") else None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
