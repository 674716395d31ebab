"""What is observed of units and of what they write, as the watchers tell it."""

from typing import Literal

import msgspec

from qtops.facts.unit import ExitCode
from qtops.findings import Condition, Finding, Verdict


class Died(msgspec.Struct, frozen=True, kw_only=True, tag="died"):
    """The main process of one invocation of a unit ended in failure. An invocation dies once: that is what tells deaths apart."""

    unit: str
    invocation: str  # 32 hex digits; empty only where nothing tells it
    at_s: float  # when it ended, as systemd or the journal dates it
    noticed_s: float
    code: ExitCode = ""
    status: int = 0
    result: str = ""  # Result= of the unit, where it is known yet
    source: Literal["signal", "journal", "look"] = "signal"

    @property
    def key(self) -> str:
        """What is the same for one death however often it is seen."""
        return f"{self.unit}|{self.invocation or round(self.at_s, 3)}"


class Stands(msgspec.Struct, frozen=True, kw_only=True, tag="stands"):
    """How a unit stands: by a signal, or by a look. Properties under systemd's names."""

    unit: str
    at_s: float
    load_state: str = "loaded"
    active_state: str = "active"
    sub_state: str = "running"
    result: str = "success"
    main_pid: int = 0
    invocation: str = ""
    n_restarts: int = 0
    since_s: float | None = None  # StateChangeTimestamp
    restart: str = "no"  # Restart=: whether systemd itself starts it again
    start_limit_s: float = 0.0  # StartLimitIntervalUSec: for so long after its start limit was hit starts are refused; 0: not known
    job: str = ""  # a job that waits or runs
    stopped: bool = False  # a stop job took it down, not a failure: somebody wants it so
    source: Literal["signal", "look"] = "signal"


class Outcome(msgspec.Struct, frozen=True, kw_only=True, tag="outcome"):
    """What one look at what a service writes found: is it fresh, and right? All of it each time, not what changed."""

    unit: str
    at_s: float
    findings: tuple[Finding, ...] = ()
    doubts: tuple[str, ...] = ()  # what could not be told, and why
    redis: str = ""  # the Redis that was asked, without secrets
    took_s: float = 0.0


class Reached(msgspec.Struct, frozen=True, kw_only=True, tag="reached"):
    """Whether a Redis answers that services share."""

    redis: str  # its address without secrets
    at_s: float
    trouble: str = ""  # "refused: …"; empty: it answers, and takes writes
    units: tuple[str, ...] = ()  # that write to it
    advice: str = ""


class Spoke(msgspec.Struct, frozen=True, kw_only=True, tag="spoke"):
    """A unit wrote something to its journal that tells of a failure, while it went on running."""

    unit: str
    at_s: float
    signature: str  # the same for what is the same trouble: numbers, addresses and times are taken out
    line: str  # redacted, printable
    invocation: str = ""


class Diagnosed(msgspec.Struct, frozen=True, kw_only=True, tag="diagnosed"):
    """What a look with all collectors came to."""

    unit: str
    at_s: float
    verdict: Verdict
    condition: Condition
    state: str  # one line
    root: Finding | None = None
    symptoms: tuple[Finding, ...] = ()
    unknown: tuple[str, ...] = ()
    bundle: str = ""  # path of the facts


Observation = Died | Stands | Outcome | Reached | Spoke | Diagnosed
