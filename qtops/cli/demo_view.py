"""How the demo looks: a live table in a terminal, and a line per look where there is none."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from qtops.checks.freshness import State
from qtops.demo.run import Row, Sample

_STYLES: Final = {State.FRESH: "green", State.IDLE: "dim", State.LATE: "yellow", State.UNKNOWN: "yellow"}


class Screen:
    """Takes samples and shows them."""

    def __init__(self, console: Console, seconds: float, live: Live | None) -> None:
        self._console, self._seconds, self._live = console, seconds, live

    def show(self, sample: Sample) -> None:
        """Show one sample, in the place of the one before where there is a terminal."""
        if self._live is None:
            self._console.print(_line(sample), soft_wrap=True)
        else:
            self._live.update(_table(sample, self._seconds), refresh=True)


@contextmanager
def screen(console: Console, seconds: float) -> Iterator[Screen]:
    """A screen on ``console``; the last table stays."""
    if not console.is_terminal:
        yield Screen(console, seconds, None)
        return
    with Live(console=console, auto_refresh=False) as live:
        yield Screen(console, seconds, live)


def _table(sample: Sample, seconds: float) -> Table:
    left_s = max(0.0, seconds - sample.at_s)
    table = Table(title="Risk proposals, SIMULATED market", caption=f"{left_s:.0f} s left · q ends", title_justify="left")
    for name in ("symbol", "side", "price", "stop-loss", "take-profit", "flags", "age", "state"):
        table.add_column(name, justify="right" if name in ("price", "stop-loss", "take-profit", "age") else "left")
    for row in sample.rows:
        side, price, stop, target, flags = (text or "" for text in row.levels)
        cells = [row.symbol, side, _number(price), _number(stop), _number(target), flags, _age(row)]
        style = "dim" if row.excused else _STYLES.get(row.freshness.state, "bold red")
        table.add_row(*map(Text, cells), Text(_state(row), style))
    return table


def _line(sample: Sample) -> Text:
    return Text(f"{sample.at_s:5.1f} s  " + "   ".join(map(_short, sample.rows)))


def _short(row: Row) -> str:
    side, _, stop, target, _ = (text or "" for text in row.levels)
    levels = f" {side} SL {_number(stop)} TP {_number(target)}" if side else ""
    return f"{row.symbol}{levels} {_state(row)} {_age(row)}".rstrip()


def _state(row: Row) -> str:
    if row.excused:
        return "awaited"
    return "no position" if row.freshness.state is State.IDLE else row.freshness.state


def _age(row: Row) -> str:
    return "" if row.freshness.age_s is None else f"{row.freshness.age_s:.1f} s"


def _number(text: str) -> str:
    try:
        return f"{float(text):#,.7g}"
    except ValueError:
        return text
