"""How often something was really updated, and the limits that others put on its age."""

from typing import Literal

import msgspec

from qtops.facts.keys import ServerReading


class LimitFact(msgspec.Struct, frozen=True, gc=False):
    """An age or a life that somebody set: an age limit, a TTL, a timeout."""

    name: str  # "critical_s of family risk-proposal", "TTL of quantum:market:BTCUSDT", "MAX_AGE_SEC of quantum-governor.service"
    limit_s: float
    where: str = ""  # FILE:LINE, a key, a configuration file
    kind: Literal["age", "ttl", "timeout"] = "age"


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """The moments at which one field, or one stream, was updated, oldest first."""

    family: str  # of keys; or the name of the stream
    subject: str = ""
    field: str = ""  # empty: ids of a stream
    declared_s: float | None = None  # None: nobody declares an interval
    moments_s: tuple[float, ...] = ()  # what the field held, or the times in the ids
    seen_at_s: tuple[float, ...] = ()  # by the clock of Redis, when each was first seen; empty where ids tell
    watched_s: float = 0.0  # for how long it was looked at; 0 where ids tell
    sampled_every_s: float = 0.0
    inputs_moved: int | None = None  # how many times its inputs changed meanwhile; None: not looked at
    limits: tuple[LimitFact, ...] = ()
    trouble: str = ""  # why it could not be read


class CadenceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """All series of one look."""

    server: ServerReading
    taken_at_s: float
    series: tuple[Series, ...] = ()
    missing: tuple[str, ...] = ()
