"""The JSON form of ``qtops verify cadence``. Within ``/1`` it only grows."""

from qtops.reports.cadence.report import CadenceReport, Row
from qtops.reports.checked.document import Common, common, encode


class Document(Common, frozen=True, kw_only=True, tag_field="schema", tag="qtops.verify.cadence/1"):
    """Every series that was measured, and what was found."""

    results: tuple[Row, ...]


def render(report: CadenceReport) -> str:
    """One line of JSON."""
    return encode(Document(**common(report), results=report.rows))
