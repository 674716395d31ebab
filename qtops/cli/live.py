"""A report drawn again and again on the terminal's alternate screen: its height is fixed, and what was there before comes back."""

import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Final, NamedTuple, Self

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.live import Live
from rich.segment import Segment
from rich.text import Text

FRAME_S: Final = 0.25
Draw = Callable[[int], RenderableType]  # how it is, in at most so many lines


class Cropped(NamedTuple):
    """The first lines of something, and how many more there are."""

    content: RenderableType
    rows: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType | Segment]:
        """These lines."""
        lines = console.render_lines(self.content, options.update(height=None), pad=False)
        shown = lines if len(lines) <= self.rows else lines[: max(self.rows - 1, 0)]
        for line in shown:
            yield from line
            yield Segment.line()
        if len(lines) > len(shown):
            yield Text(f"… {len(lines) - len(shown)} more lines", "dim")


class Lines(NamedTuple):
    """What has been rendered already."""

    lines: list[list[Segment]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        """As it is."""
        for line in self.lines:
            yield from line
            yield Segment.line()


class Screen:
    """Shows the newest report and what is going on; draws four times a second at most, but every report.

    A report is rendered once for each size of the terminal: one of thousands of lines takes longer than a frame.
    """

    def __init__(self, console: Console, every_s: float, ends: str = "Ctrl-C ends") -> None:
        self._console, self._every_s, self._ends = console, every_s, ends
        self._live = Live(console=console, screen=True, auto_refresh=False, vertical_overflow="crop")
        self._body: Draw | None = None
        self._rendered: tuple[tuple[int, int], Lines] | None = None
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
            self._draw(f"{what}: {done:,.0f} of {total:,.0f}" if total else f"{what}: {done:,.0f}")

    def show(self, body: Draw) -> None:
        """Show a look."""
        self._body, self._rendered, self._looks = body, None, self._looks + 1
        self.redraw()

    def redraw(self) -> None:
        """Show it again: the terminal may have another size by now."""
        self._draw(f"look {self._looks}, every {self._every_s:g} s; {self._ends}")

    def _draw(self, status: str) -> None:
        self._drawn_at = time.monotonic()
        self._live.update(Group(self._lines(), Text(status, "dim", no_wrap=True, overflow="crop")), refresh=True)

    def _lines(self) -> Lines:
        if self._body is None:
            return Lines([])
        width, height = self._console.size
        if self._rendered is None or self._rendered[0] != (width, height):
            rows = max(height - 1, 1)
            lines = self._console.render_lines(self._body(rows), self._console.options, pad=False)
            self._rendered = (width, height), Lines(lines[:rows])
        return self._rendered[1]
