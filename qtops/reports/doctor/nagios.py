"""For monitoring systems: one line and its figures, details below (monitoring plugins guidelines).

The figures are how many services have each verdict, and how long the look took.
"""

from collections.abc import Iterator
from typing import Final

from qtops.facts.text import printable
from qtops.findings import Verdict
from qtops.reports.doctor.report import ORDER, Report, counted, headline, worst_first

MOST_DETAILS: Final = 50  # lines; monitoring systems cut long output anyway


def render(report: Report) -> str:
    """The lines to print. What follows a bar are figures, so texts hold none."""
    wrong = [row for row in worst_first(report.diagnoses) if row.verdict is not Verdict.OK]
    reasons = [f"{row.subject} {row.state}: {headline(row)}" for row in wrong]
    reasons += [f"could not tell: {reason}" for reason in report.missing]
    head = f"{report.verdict.upper()}: {'; '.join([counted(report), *reasons[:1]])}"
    details = [] if len(reasons) < 2 else reasons[:MOST_DETAILS]
    if len(reasons) > MOST_DETAILS:
        details.append(f"and {len(reasons) - MOST_DETAILS} more")
    return "\n".join([f"{_text(head)} | {' '.join(_figures(report))}", *map(_text, details)])


def _figures(report: Report) -> Iterator[str]:
    total = len(report.diagnoses)
    yield from (f"{verdict}={report.verdicts[verdict]};;;0;{total}" for verdict in ORDER)
    if report.took_s is not None:
        yield f"time={report.took_s:.3f}s;;;0"


def _text(line: str) -> str:
    return printable(line).replace("|", "/")
