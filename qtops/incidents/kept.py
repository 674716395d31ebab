"""What is kept on record: incidents, their timelines, who is told, and what is to be left alone."""

from typing import Literal

import msgspec

from qtops.findings import Severity

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
