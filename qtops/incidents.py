"""Incidents: what is observed of services, what observing it changes, and what is done about it. Pure shapes, one home.

    Observation ──fold──▶ Change ──the store──▶ Incident, its timeline, and Notices for those who are to be told
                                                    └──decide──▶ Action

Seconds since the epoch in ``…_s``. ``unit`` is a unit's full name.
"""

from typing import Literal

import msgspec

from qtops.facts.unit import ExitCode
from qtops.findings import Condition, Finding, Severity, Verdict

Kind = Literal["process", "output", "log", "redis"]
"""What is wrong: the unit or its process, what it writes, what it says in its log, or the Redis that services share."""

State = Literal["open", "acknowledged", "resolved", "closed"]
"""``resolved``: clear for the settle time; ``closed``: ended by a person, whatever is seen."""

Nature = Literal["deterministic", "transient", "dependency", "unknown"]
"""Whether a restart can help: never, perhaps, once something else is well again, or nobody has proven why it is down."""

Event = Literal[
    "opened", "seen again", "noted", "diagnosed", "worse", "restarting", "restarted", "restart failed", "recovering", "recovered",
    "not recovered", "waits", "left alone", "gave up", "armed again", "clear", "not clear", "resolved", "reopened", "reminded",
    "acknowledged", "closed",
]  # fmt: skip


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


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """One fault of one subject, from when it was noticed to its end. What is the same fault again joins it."""

    number: int = 0  # 0: not on record yet
    fingerprint: str  # subject and kind: only one incident of a fingerprint is open at any time
    unit: str  # or the address of a Redis
    kind: Kind
    state: State = "open"
    severity: Severity = Severity.CRITICAL
    title: str  # one line: what is wrong
    code: str = ""  # of the proven root
    nature: Nature = "unknown"
    began_s: float  # when the fault began, as its source dates it
    opened_s: float  # when it was noticed
    last_s: float  # when it was last seen
    times: int = 1  # how often: deaths, or looks that found it anew after one that did not
    clear_since_s: float | None = None
    resolved_s: float | None = None
    closed_s: float | None = None
    acknowledged_s: float | None = None
    acknowledged_by: str = ""
    reminded_s: float | None = None
    gave_up_s: float | None = None  # no more restarts from here on, until it is armed again
    diagnosed_s: float | None = None
    findings: tuple[str, ...] = ()  # codes of all that is found of it now; of a log its signatures, of a Redis its states
    invocation: str = ""  # of a process: the last run that was seen to fail

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""
        return self.state in {"open", "acknowledged"}


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An incident as it is from now on, the line of its timeline that says why, and whether people are told."""

    incident: Incident
    event: Event
    at_s: float
    text: str
    tell: bool = False


class Entry(msgspec.Struct, frozen=True):
    """One line of the timeline of an incident."""

    at_s: float
    event: Event
    text: str


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something that one endpoint is to be told: on record until it was, and under the same ``id`` however often that is tried."""

    id: str  # "12-opened-1@ops": incident, event, which one of its kind, endpoint
    endpoint: str
    incident: Incident  # as it was then
    event: Event
    at_s: float
    text: str
    attempts: int = 0
    next_s: float = 0.0
    why: str = ""  # how the last attempt failed
    digest: tuple[int, ...] = ()  # where it stands for several incidents: all their numbers; ``incident`` is the worst of them


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """How it stands with one notice of an incident."""

    id: str
    endpoint: str
    event: Event
    at_s: float
    state: Literal["waiting", "sending", "sent", "folded", "dropped"]  # folded: told in a digest; dropped: given up after days
    attempts: int
    tried_s: float | None = None
    why: str = ""  # how the last attempt failed, or the digest that it is in


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A service that is to be left alone until a date, and why. It is watched all the same."""

    unit: str
    until_s: float
    why: str
    by: str
    made_s: float


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
