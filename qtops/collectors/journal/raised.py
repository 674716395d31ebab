"""One traceback: while its lines come in, and when it is whole."""

import re
from itertools import takewhile
from typing import Final

from qtops.collectors.journal.entries import cut
from qtops.collectors.journal.spoken import Spoken
from qtops.facts.journal import Frame, Traceback

WORDS: Final = "Traceback (most recent call last):"
HEADER: Final = re.compile(r"(?P<prefix>.{0,200}?)Traceback \(most recent call last\):$")
_FRAME: Final = re.compile(r'  File "(?P<file>.+)", line (?P<line>\d{1,9})(?:, in (?P<function>.+))?$')
_EXCEPTION: Final = re.compile(r"(?P<type>(?:[^\W\d][\w<>]*\.)*(?P<name>[^\W\d]\w*))(?:: |:?$)")
_LEVELS: Final = frozenset({"DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "CRITICAL", "FATAL", "TRACE"})
_BOXED: Final = re.compile(r"(?P<indent> *)\|(?: (?P<text>.*))?$")
_DIVIDER: Final = re.compile(r" *\+(?:-\+)?-+ (?:\d+|\.\.\.) -+$")
_BOTTOM: Final = re.compile(r"(?P<indent> *)\+-+$")
_LOGGED: Final = re.compile(r"[\[({<]?(?:\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d|(?:DEBUG|INFO|NOTICE|WARN|ERROR|CRITICAL|FATAL)\w*\b)|\{\"")
_AT_EXIT: Final = re.compile(r"\S+:\d+: \w*Warning: |\S+: warning: ")  # what an interpreter says while it ends
_OUTERMOST: Final = 10  # frames that are kept of a deep recursion
_INNERMOST: Final = 50
_MOST_CAUSES: Final = 20
_MOST_FOLLOWING: Final = 20  # lines after it that may still be its message
_LONGEST: Final = 2000  # characters of a message
_FOREIGN: Final = 20  # lines of other threads among its own
_AT_ONCE_S: Final = 1.0  # lines of a message come together
_ENDING_S: Final = 60.0  # after an exception that nobody caught; a worker's of long ago did not end the program


class Raising:
    """A traceback that is coming in. ``prefix`` is what logging put before its header, ``box`` the indent of an exception group."""

    def __init__(self, prefix: str = "", box: int | None = None) -> None:
        self._prefix, self._box = prefix, box
        self._frames: list[Frame] = []
        self._line: Spoken | None = None
        self._message: list[str] = []
        self._within: list[str] = []  # last lines of what a group holds
        self._foreign = 0
        self._is_among_parts = self._is_whole = False

    def hear(self, line: Spoken, text: str) -> bool:
        """Take a line; False for one that is no part of it any more."""
        if self._box is not None:
            return self._hear_box(line, text, self._box)
        return not self._message and self._hear_plain(line, self._without_prefix(text))

    def raised(self, causes: tuple[str, ...]) -> "Raised | None":
        """What was raised; None where its last line never came."""
        if self._line is None:
            return None
        parts = tuple(self._within[:_MOST_CAUSES])
        return Raised(self._line, self._message, tuple(self._frames), (*causes, *parts)[:_MOST_CAUSES])

    def _hear_plain(self, line: Spoken, text: str) -> bool:
        if frame := _FRAME.match(text):
            self._frames.append(Frame(frame["file"], int(frame["line"]), frame["function"] or ""))
            if len(self._frames) > _OUTERMOST + _INNERMOST:
                del self._frames[_OUTERMOST]
            return True
        if not text or text.startswith(" "):  # the source line, carets, "[Previous line repeated 97 more times]"
            return True
        if WORDS in text:
            return False
        if _is_exception(text):
            self._line, self._message = line, [text]
            return True
        self._foreign += 1
        return self._foreign <= _FOREIGN

    def _hear_box(self, line: Spoken, text: str, box: int) -> bool:
        if self._is_whole:
            return False
        if _DIVIDER.match(text):
            self._is_among_parts = True
        elif bottom := _BOTTOM.match(text):
            self._is_whole = len(bottom["indent"]) <= box + 2
        elif boxed := _BOXED.match(text):
            inner = boxed["text"] or ""
            if self._is_among_parts:
                if _is_exception(inner):
                    self._within.append(inner)
            elif self._message:
                self._message.append(inner)
            else:
                return self._hear_plain(line, inner)
        else:  # the interpreter itself does not box the further lines of a message
            if self._message and not self._is_among_parts:
                self._message.append(text)
            self._foreign += 1
            return self._foreign <= _FOREIGN and WORDS not in text
        return True

    def _without_prefix(self, text: str) -> str:
        """A line without the logging prefix that the header had: the same one, but for the time in it."""
        start, length = text[: len(self._prefix)], len(self._prefix)
        return text[length:] if length and re.sub(r"\d", "0", start) == re.sub(r"\d", "0", self._prefix) else text


class Raised:
    """A traceback that is whole, but for further lines of its message."""

    def __init__(self, line: Spoken, message: list[str], frames: tuple[Frame, ...], causes: tuple[str, ...]) -> None:
        self.line, self.is_last, self.ends_nothing = line, True, False
        self._message, self._frames, self._causes = message, frames, causes
        self._following: list[tuple[Spoken, str]] = []

    def follow(self, line: Spoken, text: str) -> None:
        """Take a line that its process wrote after it."""
        if len(self._following) <= _MOST_FOLLOWING and not _AT_EXIT.match(text):
            self._following.append((line, text))

    @property
    def chain(self) -> tuple[str, ...]:
        """The last lines of all exceptions up to this one, for the one that it led to."""
        return (*self._causes, _joined(self._message + [text for _, text in self._following]))[-_MOST_CAUSES:]

    def traceback(self, ended_s: float | None) -> Traceback:
        """The fact. ``ended_s``: when the program did, if it has."""
        is_end = self.is_last and not self.ends_nothing and ended_s is not None and ended_s - self.line.at_s <= _ENDING_S
        is_final = is_end and self._is_followed_by_message()
        sure = takewhile(lambda item: item[0].entry == self.line.entry or item[1].startswith(" "), self._following)
        message = self._message + [text for _, text in (self._following if is_final else sure)]
        found = _EXCEPTION.match(message[0])
        return Traceback(
            at_s=self.line.at_s,
            type=found["type"] if found else "",
            message=_joined(message),
            frames=self._frames,
            causes=self._causes,
            invocation=self.line.invocation,
            final=is_final,
        )

    def _is_followed_by_message(self) -> bool:
        """Whether all that came after it can be its message, which may have any lines."""
        return len(self._following) <= _MOST_FOLLOWING and all(
            line.at_s - self.line.at_s <= _AT_ONCE_S and not _LOGGED.match(text) for line, text in self._following
        )


def _is_exception(text: str) -> bool:
    """Whether it is the last line of a traceback: the full name of a class, and what the exception says."""
    found = _EXCEPTION.match(text)
    if found is None or found["type"].upper() in _LEVELS:
        return False
    return found["name"][0].isupper() or ("." in found["type"] and ": " in text)


def _joined(message: list[str]) -> str:
    r"""The message in one line, with ``\n`` where it had another."""
    return cut("\\n".join(message).rstrip(), _LONGEST)
