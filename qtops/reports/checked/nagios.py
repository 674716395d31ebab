"""For monitoring systems: one line and its figures, details below (monitoring plugins guidelines)."""

from typing import Final

from qtops.facts.text import printable
from qtops.findings import Severity
from qtops.reports.checked.report import Checked, by_code

MOST_DETAILS: Final = 50  # lines; monitoring systems cut long output anyway


def render(report: Checked) -> str:
    """The lines to print. What follows a bar are figures, so texts hold none."""
    grave = tuple(finding for finding in report.judged.findings if finding.severity is not Severity.INFO)
    reasons = [f"{found.code} {found.subject}: {found.summary}" for group in by_code(grave).values() for found in group]
    if report.server is not None and report.server.state != "ok":
        reasons.append(f"could not tell: Redis is {report.server.state}: {report.server.detail}")
    reasons += [f"could not tell: {line}" for line in (*report.missing, *(doubt.told for doubt in report.judged.doubts))]
    head = f"{report.verdict.upper()}: {'; '.join(filter(None, [report.headline, report.total, *reasons[:1]]))}"
    details = [] if len(reasons) < 2 else reasons[:MOST_DETAILS]
    if len(reasons) > MOST_DETAILS:
        details.append(f"and {len(reasons) - MOST_DETAILS} more")
    total = len(report.subjects)
    figures = " ".join(f"{verdict}={count};;;0;{total}" for verdict, count in report.counts.items())
    return "\n".join([f"{_text(head)} | {figures}", *map(_text, details)])


def _text(line: str) -> str:
    return printable(line).replace("|", "/")
