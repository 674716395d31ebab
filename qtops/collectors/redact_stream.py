"""Redact text of any length in bounded memory: a window moves over it, so that what runs over several lines is seen as a whole."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from qtops.collectors.redact import HIDDEN, Redactor
from qtops.errors import UsageError

WINDOW: Final = 1 << 20  # characters that are looked at together, and the lines around them
AROUND: Final = 256  # lines before and after each line that are looked at with it: a private key has up to a hundred
AROUND_CHARACTERS: Final = 1 << 18  # of these lines at most, as far as they are whole
LONGEST: Final = 1 << 24  # characters of a line


class Part(NamedTuple):
    """Some lines in their order, redacted, and how much of them is hidden."""

    text: str
    hidden: int  # secrets
    lines: int  # with secrets


def redacted(pieces: Iterable[str], redactor: Redactor) -> Iterator[Part]:
    """The parts of a text that comes in pieces, redacted as the whole of it would be.

    Raises UsageError for a line that no text has.
    """
    window: list[str] = []  # whole lines, of which ``done`` are only looked at any more; ``rest`` is the line that follows
    rest, done, size, number = "", 0, 0, 0
    for piece in pieces:
        *lines, rest = (rest + piece).split("\n")
        window += lines
        size += len(piece)
        if len(rest) > LONGEST:
            raise UsageError(f"line {number + len(window) - done + 1} is longer than {LONGEST >> 20} MiB: this is no text")
        if size >= WINDOW:
            upto = len(window) - _around(reversed(window))
            if upto > done:
                yield _part(window, done, upto, redactor, end="\n")
                number += upto - done
                first = upto - _around(reversed(window[:upto]))
                window, done = window[first:], upto - first
                size = sum(map(len, window[done:]))
    window.append(rest)
    yield _part(window, done, len(window), redactor, end="")


def _around(lines: Iterator[str]) -> int:
    """How many of these lines are looked at beside a line that is next to the first of them."""
    count = size = 0
    for line in lines:
        size += len(line)
        if count == AROUND or size > AROUND_CHARACTERS:
            break
        count += 1
    return count


def _part(window: list[str], start: int, stop: int, redactor: Redactor, end: str) -> Part:
    after = redactor.text("\n".join(window)).split("\n")[start:stop]
    pairs = list(zip(window[start:stop], after, strict=True))
    touched = [(before, line) for before, line in pairs if before != line]
    hidden = sum(max(1, line.count(HIDDEN) - before.count(HIDDEN)) for before, line in touched)
    return Part("\n".join(after) + end, hidden, len(touched))
