"""Why a stream is silent: broken, unfed, idle by nature, or not to be told."""

from collections.abc import Container, Iterator
from typing import Final, Literal

import msgspec

from qtops.checks.wiring.command_does_not_fit import past_each_other
from qtops.checks.wiring.commands import could_be
from qtops.checks.wiring.joined import DECLARED, Name, all_told, told
from qtops.checks.wiring.map import Map, Mismatch
from qtops.checks.wiring.names_nearly_alike import change
from qtops.checks.wiring.state import live, unresolved_told
from qtops.facts.times import span
from qtops.facts.wiring import End

State = Literal["flowing", "broken", "unfed", "idle", "unknown"]
"""``broken``: writers and readers do not meet. ``unfed``: the writers' units are off. ``idle``: a writer is on, and writes when
something happens.
"""
SILENT_S: Final = 3600.0
"""A stream whose kind is not declared and that had no entry for so long is silent; of a periodic one thrice its interval."""


MOST_TOLD: Final = 8  # writers of one stream


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on one stream, and the four things that are asked about one that is empty."""

    name: str
    state: State
    why: str
    publishers: tuple[str, ...] = ()  # who should write to it, each with where and how its unit stands
    misconfigured: str = ""  # inactive, or wrongly set up: what exactly
    intended: str = ""  # disabled by decision, or broken
    remedy: str = ""
    evidence: tuple[str, ...] = ()


def is_silent(wiring: Map, name: Name) -> bool:
    """Whether a stream is in Redis, or is read, and nothing came for too long."""
    if not name.is_stream or not (name.own_readers or name.groups or name.never_written):
        return False
    if name.last_s is None:
        return name.never_written or (name.state is not None and not name.state.length and name.state.present is not None)
    declared = next((stream for stream in wiring.settings.streams if stream.name == name.name), None)
    limit_s = 3 * declared.interval_s if declared and declared.interval_s else SILENT_S
    return wiring.facts.taken_at_s - name.last_s > limit_s


def judge(wiring: Map, name: Name) -> Silence:
    """The verdict on one stream. Pure: the same facts, the same verdict."""
    pair = next((pair for pair in wiring.mismatches if pair.read.name == name.name), None)
    writers = name.firm(name.writers) or name.writers
    common = {
        "name": name.name,
        "publishers": tuple(dict.fromkeys(_publishers(wiring, name, pair))),
        "evidence": tuple(_evidence(wiring, name, pair)),
    }
    if name.is_stream and not is_silent(wiring, name) and name.last_s is not None:
        return Silence(state="flowing", why=f"last entry {span(wiring.facts.taken_at_s - name.last_s)} ago", **common)  # type: ignore[arg-type]
    if pair is not None:
        return msgspec.structs.replace(_broken(wiring, pair), **common)
    if past_each_other(writers, name.own_readers):
        return msgspec.structs.replace(_published(writers, name.own_readers), **common)
    verdict = _written(wiring, name, writers) if writers else _unwritten(wiring, name)
    return msgspec.structs.replace(verdict, **common)


def _broken(wiring: Map, pair: Mismatch) -> Silence:
    how = pair.how or f"{pair.variable} is not the same in both units"
    return Silence(
        name="",
        state="broken",
        why=f"its writer writes {pair.written.name}, its readers read {pair.read.name}: {how}",
        misconfigured=f"misconfigured: {told(pair.written.own_writers[0])} and {told(pair.read.own_readers[0])} never meet",
        intended="broken: nobody who switches something off renames it at one end",
        remedy=change(wiring, pair),
    )


def _published(writers: tuple[End, ...], readers: tuple[End, ...]) -> Silence:
    return Silence(
        name="",
        state="broken",
        why="what is published to a channel never comes into a stream, although both have one name",
        misconfigured=f"misconfigured: {told(writers[0])} and {told(readers[0])} never meet",
        intended="broken: nobody who switches something off uses another command at one end",
        remedy=f"Write it with XADD at {writers[0].where or writers[0].unit}",
    )


def _written(wiring: Map, name: Name, writers: tuple[End, ...]) -> Silence:
    """Of a stream that some source writes: it is up to the units of its writers."""
    units = {end.unit: wiring.stands(end) for end in writers}
    states = "; ".join(f"{unit} is {state.told}" for unit, state in list(units.items())[:MOST_TOLD])
    states += f"; and {len(units) - MOST_TOLD} more" if len(units) > MOST_TOLD else ""
    if all(state.off for state in units.values()):
        meant = all(state.meant for state in units.values())
        first = next(iter(units))
        return Silence(
            name="",
            state="unfed",
            why=f"nothing is wrong with its wiring; every unit that writes it is off: {states}",
            misconfigured=f"inactive: {states}",
            intended="disabled, it seems by decision: no failure is recorded" if meant else "not by decision: it stopped or failed",
            remedy=f"`systemctl enable --now {first}`, or switch its readers off as well" if meant else f"`qtops doctor {first}`",
        )
    if not any(state.on for state in units.values()):
        names = [unit for unit, state in units.items() if state.on is None]
        untold = ", ".join(names[:MOST_TOLD]) + (f" and {len(names) - MOST_TOLD} more" if len(names) > MOST_TOLD else "")
        known = "".join(f"; {unit} is {state.told}" for unit, state in units.items() if state.on is not None)
        why = f"the state of {untold} is not known, so whether a writer runs cannot be told{known}"
        return Silence(name="", state="unknown", why=why, intended="could not tell", remedy="Ask where systemd can be asked")
    declared = next((stream for stream in wiring.settings.streams if stream.name == name.name), None)
    if declared is not None and declared.kind in ("periodic", "continuous"):
        why = f"it is declared {declared.kind}, and its writer is on and writes nothing: {states}"
        remedy = f"`qtops doctor {next(iter(units))}`, and `qtops verify streams`: its input may be what is missing"
        return Silence(
            name="", state="unknown", why=why, misconfigured=f"not inactive: {states}", intended="could not tell", remedy=remedy
        )
    if starved := _starved(wiring, units):
        why = f"its writer is on and waits itself for what does not come: {', '.join(starved)} ({states})"
        remedy = f"Mend {starved[0]} first: what lies upstream comes first"
        told = "could not tell as long as its input does not come"
        return Silence(name="", state="unknown", why=why, misconfigured=f"not itself: {states}", intended=told, remedy=remedy)
    return Silence(
        name="",
        state="idle",
        why=f"a writer is there and on, and writes when something happens: nothing has ({states})",
        misconfigured=f"neither: {states}",
        intended="neither disabled nor broken: silence is its healthy state",
    )


def _starved(wiring: Map, units: Container[str]) -> list[str]:
    """Streams and lists that these units read, and to which nothing can come."""
    read = {pair.read.name for pair in wiring.mismatches}
    inputs = [
        name
        for name in wiring.names.values()
        if name.kinds & {"stream", "list"} and any(end.unit in units and end.kind in {"stream", "list"} for end in name.own_readers)
    ]
    return [name.name for name in inputs if name.name in read or (wiring.off(name.writers) and not wiring.is_moving(name))]


def _unwritten(wiring: Map, name: Name) -> Silence:
    """Of a stream that no source writes."""
    doubts = could_be(wiring.unresolved, "write", {"stream"})
    unread = [unit.unit for unit in wiring.facts.units if unit.missing]
    if not name.ends and not name.groups:
        why = "no source here speaks of it, and nobody waits for it"
        return Silence(
            name="", state="unknown", why=why, intended="could not tell", remedy="Map the units that use it (--all, --source DIR)"
        )
    if doubts or unread:
        why = "no source here is known to write it" + "".join(f"; {line}" for line in unresolved_told(doubts))
        why += f"; the source of {', '.join(unread[:3])} could not all be read" if unread else ""
        return Silence(
            name="", state="unknown", why=why, intended="could not tell", remedy="`qtops map -v` lists what was not told, and why"
        )
    return Silence(
        name="",
        state="broken",
        why=f"it is read, and no source of the {len(wiring.facts.units)} units that were looked at writes it",
        misconfigured="its writer is missing: not in any source that was read",
        intended="broken, unless its writer lives on another host",
        remedy="Find who was meant to write it",
    )


def _publishers(wiring: Map, name: Name, pair: Mismatch | None) -> Iterator[str]:
    if pair is not None:
        for end in pair.written.own_writers:
            yield f"{told(end)}: {wiring.stands(end).told}; it writes {pair.written.name}"
    for end in name.writers:
        yield told(end) if end.origin == DECLARED else f"{told(end)}: {wiring.stands(end).told}"
    declared = next((stream.writer for stream in wiring.settings.streams if stream.name == name.name), "")
    if declared and declared not in {end.unit for end in name.writers}:
        yield f"{declared}, which the configuration declares"


def _evidence(wiring: Map, name: Name, pair: Mismatch | None) -> Iterator[str]:
    if state := live(name, wiring.facts):
        yield state
    if makers := [end for end in (*name.touchers, *name.readers) if end.creates]:
        yield f"made by its readers (MKSTREAM): {all_told(makers)}"
    if name.readers:
        yield f"read by {all_told(name.readers)}"
    if pair is not None and (state := live(pair.written, wiring.facts)):
        yield f"{pair.written.name}, {state}"
