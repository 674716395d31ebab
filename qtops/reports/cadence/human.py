"""For people: the measured intervals, the worst first, and what was found about them."""

from typing import Final

from rich.console import RenderableType

from qtops.findings import Verdict
from qtops.reports.cadence.report import CadenceReport, Row
from qtops.reports.checked.human import frame, table, text
from qtops.reports.doctor.human import STYLES

MOST: Final = 40  # rows
NUMBERS: Final = ("DECLARED", "P50", "P95", "MAX", "N")
SPARE: Final = ("LIMITS", "MAX", "N", "CODES", "P95")  # limits and codes stand with what is found, below
ORDER: Final = (Verdict.CRITICAL, Verdict.WARNING, Verdict.UNKNOWN, Verdict.OK)


def render(report: CadenceReport, verbose: bool) -> RenderableType:
    """The whole report; ``verbose`` with every row and finding."""
    made = table(("VERDICT", "FAMILY", "SUBJECT", "FIELD", *NUMBERS, "LIMITS", "CODES"), right=NUMBERS, spare=SPARE)
    rows = sorted(report.rows, key=lambda row: ORDER.index(row.verdict))
    shown = rows if verbose else rows[:MOST]
    for row in shown:
        numbers = [_seconds(row.declared_s), *_measured(row), str(row.n)]
        cells = [row.family, row.subject, row.field, *numbers, ", ".join(row.limits), " ".join(row.codes)]
        made.add_row(text(row.verdict, STYLES[row.verdict]), *map(text, cells))
    rest = [text(f"and {len(rows) - len(shown)} more; -v lists them", "dim")] if len(rows) > len(shown) else []
    return frame(report, [made, *rest] if rows else [], verbose=verbose)


def _measured(row: Row) -> list[str]:
    if row.p50_s is None:
        return [f"> {row.since_s:.0f} s" if row.since_s >= 1 else "", "", ""]
    bound = "" if row.exact else "≤ "
    return [f"{bound}{_seconds(row.p50_s)}", _seconds(row.p95_s), _seconds(row.max_s)]


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f} s" if value < 1000 else f"{value / 60:.0f} min" if value < 100_000 else f"{value / 3600:.0f} h"
