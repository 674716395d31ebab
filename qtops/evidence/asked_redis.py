"""The commands that Redis was asked with, as an operator would type them. Pure."""

from collections.abc import Iterator, Sequence

from publisher.contract import RISK_EVENT_STREAM
from qtops.facts.cadence import CadenceFacts
from qtops.facts.events import EventFacts
from qtops.facts.keys import KeyReading
from qtops.facts.proposals import ProposalFacts
from qtops.facts.streams import StreamFacts
from qtops.facts.wiring import WiringFacts
from qtops.settings import Settings


def of_keys(keys: Sequence[KeyReading], settings: Settings) -> Iterator[str]:
    """One command for each key, and for what is absent whether it is really not there."""
    families = {family.name: family for family in settings.families}
    for key in keys:
        family = families.get(key.family)
        match family.kind if family else "unknown":
            case "string":
                yield f"GET {key.key}"
            case "stream":
                yield f"XREVRANGE {key.key} + - COUNT 1"
            case _:
                fields = [rule.field for rule in family.times] if family else ["its time fields"]
                yield f"HMGET {key.key} {' '.join(fields)}"
    absent = [key.key for key in keys if key.present is False]
    if absent:
        yield f"EXISTS {' '.join(absent)}"


def of_proposals(proposals: ProposalFacts | None, settings: Settings) -> Iterator[str]:
    """What was asked for each symbol, in one pipeline."""
    if proposals is None or not proposals.looks:
        return
    readings = proposals.looks[-1].readings
    looks = f", {len(proposals.looks)} times" if len(proposals.looks) > 1 else ""
    symbols = ", ".join(reading.symbol for reading in readings) or "no symbol"
    if readings:
        key = readings[0].key.replace(readings[0].symbol, "{symbol}") if readings[0].symbol else readings[0].key
        prices = (
            f"HMGET {price.pattern} {price.field} {price.time_field}".rstrip() if price.field else f"GET {price.pattern}"
            for price in settings.prices
        )
        commands = (
            f"HLEN {key}", f"HMGET {key} with every field of a proposal", f"PTTL {key}",
            "HMGET quantum:marketstate:{symbol} with every field", "HMGET quantum:state:positions:{symbol} with every field",
            *prices,
        )  # fmt: skip
        yield f"{'; '.join(commands)}; for {symbols}{looks}"


def of_events(events: EventFacts | None, most: int) -> Iterator[str]:
    """The newest events, ``most`` of them, who reads them, the keys of guards, and what others state about the same."""
    if events is not None:
        name = events.stream.name or RISK_EVENT_STREAM
        yield f"XREVRANGE {name} + - COUNT {most}"
        yield f"XINFO GROUPS {name}"
        yield from (f"PTTL {guard.key}" for guard in events.guards)
        yield from dict.fromkeys(f"the newest of {statement.source}" for statement in events.statements)


def of_streams(streams: StreamFacts | None) -> Iterator[str]:
    """What each stream is, its newest entries, and its groups."""
    if streams is not None and streams.looks:
        names = ", ".join(stream.name for stream in streams.looks[-1].streams) or "no stream"
        looks = f", {len(streams.looks)} times" if len(streams.looks) > 1 else ""
        yield f"TYPE, PTTL, XINFO STREAM, XREVRANGE + - COUNT 50, XINFO GROUPS, XINFO CONSUMERS, XPENDING of {names}{looks}"


def of_cadence(cadence: CadenceFacts | None) -> Iterator[str]:
    """The fields that were looked at again and again, and for how long."""
    for one in cadence.series if cadence else ():
        watched = f" every {one.sampled_every_s:g} s for {one.watched_s:g} s" if one.watched_s else ", the times in its newest ids"
        yield f"{one.name}{watched}"


def of_wiring(wiring: WiringFacts | None) -> Iterator[str]:
    """Whose source was read, and what Redis was asked of the names in it."""
    if wiring is not None:
        asked = "" if wiring.names is None else f"; TYPE, PTTL and fields of {len(wiring.names)} names"
        yield f"qtops map: the source of {len(wiring.units)} units{asked}"
