"""What ``qtops watch`` knows of all looks so far. It stays bounded, however long they go on."""

import os
from itertools import islice
from pathlib import Path
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from qtops.bundle.writing import write
from qtops.cli.watch_what import Seen
from qtops.facts.times import utc
from qtops.reports.checked.changes import Change, Changes
from qtops.reports.plot.chart import charts
from qtops.reports.plot.page import Head, page
from qtops.reports.plot.samples import History
from qtops.reports.plot.terminal import draw, plain

ON_PAGE: Final = 30  # changes that the HTML file tells
READABLE: Final = 0o666  # as any file that one makes; the umask has the last word
PLOT_ROWS: Final = 14


class Record:
    """The last look, what changed, and what can be drawn."""

    def __init__(self, title: str, every_s: float) -> None:
        self.title, self.every_s = title, every_s
        self.changes, self.history = Changes(), History()
        self.last: Seen | None = None
        self.looks = 0

    def follow(self, seen: Seen) -> list[Change]:
        """Take a look; what changed."""
        self.last, self.looks = seen, self.looks + 1
        self.history.add(seen.samples)
        return self.changes.follow(seen.answers)

    def newest(self, most: int) -> list[Change]:
        """The newest changes: the newest look first, the gravest of each look first."""
        return sorted(self.changes.recent, key=lambda change: -change.at_s)[:most]

    def write_page(self, path: Path, seen: Seen) -> None:
        """Write the HTML file. Raises BundleError, NotPermitted, Unavailable."""
        when = f"{utc(seen.answers.at_s)} on {os.uname().nodename}, look {self.looks}, every {self.every_s:g} s"
        told = [f"{utc(change.at_s)} {change.words}" for change in self.newest(ON_PAGE)]
        head = Head(self.title, seen.verdict, when, seen.total, told, self.every_s)
        write(path, page(head, self.history).encode(), READABLE)

    def plots(self, width: int, rows: int, *, color: bool) -> RenderableType:
        """The charts that fit so many lines, one at least, the subjects in the order in which they came."""
        drawn = (chart for subject in self.history.subjects for chart in charts(self.history, subject))
        texts = [draw(chart, width, min(PLOT_ROWS, rows)) for chart in islice(drawn, max(rows // PLOT_ROWS, 1))]
        return Group(*(Text.from_ansi(text if color else plain(text), no_wrap=True, overflow="crop") for text in texts))
