"""What a stream of risk events holds, and which guards are in force. Texts as read."""

import msgspec

from qtops.facts.keys import ServerReading
from qtops.facts.streams import StreamReading


class EventReading(msgspec.Struct, frozen=True):
    """One entry of the stream."""

    entry_id: str
    fields: dict[str, str]


class GuardReading(msgspec.Struct, frozen=True):
    """The key that is there as long as a guard is in force."""

    guard: str  # its type: EMERGENCY_FLATTEN
    key: str
    present: bool | None  # None: could not be read
    ttl_ms: int | None = None
    detail: str = ""


class Statement(msgspec.Struct, frozen=True):
    """What another source says about the same thing: the drawdown in quantum:stream:portfolio.state."""

    source: str
    field: str
    value: str
    at_s: float | None = None


class EventFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One look at the events, the newest last."""

    taken_at_s: float  # this host's clock
    read_at_s: float  # by the clock of Redis
    server: ServerReading
    stream: StreamReading
    events: tuple[EventReading, ...] = ()
    cut: bool = False  # older ones were left out
    guards: tuple[GuardReading, ...] = ()
    statements: tuple[Statement, ...] = ()
    missing: tuple[str, ...] = ()
