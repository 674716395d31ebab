"""For programs: the JSON form. A number that is not there, or is none, is null."""

from qtops.reports.checked.document import Common, common, encode
from qtops.reports.proposals.report import Report, Row


class Document(Common, frozen=True, kw_only=True, tag_field="schema", tag="qtops.verify.proposals/1"):
    """What ``qtops verify proposals -o json`` prints: what these commands share, and one row per proposal, the worst first."""

    family: str
    rows: tuple[Row, ...]


def render(report: Report) -> str:
    """One line of JSON."""
    return encode(document(report))


def document(report: Report) -> Document:
    """The report in its published form."""
    return Document(**common(report), family=report.family, rows=report.rows)
