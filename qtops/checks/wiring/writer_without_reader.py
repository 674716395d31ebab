"""Somebody writes what nobody reads.

What it is: the source of a unit writes a name that no unit's source reads, and that no consumer group waits on; or all that
read it are units that are off.

Why it matters: whoever believes that somebody acts on it is wrong: an emergency that is only written down is no emergency
stop. A stream or a list that nobody reads grows for nothing.

What to do: find who was meant to read it, and which name it reads; where it is for people to look at, leave it.
"""

from collections.abc import Iterator
from typing import Final

from qtops.checks.wiring.commands import could_be
from qtops.checks.wiring.joined import Name, all_told, who
from qtops.checks.wiring.map import Map
from qtops.checks.wiring.names import is_exact
from qtops.checks.wiring.near import words
from qtops.checks.wiring.state import live, unresolved_told
from qtops.findings import Check, Finding, Severity

CHECK = Check("WIRING102", "Somebody writes what nobody reads", Severity.WARNING, ("source",), role="note")
FLOWS: Final = frozenset({"stream", "list"})
"""Kinds that wait to be read. State and messages may be for people and dashboards."""
FOR_PEOPLE: Final = frozenset({"dlq", "deadletter", "dead", "audit", "archive", "history", "debug"})
"""Words in names of what is kept for somebody to look at one day."""


def check(wiring: Map) -> Iterator[Finding]:
    """One finding per name that has writers, no reader and no group."""
    declared = {stream.name for stream in wiring.settings.streams if stream.groups}
    looked_at = {family.pattern.replace("{symbol}", "<symbol>") for family in wiring.settings.families}
    looked_at |= {price.pattern.replace("{symbol}", "<symbol>") for price in wiring.settings.prices}
    known = declared | looked_at
    for name in wiring.names.values():
        if not name.own_writers or name.name in known | wiring.mismatched:
            continue
        if not (name.readers or name.groups or _is_used(name)):
            yield _finding(wiring, name)
        elif name.kinds & FLOWS and wiring.off(name.readers) and not wiring.off(name.own_writers) and not _others(name):
            yield _waiting(wiring, name)


def _is_used(name: Name) -> bool:
    """Whether somebody asks for it without reading what it holds: a lock, a mark, a list that is kept short for people."""
    return bool(name.touchers) and not name.kinds & FLOWS


def _others(name: Name) -> bool:
    """Whether there are groups of somebody whose source is not known."""
    known = {end.group for end in (*name.readers, *name.touchers)}
    return "" not in known and any(group.name not in known for group in name.stream.groups) if name.stream is not None else False


def _waits(name: Name) -> bool:
    """Whether entries wait for readers in Redis: then they are missed, even if somebody switched them off on purpose."""
    return name.stream is not None and any(group.lag or group.pending for group in name.stream.groups)


def _waiting(wiring: Map, name: Name) -> Finding:
    """Of what is written for readers that are all off."""
    units = {end.unit: wiring.stands(end) for end in name.readers}
    first, state = next(iter(units.items()))
    meant = all(state.meant for state in units.values()) and not _waits(name)
    lines = (f"written by {all_told(name.writers)}", f"read by {all_told(name.readers)}", live(name, wiring.facts))
    return CHECK.finding(
        name.name,
        f"{first}, which reads it, is {state.told}, and {name.own_writers[0].unit} goes on writing",
        tuple(filter(None, lines)),
        f"`qtops doctor {first}`, then start it; or stop writing at {name.own_writers[0].where or name.own_writers[0].unit}",
        where=name.own_writers[0].where,
        severity=Severity.INFO if meant else Severity.WARNING,
    )


def _finding(wiring: Map, name: Name) -> Finding:
    writers, doubts = name.own_writers, could_be(wiring.unresolved, "read", name.kinds)
    kept_short = "list" in name.kinds and any("TRIM" in end.command.upper() for end in name.touchers)
    flows = bool(name.kinds & FLOWS) and not kept_short and not FOR_PEOPLE & set(words(name.name))
    kind = next(iter(sorted(name.kinds & FLOWS)), "key")
    nobody = "no source here reads it" + (
        ", and it has no consumer group" if name.stream is not None and is_exact(name.name) else ""
    )
    remedy = f"Find who was meant to read it, or stop writing it at {writers[0].where or writers[0].unit}"
    if not flows:
        remedy = "Nothing, if it is for people or dashboards to look at; else find who was meant to read it"
    evidence = (f"written by {all_told(writers)}", live(name, wiring.facts), *unresolved_told(doubts))
    grave = flows and not doubts and not wiring.off(writers)
    return CHECK.finding(
        name.name,
        f"{who(writers, 'write')} this {kind}, and {nobody}",
        tuple(filter(None, evidence)),
        remedy,
        where=writers[0].where,
        severity=Severity.WARNING if grave else Severity.INFO,
    )
