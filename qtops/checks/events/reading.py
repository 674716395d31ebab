"""What an entry of the stream of risk events says: read strictly, and what is wrong with it told, never guessed."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from publisher.timestamps import EARLIEST_S, LATEST_S, TimestampError, parse_timestamp
from qtops.facts.events import EventReading
from qtops.facts.stream_ids import split
from qtops.facts.text import printable, quoted

ACTIVATED: Final = "RISK_GUARD_ACTIVATED"
REQUESTED: Final = "EMERGENCY_FLATTEN_REQUESTED"
KNOWN: Final = (ACTIVATED, REQUESTED)
FLATTEN: Final = "EMERGENCY_FLATTEN"
LONGEST_S: Final = 366 * 86_400  # a guard that holds for more than a year is a slip of units
_DURATION: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?", re.ASCII)
_PERCENT: Final = r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?%"
_DRAWDOWN: Final = re.compile(rf"\bdrawdown ?[=:] ?{_PERCENT}(?: ?>=? ?{_PERCENT})?", re.ASCII)


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One event. Times are seconds by the writer's clock; by that of Redis where the event states none."""

    entry_id: str
    at_s: float | None  # None: neither its timestamp nor its id is a time
    name: str  # empty where it has none
    guard: str = ""  # its type, of an activation
    reason: str = ""
    duration_s: float | None = None  # how long the guard holds
    drawdown_pct: float | None = None  # as its reason says
    limit_pct: float | None = None  # likewise
    faults: tuple[str, ...] = ()

    @property
    def until_s(self) -> float | None:
        """The end of the guard, by its own words."""
        return None if self.at_s is None or self.duration_s is None else self.at_s + self.duration_s


def read(reading: EventReading) -> Event:
    """The event that an entry states, with what is wrong with it."""
    fields, faults = reading.fields, list[str]()
    name = printable(fields.get("event", "").strip())
    name = name.upper() if name.upper() in KNOWN else name
    if not name:
        faults.append("it states no event")
    at_s = _time(fields, faults)
    reason = printable(fields.get("reason", ""))
    drawdown_pct, limit_pct = drawdown(reason)
    return Event(
        entry_id=reading.entry_id, at_s=id_time_s(reading.entry_id) if at_s is None else at_s, name=name,
        guard=printable(fields.get("guard_type", "").strip()), reason=reason, duration_s=_duration(name, fields, faults),
        drawdown_pct=drawdown_pct, limit_pct=limit_pct, faults=tuple(faults),
    )  # fmt: skip


def read_all(readings: Iterable[EventReading]) -> tuple[Event, ...]:
    """All events, in the order of the stream."""
    return tuple(map(read, readings))


def drawdown(reason: str) -> tuple[float | None, float | None]:
    """Drawdown and limit in percent, where free text states them as ``drawdown=21.7% > 10.0%``; a drawdown above 100 % is none."""
    match = _DRAWDOWN.search(reason)
    if match is None or not float(match[1]) <= 100:
        return None, None
    return float(match[1]), float(match[2]) if match[2] else None


def id_time_s(entry_id: str) -> float | None:
    """When Redis made an entry; None where the id is no time."""
    seconds = split(entry_id)[0] / 1000
    return seconds if EARLIEST_S <= seconds < LATEST_S else None


def _time(fields: Mapping[str, str], faults: list[str]) -> float | None:
    text = fields.get("timestamp")
    if text is None:
        faults.append("it states no timestamp")
        return None
    try:
        return parse_timestamp(text)
    except TimestampError:
        faults.append(f"its timestamp {quoted(text)} is no time")
        return None


def _duration(name: str, fields: Mapping[str, str], faults: list[str]) -> float | None:
    text = fields.get("duration_sec")
    if text is None:
        if name == ACTIVATED:
            faults.append("it does not say how long the guard holds (duration_sec)")
        return None
    match = _DURATION.fullmatch(text.strip())
    if match is None or not 0 < float(match[0]) <= LONGEST_S:
        faults.append(f"its duration_sec {quoted(text)} is no number of seconds")
        return None
    return float(match[0])
