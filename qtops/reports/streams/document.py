"""For programs: the JSON form. A number that is not known is null."""

from qtops.reports.checked.document import Common, common, encode
from qtops.reports.streams.report import Report, Row
from qtops.steps import Plan


class Document(Common, frozen=True, kw_only=True, tag_field="schema", tag="qtops.verify.streams/1"):
    """What ``qtops verify streams -o json`` prints: what these commands share, one row per stream, the worst first, and plans."""

    looks: int
    rows: tuple[Row, ...]
    plans: tuple[Plan, ...]


def render(report: Report) -> str:
    """One line of JSON."""
    return encode(document(report))


def document(report: Report) -> Document:
    """The report in its published form."""
    return Document(**common(report), looks=report.looks, rows=report.rows, plans=report.plans)
