"""For people: one line per proposal, the worst first, then what is wrong with them."""

from collections.abc import Sequence
from typing import Final

from rich.console import RenderableType
from rich.text import Text

from qtops.checks.freshness import State
from qtops.facts.times import span
from qtops.findings import Verdict
from qtops.reports.checked import human
from qtops.reports.checked.listing import Listing
from qtops.reports.doctor.human import STYLES
from qtops.reports.proposals.report import Report, Row, plain

FEW: Final = 200  # up to so many are all listed; of more, only those that are not in order
MOST: Final = 1000  # and of these the worst: a program reads JSON
UNSEARCHED: Final = "whether other symbols have an open position was not looked at: --scan does"
COLUMNS: Final = ("SYMBOL", "SIDE", "PRICE", "STOP", "%", "TARGET", "% ", "AGE", "VERDICT", "CODES")
NUMBERS: Final = ("PRICE", "STOP", "%", "TARGET", "% ", "AGE")
SPARE: Final = ("% ", "%", "AGE", "CODES", "TARGET", "SIDE")  # the codes stand with what is found, below


def render(report: Report, verbose: bool = False) -> RenderableType:
    """The table, the findings, what could not be told, and the total."""
    rows = report.rows
    if len(rows) > FEW:
        rows = tuple(row for row in rows if row.verdict is not Verdict.OK)[:MOST]
    body: list[RenderableType] = [_table(rows)] if rows else []
    if len(rows) < len(report.rows):
        body.append(human.text(f"{len(report.rows) - len(rows)} more proposals are not listed", "dim"))
    if rows and not report.searched:
        body.append(human.text(UNSEARCHED, "dim"))
    return human.frame(report, body, verbose=verbose)


def _table(rows: Sequence[Row]) -> Listing:
    table = human.table(COLUMNS, right=NUMBERS, spare=SPARE)
    for row in rows:
        numbers = (plain(row.price), plain(row.stop), _percent(row.stop_pct), plain(row.target), _percent(row.target_pct))
        age = "" if row.age_s is None else span(row.age_s)
        codes = " ".join(row.codes) or ("" if row.state is State.FRESH else str(row.state))
        style = "dim" if row.state is State.IDLE else STYLES[row.verdict]
        cells: list[Text] = [human.text(cell) for cell in (row.symbol, row.side, *numbers, age)]
        table.add_row(*cells, human.text(row.verdict, style), human.text(codes))
    return table


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:+.2f}"
