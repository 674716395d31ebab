"""How often something was really updated, and the limits that others put on its age."""

from typing import Literal

import msgspec

from qtops.facts.keys import ServerReading


class LimitFact(msgspec.Struct, frozen=True, gc=False):
    """An age or a life that somebody set: an age limit, a TTL, a timeout."""

    name: str  # "critical_s of family risk-proposal", "TTL of quantum:market:BTCUSDT", "MAX_AGE_SEC of quantum-governor.service"
    limit_s: float
    where: str = ""  # FILE:LINE, a key, a configuration file
    kind: Literal["age", "warning", "ttl", "timeout"] = "age"  # a warning only tells people; beyond an age data are not used


class Began(msgspec.Struct, frozen=True, gc=False):
    """When a process began."""

    name: str
    at_s: float


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """The moments at which one field, or one stream, was updated, oldest first."""

    family: str  # of keys; or the name of the stream
    subject: str = ""
    field: str = ""  # empty: ids of a stream
    declared_s: float | None = None  # None: nobody declares an interval
    moments_s: tuple[float, ...] = ()  # what the field held, or the times in the ids
    seen_at_s: tuple[float, ...] = ()  # by the clock of Redis, when each was first seen; empty where ids tell
    texts: tuple[str, ...] = ()  # as read, one for each of ``seen_at_s``; where one is no time, ``moments_s`` lacks it
    watched_s: float = 0.0  # for how long it was looked at; 0 where ids tell
    sampled_every_s: float = 0.0
    blind_s: float = 0.0  # the longest time between two looks
    vanished: int = 0  # how many times the key was gone between two looks at which it was there
    inputs_moved: int | None = None  # how many times its inputs changed meanwhile; None: not looked at
    limits: tuple[LimitFact, ...] = ()
    trouble: str = ""  # why it could not be read

    @property
    def name(self) -> str:
        """What it is called in reports: ``risk-proposal BTCUSDT heartbeat_ms``."""
        return " ".join(filter(None, (self.family, self.subject, self.field)))


class CadenceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """All series of one look."""

    server: ServerReading
    taken_at_s: float  # this host's clock
    series: tuple[Series, ...] = ()
    starts: tuple[Began, ...] = ()  # of processes that may write them, as far as known
    missing: tuple[str, ...] = ()

    @property
    def now_s(self) -> float:
        """The end of the look by the clock of Redis, as far as it is known."""
        return self.taken_at_s + (self.server.clock.skew_s if self.server.clock else 0.0)
