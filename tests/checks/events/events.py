"""A stream of risk events in which all is well: a guard that fired once, days ago, and a request that was taken."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from qtops.checks.events.registry import judge
from qtops.facts.events import EventFacts, EventReading, GuardReading, Statement
from qtops.facts.keys import ClockReading, ServerReading
from qtops.facts.streams import GroupReading, StreamReading
from qtops.findings import Judged
from qtops.settings import Settings

NOW_S = 1_771_372_710.0  # 2026-02-17T23:58:30Z
FOUNDING_S = 1_771_361_218.8675  # 20:46:58, of that day
FLATTEN = "EMERGENCY_FLATTEN"
REASON = "EMERGENCY_FLATTEN drawdown=21.7% > 10.0%"
STREAM = "quantum:stream:risk.events"
KEY = f"quantum:risk:guard_active:{FLATTEN}"
GONE = (GuardReading(FLATTEN, KEY, present=False),)
HOLDS = (GuardReading(FLATTEN, KEY, present=True, ttl_ms=2_908_867),)
SERVER = ServerReading("redis://127.0.0.1:6379/0", "ok", clock=ClockReading(NOW_S, NOW_S, 0.001))


def activated(at_s: float = NOW_S - 3 * 86_400, **fields: str | None) -> EventReading:
    """A guard that holds for four hours."""
    said = {"event": "RISK_GUARD_ACTIVATED", "guard_type": FLATTEN, "reason": REASON, "duration_sec": "14400"}
    return entry(at_s, 0, {**said, "timestamp": str(at_s), **fields})


def requested(at_s: float = NOW_S - 3 * 86_400, **fields: str | None) -> EventReading:
    """What is asked for with it, a moment later."""
    said = {"event": "EMERGENCY_FLATTEN_REQUESTED", "reason": REASON, "timestamp": str(at_s + 0.002)}
    return entry(at_s, 1, {**said, **fields})


def entry(at_s: float, number: int, fields: Mapping[str, str | None]) -> EventReading:
    """An entry with those fields that are not None."""
    return EventReading(f"{int(at_s * 1000)}-{number}", {name: text for name, text in fields.items() if text is not None})


def pair(at_s: float) -> tuple[EventReading, EventReading]:
    """Both."""
    return activated(at_s), requested(at_s)


def group(read_to_s: float = NOW_S, **sick: Any) -> GroupReading:
    """A group that has read, and acknowledged, all."""
    return GroupReading(**{"name": "flattener", "last_delivered_id": f"{int(read_to_s * 1000)}-9", **sick})


def facts(*events: EventReading, groups: tuple[GroupReading, ...] | None = None, **sick: Any) -> EventFacts:
    """One look, by default at an event of three days ago that was taken."""
    shown = events or pair(NOW_S - 3 * 86_400)
    read_by = (group(),) if groups is None else groups
    stream = StreamReading(name=STREAM, read_at_s=NOW_S, length=len(shown), groups=read_by, groups_count=len(read_by))
    healthy = {"taken_at_s": NOW_S, "read_at_s": NOW_S, "server": SERVER, "stream": stream, "events": shown, "guards": GONE}
    return EventFacts(**{**healthy, **sick})


def printed(at_s: float = NOW_S) -> EventFacts:
    """The two newest of thirty entries, as a report printed them; of groups and keys it printed nothing."""
    asked = {"event": "EMERGENCY_FLATTEN_REQUESTED", "reason": "drawdown_breach", "timestamp": "1771361218.8681164"}
    fired = {"event": "RISK_GUARD_ACTIVATED", "guard_type": FLATTEN, "reason": REASON, "duration_sec": "14400"}
    entries = (
        EventReading("1771361218867-0", {**fired, "timestamp": "1771361218.8675442"}),
        EventReading("1771361218868-0", asked),
    )
    stream = StreamReading(name=STREAM, read_at_s=at_s, length=30, trouble="not printed")
    server = ServerReading("redis://127.0.0.1:6379/0", "ok")
    return EventFacts(taken_at_s=at_s, read_at_s=at_s, server=server, stream=stream, events=entries, cut=True)


def without_events(**stream: Any) -> EventFacts:
    """A stream that holds nothing, or is none."""
    return replace(facts(), events=(), stream=StreamReading(**{"name": STREAM, "read_at_s": NOW_S, "present": False, **stream}))


def stated(drawdown: str = "0.217", equity: str = "3902.69", peak: str = "4985", at_s: float = NOW_S) -> tuple[Statement, ...]:
    """What others say of the drawdown."""
    equity_key = "quantum:equity:current"
    return (
        Statement("quantum:stream:portfolio.state", "drawdown", drawdown, at_s),
        Statement(equity_key, "equity", equity, at_s),
        Statement(equity_key, "peak", peak, at_s),
    )


def judged(found: EventFacts, settings: Settings = Settings()) -> Judged:
    """What all checks say."""
    return judge(found, settings)


def codes(found: EventFacts) -> list[str]:
    """Codes of all findings."""
    return sorted({finding.code for finding in judged(found).findings})
