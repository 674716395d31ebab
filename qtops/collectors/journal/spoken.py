"""Entries line by line, and who wrote each."""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

import msgspec

from qtops.collectors.journal.entries import Entry

Voice = tuple[int, str]
"""One process writing to one stream: what belongs together when lines of several are mixed."""


class Spoken(msgspec.Struct, frozen=True):
    """One line. Lines of one ``entry`` were sent as one message."""

    at_s: float
    text: str
    voice: Voice = (0, "")
    entry: tuple[int, int] = (0, 0)
    invocation: str = ""
    priority: int = 6
    source: Literal["service", "systemd", "kernel"] = "service"

    @property
    def pid(self) -> int:
        """The process that wrote it."""
        return self.voice[0]


def spoken(entries: Iterable[Entry], redact: Callable[[str], str]) -> list[Spoken]:
    """All lines of entries, without secrets. They are redacted as one text, in which a key block of many lines is whole."""
    lines = list(_lines(entries))
    whole = "\n".join(line.text for line in lines)
    redacted = redact(whole)
    if redacted == whole:
        return lines
    texts = redacted.split("\n")
    if len(texts) != len(lines):
        texts = [redact(line.text) for line in lines]
    return [msgspec.structs.replace(line, text=text) for line, text in zip(lines, texts, strict=True)]


def _lines(entries: Iterable[Entry]) -> Iterator[Spoken]:
    continued: set[Voice] = set()
    for entry in entries:
        voice = (entry.pid, entry.stream)
        is_continuation = voice in continued  # of a line that has been cut already
        (continued.add if entry.is_split else continued.discard)(voice)
        if is_continuation:
            continue
        source: Literal["service", "systemd", "kernel"] = "systemd" if entry.is_systemds else "service"
        if entry.transport == "kernel":
            source = "kernel"
        for text in entry.text.split("\n"):
            yield Spoken(entry.at_s, text, voice, entry.order, entry.invocation, entry.priority, source)
