"""Somebody reads what nobody writes.

What it is: the source of a unit reads a name that no unit's source writes, whatever its placeholders stand for. What is
in Redis under that name all the same was written by somebody that no source here explains.

Why it matters: the reader never gets what it waits for, and says nothing: a read of a key that is not there is no error. It
goes on with defaults.

What to do: find out who was meant to write it, and under which name it does; or take the read out.
"""

from collections.abc import Iterator
from typing import Final

from qtops.checks.wiring.commands import could_be, writes
from qtops.checks.wiring.joined import Name, all_told, who
from qtops.checks.wiring.map import Map
from qtops.checks.wiring.state import live, unresolved_told
from qtops.facts.wiring import End, Unresolved
from qtops.findings import Check, Finding, Severity

CHECK = Check("WIRING101", "Somebody reads what nobody writes", Severity.CRITICAL, ("source",))
FLOWS: Final = frozenset({"stream", "list", "channel"})
"""Kinds that carry something from one to another. Any other key may be set by hand."""
SERVERS_OWN: Final = ("__key", "__sentinel__")
"""How channels begin on which Redis itself speaks."""
BY_HAND: Final = (
    "switch",
    "flag",
    "enable",
    "disable",
    "override",
    "pause",
    "kill",
    "config",
    "setting",
    "manual",
    "mode",
    "feature",
)
"""Words in names of keys that operators set."""


def check(wiring: Map) -> Iterator[Finding]:
    """One finding per name that has readers and no writer."""
    for name in wiring.names.values():
        readers = name.own_readers
        told = name.writers or name.name in wiring.mismatched or name.name.startswith(SERVERS_OWN)
        if readers and not told and not _by_pattern(readers):
            yield _finding(wiring, name, readers)


def _by_pattern(readers: tuple[End, ...]) -> bool:
    """Whether all that reads it only looks for keys: what it finds is as well."""
    return all(end.command.upper() in {"SCAN", "KEYS"} for end in readers)


def _finding(wiring: Map, name: Name, readers: tuple[End, ...]) -> Finding:
    doubts = could_be(wiring.unresolved, "write", name.kinds)
    units = len(wiring.facts.units)
    read = f"no source that was read ({units} unit{'' if units == 1 else 's'}) writes it"
    there = _is_there(wiring, name)
    if there:
        summary = f"written by somebody that no source here explains: {read}, and it is in Redis"
        remedy = "Name its writer in the configuration (writer = … of a stream), or add its unit or --source to the map"
    else:
        summary = f"{who(readers, 'read')} it, and {read}"
        remedy = f"Find who was meant to write it, or take the read out at {readers[0].where or readers[0].unit}"
    evidence = (f"read by {all_told(readers)}", live(name, wiring.facts), _clients(wiring, name, there), *unresolved_told(doubts))
    severity = _severity(wiring, name, there=there, doubts=doubts)
    return CHECK.finding(name.name, summary, tuple(filter(None, evidence)), remedy, where=readers[0].where, severity=severity)


def _is_there(wiring: Map, name: Name) -> bool:
    """Whether its readers get something all the same: it moves, or, where it is no stream, it is there."""
    return wiring.is_moving(name) or (name.state is not None and name.state.present is True and not name.is_stream)


def _clients(wiring: Map, name: Name, there: bool) -> str:
    """Connections that could be the writer: those whose last command writes such a thing."""
    clients = wiring.facts.clients or ()
    named = dict.fromkeys(client.name or "one without a name" for client in clients if writes(client.command, name.kinds))
    return f"connections whose last command writes such a thing: {', '.join(list(named)[:4])}" if there and named else ""


def _severity(wiring: Map, name: Name, *, there: bool, doubts: tuple[Unresolved, ...]) -> Severity:
    by_hand = not name.kinds & FLOWS and any(word in name.name.lower() for word in BY_HAND)
    if there or by_hand or wiring.off(name.own_readers):
        return Severity.INFO
    return Severity.CRITICAL if name.kinds & FLOWS and not doubts else Severity.WARNING
