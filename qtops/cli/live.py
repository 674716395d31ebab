"""A report drawn again and again on the terminal's alternate screen: its height is fixed, and what was there before comes back."""

import time
from types import TracebackType
from typing import Final, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from qtops.reports.freshness import human
from qtops.reports.freshness.report import Report

FRAME_S: Final = 0.25


class Screen:
    """Shows the newest report and what is going on; draws four times a second at most, but every report."""

    def __init__(self, console: Console, every_s: float) -> None:
        self._console, self._every_s = console, every_s
        self._live = Live(console=console, screen=True, auto_refresh=False, vertical_overflow="crop")
        self._report: Report | None = None
        self._looks, self._drawn_at = 0, 0.0

    def __enter__(self) -> Self:
        self._live.__enter__()
        self._draw("looking for the first time")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._live.__exit__(kind, error, trace)

    def tell(self, what: str, done: float, total: float) -> None:
        """Show how far a look has come."""
        if time.monotonic() - self._drawn_at >= FRAME_S:
            self._draw(f"{what}: {done:,.0f} of {total:,.0f}")

    def show(self, report: Report) -> None:
        """Show a report."""
        self._report, self._looks = report, self._looks + 1
        self._draw(f"look {self._looks}, every {self._every_s:g} s; Ctrl-C ends")

    def _draw(self, status: str) -> None:
        self._drawn_at = time.monotonic()
        rows = max(self._console.height - human.LINES_AROUND, 1)
        parts: list[RenderableType] = [] if self._report is None else [human.render(self._report, rows)]
        self._live.update(Group(*parts, Text(status, "dim")), refresh=True)
