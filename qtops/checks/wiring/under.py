"""Names by how they begin: what a pattern catches."""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from qtops.checks.wiring.joined import Name
from qtops.checks.wiring.map import Map
from qtops.checks.wiring.names import bare, literal

MOST_NAMES: Final = 500
"""Names that are looked at below one beginning: a pattern that catches more is a survey of everything."""


class Under:
    """The names of a map in their order; those that begin alike are neighbours."""

    def __init__(self, wiring: Map) -> None:
        self._names = wiring.names
        self._ordered = sorted(wiring.names)

    def below(self, start: str) -> Iterator[Name]:
        """Names that begin so, at most ``MOST_NAMES``."""
        first = bisect_left(self._ordered, start)
        for at in range(first, min(first + MOST_NAMES, len(self._ordered))):
            if not self._ordered[at].startswith(start):
                return
            yield self._names[self._ordered[at]]

    def own_keys(self, name: Name) -> int:
        """Keys that match the name and none that says more: at least so many are its own."""
        start, form = literal(name.name), bare(name.name)
        end = form.rpartition("<>")[2]
        more = (other for other in self.below(start) if len(bare(other.name)) > len(form) and bare(other.name).endswith(end))
        known = sum(other.state.keys for other in more if other.state and other.state.present)
        return max(0, name.state.keys - known) if name.state else 0
