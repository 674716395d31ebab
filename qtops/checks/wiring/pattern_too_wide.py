"""A pattern catches more than is meant.

What it is: source looks for `position:*` (SCAN, KEYS), and below that beginning there are keys of other shapes as well:
`position:snapshot:BTCUSDT` beside `position:BTCUSDT`. `*` does not stop at a colon.

Why it matters: who counts so counts 82 positions where there are 10. Who cleans up so deletes the ledger of somebody else.

What to do: keep the ids in a set and ask that; or give the keys that are meant a beginning of their own; or compare the number of
parts of each key that was found.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from qtops.checks.wiring.joined import Name, all_told
from qtops.checks.wiring.map import Map
from qtops.checks.wiring.names import bare, is_open, literal
from qtops.checks.wiring.under import MOST_NAMES, Under
from qtops.facts.wiring import End, UnitWiring
from qtops.findings import Check, Finding, Severity

CHECK = Check("WIRING111", "A pattern catches more than is meant", Severity.WARNING, ("source",), role="note")
SEEKING: Final = frozenset({"SCAN", "KEYS"})
DELETING: Final = frozenset({"DEL", "UNLINK"})
FOUND: Final = "<key>"
"""What source calls a key that a search found."""
NEAR: Final = 15
"""Lines after the search within which a DEL of the same beginning deletes what was found, and TYPE sorts it."""
SHOWN: Final = 6


class Caught(NamedTuple):
    """What one pattern catches."""

    meant: tuple[Name, ...]  # a word of its own after the beginning, and nothing else
    others: tuple[Name, ...]


def check(wiring: Map) -> Iterator[Finding]:
    """One finding per pattern: of those who delete, or else of those who search."""
    under = Under(wiring)

    @cache
    def caught(start: str) -> Caught:
        return _caught(under, start)

    seeking = defaultdict[str, list[tuple[End, bool]]](list)
    for unit in wiring.facts.units:
        if not unit.ends or wiring.stands(unit.ends[0]).off:
            continue
        later = _later(unit)
        for end in unit.ends:
            start = literal(end.name)
            if end.command in SEEKING and start and bare(end.name) == f"{start}<>":
                commands = _after(later, end)
                if "TYPE" not in commands:
                    seeking[start].append((end, bool(commands & DELETING)))
    for start, ends in seeking.items():
        if caught(start).others:
            yield from _judge(under, start, ends, caught(start))


def _later(unit: UnitWiring) -> dict[tuple[str, str], list[tuple[int, str]]]:
    """What a unit does with keys that it found: for each file and beginning the lines and the commands. An empty beginning: keys
    of which source tells only that a search found them.
    """
    found = defaultdict[tuple[str, str], list[tuple[int, str]]](list)
    for end in unit.ends:
        if end.command in {*DELETING, "TYPE"} and end.name == f"{literal(end.name)}{FOUND}":
            path, line = _place(end.where)
            found[path, literal(end.name)].append((line, end.command))
    for command in unit.unresolved:
        if command.command in {*DELETING, "TYPE"} and any(f"({search})" in command.why for search in SEEKING):
            path, line = _place(command.where)
            found[path, ""].append((line, command.command))
    return found


def _place(where: str) -> tuple[str, int]:
    path, _, line = where.rpartition(":")
    return path, int(line) if line.isdecimal() else 0


def _after(later: dict[tuple[str, str], list[tuple[int, str]]], search: End) -> set[str]:
    """Commands on what was found, shortly after the search."""
    path, at = _place(search.where)
    both = (*later.get((path, literal(search.name)), ()), *later.get((path, ""), ()))
    return {command for line, command in both if 0 <= line - at <= NEAR}


def _caught(under: Under, start: str) -> Caught:
    names = [name for name in under.below(start) if name.own_writers and name.name != start]
    if len(names) >= MOST_NAMES:
        return Caught((), ())
    plain = {f"{start}<>", f"{start}:<>"}
    meant = tuple(name for name in names if bare(name.name) in plain)
    return Caught(meant, tuple(name for name in names if bare(name.name) not in plain))


def _judge(under: Under, start: str, ends: list[tuple[End, bool]], caught: Caught) -> Iterator[Finding]:
    deleting = [end for end, deletes in ends if deletes]
    searching = deleting or [end for end, _ in ends]
    if caught.meant:
        known = any(not is_open(end.name) for name in caught.meant for end in name.own_writers)
        severity = Severity.INFO if not known else Severity.CRITICAL if deleting else Severity.WARNING
        yield _finding(under, start, searching, caught, severity, deletes=bool(deleting))
        return
    units = {end.unit for end in deleting}
    own = tuple(name for name in caught.others if any(end.unit in units for end in name.own_writers))
    others = tuple(name for name in caught.others if name not in own)
    if own and others:  # nobody says what is meant: what who deletes has written itself
        yield _finding(under, start, deleting, Caught(own, others), Severity.CRITICAL, deletes=True)


def _finding(under: Under, start: str, ends: list[End], caught: Caught, severity: Severity, *, deletes: bool) -> Finding:
    meant, others = ([name.name for name in names] for names in caught)
    listed = ", ".join(others[:SHOWN]) + (f", and {len(others) - SHOWN} more" if len(others) > SHOWN else "")
    verb = "deletes" if deletes else "finds"
    lines = [_shape(under, name) for name in (*caught.meant, *caught.others)[: 2 * SHOWN]]
    return CHECK.finding(
        f"{start}*",
        f"{ends[0].unit} {verb} what {start}* matches: beside {', '.join(meant[:2])} also {listed}",
        (f"{'searched and deleted' if deletes else 'searched'} by {all_told(ends)}", *lines),
        f"At {ends[0].where or ends[0].unit} take only keys with as many parts as {meant[0]}; "
        f"or keep a set of those that are there (SADD, SREM) and ask it",
        where=ends[0].where,
        severity=severity,
    )


def _shape(under: Under, name: Name) -> str:
    """A line for one shape: how many keys it has, and who writes them."""
    there = name.state is not None and name.state.present
    count = under.own_keys(name) if there else 0
    keys = f", {count} key{'' if count == 1 else 's'} in Redis" if there else ""
    return f"{name.name}{keys}: written by {all_told(name.own_writers, 2)}"
