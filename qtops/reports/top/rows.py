"""A table of one line per row, in whatever width there is: columns go, or are cut short, before a line breaks."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

GAP: Final = 2  # between columns
LONGEST: Final = 40  # of a cell that is kept whole: what is longer may be hostile
LEAST: Final = 12  # of a column that may be cut short


class Column(NamedTuple):
    """A heading. ``spare``: the columns with the highest go first where it is narrow; 0 stays."""

    name: str
    right: bool = False  # numbers
    elastic: bool = False  # cut short rather than have another column go
    spare: int = 0


class Rows(NamedTuple):
    """Rows under headings: a printable cell for each column."""

    columns: tuple[Column, ...]
    cells: Sequence[tuple[Text, ...]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """As many columns as there is room for; what is left over is for those that may be cut short."""
        least = {index: self._least(index) for index in range(len(self.columns))}
        for index in sorted(least, key=lambda index: -self.columns[index].spare):
            if _total(least) > options.max_width and self.columns[index].spare:
                del least[index]
        while _total(least) > options.max_width and max(least.values()) > 1:
            least[max(least, key=least.__getitem__)] -= 1
        left = max(options.max_width - _total(least), 0)
        table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False)
        for index, width in least.items():
            column = self.columns[index]
            more = min(self._widest(index) - width, left) if column.elastic else 0
            left -= more
            heading = Text(column.name, no_wrap=True, overflow="ellipsis")
            table.add_column(heading, justify="right" if column.right else "left", no_wrap=True, max_width=width + more)
        for row in self.cells:
            table.add_row(*(row[index] for index in least))
        yield table

    def _widest(self, index: int) -> int:
        return max(map(cell_len, (self.columns[index].name, *(row[index].plain for row in self.cells))))

    def _least(self, index: int) -> int:
        return min(self._widest(index), LEAST if self.columns[index].elastic else LONGEST)


def _total(widths: dict[int, int]) -> int:
    return sum(widths.values()) + GAP * (len(widths) - 1)
