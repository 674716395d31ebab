"""Do streams flow? Does a unit that runs write each of them, and does somebody read it? By source, systemd and groups in Redis."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from qtops.checks.wiring.commands import could_be
from qtops.checks.wiring.joined import Name
from qtops.checks.wiring.map import Map
from qtops.facts.streams import StreamReading
from qtops.facts.wiring import End
from qtops.phases.look import Look
from qtops.phases.verdict import Source, Told

SOURCES: Final[tuple[Source, ...]] = (("", "wiring"),)
READ_FROM: Final[tuple[Source, ...]] = (("", "wiring"), ("", "streams"))
UNMAPPED: Final = "the source was not looked through: `qtops map --control-plane`"
Way = Literal["write", "read"]


def fed(streams: Sequence[str], look: Look) -> Iterator[Told]:
    """Whether each of these streams has a writer whose unit runs."""
    for stream in streams:
        told = _end(stream, "write", look)
        yield Told(told.holds, f"{stream}: {told.seen}", SOURCES)


def read(streams: Sequence[str], look: Look) -> Iterator[Told]:
    """Whether each of these streams has a reader whose unit runs, or a group."""
    for stream in streams:
        reading = _reading(stream, look)
        groups = [group.name for group in reading.groups] if reading is not None else []
        told = Told("yes", f"read by {_named(groups)}") if groups else _end(stream, "read", look)
        yield Told(told.holds, f"{stream}: {told.seen}", READ_FROM)


def unmapped(streams: Sequence[str], look: Look) -> str:
    """Why the map says nothing of these streams; empty where it speaks of all of them."""
    if look.map is None:
        return UNMAPPED
    if not look.map.facts.units:
        return "; ".join(("no unit's source could be read", *look.map.facts.missing))
    unknown = [stream for stream in streams if _name(stream, look.map) is None]
    return f"no source that was read speaks of {_named(unknown)}" if unknown else ""


def _end(stream: str, way: Way, look: Look) -> Told:
    if look.map is None or not look.map.facts.units:
        return Told("could not tell", unmapped((stream,), look))
    name = _name(stream, look.map)
    ends = () if name is None else name.firm(name.writers if way == "write" else name.readers)
    if not ends:
        return _nobody(way, look.map)
    standings = {end.unit: look.map.stands(end) for end in ends}
    on = next((end for end in ends if standings[end.unit].on), None)
    if on is not None:
        return Told("yes", f"{_does(on, way)}, and is {standings[on.unit].told}")
    if all(state.off for state in standings.values()):
        return Told("no", "; ".join(f"{unit}, which {way}s it, is {state.told}" for unit, state in standings.items()))
    return Told("could not tell", f"{_does(ends[0], way)}, and whether it runs is not known")


def _nobody(way: Way, known: Map) -> Told:
    """No source has such an end; whether that is all depends on what was read."""
    unread = [why for unit in known.facts.units for why in unit.missing] + list(known.facts.missing)
    maybe = could_be(known.unresolved, way, ("stream",))
    if unread or maybe:
        why = unread[0] if unread else f"{maybe[0].command} at {maybe[0].where} may: {maybe[0].why}"
        return Told("could not tell", f"no source that was read {way}s it, and not all could be: {why}")
    return Told("no", f"no source that was read ({len(known.facts.units)} units) {way}s it")


def _does(end: End, way: Way) -> str:
    return f"{end.unit} {way}s it" + (f" ({end.where})" if end.where else "")


def _name(stream: str, known: Map) -> Name | None:
    name = known.names.get(stream)
    return name if name is not None and name.ends else None


def _reading(stream: str, look: Look) -> StreamReading | None:
    facts = look.facts.streams
    last = facts.looks[-1] if facts is not None and facts.looks else None
    return next((one for one in last.streams if one.name == stream), None) if last is not None else None


def _named(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if names[3:] else "")
