"""Faults of a unit and its process: it died, it is down, it is back."""

from collections.abc import Sequence
from signal import Signals
from typing import Final, Literal

from msgspec.structs import replace

from qtops.findings import Severity
from qtops.incidents import Change, Died, Incident, Stands
from qtops.policy.joining import Fault, anew, begun, change, cleared, closed_one, open_one
from qtops.settings import Settings

UP: Final = frozenset({"active", "reloading", "refreshing"})
LOADED: Final = frozenset({"loaded", "merged", "stub", ""})
OWN_WORDS: Final = frozenset({"oom-kill", "watchdog", "timeout", "protocol", "resources", "core-dump", "start-limit-hit"})
"""Results that say more than how the process ended."""


def of_death(known: Sequence[Incident], seen: Died, settings: Settings, now_s: float) -> tuple[Change, ...]:
    """Each death counts. That it is counted once is its key's doing, where incidents are kept."""
    told = f"{seen.unit} died: {ending(seen)}"
    incident = open_one(known, seen.unit, "process")
    if incident is not None:
        return (anew(replace(incident, invocation=seen.invocation), "seen again", told, now_s),)
    fault = Fault(seen.unit, "process", told, seen.at_s, invocation=seen.invocation)
    return (begun(known, fault, settings, now_s),)


def of_state(known: Sequence[Incident], seen: Stands, settings: Settings, now_s: float) -> tuple[Change, ...]:
    """What a look says of a fault that no signal told of, and of one that is over. The same state again says nothing."""
    incident, state = open_one(known, seen.unit, "process"), health(seen)
    closed = None if incident is not None else closed_one(known, seen.unit, "process")
    if closed is not None and seen.invocation in {"", closed.invocation}:
        return ()  # it is how a person has seen it
    if closed is not None and state == "good":
        return cleared(closed, _told(seen), now_s)
    if incident is None:
        return (begun(known, _fault(seen, now_s), settings, now_s),) if state == "bad" else ()
    if state == "good":
        return () if _is_forgotten(seen, incident) else cleared(incident, _told(seen), now_s)
    if incident.clear_since_s is None:
        return ()
    if state == "bad":
        return (anew(incident, "not clear", _told(seen), now_s),)
    return (change(replace(incident, clear_since_s=None), "not clear", _told(seen), now_s),)  # it may be restarted on purpose


def health(seen: Stands) -> Literal["good", "bad", "neither"]:
    """How it is with a unit. What a stop job took down, and what rests after a run that ended well, is no fault.

    It is neither while it starts or stops, nor while systemd waits to start again what ended with success.
    """
    if seen.active_state == "reloading" and seen.result != "success":
        return "neither"  # it died while it reloaded: systemd calls it so until the reload has ended
    if seen.stopped or seen.active_state in UP:
        return "good"
    if seen.load_state not in LOADED or seen.active_state == "failed":
        return "bad"
    if seen.sub_state.startswith("auto-restart"):
        return "neither" if seen.result == "success" else "bad"
    return "good" if seen.active_state == "inactive" and seen.result == "success" else "neither"


def _is_forgotten(seen: Stands, incident: Incident) -> bool:
    """Whether somebody reset what systemd remembers of the failure (``systemctl reset-failed``), and nothing has run since.

    systemd calls it inactive and its result a success then, which proves nothing: only another run could.
    """
    return seen.active_state == "inactive" and not seen.stopped and seen.invocation in {"", incident.invocation}


def ending(seen: Died) -> str:
    """How a process ended: "signal 9 (SIGKILL)", "exit status 1", with systemd's own word where that says more."""
    word = f"Result={seen.result}" if seen.result in OWN_WORDS or not seen.code else ""
    match seen.code:
        case "exited":
            told = f"exit status {seen.status}"
        case "killed" | "dumped":
            told = f"signal {seen.status} ({_name(seen.status)})" + (", core dumped" if seen.code == "dumped" else "")
        case _:
            return word if seen.result else "how is not known yet"
    return f"{told}, {word}" if word else told


def _name(number: int) -> str:
    try:
        return Signals(number).name
    except ValueError:
        return "unknown"


def _fault(seen: Stands, now_s: float) -> Fault:
    severity = Severity.WARNING if seen.load_state == "masked" else Severity.CRITICAL  # masked: somebody wanted it so
    began_s = now_s if seen.since_s is None else seen.since_s
    return Fault(seen.unit, "process", _told(seen), began_s, severity, invocation=seen.invocation)


def _told(seen: Stands) -> str:
    if seen.stopped:
        return f"{seen.unit} was stopped on request, which is no fault"
    if seen.active_state in UP:
        return f"{seen.unit} is {seen.active_state} ({seen.sub_state})"
    if seen.load_state not in LOADED:
        return f"{seen.unit} does not run, and systemd cannot start it: {seen.load_state}"
    if seen.sub_state.startswith("auto-restart"):
        return f"{seen.unit} ended with Result={seen.result}; systemd starts it again"
    if seen.active_state == "failed":
        return f"{seen.unit} failed with Result={seen.result}; systemd does not start it again"
    if health(seen) == "good":
        return f"{seen.unit} is inactive, and systemd calls its last run a success"
    return f"{seen.unit} is {seen.active_state} ({seen.sub_state})"
