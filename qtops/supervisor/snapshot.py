"""What the supervisor knows at one moment: everything that /metrics, ``--textfile`` and the status line of systemd show."""

import msgspec

from qtops.incidents import Incident, Outcome, Stands


class KeyAge(msgspec.Struct, frozen=True):
    """How old one key is: the age of its newest time, in seconds, and its state as in ``qtops verify freshness`` (FRESH, LATE)."""

    family: str
    symbol: str
    age_s: float | None
    state: str
    limit_s: float | None = None  # beyond that it is LATE


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. ``at_s`` is when the loop last came round: what is old is told by it."""

    at_s: float
    began_s: float  # when this supervisor started
    units: tuple[Stands, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    ages: tuple[KeyAge, ...] = ()
    incidents: tuple[Incident, ...] = ()  # open, and lately resolved
    holds: tuple[str, ...] = ()  # units
    restarts: dict[str, int] = {}  # by unit: done by the supervisor since it started
    deaths: dict[str, int] = {}  # by unit: noticed since it started
    sources: dict[str, bool] = {}  # "systemd", "journal", "redis", "store": whether it answers
    notices_sent: int = 0
    notices_failed: int = 0
    notices_waiting: int = 0
    clock_jumps: int = 0
