"""For people: what is wrong, why, and what to do, the worst first. Texts pass as printable ``rich.text.Text`` only."""

from collections.abc import Iterator
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from qtops.facts.text import printable
from qtops.findings import Finding, Severity, Verdict
from qtops.reports.preflight.report import GRAVITY, Report, Row, worst_first

STYLES: Final = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.CRITICAL: "bold red", Verdict.UNKNOWN: "magenta"}
SEVERITY_STYLES: Final = {Severity.INFO: "cyan", Severity.WARNING: "yellow", Severity.CRITICAL: "bold red"}
FEW: Final = 20  # up to so many starts are all listed; of more, only those that are not plainly in order


def render(report: Report) -> RenderableType:
    """The whole report."""
    rows = worst_first(report.rows)
    if len(rows) > FEW:
        rows = [row for row in rows if row.answer != "ok" or row.findings]
    parts: list[RenderableType] = [part for row in rows for part in _row(row)]
    return Group(*parts, _summary(report))


def _row(row: Row) -> Iterator[RenderableType]:
    start = row.start
    head = Text.assemble((row.verdict.upper(), STYLES[row.verdict]), " ", _text(start.subject, "bold"))
    if row.answer == "ok" and start.imports is not None:
        files = start.imports.files
        head.append(f"  every import resolves ({files} {'file' if files == 1 else 'files'} followed)", "dim")
    yield head
    for finding in sorted(row.findings, key=lambda finding: GRAVITY[finding.severity]):
        yield from _finding(finding)
    for reason in row.unknown:
        yield _indented(_text(f"could not tell: {reason}", STYLES[Verdict.UNKNOWN]), 2)
    if start.outside:
        yield _indented(_text(f"not in the given tree, not looked at: {', '.join(start.outside)}", "dim"), 2)


def _finding(finding: Finding) -> Iterator[RenderableType]:
    yield _indented(Text.assemble(_text(finding.code, SEVERITY_STYLES[finding.severity]), " ", _text(finding.summary)), 2)
    for line in finding.evidence:
        yield _indented(_text(line, "dim"), 6)
    yield _indented(Text.assemble(("→ ", "green"), _text(finding.remedy)), 4)


def _summary(report: Report) -> Text:
    counts = ", ".join(f"{report.answers[answer]} {answer}" for answer in ("finding", "unknown", "ok") if report.answers[answer])
    total = len(report.rows)
    summary = _text(f"{total} {'start' if total == 1 else 'starts'}: {counts or 'none'}: ")
    summary.append(report.verdict, STYLES[report.verdict])
    return summary.append("; `qtops explain CODE` says more" if report.severities else "")


def _indented(text: Text, left: int) -> Padding:
    return Padding(text, (0, 0, 0, left), expand=False)


def _text(text: str, style: str = "") -> Text:
    return Text(printable(text), style)
