"""What is the same fault again joins the incident that it was: one fault, one incident. All are opened and cleared here."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from qtops.facts.text import printable
from qtops.findings import Severity
from qtops.incidents import Change, Event, Incident, Kind, Nature
from qtops.settings import Settings

LONGEST: Final = 400  # characters of a title or a line of the timeline: it is read in a message on a telephone
_GRAVITY: Final = tuple(Severity)


class Fault(NamedTuple):
    """Something that is wrong with one subject, as it is observed."""

    unit: str
    kind: Kind
    title: str
    began_s: float
    severity: Severity = Severity.CRITICAL
    findings: tuple[str, ...] = ()
    code: str = ""
    nature: Nature = "unknown"
    invocation: str = ""


def fingerprint(unit: str, kind: Kind) -> str:
    """What is the same for one fault however often it is seen: its subject and its kind."""
    return f"{unit}|{kind}"


def line(text: str) -> str:
    """Any text as one printable line of reasonable length."""
    told = printable(" ".join(text.split()))
    return told if len(told) <= LONGEST else told[: LONGEST - 1] + "…"


def graver(one: Severity, other: Severity) -> Severity:
    """The worse of two."""
    return max(one, other, key=_GRAVITY.index)


def past(at_s: float, now_s: float) -> float:
    """A moment that was, or now where a clock says that it is still to come."""
    return min(at_s, now_s)


def open_one(known: Sequence[Incident], unit: str, kind: Kind) -> Incident | None:
    """The incident of such a fault that goes on."""
    wanted = fingerprint(unit, kind)
    return next((one for one in known if one.is_open and one.fingerprint == wanted), None)


def closed_one(known: Sequence[Incident], unit: str, kind: Kind) -> Incident | None:
    """The incident of such a fault that a person ended while it went on, and that has not been seen clear since."""
    wanted = fingerprint(unit, kind)
    return next((one for one in known if one.state == "closed" and one.fingerprint == wanted and one.clear_since_s is None), None)


def begun(known: Sequence[Incident], fault: Fault, settings: Settings, now_s: float) -> Change:
    """An incident is opened, or the one that was resolved lately is opened again. For a fault that has none open."""
    wanted = fingerprint(fault.unit, fault.kind)
    ended = [one for one in known if one.fingerprint == wanted and one.state == "resolved" and one.resolved_s is not None]
    last = max(ended, key=lambda one: (one.resolved_s or 0.0, one.number), default=None)
    if last is not None and now_s - past(last.resolved_s or 0.0, now_s) <= settings.supervise.rejoin_s:
        again = replace(
            sighted(last, now_s), state="open", severity=graver(last.severity, fault.severity), title=line(fault.title),
            times=last.times + 1, clear_since_s=None, resolved_s=None, acknowledged_s=None, acknowledged_by="", reminded_s=now_s,
            findings=fault.findings, invocation=fault.invocation,
        )  # fmt: skip
        return change(again, "reopened", fault.title, now_s, tell=True)
    opened = Incident(
        fingerprint=wanted, unit=fault.unit, kind=fault.kind, severity=fault.severity, title=line(fault.title), code=fault.code,
        nature=fault.nature, began_s=past(fault.began_s, now_s), opened_s=now_s, last_s=now_s, findings=fault.findings,
        invocation=fault.invocation,
    )  # fmt: skip
    return change(opened, "opened", fault.title, now_s, tell=True)


def sighted(incident: Incident, now_s: float) -> Incident:
    """It is seen now. A look that a clock dates later than now was before that, and must not pass for one after it."""
    looked_s = incident.diagnosed_s
    return replace(incident, last_s=now_s, diagnosed_s=None if looked_s is None or looked_s > now_s else looked_s)


def anew(incident: Incident, event: Event, text: str, now_s: float) -> Change:
    """The fault of an open incident is seen once more."""
    seen = replace(sighted(incident, now_s), times=incident.times + 1, clear_since_s=None)
    return change(seen, event, text, now_s)


def cleared(incident: Incident, text: str, now_s: float) -> tuple[Change, ...]:
    """Nothing of it is seen any more: from now on, or for some time already."""
    if incident.clear_since_s is not None:
        return ()
    findings = () if incident.kind == "output" else incident.findings
    return (change(replace(incident, clear_since_s=now_s, findings=findings), "clear", text, now_s),)


def change(incident: Incident, event: Event, text: str, now_s: float, *, tell: bool = False) -> Change:
    """An incident as it is from now on, and why."""
    return Change(incident=incident, event=event, at_s=now_s, text=line(text), tell=tell)
