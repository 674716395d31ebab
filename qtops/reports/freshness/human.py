"""For people: tables, the worst first. Texts pass as printable ``rich.text.Text`` only: nothing in them is obeyed."""

from datetime import UTC, datetime
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from qtops.checks.freshness import Freshness, State
from qtops.checks.intervals import Interval
from qtops.facts.text import printable
from qtops.findings import Verdict
from qtops.reports.freshness.report import FEW, MOST, ORDER, Report, counted, worst_first

STYLES: Final = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.CRITICAL: "bold red", Verdict.UNKNOWN: "magenta"}
LINES_AROUND: Final = 8  # of a report, besides its rows


def render(report: Report, most_rows: int | None = None) -> RenderableType:
    """The whole report, or as much as fits ``most_rows``."""
    parts: list[RenderableType] = [_head(report)]
    rows = worst_first(report.rows)[:most_rows]
    if rows:
        parts.append(_table(rows, report.taken_at_s))
    if report.total > len(rows):
        parts.append(_text(f"{report.total - len(rows)} more keys are not listed"))
    if report.intervals:
        few = len(report.intervals) <= FEW
        intervals = [row for row in report.intervals if few or row.verdict is not Verdict.OK]
        intervals.sort(key=lambda row: ORDER[row.verdict])
        parts += ["", _intervals(intervals[: most_rows or MOST])]
        if len(intervals) < len(report.intervals):
            parts.append(_text(f"{len(report.intervals) - len(intervals)} more intervals are as declared"))
    parts += ["", *(_text(f"could not tell: {line}", STYLES[Verdict.UNKNOWN]) for line in report.missing)]
    parts.append(_summary(report))
    return Group(*parts)


def seconds(value: float) -> str:
    """A length of time in few characters."""
    for unit, size, limit in (("s", 1, 100), ("min", 60, 6000), ("h", 3600, 360_000)):
        if abs(value) < limit:
            return f"{value / size:.1f} {unit}"
    return f"{value / 86400:.1f} d"


def utc(moment_s: float, now_s: float) -> str:
    """Time of day, with the date where it is another day."""
    moment, now = datetime.fromtimestamp(moment_s, UTC), datetime.fromtimestamp(now_s, UTC)
    return f"{moment:%H:%M:%S}" if moment.date() == now.date() else f"{moment:%Y-%m-%d %H:%M:%S}"


def _head(report: Report) -> Text:
    head = _text(f"{datetime.fromtimestamp(report.taken_at_s, UTC):%Y-%m-%d %H:%M:%S} UTC on {report.host}, ")
    server = report.server
    if server.state == "ok":
        head.append_text(_text(f"Redis {server.url}"))
    else:
        style = STYLES[Verdict.UNKNOWN]
        head.append_text(_text(f"Redis {server.url} is {server.state}: {server.detail}", style)).append("\n")
        head.append_text(_text(server.advice, style))
    if report.clock.reason:
        head.append("\n").append_text(_text(report.clock.reason, STYLES[report.clock.verdict]))
    return head


def _table(rows: list[Freshness], now_s: float) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in ("STATE", "FAMILY", "SUBJECT"):
        table.add_column(name, overflow="fold")
    for name in ("AGE", "LIMIT"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("UTC", overflow="fold")
    reasons = any(row.reason for row in rows)
    if reasons:
        table.add_column("WHY", overflow="fold")
    for row in rows:
        style = "dim" if row.state is State.IDLE else STYLES[row.verdict]
        cells = [_text(row.state, style), _text(row.family), _text(row.subject or row.key), *_ages(row, now_s)]
        table.add_row(*cells, *([_text(row.reason)] if reasons else []))
    return table


def _ages(row: Freshness, now_s: float) -> list[Text]:
    age = "" if row.age_s is None else seconds(row.age_s)
    limit = "" if row.limit_s is None else seconds(row.limit_s)
    return [_text(age), _text(limit), _text("" if row.time_s is None else utc(row.time_s, now_s))]


def _intervals(intervals: list[Interval]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in ("INTERVAL", "FAMILY", "SUBJECT", "FIELD"):
        table.add_column(name, overflow="fold")
    for name in ("CLAIMED", "MEDIAN", "MAX", "VALUES"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("WHY", overflow="fold")
    for row in intervals:
        measured = ["" if value is None else seconds(value) for value in (row.p50_s, row.max_s)]
        cells = [_text(row.verdict, STYLES[row.verdict]), _text(row.family), _text(row.subject), _text(row.field)]
        numbers = [_text(seconds(row.declared_s)), *(_text(cell) for cell in measured), _text(str(row.values))]
        table.add_row(*cells, *numbers, _text(row.reason))
    return table


def _summary(report: Report) -> Text:
    counts = counted(report.states) or "no key"
    keys = "1 key" if report.total == 1 else f"{report.total} keys"
    summary = _text(f"{keys}: {counts}: " if report.total else "no key was looked at: ")
    return summary.append(report.verdict, STYLES[report.verdict])


def _text(text: str, style: str = "") -> Text:
    return Text(printable(text), style)
