"""The joined map, and the pairs of names in it that were meant to be one."""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from qtops.checks.wiring.joined import Joined, Name
from qtops.checks.wiring.near import Nearest, words
from qtops.facts.wiring import End

_LISTS: Final = re.compile(r"SYMBOL|PAIR|TICKER|COIN|ASSET|INTERVAL|TIMEFRAME|UNIVERSE", re.IGNORECASE)
_SEPARATORS: Final = frozenset(".:_/-")
_VARIABLE: Final = re.compile(r"(?:default of )?([A-Za-z_][A-Za-z0-9_]*)(?: at .*)?")


class Mismatch(NamedTuple):
    """Two names that were meant to be one: somebody reads the first, somebody writes the second, and they never meet."""

    read: Name
    written: Name
    how: str  # "the forms of a word differ"; empty where a variable tells it
    variable: str = ""  # that both ends take their name from
    doubtful: bool = False  # somebody whose name is open may join them


@dataclass(frozen=True, eq=False)
class Map(Joined):
    """What the checks of wiring judge."""

    @cached_property
    def mismatches(self) -> tuple[Mismatch, ...]:
        """Each name that is read only, with the name that is written only and nearest to it."""
        read = [name for name in self.names.values() if self._only_read(name)]
        written = {name.name: name for name in self.names.values() if self._only_written(name)}
        nearest, by_variable = Nearest(written), _by_variable(written)
        found = []
        for name in read:
            same = self._same_variable(name, by_variable) or self._near(name, written, nearest)
            found += [same] if same else []
        return tuple(found)

    @cached_property
    def mismatched(self) -> frozenset[str]:
        """Names of both sides."""
        return frozenset(side.name for pair in self.mismatches for side in (pair.read, pair.written))

    def _only_read(self, name: Name) -> bool:
        reads = any(not self.stands(end).off for end in name.own_readers)
        feeds = any(not self.stands(end).off for end in name.firm(name.writers))
        return reads and not feeds and not self.is_moving(name)

    def _only_written(self, name: Name) -> bool:
        declared = any(stream.groups for stream in self.settings.streams if stream.name == name.name)
        return bool(name.own_writers) and not name.firm(name.readers) and not name.groups and not declared

    def _near(self, name: Name, written: dict[str, Name], nearest: Nearest) -> Mismatch | None:
        for near, how in nearest.to(name.name):
            if self._fit(name, written[near]) and not self._holds_many(name.name, near):
                return Mismatch(name, written[near], how, doubtful=bool(name.writers or written[near].readers))
        return None

    def _fit(self, read: Name, written: Name) -> bool:
        """Whether what is written could be what is sought: of the same kind, and by a unit that is on where others are off."""
        wanted = {end.kind for end in read.own_readers} - {"any"}
        offered = {end.kind for end in written.own_writers} - {"any"}
        return not (wanted and offered and not wanted & offered) and not (read.writers and self.off(written.own_writers))

    def _holds_many(self, one: str, other: str) -> bool:
        """Whether one name is where several others begin: then it is a folder, so to speak, and no other name cut short."""
        start = min((one, other), key=len)
        return sum(name.startswith(start) and name[len(start) :][:1] in _SEPARATORS for name in self.names if name != start) > 1

    def _same_variable(self, name: Name, by_variable: dict[str, list[Name]]) -> Mismatch | None:
        for variable in sorted({variable_of(end) for end in name.own_readers} - {""}):
            for written in sorted(
                by_variable.get(variable, ()), key=lambda other: -len({*words(other.name)} & {*words(name.name)})
            ):
                if self._fit(name, written) and _disagree(name, written, variable):
                    return Mismatch(name, written, "", variable, doubtful=bool(name.writers or written.readers))
        return None


def _disagree(read: Name, written: Name, variable: str) -> bool:
    """Whether a variable that names the key is not set in the same place for both: one that lists symbols names no key."""
    if _LISTS.search(variable):
        return False
    places = [{end.origin for end in ends if variable_of(end) == variable} for ends in (read.own_readers, written.own_writers)]
    return not places[0] & places[1]


def _by_variable(names: dict[str, Name]) -> dict[str, list[Name]]:
    found = defaultdict[str, list[Name]](list)
    for name in names.values():
        for variable in {variable_of(end) for end in name.own_writers} - {""}:
            found[variable].append(name)
    return found


def variable_of(end: End) -> str:
    """The variable that an end takes its name from; empty where it is written in the source."""
    found = _VARIABLE.fullmatch(end.origin)
    return found[1] if found and (" at " in end.origin or end.origin.startswith("default of ")) else ""
