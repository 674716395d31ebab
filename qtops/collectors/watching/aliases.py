"""Units that were asked for by an alias: systemd speaks of them by their own names, and who asked is told by the name asked for."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from qtops.incidents import Died, Spoke, Stands
from qtops.unitfile.names import LOOKUP_PATH, parse_name

T = TypeVar("T", bound=Died | Spoke | Stands)


class Aliases:
    """The names that units were asked for by, by their own names."""

    def __init__(self) -> None:
        self._asked: dict[str, tuple[str, ...]] = {}

    def learn(self, own: str, asked: str, *, as_well: bool) -> None:
        """``asked`` stands for ``own``, which is to be told of under its own name ``as_well`` or not."""
        if own != asked:
            self._asked[own] = tuple(dict.fromkeys((*([own] if as_well else []), *self._asked.get(own, ()), asked)))

    def names(self, own: str) -> tuple[str, ...]:
        """The names that a unit is told of by."""
        return self._asked.get(own, (own,))

    def told(self, seen: Iterable[T]) -> Iterator[T]:
        """Each under the names that it was asked for by."""
        for one in seen:
            for name in self.names(one.unit):
                yield one if name == one.unit else replace(one, unit=name)


def own_name(name: str, root: str = "/") -> str:
    """The name that systemd calls a unit by: an alias is a link to its file (systemd.unit(5), "Alias=")."""
    for folder in LOOKUP_PATH:
        with suppress(OSError):
            target = Path(root, folder.lstrip("/"), name).readlink().name
            if target != name and (parsed := parse_name(target)) is not None and not parsed.is_template:
                return own_name(target, root)
            return name
    return name
