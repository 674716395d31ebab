"""A stream that is written without a cap and has grown long.

What it is: XADD without MAXLEN or MINID, nobody trims the stream in any source, and it is long: by itself, beside its siblings
that have a cap, or because nothing was ever taken out of it.

Why it matters: it grows until Redis runs out of memory, and then every service stops at once. One call with a cap (where the
service starts) does not help when the call that runs all day has none.

What to do: give every XADD a MAXLEN; then trim the stream once, no further than its groups have read.
"""

from collections import defaultdict
from collections.abc import Iterator
from statistics import median
from typing import Final

from qtops.checks.wiring.joined import Name, all_told
from qtops.checks.wiring.map import Map
from qtops.checks.wiring.state import live, unresolved_told
from qtops.findings import Check, Finding, Severity

CHECK = Check("WIRING112", "A stream without a cap has grown long", Severity.WARNING, ("redis", "source"), role="note")
LONG: Final = 100_000
"""Entries: tens of megabytes; the caps that are usual (1,000 to 50,000) lie below."""
NEVER_CUT: Final = 50_000
"""Entries of a stream from which none was ever taken out: it has grown that far and nothing will stop it."""
TIMES: Final = 10
"""Times as long as capped siblings usually are: more than approximate trimming leaves over."""
LEAST_USUAL: Final = 1_000
"""Entries that siblings count for at least: ten times a stream that hardly anybody writes to is still short."""
LEAST_SIBLINGS: Final = 3
SHOWN: Final = 20


def check(wiring: Map) -> Iterator[Finding]:
    """One finding per stream."""
    usual = _usual(wiring)
    for name in wiring.names.values():
        uncapped = any(end.command == "XADD" and end.capped is False for end in name.own_writers)
        if uncapped and not any(end.command == "XTRIM" for end in name.touchers):
            why = _long(name, usual.get(_folder(name.name), 0.0))
            if why:
                yield _finding(wiring, name, why)


def _usual(wiring: Map) -> dict[str, float]:
    """How long streams with a cap usually are, for each beginning of names that has some."""
    lengths = defaultdict[str, list[int]](list)
    for name in wiring.names.values():
        added = [end for end in name.own_writers if end.command == "XADD"]
        if added and all(end.capped for end in added) and (length := _length(name)):
            lengths[_folder(name.name)].append(length)
    return {start: median(those) for start, those in lengths.items() if len(those) >= LEAST_SIBLINGS}


def _folder(name: str) -> str:
    return name.rpartition(":")[0]


def _length(name: Name) -> int:
    if name.stream is not None and name.stream.present:
        return name.stream.length
    return name.state.length if name.state is not None and name.state.kind == "stream" else 0


def _never_cut(name: Name) -> bool:
    return name.stream is not None and name.stream.entries_added == name.stream.length


def _long(name: Name, usual: float) -> str:
    """In what way the stream is too long; empty where it is not."""
    length = _length(name)
    if _never_cut(name) and length > NEVER_CUT:
        return f"{length:,} entries, and none was ever taken out"
    if length > LONG:
        return f"{length:,} entries"
    if usual and length > TIMES * max(usual, LEAST_USUAL):
        return f"{length:,} entries, where streams beside it that have a cap hold about {usual:,.0f}"
    return ""


def _finding(wiring: Map, name: Name, why: str) -> Finding:
    added = [end for end in name.own_writers if end.command == "XADD"]
    uncapped, capped = [end for end in added if end.capped is False], [end for end in added if end.capped]
    doubts = () if _never_cut(name) else tuple(each for each in wiring.unresolved if each.command.upper() == "XTRIM")
    lines = (
        f"without a cap: {all_told(uncapped, SHOWN)}",
        f"with a cap only: {all_told(capped, SHOWN)}" if capped else "",
        live(name, wiring.facts),
        *unresolved_told(doubts),
    )
    places = ", ".join(dict.fromkeys(end.where or end.unit for end in uncapped))
    return CHECK.finding(
        name.name,
        f"{why}; nobody trims it, and {len(uncapped)} XADD{'' if len(uncapped) == 1 else 's'} of it set no MAXLEN",
        tuple(filter(None, lines)),
        f"Give XADD a MAXLEN ~ at {places}; then XTRIM it once, no further than its groups have read",
        where=uncapped[0].where,
        severity=Severity.INFO if doubts or wiring.off(uncapped) else None,
    )
