"""What of a rendering tells verdicts, whatever else is around it: a status, and boxes that are ticked.

With another version, or with other templates than those at hand, nobody can tell whether all of a rendering is as it should be;
that it gives another status than its document, or ticks more, can be told all the same.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

from qtops.evidence.comparing import statements
from qtops.evidence.document import Criterion, Document, Verbatim

_STATUS: Final = (
    re.compile(r"^- Status: \*\*(.*)\*\*", re.MULTILINE),
    re.compile(r'<p class="badge [^"]{0,40}">((?:[^<]|<(?!/?p\b)){0,400})</p>'),  # bounded: the text may be made to take long
)
_TICKED: Final = (
    re.compile(r"^ *(?:[-*+]|\d+[.)]) \[[xX]\] ✔ yes\b", re.MULTILINE),
    re.compile(r'<span class="mark">✔ yes</span>'),
)
_ELEMENT: Final = re.compile(r"<[^<>]*>")


def contradictions(text: str, document: Document) -> Iterator[str]:
    """What a rendering says that is none of its document's. What is quoted in both counts as neither."""
    claims = [one.whole for one in statements(document)]
    quoted = "\n".join(one.text for one in claims if isinstance(one, Verbatim))
    held = sum(1 for one in claims if isinstance(one, Criterion) and one.holds == "yes")
    for kind in _STATUS:
        known = {_letters(document.status), *map(_letters, kind.findall(quoted))}
        given = dict.fromkeys(kind.findall(text))
        yield from (f"gives the status {other}" for other in given if _letters(other) not in known)
    for kind in _TICKED:
        ticked, most = len(kind.findall(text)), held + len(kind.findall(quoted))
        if ticked > most:
            yield f"ticks {ticked} boxes, and its document {most}"


def _letters(text: str) -> str:
    """A status without the marks, the elements and the case that templates give it."""
    return "".join(filter(str.isalnum, unescape(_ELEMENT.sub("", text)).casefold()))
