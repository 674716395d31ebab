"""What was true of Redis and its keys when they were read. Texts are as read, names are printable, times are seconds."""

from typing import Literal

import msgspec

Position = Literal["not_asked", "open", "closed", "unknown"]


class ClockReading(msgspec.Struct, frozen=True, gc=False):
    """The clocks of this host and of Redis at one moment, as far as a round trip lets them be compared."""

    local_s: float  # at the middle of the round trip
    redis_s: float
    round_trip_s: float

    @property
    def skew_s(self) -> float:
        """How far Redis' clock is ahead of this host's, right to half a round trip."""
        return self.redis_s - self.local_s


class ServerReading(msgspec.Struct, frozen=True, gc=False):
    """How Redis was. ``state`` is "ok", or a state of ``publisher.connection`` that concerns the whole server."""

    url: str  # without user and password
    state: str
    advice: str = ""
    detail: str = ""
    clock: ClockReading | None = None  # None where it could not be asked


class KeyReading(msgspec.Struct, frozen=True, gc=False):
    """One key of a family, with what its time fields hold."""

    family: str
    subject: str  # the symbol, "" in a family of one key
    key: str
    read_at_s: float  # by Redis' clock
    present: bool | None  # None: could not be read, see ``trouble``
    values: tuple[str | None, ...] = ()  # one per time rule of the family; bytes that are no UTF-8 stand escaped
    trouble: str = ""  # wrong_type, or a state of ``publisher.connection``
    detail: str = ""
    advice: str = ""
    witness: bool | None = None  # does the family's witness key exist; None: there is none, or it could not be asked
    position: Position = "not_asked"
