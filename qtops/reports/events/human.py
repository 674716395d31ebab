"""For people: the timeline, the guards, and what was found."""

from typing import Final

from rich.console import RenderableType
from rich.text import Text

from qtops.checks.events.reading import ACTIVATED, REQUESTED
from qtops.facts.times import span, utc
from qtops.findings import Verdict
from qtops.reports.checked.human import frame, table, text
from qtops.reports.doctor.human import STYLES
from qtops.reports.events.report import EventReport, Row

SHORT: Final = {ACTIVATED: "activated", REQUESTED: "requested"}
COLUMNS: Final = ("UTC", "AGE", "GUARD", "WHAT", "REASON", "FOR", "STATE")
LONGEST: Final = 80  # characters of one cell
MOST: Final = 30  # incidents, the newest


def render(report: EventReport, verbose: bool) -> RenderableType:
    """The whole report; ``verbose`` with every incident."""
    shown = report.rows if verbose else report.rows[-MOST:]
    parts: list[RenderableType] = []
    left_out = report.earlier + len(report.rows) - len(shown)
    if left_out or report.cut:
        cut = f"{report.stream} holds {report.length} entries; older ones were not read" if report.cut else ""
        more = f"{left_out} earlier incidents are not shown" if left_out else ""
        parts.append(text("; ".join(filter(None, (cut, more))), "dim"))
    if shown:
        made = table(COLUMNS, right=("AGE", "FOR"), spare=("FOR", "AGE", "WHAT"))
        for row in shown:
            made.add_row(*_cells(row))
        parts.append(made)
    else:
        parts.append(text(f"{report.stream}: no event to show", "dim"))
    parts += [text(line) for line in statements(report)]
    return frame(report, parts, verbose=verbose)


def statements(report: EventReport) -> list[str]:
    """What others say about the drawdown."""
    return [
        f"{stated.source} {stated.field} {stated.value}" + ("" if stated.at_s is None else f" at {utc(stated.at_s)}")
        for stated in report.statements
    ]


def age(row: Row) -> str:
    """How long ago, or in how long."""
    if row.age_s is None:
        return ""
    return f"{span(row.age_s)} ago" if row.age_s >= 0 else f"in {span(-row.age_s)}"


def _cells(row: Row) -> list[Text]:
    style = STYLES[Verdict.CRITICAL] if row.state.startswith("active") else ""
    when = "" if row.time_s is None else utc(row.time_s).removesuffix(" UTC")
    lasting = "" if row.duration_s is None else span(row.duration_s)
    state = text(row.state, style) if style else text(row.state.partition(" ")[0], "dim")
    what = " + ".join(SHORT.get(name, name) for name in row.events)
    cells = when, age(row), row.guard, what, row.reason.removeprefix(row.guard).strip(), lasting
    return [*(text(_short(cell)) for cell in cells), state]


def _short(cell: str) -> str:
    return cell if len(cell) <= LONGEST else f"{cell[:LONGEST]}…"
