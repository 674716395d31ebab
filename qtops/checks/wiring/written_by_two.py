"""Two services write the same thing.

What it is: two units that do not run the same program write the same field of a hash, the same whole key, or entries of
different fields to one stream that nothing tells apart.

Why it matters: the last one wins, and which one that is changes by the second. A hash becomes a union of dialects: the sign of a
position, or what `ts` means, depends on who wrote last.

What to do: decide who owns it; let the other write to a name of its own, or ask the owner.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations, islice
from typing import Final

from qtops.checks.wiring.commands import COUNTING
from qtops.checks.wiring.joined import DECLARED, Name, told
from qtops.checks.wiring.map import Map
from qtops.checks.wiring.names import of_its_own, per_entity
from qtops.facts.wiring import End, UnitWiring
from qtops.findings import Check, Finding, Severity

CHECK = Check("WIRING104", "Two services write the same thing", Severity.WARNING, ("source",), role="note")
SHARED: Final = ("lock", "lease", "leader", "mutex", "dedup", "seen", "cooldown", "permit", "rate")
"""Words in names of strings that several write by design: who comes first has it."""
TELLS_KINDS_APART: Final = frozenset(
    ["event", "event_type", "eventtype", "type", "kind", "action", "msg_type", "message_type", "topic", "schema", "source"]
)
"""Fields by which readers of a stream with several producers tell its entries apart."""
MOST_PAIRS: Final = 5_000
"""Pairs of services that are compared for one name: all of a hundred. Where a thousand write one name, that many are enough."""


def check(wiring: Map) -> Iterator[Finding]:
    """At most one finding per name: the first two services that are in each other's way."""
    programs = {unit.unit: _program(unit) for unit in wiring.facts.units}
    for name in wiring.names.values():
        by_program = defaultdict[str, list[End]](list)
        for end in name.own_writers:
            if not (of_its_own(end.name) or wiring.stands(end).off or end.origin == DECLARED):
                by_program[programs.get(end.unit, end.unit)].append(end)
        pairs = islice(combinations(by_program.values(), 2), MOST_PAIRS)
        clashes = (_clash(name, one, other) for one, other in pairs)
        first = next(filter(None, clashes), None)
        if first is not None:
            yield first


def _program(unit: UnitWiring) -> str:
    """What a unit runs: units of one script or of one template are one service that runs several times."""
    return unit.script or unit.unit.partition("@")[0]


def _clash(name: Name, one: list[End], other: list[End]) -> Finding | None:
    """What two services both write; ends in the same place are a library's: it has one idea of what it writes."""
    if not any(per_entity(end.name) for end in (*one, *other)):
        return None  # nothing says that both mean the same keys
    shared = {end.where for end in one if end.where} & {end.where for end in other}
    one, other = ([end for end in side if end.where not in shared and end.command.upper() not in COUNTING] for side in (one, other))
    kinds = {end.kind for end in one} & {end.kind for end in other}
    if "hash" in kinds:
        return _same_fields(name, _of("hash", one), _of("hash", other))
    if "string" in kinds and not any(word in name.name.lower() for word in SHARED):
        told_by = (told(one[0]), told(other[0]))
        return _finding(name, "write the whole key: the last one wins", (one[0], other[0]), told_by)
    if "stream" in kinds:
        return _different_entries(name, _of("stream", one), _of("stream", other))
    return None


def _of(kind: str, ends: list[End]) -> list[End]:
    return [end for end in ends if end.kind == kind]


def _same_fields(name: Name, one: list[End], other: list[End]) -> Finding | None:
    both = sorted(_fields(one) & _fields(other))
    if not both:
        return None
    writers = tuple(next(end for end in side if set(end.fields) & set(both)) for side in (one, other))
    summary = f"write the same field{'s' if len(both) > 1 else ''}: {', '.join(both[:6])}" + (", …" if len(both) > 6 else "")
    return _finding(name, summary, writers, tuple(map(told, writers)))


def _different_entries(name: Name, one: list[End], other: list[End]) -> Finding | None:
    """Entries that no field tells apart, and of which neither has all that the other has."""
    if not all(end.fields_known and end.fields for end in (*one, *other)):
        return None
    first, second = _fields(one), _fields(other)
    if first <= second or second <= first or {field.lower() for field in first & second} & TELLS_KINDS_APART:
        return None
    lines = (f"{told(one[0])} writes {', '.join(sorted(first))}", f"{told(other[0])} writes {', '.join(sorted(second))}")
    return _finding(name, "write entries of different fields, and no field tells them apart", (one[0], other[0]), lines)


def _fields(ends: list[End]) -> set[str]:
    return {field for end in ends for field in end.fields if "<" not in field}


def _finding(name: Name, what: str, writers: tuple[End, ...], evidence: tuple[str, ...]) -> Finding:
    units = " and ".join(end.unit for end in writers)
    remedy = f"Let one of them own it: {writers[1].unit} then writes to a name of its own, or leaves these fields out"
    return CHECK.finding(name.name, f"{units} {what}", evidence, remedy, where=writers[0].where)
