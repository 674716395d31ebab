"""Somebody writes what nobody reads.

What it is: the source of a unit writes a name that no unit's source reads, and that no consumer group waits on.

Why it matters: whoever believes that somebody acts on it is wrong: an emergency that is only written down is no emergency
stop. A stream or a list that nobody reads grows for nothing.

What to do: find who was meant to read it, and which name it reads; where it is for people to look at, leave it.
"""

from collections.abc import Iterator
from typing import Final

from qtops.checks.wiring.commands import could_be
from qtops.checks.wiring.joined import Name, all_told
from qtops.checks.wiring.map import Map
from qtops.checks.wiring.names import is_exact
from qtops.checks.wiring.state import live, unresolved_told
from qtops.findings import Check, Finding, Severity

CHECK = Check("WIRING102", "Somebody writes what nobody reads", Severity.WARNING, ("source",), role="note")
FLOWS: Final = frozenset({"stream", "list"})
"""Kinds that wait to be read. State and messages may be for people and dashboards."""


def check(wiring: Map) -> Iterator[Finding]:
    """One finding per name that has writers, no reader and no group."""
    declared = {stream.name for stream in wiring.settings.streams if stream.groups}
    looked_at = {family.pattern.replace("{symbol}", "<symbol>") for family in wiring.settings.families}
    looked_at |= {price.pattern.replace("{symbol}", "<symbol>") for price in wiring.settings.prices}
    known = declared | looked_at
    for name in wiring.names.values():
        unread = name.own_writers and not name.readers and not name.groups
        if unread and name.name not in known | wiring.mismatched and not _is_used(name):
            yield _finding(wiring, name)


def _is_used(name: Name) -> bool:
    """Whether somebody asks for it without reading what it holds: a lock, a mark, a list that is kept short for people."""
    return bool(name.touchers) and not name.kinds & FLOWS


def _finding(wiring: Map, name: Name) -> Finding:
    writers, doubts = name.own_writers, could_be(wiring.unresolved, "read", name.kinds)
    flows = bool(name.kinds & FLOWS) and not any("TRIM" in end.command.upper() for end in name.touchers)
    kind = next(iter(sorted(name.kinds & FLOWS)), "key")
    nobody = "no source here reads it" + (
        ", and it has no consumer group" if name.stream is not None and is_exact(name.name) else ""
    )
    units = ", ".join(dict.fromkeys(end.unit for end in writers[:3]))
    remedy = f"Find who was meant to read it, or stop writing it at {writers[0].where or writers[0].unit}"
    if not flows:
        remedy = "Nothing, if it is for people or dashboards to look at; else find who was meant to read it"
    evidence = (f"written by {all_told(writers)}", live(name, wiring.facts), *unresolved_told(doubts))
    grave = flows and not doubts and not wiring.off(writers)
    return CHECK.finding(
        name.name,
        f"{units} writes this {kind}, and {nobody}",
        tuple(filter(None, evidence)),
        remedy,
        where=writers[0].where,
        severity=Severity.WARNING if grave else Severity.INFO,
    )
