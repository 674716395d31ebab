"""For monitoring systems: one line and its figures, details below (monitoring plugins guidelines).

The figures are the age nearest to, or farthest beyond, its limit in each family, with that age's own limits, and the clock skew.
"""

from collections.abc import Iterator
from typing import Final

from qtops.facts.text import printable
from qtops.findings import Verdict
from qtops.reports.freshness.report import Report, counted, worst_first

MOST_DETAILS: Final = 50  # lines; monitoring systems cut long output anyway


def render(report: Report) -> str:
    """The lines to print. What follows a bar are figures, so texts hold none."""
    wrong = [row for row in worst_first(report.rows) if row.verdict is not Verdict.OK]
    reasons = [f"{row.family} {row.subject or row.key} {row.state}: {row.reason}" for row in wrong]
    reasons += [f"{row.family} {row.subject} {row.field} {row.reason}" for row in report.intervals if row.reason]
    reasons += [*filter(None, [report.clock.reason]), *report.missing]
    if report.server.state != "ok":
        reasons.insert(0, f"Redis {report.server.url} is {report.server.state}: {report.server.detail}; {report.server.advice}")
    head = f"{report.verdict.upper()}: {counted(report.states) or 'no key was looked at'}"
    if reasons:
        head += f"; {reasons[0]}"
    figures = " ".join(_figures(report))
    left = len(reasons) - MOST_DETAILS
    details = [*reasons[:MOST_DETAILS], *([f"and {left} more"] if left > 0 else [])] if len(reasons) > 1 else []
    return "\n".join([f"{_text(head)} | {figures}" if figures else _text(head), *map(_text, details)])


def _figures(report: Report) -> Iterator[str]:
    for family in report.families:
        oldest = family.oldest
        if oldest is None or oldest.rule is None:
            yield f"{_label(family.name)}=U"
        else:
            yield f"{_label(family.name)}={oldest.age_s:.3f}s;{oldest.rule.warn_s:g};{oldest.rule.critical_s:g}"
    if report.server.clock is not None:
        yield f"'clock skew'={report.server.clock.skew_s:.3f}s"


def _label(name: str) -> str:
    return "'" + printable(name).replace("'", "''").replace("=", "-").replace("|", "/") + "'"


def _text(line: str) -> str:
    return printable(line).replace("|", "/")
