"""For programs: the document as it is, as JSON. Markdown and HTML say the same."""

import msgspec

from qtops.evidence.document import Document
from qtops.reports.written.prose import clean


def render(document: Document) -> str:
    """Indented JSON, for it lies beside a report that people read and compare. Verbatim lines keep their ends."""
    return msgspec.json.format(msgspec.json.encode(clean(document)), indent=2).decode() + "\n"
