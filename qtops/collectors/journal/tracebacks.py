"""Python tracebacks, put together again from single lines as CPython and its logging write them (Lib/traceback.py)."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from qtops.collectors.journal.escaped import embedded
from qtops.collectors.journal.raised import HEADER, WORDS, Raised, Raising
from qtops.collectors.journal.spoken import Spoken, Voice
from qtops.facts.journal import Traceback

MOST: Final = 20  # the newest of them
_GROUP: Final = re.compile(r"(?P<indent> *)\+ Exception Group Traceback \(most recent call last\):$")
_HEADLESS: Final = re.compile(
    r'  File ".+", line \d+(?:, in .+)?$'
)  # a syntax error has no header, and a long traceback may have lost it
_CHAIN: Final = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)
_NOBODY_S: Final = re.compile(r"(?:.*\W)?(?:Task|Future) exception was never retrieved$")  # of asyncio: the program goes on
_UNRAISABLE: Final = re.compile(r"Exception ignored (?:in|on|while)\b")  # it ended nothing


def assemble(lines: Iterable[Spoken], ended: Mapping[str, float]) -> tuple[Traceback, ...]:
    """Every traceback among lines, oldest first. ``ended``: when the main process of an invocation did, where it has."""
    voices: dict[Voice, _Voice] = {}
    for line in lines:
        voices.setdefault(line.voice, _Voice()).hear(line)
    found = [raised for voice in voices.values() for raised in voice.close()]
    found.sort(key=lambda raised: raised.line.entry)
    return tuple(raised.traceback(ended.get(raised.line.invocation)) for raised in found[-MOST:])


class _Voice:
    """What one process has written so far."""

    def __init__(self) -> None:
        self._open: Raising | None = None
        self._last: Raised | None = None  # what comes next may still belong to it
        self._done: list[Raised] = []
        self._causes: tuple[str, ...] = ()  # of the next one
        self._is_ignored = self._is_elsewhere = self._is_nobody_s = False

    def hear(self, line: Spoken) -> None:
        """Take one line more."""
        for text in embedded(line.text) or (line.text,):
            if self._open is not None:
                if self._open.hear(line, text):
                    continue
                self._finish()
            if not self._opens(line, text):
                self._follow(line, text)

    def close(self) -> list[Raised]:
        """All that was put together; nothing more comes."""
        self._finish()
        self._keep_last()
        return self._done

    def _opens(self, line: Spoken, text: str) -> bool:
        """Begin a traceback where the text does."""
        if group := _GROUP.match(text):
            self._open = Raising(box=len(group["indent"]))
        elif header := HEADER.match(text) if WORDS in text else None:
            self._open = Raising(prefix=header["prefix"])
        elif not self._is_elsewhere and _HEADLESS.match(text):
            self._open = Raising()
            self._open.hear(line, text)
        return self._open is not None

    def _finish(self) -> None:
        raised = self._open.raised(self._causes) if self._open else None
        self._open, self._causes = None, ()
        is_ignored, self._is_ignored = self._is_ignored, False
        is_nobody_s, self._is_nobody_s = self._is_nobody_s, False
        if raised is None or is_ignored:
            return
        if self._last is not None:
            self._last.is_last = False
        self._keep_last()
        raised.ends_nothing = is_nobody_s
        self._last = raised

    def _follow(self, line: Spoken, text: str) -> None:
        """Take a line that no traceback is made of."""
        if self._is_elsewhere and text.startswith(" "):
            return
        self._is_elsewhere = text.endswith("(most recent call last):")  # Stack, Object created at: no exception follows
        if text.strip() in _CHAIN and self._last is not None:
            self._causes, self._last = self._last.chain, None
        elif _UNRAISABLE.match(text):
            self._is_ignored = True
        elif _NOBODY_S.match(text):
            self._is_nobody_s = True
        elif self._last is not None and text:
            self._last.follow(line, text)

    def _keep_last(self) -> None:
        if self._last is not None:
            self._done = [*self._done[1 - MOST :], self._last]
            self._last = None
