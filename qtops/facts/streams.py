"""What was true of streams, their groups and consumers. Ids are as Redis has them; times are seconds, idle times milliseconds."""

import msgspec

from qtops.facts.keys import ServerReading


class ConsumerReading(msgspec.Struct, frozen=True, gc=False):
    """One consumer of a group (XINFO CONSUMERS)."""

    name: str
    pending: int
    idle_ms: int  # since its last attempt, successful or not
    inactive_ms: int | None = None  # since its last successful interaction; Redis 7.2 and later


class GroupReading(msgspec.Struct, frozen=True, kw_only=True):
    """One consumer group (XINFO GROUPS). ``lag`` and ``entries_read`` are None where Redis itself cannot tell."""

    name: str
    pending: int = 0
    last_delivered_id: str = "0-0"
    entries_read: int | None = None
    lag: int | None = None
    consumers: tuple[ConsumerReading, ...] = ()
    consumers_count: int = 0  # more than there are in ``consumers`` where the list was cut
    first_unread_id: str = ""  # the entry that it would be given next; empty where it is among ``recent_ids``, or was not asked for
    first_pending_id: str = ""
    last_pending_id: str = ""
    trouble: str = ""  # why its consumers or its pending entries could not be read


class StreamReading(msgspec.Struct, frozen=True, kw_only=True):
    """One stream (XINFO STREAM, XREVRANGE). ``first_id`` and ``last_id`` are of entries that are there, empty where it has none."""

    name: str
    read_at_s: float  # by the clock of Redis
    present: bool | None = True  # None: could not be read, see ``trouble``
    kind: str = "stream"  # as TYPE has it
    length: int = 0
    first_id: str = ""
    last_id: str = ""
    last_generated_id: str = "0-0"
    max_deleted_id: str = "0-0"
    entries_added: int | None = None  # None before Redis 7
    recent_ids: tuple[str, ...] = ()  # the newest entries, newest first
    fields: tuple[str, ...] = ()  # names of the fields of the newest entry
    ttl_ms: int | None = None
    groups: tuple[GroupReading, ...] = ()
    groups_count: int = 0
    trouble: str = ""
    detail: str = ""
    advice: str = ""


class StreamLook(msgspec.Struct, frozen=True, kw_only=True):
    """All streams that were looked at, at one moment."""

    taken_at_s: float  # this host's clock
    server: ServerReading
    streams: tuple[StreamReading, ...] = ()


class ClientReading(msgspec.Struct, frozen=True, gc=False):
    """One connection (CLIENT LIST), without its address."""

    name: str
    command: str  # the last one
    idle_s: int
    blocked: bool  # waits inside of a blocking command


class StreamFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Streams, looked at once or several times, the oldest look first."""

    looks: tuple[StreamLook, ...]
    declared: tuple[str, ...] = ()  # names that the configuration or the source of a unit speaks of
    clients: tuple[ClientReading, ...] | None = None  # None: not asked, or not told
    missing: tuple[str, ...] = ()  # what could not be looked at, and why
