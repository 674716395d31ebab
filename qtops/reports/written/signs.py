"""What of a rendering tells verdicts, whatever else is around it: a status, and boxes that are ticked.

With another version, or with other templates than those at hand, nobody can tell whether all of a rendering is as it should be;
that it gives another status than its document, or ticks more, can be told all the same.
"""

import re
from collections.abc import Iterator
from typing import Final

_STATUS: Final = (re.compile(r"^- Status: \*\*(.*)\*\*", re.MULTILINE), re.compile(r'<p class="badge [^"]*">(.*?)</p>', re.DOTALL))
_TICKED: Final = (re.compile(r"^ *(?:[-*+]|\d+[.)]) \[[xX]\]", re.MULTILINE), re.compile(r'<span class="mark">✔ yes</span>'))


def contradictions(text: str, rendered: str) -> Iterator[str]:
    """What a rendering says that is none of its document's; ``rendered`` is the same document as this qtops shows it."""
    for kind in _STATUS:
        meant = set(kind.findall(rendered))
        yield from (f"gives the status {other}" for other in dict.fromkeys(kind.findall(text)) if other not in meant)
    for kind in _TICKED:
        ticked, most = (len(kind.findall(one)) for one in (text, rendered))
        if ticked > most:
            yield f"ticks {ticked} boxes, and its document {most}"
