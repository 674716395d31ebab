"""Error lines that are one and the same but for digits, ids, times and quoted values; counted."""

import re
from collections.abc import Iterable
from typing import Final

from qtops.collectors.journal.entries import cut
from qtops.collectors.journal.spoken import Spoken, Voice
from qtops.facts.journal import Signature

MOST: Final = 10
_LONGEST: Final = 300  # characters of a sample
_LEVEL: Final = re.compile(
    r"\b(?:ERROR|CRITICAL|FATAL|SEVERE|ALERT|EMERG|PANIC)\b"
    r"|\[(?:error|critical|crit|fatal|alert|emerg)\]|\b(?:level|lvl|severity|levelname)\"?[=:] ?\"?(?:error|critical|fatal)\b"
    r"|^[EF]\d{4} \d\d:"  # glog
)
_EXCEPTION: Final = re.compile(r"(?:^|[\s:])(?:[^\W\d][\w.]*\.)?[^\W\d]\w*(?:Error|Exception|Interrupt|Exit|Timeout)(?:: |$)")
_HEADER: Final = "Traceback (most recent call last):"
_NORMALISED: Final = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"), "<uuid>"),
    (re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b|\[?\b(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{0,4}\b\]?(?::\d+)?"), "<ip>"),
    (re.compile(r"\b0x[0-9a-fA-F]+\b|\b(?=[0-9a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}\b"), "<id>"),
    (re.compile(r"'(?!/)[^']*'|\"(?!/)[^\"]*\""), "<value>"),  # what begins with a slash is a path
    (re.compile(r"(?<![^\W\d_])\d+|\d{3,}"), "N"),  # app2 stays; job 17 and order12345 do not
)


def signatures(spoken: Iterable[Spoken]) -> tuple[Signature, ...]:
    """The signatures of all error lines, the most frequent first. A line and the traceback that it introduces are one error."""
    found: dict[str, list[tuple[float, str]]] = {}
    for at_s, line in _errors(spoken):
        found.setdefault(normalised(line), []).append((at_s, line))
    total = sum(map(len, found.values()))
    ranked = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(
        Signature(
            pattern=pattern,
            sample=cases[-1][1],
            count=len(cases),
            share=len(cases) / total,
            first_s=min(at_s for at_s, _ in cases),
            last_s=max(at_s for at_s, _ in cases),
        )
        for pattern, cases in ranked[:MOST]
    )


def normalised(line: str) -> str:
    """A line with what differs from case to case taken out."""
    for pattern, word in _NORMALISED:
        line = pattern.sub(word, line)
    return line


def is_error(line: Spoken) -> bool:
    """Whether a line tells of an error: by its priority, by its level in any usual format, or as an exception's last line."""
    if line.priority <= 3:
        return True
    text = line.text
    return not text.startswith("  ") and (_LEVEL.search(text) is not None or _EXCEPTION.search(text[:200]) is not None)


def _errors(spoken: Iterable[Spoken]) -> Iterable[tuple[float, str]]:
    """Time and text of every error. Each process speaks for itself: lines of several may be mixed."""
    before: dict[Voice, tuple[float, str]] = {}  # the error line just before, which a traceback may follow
    within: dict[Voice, str] = {}  # its text, while the traceback goes on
    for line in spoken:
        voice, text = line.voice, cut(line.text, _LONGEST)
        if text.endswith(_HEADER):
            within[voice] = before.pop(voice, (0.0, ""))[1]
        elif voice in within:
            if not text.startswith(" "):
                introduction = within.pop(voice)
                yield line.at_s, f"{introduction} → {text}" if introduction else text
        else:
            if voice in before:
                yield before.pop(voice)
            if is_error(line):
                before[voice] = (line.at_s, text)
    yield from before.values()
