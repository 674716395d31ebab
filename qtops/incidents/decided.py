"""What is decided upon, and what is decided."""

import msgspec

from qtops.incidents.kept import Hold, Incident
from qtops.incidents.observed import Stands


class Restart(msgspec.Struct, frozen=True, tag="restart"):
    """Have systemd start it anew."""

    unit: str
    why: str


class Recover(msgspec.Struct, frozen=True, tag="recover"):
    """Carry out the one remedy that the configuration allows for this code, through the transaction of ``qtops recover``."""

    unit: str
    code: str
    why: str


class Diagnose(msgspec.Struct, frozen=True, tag="diagnose"):
    """Look with all collectors, for the root."""

    unit: str


class Wait(msgspec.Struct, frozen=True, tag="wait"):
    """Nothing before ``until_s``; None: until something else changes."""

    unit: str
    until_s: float | None
    why: str


class Leave(msgspec.Struct, frozen=True, tag="leave"):
    """Nothing at all: it is for a person, or a person wants it so."""

    unit: str
    why: str


class GiveUp(msgspec.Struct, frozen=True, tag="give up"):
    """No more restarts until ``rearm_s``: say so loudly."""

    unit: str
    why: str
    rearm_s: float


class Rearm(msgspec.Struct, frozen=True, tag="rearm"):
    """It had been given up, and the time is over: it may be restarted again."""

    unit: str
    why: str


Action = Restart | Recover | Diagnose | Wait | Leave | GiveUp | Rearm


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one unit when it is decided what is to be done about it."""

    unit: str
    stands: Stands | None = None  # None: never seen
    incident: Incident | None = None  # the open one of its process, or else of its output
    restarts: tuple[float, ...] = ()  # when it was restarted by the supervisor, oldest first
    recovered_s: float | None = None  # when a recovery was last tried by the supervisor
    busy: str = ""  # a job of the supervisor's own for it that has not ended: "diagnose", "restart", "recover"
    hold: Hold | None = None
    down: tuple[str, ...] = ()  # what it depends on and is down, or does not answer
    auto_recover: tuple[str, ...] = ()  # codes
