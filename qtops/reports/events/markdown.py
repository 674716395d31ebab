"""For documents: the timeline as a Markdown table. Texts that are not ours stand in code spans: nothing in them is markup."""

from collections.abc import Iterator

from qtops.facts.times import span, utc
from qtops.findings import Finding
from qtops.reports.checked.report import by_code
from qtops.reports.doctor.markdown import block, cell, code
from qtops.reports.events.human import age, statements
from qtops.reports.events.report import EventReport, Row


def render(report: EventReport) -> str:
    """The whole report: the timeline, what others state, what was found and what could not be told."""
    lines = [f"# Risk events: {report.verdict}", "", f"{utc(report.now_s)} on {code(report.host)}, {code(report.stream)}"]
    if report.headline:
        lines += ["", code(report.headline)]
    if report.rows:
        lines += ["", "| UTC | age | events | guard | reason | for | state |", "|---|---|---|---|---|---|---|"]
        lines += map(_row, report.rows)
    if report.statements:
        lines += ["", "## What others state", *block(statements(report))]
    for group in by_code(report.judged.findings).values():
        for finding in group:
            lines += _finding(finding)
    if reasons := [*report.missing, *(doubt.told for doubt in report.judged.doubts)]:
        lines += ["", "## Could not tell", *block(reasons)]
    return "\n".join(lines)


def _row(row: Row) -> str:
    when = "" if row.time_s is None else utc(row.time_s)
    lasting = "" if row.duration_s is None else span(row.duration_s)
    texts = (cell(text) if text else "" for text in (" + ".join(row.events), row.guard, row.reason))
    return f"| {' | '.join((when, age(row), *texts, lasting, row.state))} |"


def _finding(finding: Finding) -> Iterator[str]:
    yield from ("", f"## {finding.code} ({finding.severity}) {code(finding.subject)}", "", code(finding.summary))
    if finding.evidence:
        yield from block(finding.evidence)
    yield from ("", code(finding.remedy))
