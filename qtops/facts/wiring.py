"""Who writes and who reads which name in Redis: what source says, joined with what is there now.

A name that is not known to its end holds placeholders: ``quantum:risk:proposal:<symbol>``; what stands in them is the expression's
own name and means "any text". A placeholder alone, ``<key>``, says nothing: such an end is listed as unresolved instead.
"""

from typing import Literal

import msgspec

from qtops.facts.streams import ClientReading, StreamFacts

Direction = Literal["read", "write", "touch"]  # touch: neither brings nor takes data (EXISTS, EXPIRE, XACK, XGROUP CREATE, DEL)
Kind = Literal["stream", "hash", "string", "list", "set", "zset", "channel", "any"]


class End(msgspec.Struct, frozen=True, kw_only=True):
    """One command on one name in the source of one unit."""

    unit: str
    name: str
    command: str  # XADD, HGETALL, …
    direction: Direction
    kind: Kind = "any"
    where: str = ""  # FILE:LINE
    origin: str = "literal"  # "literal", "default of STREAM_IN", "STREAM_IN at /etc/app.env:3"; where the name comes from
    fields: tuple[str, ...] = ()  # that are written or read
    fields_known: bool = False  # ``fields`` are all of them
    group: str = ""
    creates: bool = False  # MKSTREAM: it makes the stream where there is none
    capped: bool | None = None  # XADD: is there a MAXLEN or MINID; None: not known
    expires: bool | None = None  # a write: does it set a TTL, itself or right after; None: not known

    @property
    def exact(self) -> bool:
        """Whether the name is known to its end."""
        return "<" not in self.name


class Unresolved(msgspec.Struct, frozen=True):
    """A command whose name could not be told from source."""

    unit: str
    command: str
    where: str
    why: str  # "the name is a parameter of publish(), called with what is not known at …"


class UnitWiring(msgspec.Struct, frozen=True, kw_only=True):
    """One unit: how it is, and what its source says."""

    unit: str
    description: str = ""
    load_state: str = ""
    active_state: str = ""  # empty: systemd could not be asked
    sub_state: str = ""
    unit_file_state: str = ""
    result: str = ""
    since_s: float | None = None
    main_pid: int = 0
    triggered_by: tuple[str, ...] = ()  # timers and others that start it
    script: str = ""
    files: int = 0  # of its own source that were read
    ends: tuple[End, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    missing: tuple[str, ...] = ()  # what of its source could not be read, and why


class NameState(msgspec.Struct, frozen=True, kw_only=True):
    """What is in Redis under one name, or under the keys that match a pattern."""

    name: str  # as in the ends
    present: bool | None = None  # None: could not be asked, or was not looked for
    keys: int = 0  # that match; 1 for a plain name that is there
    sample: str = ""  # one of them
    kind: str = ""  # TYPE of the sample
    ttl_ms: int | None = None
    length: int = 0
    fields: tuple[str, ...] = ()  # names in the sample: of the hash, or of the newest entry
    detail: str = ""  # why it could not be told


class WiringFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The map of one host: units, and the state of every name that they speak of."""

    taken_at_s: float
    units: tuple[UnitWiring, ...]
    names: tuple[NameState, ...] | None = None  # None: Redis was not asked
    streams: StreamFacts | None = None
    clients: tuple[ClientReading, ...] | None = None
    redis_url: str = ""  # without password; empty where it was not asked
    found: tuple[str, ...] = ()  # further streams in Redis, of which no source speaks
    missing: tuple[str, ...] = ()
