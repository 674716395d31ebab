"""What of a rendering tells verdicts, whatever else is around it: a status, and boxes that are ticked.

With another version, or with other templates than those at hand, nobody can tell whether all of a rendering is as it should be;
that it gives another status than its document, or ticks more, can be told all the same.
"""

import re
from collections.abc import Iterator
from typing import Final

from qtops.evidence.comparing import statements
from qtops.evidence.document import Criterion, Document, Verbatim
from qtops.facts.text import printable
from qtops.reports.written import markdown, page, prose

_STATUS: Final = (re.compile(r"^- Status: \*\*(.*)\*\*", re.MULTILINE), re.compile(r'<p class="badge [^"]*">(.*?)</p>', re.DOTALL))
_TICKED: Final = (re.compile(r"^ *(?:[-*+]|\d+[.)]) \[[xX]\]", re.MULTILINE), re.compile(r'<span class="mark">✔ yes</span>'))


def contradictions(text: str, document: Document) -> Iterator[str]:
    """What a rendering says that is none of its document's. What is quoted in both counts as neither."""
    claims = [one.whole for one in statements(document)]
    quoted = "\n".join(one.text for one in claims if isinstance(one, Verbatim))
    held = sum(1 for one in claims if isinstance(one, Criterion) and one.holds == "yes")
    mark, status = prose.MARKS[document.tone], printable(document.status)
    meant = {f"{mark} {form(status)}".strip() for form in (markdown.words, page.words)}
    for kind in _STATUS:
        known = meant | {*kind.findall(quoted)}
        yield from (f"gives the status {other}" for other in dict.fromkeys(kind.findall(text)) if other.strip() not in known)
    for kind in _TICKED:
        ticked, most = len(kind.findall(text)), held + len(kind.findall(quoted))
        if ticked > most:
            yield f"ticks {ticked} boxes, and its document {most}"
