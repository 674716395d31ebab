"""A table that leaves columns out where the terminal is too narrow for it, before it breaks a name or a code in two."""

from collections.abc import Mapping, Sequence
from typing import Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

GAP: Final = 2  # between columns
LONGEST: Final = 32  # of a word that is kept whole: the name of a stream; what is longer may be hostile, and is folded


class Listing:
    """Rows under headings. ``right`` are columns of numbers; ``spare`` those that may go, the first one first."""

    def __init__(self, columns: Sequence[str], right: Sequence[str] = (), spare: Sequence[str] = ()) -> None:
        self._columns, self._right, self._spare = columns, right, spare
        self._rows: list[tuple[Text, ...]] = []

    def add_row(self, *cells: Text) -> None:
        """One row: a cell for each column, printable."""
        self._rows.append(cells)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table, of as many columns as there is room for."""
        least = {index: self._least(index) for index in range(len(self._columns))}
        for name in self._spare:
            if _total(least) <= options.max_width:
                break
            del least[self._columns.index(name)]
        fits = _total(least) <= options.max_width
        yield self._table(self._widened(least, options.max_width) if fits else dict.fromkeys(least))

    def _least(self, index: int) -> int:
        """The width that a column needs: numbers are not broken, texts between words only."""
        if self._columns[index] in self._right:
            return self._most(index)
        cells = [self._columns[index], *(row[index].plain for row in self._rows)]
        return max((min(cell_len(word), LONGEST) for cell in cells for word in cell.split()), default=0)

    def _most(self, index: int) -> int:
        """The width at which nothing of a column is broken."""
        return max(map(cell_len, [self._columns[index], *(row[index].plain for row in self._rows)]))

    def _widened(self, least: Mapping[int, int], room: int) -> dict[int, int | None]:
        """What is left over goes to the columns that can use it, in equal parts."""
        left, widths = room - _total(least), dict[int, int | None](least)
        wanted = sorted((self._most(index) - width, index) for index, width in least.items())
        for number, (more, index) in enumerate(wanted):
            given = min(more, left // (len(wanted) - number))
            widths[index] = least[index] + given
            left -= given
        return widths

    def _table(self, columns: Mapping[int, int | None]) -> Table:
        """The columns of these numbers, in these widths; None: as it comes."""
        made = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False)
        for index, width in columns.items():
            name, numeric = self._columns[index], self._columns[index] in self._right
            made.add_column(name, justify="right" if numeric else "left", no_wrap=numeric, overflow="fold", width=width)
        for row in self._rows:
            made.add_row(*(row[index] for index in columns))
        return made


def _total(widths: Mapping[int, int]) -> int:
    return sum(widths.values()) + GAP * (len(widths) - 1)
