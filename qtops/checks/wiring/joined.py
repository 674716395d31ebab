"""The map: for every name its writers, readers and touchers, and what Redis holds under it."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import msgspec

from qtops.checks.wiring.flow import depths
from qtops.checks.wiring.names import Names, bare, is_exact, is_open, is_vague, per_entity, transposed, unify, without_symbols
from qtops.checks.wiring.standing import Standing, standing
from qtops.facts.streams import StreamReading
from qtops.facts.wiring import End, Kind, NameState, Unresolved, WiringFacts
from qtops.settings import Settings

DECLARED: Final = "configuration"
"""Origin of an end that no source shows and the configuration declares."""

_MOMENT: Final = re.compile(r"(?!0+$)[0-9]{1,14}")  # milliseconds: up to the year 5138; what is beyond was given by hand
LATELY_S: Final = 3600.0
"""A stream that had an entry within an hour has a writer, whoever that is."""


class Name(msgspec.Struct, frozen=True, kw_only=True):
    """One name. Its ends are all that can be on the same key, those on names with placeholders among them."""

    name: str
    spelled: frozenset[str] = frozenset()  # as source has it: with other placeholders, or with the symbols themselves
    writers: tuple[End, ...] = ()
    readers: tuple[End, ...] = ()
    touchers: tuple[End, ...] = ()
    state: NameState | None = None
    stream: StreamReading | None = None

    @property
    def own_readers(self) -> tuple[End, ...]:
        """Readers whose source has this very name."""
        return tuple(end for end in self.readers if end.name in self.spelled)

    @property
    def own_writers(self) -> tuple[End, ...]:
        """Writers whose source has this very name."""
        return tuple(end for end in self.writers if end.name in self.spelled)

    def firm(self, ends: Iterable[End]) -> tuple[End, ...]:
        """Of some ends those that surely mean this name: not those whose own name may mean any."""
        return tuple(end for end in ends if end.name in self.spelled or not is_open(end.name))

    @property
    def ends(self) -> tuple[End, ...]:
        """All of them."""
        return (*self.writers, *self.readers, *self.touchers)

    @property
    def kinds(self) -> frozenset[Kind]:
        """As what its ends use it; empty where none says."""
        return frozenset(end.kind for end in self.ends if end.kind != "any")

    @property
    def is_stream(self) -> bool:
        """Whether it is used as a stream, or is one."""
        return "stream" in self.kinds or (self.stream is not None and self.stream.kind == "stream")

    @property
    def groups(self) -> int:
        """Consumer groups that it has in Redis."""
        return max(self.stream.groups_count, len(self.stream.groups)) if self.stream else 0

    @property
    def last_s(self) -> float | None:
        """When the newest entry was added to the stream; None where none ever was, or it is not known."""
        milliseconds = self.stream.last_generated_id.partition("-")[0] if self.stream else ""
        return int(milliseconds) / 1000 if _MOMENT.fullmatch(milliseconds) else None

    @property
    def never_written(self) -> bool:
        """Whether the stream is there and has never had an entry."""
        stream = self.stream
        return stream is not None and bool(stream.present) and not (stream.length or stream.entries_added or self.last_s)


@dataclass(frozen=True, eq=False)
class Joined:
    """The facts, joined. What is costly is worked out once, when it is first asked for."""

    facts: WiringFacts
    settings: Settings

    @cached_property
    def standings(self) -> dict[str, Standing]:
        """How each unit stands."""
        return {unit.unit: standing(unit) for unit in self.facts.units}

    def stands(self, end: End) -> Standing:
        """How the unit of an end stands."""
        return self.standings.get(end.unit) or standing(None)

    def off(self, ends: Iterable[End]) -> bool:
        """Whether there are any, and all of their units are off."""
        kept = tuple(ends)
        return bool(kept) and all(self.stands(end).off for end in kept)

    @cached_property
    def unresolved(self) -> tuple[Unresolved, ...]:
        """Commands whose name could not be told, and those of whose name too little is known."""
        vague = (
            Unresolved(end.unit, end.command, end.where, f"the name is known as {end.name} only")
            for unit in self.facts.units
            for end in unit.ends
            if is_vague(end.name)
        )
        return (*(command for unit in self.facts.units for command in unit.unresolved), *vague)

    @cached_property
    def names(self) -> dict[str, Name]:
        """Every name that any source or the configuration of a stream speaks of, in the order in which they come."""
        ends = [end for unit in self.facts.units for end in unit.ends if not is_vague(end.name)]
        ends += self._declared(ends)
        spelled, by_spelling = dict[str, str](), defaultdict[str, list[End]](list)
        for name in (*(end.name for end in ends), *(name for name, _ in self._streams if is_exact(name))):
            known = self._folded(name)
            if bare(known) not in spelled or (per_entity(known) and not per_entity(spelled[bare(known)])):
                spelled[bare(known)] = known
        for end in ends:
            by_spelling[bare(self._folded(end.name))].append(end)
        index = Names(spelled.values())
        states = defaultdict[str, list[NameState]](list)
        for state in self.facts.names or ():
            states[bare(self._folded(state.name))].append(state)
        streams = dict(self._streams)
        return {name: _name(name, index, by_spelling, _state(states.get(bare(name), [])), streams) for name in spelled.values()}

    def _folded(self, name: str) -> str:
        return without_symbols(name, self.settings.symbols)

    @cached_property
    def _streams(self) -> tuple[tuple[str, StreamReading], ...]:
        looks = self.facts.streams.looks if self.facts.streams else ()
        return tuple((stream.name, stream) for stream in looks[-1].streams) if looks else ()

    def _declared(self, ends: list[End]) -> list[End]:
        """Writers that the configuration declares, of names that are spoken of, where their source was not read to its end."""
        families = {family.name: family for family in self.settings.families}
        units = {service.name: service.unit for service in self.settings.services}
        declared = [
            End(unit=service.unit, name=families[name].pattern, command="", direction="write", kind=families[name].kind)
            for service in self.settings.services
            for name in service.families
            if name in families
        ]
        declared += [
            End(unit=units.get(stream.writer, stream.writer), name=stream.name, command="", direction="write", kind="stream")
            for stream in self.settings.streams
            if stream.writer
        ]
        read = {unit.unit for unit in self.facts.units if unit.files and not (unit.missing or unit.unresolved)}
        spoken = {end.name for end in ends}
        made = (
            msgspec.structs.replace(end, name=end.name.replace("{symbol}", "<symbol>"), origin=DECLARED)
            for end in declared
            if end.unit not in read
        )
        return [end for end in made if any(unify(end.name, name) for name in spoken)]

    def has_grown(self, name: Name) -> bool:
        """Whether entries were added between two looks."""
        looks = self.facts.streams.looks if self.facts.streams else ()
        known = name.stream.name if name.stream is not None else name.name
        added = [stream.entries_added for look in looks for stream in look.streams if stream.name == known]
        counts = [count for count in added if count is not None]
        return len(counts) > 1 and counts[-1] > counts[0]

    def is_moving(self, name: Name) -> bool:
        """Whether somebody writes it: entries were added between two looks or lately, or a time to live runs."""
        if self.has_grown(name):
            return True
        if name.last_s is not None and self.facts.taken_at_s - name.last_s < LATELY_S:
            return True
        return name.state is not None and name.state.present is True and name.state.ttl_ms is not None

    @cached_property
    def ranks(self) -> dict[str, int]:
        """For each unit how far downstream it lies: 0 for what reads from nobody. A circle is entered at its first unit."""
        feeds: dict[str, set[str]] = {unit.unit: set() for unit in self.facts.units}
        for name in self.names.values():
            for reader in {end.unit for end in name.readers if end.unit in feeds}:
                feeds[reader] |= {end.unit for end in name.writers if end.unit in feeds and end.unit != reader}
        return depths(feeds)

    def rank(self, name: Name) -> int:
        """How far downstream a name lies: as far as the first unit that writes it, or else reads it."""
        units = [end.unit for end in name.writers or name.readers or name.touchers]
        return min((self.ranks[unit] for unit in units if unit in self.ranks), default=len(self.ranks))


def _state(states: list[NameState]) -> NameState | None:
    """What Redis holds under all spellings of a name: one of the keys that are there, and how many there are."""
    there = [state for state in states if state.present]
    if len(there) < 2:
        return next(iter(there or states), None)
    return msgspec.structs.replace(there[0], keys=sum(state.keys for state in there), sample=there[0].sample or there[0].name)


def _name(
    name: str, index: Names, by_spelling: dict[str, list[End]], state: NameState | None, streams: dict[str, StreamReading]
) -> Name:
    others = (like for like in index.like(name) if not transposed(name, like))
    ends = [end for like in dict.fromkeys((name, *others)) for end in by_spelling[bare(like)]]
    sides = {way: tuple(end for end in ends if end.direction == way) for way in ("write", "read", "touch")}
    stream = streams.get(name)
    if stream is None and not is_exact(name):
        alike = [reading for key, reading in streams.items() if unify(name, key)]
        stream = max(alike, key=lambda reading: reading.entries_added or 0, default=None)
    return Name(
        name=name,
        spelled=frozenset(end.name for end in by_spelling[bare(name)]),
        writers=sides["write"],
        readers=sides["read"],
        touchers=sides["touch"],
        state=state,
        stream=stream,
    )


def told(end: End) -> str:
    """One end in a line: unit, command, where, and where its name comes from."""
    if end.origin == DECLARED:
        return f"{end.unit}, which the configuration declares"
    place = " at ".join(filter(None, (end.command, end.where)))
    name = "" if end.exact else f" on {end.name}"
    origin = "" if end.origin == "literal" else f" ({end.origin})"
    return f"{end.unit} {place}{name}{origin}"


def all_told(ends: Iterable[End], most: int = 3) -> str:
    """Several ends in a line."""
    lines = list(dict.fromkeys(told(end) for end in ends))
    return ", ".join(lines[:most]) + (f", and {len(lines) - most} more" if len(lines) > most else "")


def who(ends: Iterable[End], does: str) -> str:
    """Whose ends they are, and what they do: "a.service reads", "a.service and 2 more read"."""
    units = list(dict.fromkeys(end.unit for end in ends))
    return f"{units[0]} {does}s" if len(units) == 1 else f"{units[0]} and {len(units) - 1} more {does}"
