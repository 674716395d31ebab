"""What a change does to a file: for people to read, and for ``git apply`` to repeat."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from qtops.facts.text import printable
from qtops.patching import CannotPatch

CONTEXT = 3  # lines around a change
MOST_LINES = 400
LONGEST_LINE = 500  # characters
_NO_END = b"\\ No newline at end of file\n"
_EXECUTABLE = 0o100
_NO_BLOB = "0" * 40
_Opcode = tuple[str, int, int, int, int]
_QUOTED = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


def unified(before: bytes | None, after: bytes, path: str) -> str:
    r"""The change as a unified diff, printable: control characters are escaped, so that a carriage return shows as ``\r``.

    ``before`` is None for a new file. Tabs stay. Not to be applied: long lines are cut, and so is a long diff, which then says how
    many lines there are more. Empty where nothing changes.
    """
    lines = [_shown(line) for line in _hunks(before or b"", after)]
    if not lines:
        return ""
    more = len(lines) - MOST_LINES
    if more > 0:
        lines[MOST_LINES:] = [f"… {more:,} lines more"]
    name = printable(path)
    return "\n".join(("--- /dev/null" if before is None else f"--- {name}", f"+++ {name}", *lines)) + "\n"


def patch(before: bytes | None, after: bytes, relative_path: str, mode: int | None = None, old_mode: int | None = None) -> bytes:
    """The change as git writes it: exact to the byte, for ``git apply`` at the top of the repository.

    ``before`` is None for a new file. ``mode`` and ``old_mode`` are permission bits of the file after and before, of which git
    keeps whether its owner may execute it; None: not known, and not changed. Empty where nothing changes. Raises CannotPatch for
    a path that leads out of the repository, and for what git takes for no text.
    """
    parts = relative_path.split("/")
    if not {"", ".", ".."}.isdisjoint(parts) or "\0" in relative_path or ".git" in (part.lower() for part in parts):
        raise CannotPatch(f"{relative_path!a} is not the path of a file in a repository")
    if b"\0" in after or b"\0" in (before or b""):
        raise CannotPatch("it holds a NUL, and is no text for git")
    header = _header(before, after, mode, old_mode)
    if not header:
        return b""
    name = relative_path.encode("utf-8", "surrogateescape")
    old, new = _quoted(b"a/" + name), _quoted(b"b/" + name)
    hunks = b"".join(_hunks(before or b"", after))
    tab = b"\t" if b" " in name else b""  # ends the name, as git does it
    files = (b"--- " + (b"/dev/null" if before is None else old + tab) + b"\n+++ " + new + tab + b"\n") if hunks else b""
    return b"diff --git " + old + b" " + new + b"\n" + header + files + hunks


def _header(before: bytes | None, after: bytes, mode: int | None, old_mode: int | None) -> bytes:
    """The extended header lines. With the blobs named, ``git apply --3way`` works on a tree that has gone on."""
    now = _git_mode(mode if mode is not None else old_mode)
    was = _git_mode(old_mode) if old_mode is not None else now
    blobs = f"index {_NO_BLOB if before is None else _blob(before)}..{_blob(after)}"
    if before is None:
        return f"new file mode {now}\n{blobs}\n".encode()
    lines = f"old mode {was}\nnew mode {now}\n" if was != now else ""
    if before != after:
        lines += f"{blobs}\n" if was != now or (mode is None and old_mode is None) else f"{blobs} {now}\n"
    return lines.encode()


def _git_mode(mode: int | None) -> str:
    return "100755" if mode is not None and mode & _EXECUTABLE else "100644"


def _blob(content: bytes) -> str:
    """The name that git gives to a content."""
    return hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()


def _quoted(path: bytes) -> bytes:
    """A path in git's way: in quotes, with escapes, where it holds more than printable ASCII (git-config(1), "core.quotePath")."""
    if re.fullmatch(rb"[ !#-\[\]-~]*", path):
        return path
    return b'"' + b"".join(_QUOTED.get(c, chr(c) if 32 <= c < 127 else f"\\{c:03o}").encode() for c in path) + b'"'


def _hunks(before: bytes, after: bytes) -> Iterator[bytes]:
    """Headers and lines of a unified diff, each with its end. Only LF ends a line.

    What is alike at both ends is left out first: looking for the longest run of equal lines takes long where many are equal.
    """
    old, new = _lines(before), _lines(after)
    head = max(_alike(old, new) - CONTEXT, 0)
    tail = max(_alike(old[head:][::-1], new[head:][::-1]) - CONTEXT, 0)
    for group in _groups(old, new, head, tail):
        first, last = group[0], group[-1]
        yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n".encode()
        for kind, a, b, c, d in group:
            if kind == "equal":
                yield from _marked(b" ", old[a:b])
            else:
                yield from _marked(b"-", old[a:b])
                yield from _marked(b"+", new[c:d])


def _groups(old: Sequence[bytes], new: Sequence[bytes], head: int, tail: int) -> Iterator[list[_Opcode]]:
    """What changes, with its context, without looking at so many lines at both ends that are alike.

    Of lines that repeat, a change may have come to lie at the edge of what was looked at. The context is then filled up from
    beyond: git takes a hunk that ends without context for one at the end of the file.
    """
    until_old, until_new = len(old) - tail, len(new) - tail
    for found in SequenceMatcher(None, old[head:until_old], new[head:until_new]).get_grouped_opcodes(CONTEXT):
        group = [(kind, a + head, b + head, c + head, d + head) for kind, a, b, c, d in found]
        kind, a, b, c, d = group[0]
        if (a, c) == (head, head):
            more = min(CONTEXT - (b - a if kind == "equal" else 0), head)
            group.insert(0, ("equal", a - more, a, c - more, c))
        kind, a, b, c, d = group[-1]
        if (b, d) == (until_old, until_new):
            more = min(CONTEXT - (b - a if kind == "equal" else 0), tail)
            group.append(("equal", b, b + more, d, d + more))
        yield group


def _alike(one: Sequence[bytes], other: Sequence[bytes]) -> int:
    """How many lines both begin with."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _lines(content: bytes) -> list[bytes]:
    lines = content.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _range(start: int, stop: int) -> str:
    """Of lines from 0; the line before stands for none."""
    count = stop - start
    return f"{start + 1}" if count == 1 else f"{start + 1 if count else start},{count}"


def _marked(mark: bytes, lines: Sequence[bytes]) -> Iterator[bytes]:
    for line in lines:
        if line.endswith(b"\n"):
            yield mark + line
        else:
            yield mark + line + b"\n"
            yield _NO_END


def _shown(line: bytes) -> str:
    text = line.removesuffix(b"\n").decode("utf-8", "surrogateescape")
    shown = "\t".join(printable(part) for part in text[:LONGEST_LINE].split("\t"))
    return shown + ("…" if len(text) > LONGEST_LINE else "")
