"""The writer's unit is off.

What it is: somebody reads a name, and every unit whose source writes it is stopped, failed, disabled or not loaded. What a
timer starts is not off between two runs.

Why it matters: nothing new comes, and the readers, which run, do not show it. An empty stream looks like quiet.

What to do: start the unit, or mend it (`qtops doctor UNIT`); where it is off by decision, switch the readers off as well, or say
so in the configuration with a date (off).
"""

from collections.abc import Iterator
from typing import Final

from qtops.checks.wiring.joined import Name, all_told
from qtops.checks.wiring.map import Map
from qtops.checks.wiring.state import live
from qtops.facts.wiring import End
from qtops.findings import Check, Finding, Severity

CHECK = Check("WIRING106", "The writer's unit is off", Severity.CRITICAL, ("source", "systemd"))

LAST_WORDS_S: Final = 60.0
"""A unit that goes off may write until it is off; clocks differ by less."""
LONGEST_TTL_S: Final = 86_400.0
"""A key whose writer is gone expires within a day as a rule: what still expires later has another writer."""


def check(wiring: Map) -> Iterator[Finding]:
    """One finding per name that is read by a unit that is on, and written only by units that are off."""
    for name in wiring.names.values():
        writers = name.firm(name.writers) or name.writers
        waiting = tuple(end for end in name.own_readers if not wiring.stands(end).off)
        if waiting and wiring.off(writers):
            yield _finding(wiring, name, writers, waiting)


def _is_moving(wiring: Map, name: Name, writers: tuple[End, ...]) -> bool:
    """Whether somebody else writes it: something came after these went off."""
    since = {unit.unit: unit.since_s for unit in wiring.facts.units}
    off_s = max((moment for end in writers if (moment := since.get(end.unit)) is not None), default=None)
    if off_s is None or wiring.has_grown(name):
        return wiring.is_moving(name)
    if name.last_s is not None:
        return name.last_s > off_s + LAST_WORDS_S
    return wiring.is_moving(name) and wiring.facts.taken_at_s - off_s > LONGEST_TTL_S


def _finding(wiring: Map, name: Name, writers: tuple[End, ...], waiting: tuple[End, ...]) -> Finding:
    units = {end.unit: wiring.stands(end) for end in writers}
    states = tuple(f"{unit} is {state.told}" for unit, state in units.items())
    moving, meant = _is_moving(wiring, name, writers), all(state.meant for state in units.values())
    first, state = next(iter(units.items()))
    more = f" (and {len(units) - 1} more)" if len(units) > 1 else ""
    summary = f"{first}{more}, which writes it, is {state.told}, and {waiting[0].unit} reads it"
    others = len(writers) < len(name.writers)
    lines = (
        *states,
        f"written by {all_told(writers)}",
        f"read by {all_told(waiting)}",
        live(name, wiring.facts),
        "and yet it moves: somebody writes it that no source here explains" if moving else "",
    )
    explained = moving or name.name in wiring.mismatched
    severity = Severity.INFO if explained else Severity.WARNING if meant or others else Severity.CRITICAL
    remedy = f"`qtops doctor {first}`, then start it"
    if meant:
        remedy = f"Off by decision, it seems: then its readers need it no more. Else `systemctl enable --now {first}`"
    return CHECK.finding(name.name, summary, tuple(filter(None, lines)), remedy, where=writers[0].where, severity=severity)
