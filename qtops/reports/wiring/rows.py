"""The rows of a map: one per name, one per unit, and the ends between them."""

from collections import Counter
from collections.abc import Collection, Iterable

import msgspec

from publisher.timestamps import utc_iso
from qtops.checks.wiring.joined import Name
from qtops.checks.wiring.map import Map
from qtops.checks.wiring.silence import State
from qtops.checks.wiring.state import live
from qtops.facts.wiring import End
from qtops.findings import Verdict


class EndRow(msgspec.Struct, frozen=True):
    """What one unit does under a name: its commands, and where they are in its source."""

    unit: str
    on: bool | None
    state: str  # of the unit
    commands: tuple[str, ...]
    where: tuple[str, ...]
    names: tuple[str, ...]  # as its source has them
    origins: tuple[str, ...]  # where these come from, if from no literal
    fields: tuple[str, ...]


class NameRow(msgspec.Struct, frozen=True, kw_only=True):
    """One name: who writes, reads and touches it, what is in Redis, and what was found. What is not known is null."""

    name: str
    kind: str  # as what it is used, or what it is in Redis; empty where neither tells
    verdict: Verdict
    codes: tuple[str, ...]
    writers: tuple[EndRow, ...]
    readers: tuple[EndRow, ...]
    touchers: tuple[EndRow, ...]
    live: str
    present: bool | None
    type: str
    keys: int | None
    ttl_ms: int | None
    length: int | None
    groups: tuple[str, ...]
    last: str | None  # event of a stream
    last_s: float | None
    age_s: float | None
    silence: State | None  # of a silent stream


class Pair(msgspec.Struct, frozen=True):
    """Two names that were meant to be one: the one that is only read, the one that is only written, and how they differ."""

    read: str
    written: str
    how: str
    variable: str  # that both ends take their name from; empty where it is none


class UnitRow(msgspec.Struct, frozen=True, kw_only=True):
    """One unit, and what it is connected to."""

    unit: str
    description: str
    state: str
    on: bool | None
    since: str | None
    script: str
    files: int
    writes: tuple[str, ...]
    reads: tuple[str, ...]
    unresolved: int
    rank: int  # how far downstream it lies
    missing: tuple[str, ...]


def kind_of(name: Name) -> str:
    """As what it is used, or what it is in Redis; empty where neither tells."""
    if name.kinds:
        return " and ".join(sorted(name.kinds))
    return "stream" if name.stream is not None else name.state.kind if name.state is not None else ""


def name_row(wiring: Map, name: Name, verdict: Verdict, codes: tuple[str, ...], silence: State | None) -> NameRow:
    """One name, with the verdict and the codes of what was found on it."""
    state, stream = name.state, name.stream
    present = stream.present if stream is not None else state.present if state is not None else None
    length = stream.length if stream is not None else state.length if state is not None and state.present else None
    return NameRow(
        name=name.name,
        kind=kind_of(name),
        verdict=verdict,
        codes=codes,
        writers=_ends(wiring, name.writers),
        readers=_ends(wiring, name.readers),
        touchers=_ends(wiring, name.touchers),
        live=live(name, wiring.facts),
        present=present,
        type=stream.kind if stream is not None else state.kind if state is not None else "",
        keys=state.keys if state is not None and state.present is not None else None,
        ttl_ms=state.ttl_ms if state is not None else None,
        length=length,
        groups=tuple(group.name for group in stream.groups) if stream is not None else (),
        last=None if name.last_s is None else utc_iso(name.last_s),
        last_s=name.last_s,
        age_s=None if name.last_s is None else wiring.facts.taken_at_s - name.last_s,
        silence=silence,
    )


def _ends(wiring: Map, ends: Iterable[End]) -> tuple[EndRow, ...]:
    """One row per unit."""
    units: dict[str, list[End]] = {}
    for end in ends:
        units.setdefault(end.unit, []).append(end)
    return tuple(
        EndRow(
            unit=unit,
            on=wiring.stands(own[0]).on,
            state=wiring.stands(own[0]).told,
            commands=tuple(dict.fromkeys(end.command for end in own if end.command)),
            where=tuple(dict.fromkeys(end.where for end in own if end.where)),
            names=tuple(dict.fromkeys(end.name for end in own)),
            origins=tuple(dict.fromkeys(end.origin for end in own if end.origin != "literal")),
            fields=tuple(dict.fromkeys(field for end in own for field in end.fields)),
        )
        for unit, own in units.items()
    )


def unit_rows(wiring: Map, chosen: list[Name], units: Collection[str], *, whole: bool) -> tuple[UnitRow, ...]:
    """All units, or those that the chosen names connect; from upstream to downstream."""
    touched = {end.unit for name in chosen for end in name.ends}
    kept = [unit for unit in wiring.facts.units if unit.unit in touched or (whole and (not units or unit.unit in units))]
    writes, reads = (_names(chosen, way) for way in ("write", "read"))
    unresolved = Counter(command.unit for command in wiring.unresolved)
    rows = (
        UnitRow(
            unit=unit.unit,
            description=unit.description,
            state=wiring.standings[unit.unit].told,
            on=wiring.standings[unit.unit].on,
            since=None if unit.since_s is None else utc_iso(unit.since_s),
            script=unit.script,
            files=unit.files,
            writes=tuple(writes.get(unit.unit, ())),
            reads=tuple(reads.get(unit.unit, ())),
            unresolved=unresolved[unit.unit],
            rank=wiring.ranks[unit.unit],
            missing=unit.missing,
        )
        for unit in kept
    )
    return tuple(sorted(rows, key=lambda row: (row.rank, row.unit)))


def _names(chosen: list[Name], way: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in chosen:
        for end in name.own_writers if way == "write" else name.own_readers:
            if name.name not in (known := found.setdefault(end.unit, [])):
                known.append(name.name)
    return found
