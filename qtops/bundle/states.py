"""What is compared of what Redis held, and of who uses it: for each thing some words. Ages are left out: they always differ."""

from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import Final

from qtops.facts.cadence import CadenceFacts
from qtops.facts.events import EventFacts
from qtops.facts.proposals import ProposalFacts
from qtops.facts.service import Facts
from qtops.facts.streams import GroupReading, StreamFacts
from qtops.facts.times import span
from qtops.facts.wiring import WiringFacts

LEVELS: Final = (
    *("proposed_sl", "proposed_tp", "position_side", "position_current_price", "position_entry_price"),
    *("reason_codes", "flags", "market_source", "position_source", "p_trend", "p_mr", "p_chop", "sigma", "publisher_id"),
)
State = dict[str, str]
Named = Iterator[tuple[str, State]]


def states(facts: Facts) -> dict[str, State]:
    """By what a thing is called, ``proposal BTCUSDT``: what it was like in the last look."""
    found: dict[str, State] = {}
    for proposals in filter(None, (facts.proposals, *(service.proposals for service in facts.services))):
        found |= _proposals(proposals)
    if facts.streams is not None:
        found |= _streams(facts.streams)
    if facts.cadence is not None:
        found |= _cadence(facts.cadence)
    for events in filter(None, (facts.events, *(service.events for service in facts.services))):
        found |= _events(events)
    if facts.wiring is not None:
        found |= _wiring(facts.wiring)
    return found


def _proposals(proposals: ProposalFacts) -> Named:
    if not proposals.looks:
        return
    look = proposals.looks[-1]
    yield f"proposals {proposals.family}", {"Redis": look.server.state}
    for one in look.readings:
        state = {"key": _there(one.present, one.trouble)} | {name: one.fields[name] for name in LEVELS if name in one.fields}
        yield f"proposal {one.symbol}", state


def _streams(streams: StreamFacts) -> Named:
    if not streams.looks:
        return
    look = streams.looks[-1]
    yield "streams", {"Redis": look.server.state}
    for one in look.streams:
        state = {"key": _there(one.present, one.trouble), "length": str(one.length), "last entry": one.last_id or "none"}
        for group in one.groups:
            state |= {f"group {group.name} {what}": value for what, value in _group(group).items()}
        yield f"stream {one.name}", state


def _group(group: GroupReading) -> State:
    return {
        "lag": "not known" if group.lag is None else str(group.lag),
        "pending": str(group.pending),
        "last delivered": group.last_delivered_id,
        "consumers": str(group.consumers_count or len(group.consumers)),
    }


def _cadence(cadence: CadenceFacts) -> Named:
    for one in cadence.series:
        gaps = [later - earlier for earlier, later in pairwise(one.moments_s)]
        declared = "none" if one.declared_s is None else span(one.declared_s)
        measured = span(median(gaps)) if gaps else one.trouble or "not measured"
        name = " ".join(filter(None, ("cadence", one.family, one.subject, one.field)))
        yield name, {"declared interval": declared, "measured interval": measured}


def _events(events: EventFacts) -> Named:
    newest = events.events[-1].entry_id if events.events else "none"
    yield f"events {events.stream.name}", {"newest": newest, "Redis": events.server.state}
    yield from ((f"guard {one.guard}", {"in force": _there(one.present, one.detail)}) for one in events.guards)


def _wiring(wiring: WiringFacts) -> Named:
    for unit in wiring.units:
        state = {"ActiveState": unit.active_state, "UnitFileState": unit.unit_file_state, "Result": unit.result}
        ends = sorted({f"{end.command} {end.name}" for end in unit.ends})
        yield f"wiring of {unit.unit}", {**state, "uses": ", ".join(ends) or "nothing"}
    for name in wiring.names or ():
        yield f"name {name.name}", {"key": _there(name.present, name.detail), "type": name.kind, "length": str(name.length)}


def _there(present: bool | None, why: str) -> str:
    return "there" if present else "absent" if present is False else f"not known: {why}"
