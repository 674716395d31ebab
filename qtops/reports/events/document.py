"""The JSON form of ``qtops events``. Within ``/1`` it only grows. Times are RFC 3339, each with its epoch."""

from qtops.checks.events.timeline import Guard
from qtops.facts.events import Statement
from qtops.reports.checked.document import Common, common, encode
from qtops.reports.events.report import EventReport, Row


class Document(Common, frozen=True, kw_only=True, tag_field="schema", tag="qtops.events/1"):
    """The timeline, oldest first, the guards, and what others state about the drawdown."""

    stream: str
    length: int
    cut: bool
    timeline: tuple[Row, ...]
    guards: tuple[Guard, ...]
    statements: tuple[Statement, ...]


def render(report: EventReport) -> str:
    """One line of JSON."""
    return encode(
        Document(
            **common(report), stream=report.stream, length=report.length, cut=report.cut, timeline=report.rows,
            guards=report.guards, statements=report.statements,
        )
    )  # fmt: skip
