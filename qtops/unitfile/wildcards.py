"""Paths with wildcards, as glob(7) has them, over whatever shows its directories; byte by byte, since systemd sets no locale."""

import re
from collections.abc import Iterable, Iterator
from typing import Protocol


class Files(Protocol):
    """How files are seen. Whoever reads for real opens regular files only, and not without a bound."""

    def read(self, path: str) -> bytes:
        """The contents of a file. Raises OSError."""

    def names(self, path: str) -> Iterable[str]:
        """The names in a directory. Raises OSError."""


def has_wildcard(path: str) -> bool:
    """Whether the path is a pattern."""
    return re.search(r"[*?[\\]", path) is not None


def matching(pattern: str, files: Files) -> list[str]:
    """The paths that match an absolute pattern, sorted by their bytes."""
    parts = [part for part in pattern.split("/") if part]
    found = _below("", parts, files) if parts else ["/"]
    return sorted(found, key=lambda path: path.encode("utf-8", "surrogateescape"))


def _below(directory: str, parts: list[str], files: Files) -> Iterator[str]:
    part, *rest = parts
    fits = re.compile(_expression(_bytewise(part)), re.DOTALL)
    try:
        names = list(files.names(directory or "/"))
    except OSError:
        return
    hidden = part.startswith((".", "\\."))
    for name in names:
        if not fits.fullmatch(_bytewise(name)) or (name.startswith(".") and not hidden):
            continue
        path = f"{directory}/{name}"
        if rest:
            yield from _below(path, rest, files)
        else:
            yield path


def _expression(part: str) -> str:
    """One part of a pattern as a regular expression."""
    out, position = "", 0
    while position < len(part):
        c = part[position]
        position += 1
        end = part.find("]", position + 2 if part[position : position + 1] in {"!", "^"} else position + 1)
        if c == "*":
            out += ".*"
        elif c == "?":
            out += "."
        elif c == "[" and end > 0:
            held, position = part[position:end], end + 1
            negated = held[:1] in {"!", "^"}
            out += _set(_ranges(held[negated:]), negated=negated)
        elif c == "\\" and position < len(part):
            out, position = out + re.escape(part[position]), position + 1
        else:
            out += re.escape(c)
    return out


def _set(members: str, *, negated: bool) -> str:
    if not members:
        return "." if negated else "(?!)"
    return f"[{'^' * negated}{members}]"


def _ranges(held: str) -> str:
    """What stands between brackets: characters and ranges; a range whose ends are not in order holds nothing."""
    out, position = "", 0
    while position < len(held):
        first, last = held[position], held[position + 2 : position + 3]
        if held[position + 1 : position + 2] == "-" and last:
            out, position = out + (f"{re.escape(first)}-{re.escape(last)}" if first <= last else ""), position + 3
        else:
            out, position = out + re.escape(first), position + 1
    return out


def _bytewise(text: str) -> str:
    """One character for each byte."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")
