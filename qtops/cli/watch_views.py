"""The three forms of ``qtops watch``: a view that stays in place, lines that follow each other, documents line by line."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, Protocol

import click
from rich.console import Console, Group, RenderableType
from rich.text import Text

from qtops.cli.live import Cropped, Screen
from qtops.cli.watch_record import Record
from qtops.cli.watch_what import Seen
from qtops.facts.text import printable
from qtops.facts.times import utc
from qtops.findings import Verdict
from qtops.reports.checked.changes import Change
from qtops.reports.doctor.human import STYLES

MOST: Final = 50  # changes of one look that are told one by one where there is no terminal
IN_VIEW: Final = 6  # changes that stay in view
PLOT_SHARE: Final = 2  # a plot takes the lines that are left divided by this


class View(Protocol):
    """Where looks go."""

    def tell(self, what: str, done: float, total: float, /) -> None:
        """How far a look has come."""

    def show(self, seen: Seen, new: Sequence[Change]) -> None:
        """One look, and what changed."""

    def lost(self, why: str) -> None:
        """A look that could not be made, or a file that could not be written."""


class InPlace:
    """On a terminal: what changed, the newest first, then the report, as much of it as there is room for."""

    def __init__(self, screen: Screen, console: Console, record: Record, *, verbose: bool, plot: bool) -> None:
        self._screen, self._console, self._record, self._verbose, self._plot = screen, console, record, verbose, plot
        self._fresh = 0
        self._lost = ""

    def tell(self, what: str, done: float, total: float, /) -> None:
        """In the last line."""
        self._screen.tell(what, done, total)

    def show(self, seen: Seen, new: Sequence[Change]) -> None:  # noqa: ARG002  (the record has it)
        """Draw it."""
        self._fresh, self._lost = len(new), ""
        self._screen.show(self._draw)

    def lost(self, why: str) -> None:
        """Above all else, until the next look."""
        self._lost = why
        self._screen.show(self._draw)

    def _draw(self, rows: int) -> RenderableType:
        seen, record = self._record.last, self._record
        head = [_styled(self._lost, Verdict.UNKNOWN)] if self._lost else []
        if seen is None:
            return Group(*head)
        head.append(Text.assemble(_text(f"{record.title}: {seen.total}: "), _styled(seen.verdict, seen.verdict)))
        newest = record.newest(min(IN_VIEW, max(rows // 4, 1)))
        head += [_line(change, new=number < self._fresh) for number, change in enumerate(newest)]
        left = max(rows - len(head), 1)
        parts: list[RenderableType] = [*head]
        if self._plot and left > 2 * PLOT_SHARE:
            color = self._console.color_system is not None
            plots = self._record.plots(self._console.width, left // PLOT_SHARE, color=color)
            parts.append(Cropped(plots, left // PLOT_SHARE))
            left -= left // PLOT_SHARE
        return Group(*parts, Cropped(seen.human(self._verbose), left))


class Lines:
    """Elsewhere: a line for each look (unless that is not wanted), and one for each change."""

    def __init__(self, console: Console, *, every_look: bool) -> None:
        self._console, self._every_look = console, every_look

    def tell(self, what: str, done: float, total: float, /) -> None:
        """Nobody watches."""

    def show(self, seen: Seen, new: Sequence[Change]) -> None:
        """Print it."""
        if self._every_look or new:
            head = Text.assemble(f"{utc(seen.answers.at_s)}  ", _styled(seen.verdict, seen.verdict), "  ", _text(seen.total))
            self._print(head)
        for change in new[:MOST]:
            self._print(Text("  ").append_text(_words(change)))
        if len(new) > MOST:
            self._print(Text(f"  and {len(new) - MOST} more changes"))

    def lost(self, why: str) -> None:
        """Print it."""
        self._print(_styled(f"{utc(datetime.now(UTC).timestamp())}  {why}", Verdict.UNKNOWN))

    def _print(self, line: Text) -> None:
        self._console.print(line, soft_wrap=True)
        self._console.file.flush()  # a line is of use now, not when a buffer is full


class Documents:
    """For programs: what the command itself prints as JSON, a line per look."""

    def tell(self, what: str, done: float, total: float, /) -> None:
        """Nobody watches."""

    def show(self, seen: Seen, new: Sequence[Change]) -> None:  # noqa: ARG002  (whoever reads them compares them)
        """Print it."""
        click.echo(seen.json().rstrip("\n"))

    def lost(self, why: str) -> None:
        """To standard error: it is no document."""
        click.echo(f"qtops: {printable(why)}", err=True)


def _line(change: Change, *, new: bool) -> Text:
    """One change in one line of the view; what is new since the look before stands out, and not by its colour alone."""
    line = Text("▶ " if new else "  ", no_wrap=True, overflow="ellipsis")
    line.append(f"{datetime.fromtimestamp(change.at_s, UTC):%H:%M:%S} ", "dim")
    line.append_text(_words(change))
    if new:
        line.stylize("bold")
    return line


def _words(change: Change) -> Text:
    cleared = change.lasted_s is not None
    return _styled(change.words, Verdict.OK if cleared else change.trouble.verdict)


def _styled(text: str, verdict: Verdict) -> Text:
    return Text(printable(text), STYLES[verdict])


def _text(text: str) -> Text:
    return Text(printable(text))
