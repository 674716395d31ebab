"""What an observation changes of the incidents that are known, and what the mere passing of time does. Pure.

The same observation again changes nothing, with one exception: each death counts. Whoever keeps the incidents refuses a death that
is on record already, by its key; that is the one place that remembers all of them, over restarts of the supervisor too.
"""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from qtops.facts.times import span
from qtops.findings import Severity
from qtops.incidents import Change, Diagnosed, Died, Incident, Observation, Outcome, Reached, Spoke, Stands
from qtops.policy.joining import Fault, begun, change, graver, line, open_one, past
from qtops.policy.nature import cause, nature_of
from qtops.policy.output_faults import of_look, of_redis
from qtops.policy.process_faults import of_death, of_state
from qtops.settings import Settings

SILENT_S: Final = 600.0  # a log has no good news: it counts as clear after ten minutes without the bad
AGAIN_S: Final = 60.0  # an error that is repeated all the time moves the end of its incident, and writes one line, once a minute
SIGNATURES: Final = 20  # of one incident that are told apart: after that it is known that much is wrong


def fold(known: Sequence[Incident], seen: Observation, settings: Settings, now_s: float) -> tuple[Change, ...]:
    """What is to be put on record. ``known`` are all open incidents and those resolved within ``rejoin_s``."""
    match seen:
        case Died():
            return of_death(known, seen, settings, now_s)
        case Stands():
            return of_state(known, seen, settings, now_s)
        case Outcome():
            return of_look(known, seen, settings, now_s)
        case Reached():
            return of_redis(known, seen, settings, now_s)
        case Spoke():
            return _of_words(known, seen, settings, now_s)
        case Diagnosed():
            return _of_diagnosis(known, seen, now_s)


def tick(known: Sequence[Incident], settings: Settings, now_s: float) -> tuple[Change, ...]:
    """What has been clear for long enough is resolved; people are reminded of what is open and nobody has acknowledged."""
    return tuple(made for one in known if one.is_open for made in _passing(one, settings, now_s))


def _passing(incident: Incident, settings: Settings, now_s: float) -> tuple[Change, ...]:
    over = _over(incident, settings, now_s)
    if over:
        text = f"{over}; {span(max(now_s - incident.began_s, 0.0))} after it began, {_times(incident)}"
        ended = replace(incident, state="resolved", resolved_s=now_s, clear_since_s=None)
        return (change(ended, "resolved", text, now_s, tell=True),)
    if (incident.clear_since_s or 0.0) > now_s:  # the time begins anew
        return (change(replace(incident, clear_since_s=now_s), "clear", "it is clear, by a clock that was set back", now_s),)
    if incident.kind == "log" and incident.last_s > now_s:
        return (change(replace(incident, last_s=now_s), "noted", "its last line is later than now: the clock was set back", now_s),)
    since_s = incident.opened_s if incident.reminded_s is None else incident.reminded_s
    is_due = not 0 <= now_s - since_s < settings.supervise.remind_s  # a moment to come says nothing: better told twice than never
    if incident.state != "open" or incident.clear_since_s is not None or not is_due:
        return ()
    text = f"open for {span(max(now_s - incident.opened_s, 0.0))}, {_times(incident)}: {incident.title}"
    return (change(replace(incident, reminded_s=now_s), "reminded", text, now_s, tell=True),)


def _over(incident: Incident, settings: Settings, now_s: float) -> str:
    """Why it is over; empty where it is not."""
    settle_s = settings.supervise.settle_s
    if incident.kind == "log":
        silent_s = now_s - past(incident.last_s, now_s)
        is_over = silent_s >= max(settle_s, SILENT_S) + AGAIN_S
        return f"nothing more of it was logged for {span(silent_s)}, which is all that a log can say of an end" if is_over else ""
    since_s = incident.clear_since_s
    return f"clear for {span(now_s - since_s)}" if since_s is not None and now_s - since_s >= settle_s else ""


def _times(incident: Incident) -> str:
    return "seen once" if incident.times == 1 else f"seen {incident.times} times"


def _of_words(known: Sequence[Incident], seen: Spoke, settings: Settings, now_s: float) -> tuple[Change, ...]:
    """One incident for all that a unit complains of while it runs. While it is down, its last words are the diagnosis's matter."""
    if open_one(known, seen.unit, "process") is not None:
        return ()
    signature, told = line(seen.signature), f"{seen.unit}: {seen.line}"
    incident = open_one(known, seen.unit, "log")
    if incident is None:
        fault = Fault(seen.unit, "log", told, seen.at_s, Severity.WARNING, (signature,))
        return (begun(known, fault, settings, now_s),)
    is_new = signature not in incident.findings and len(incident.findings) < SIGNATURES
    if is_new:
        now = replace(incident, findings=(*incident.findings, signature), last_s=now_s)
        return (change(now, "noted", told, now_s),)
    if 0 <= now_s - incident.last_s < AGAIN_S:
        return ()
    return (change(replace(incident, last_s=now_s, times=incident.times + 1), "seen again", told, now_s),)


def _of_diagnosis(known: Sequence[Incident], seen: Diagnosed, now_s: float) -> tuple[Change, ...]:
    """What a look with all collectors came to, on the incident of the process, else on that of the output."""
    incident = open_one(known, seen.unit, "process") or open_one(known, seen.unit, "output")
    if incident is None:
        return ()
    root, at_s = cause(seen), past(seen.at_s, now_s)
    if incident.diagnosed_s is not None and at_s <= incident.diagnosed_s <= now_s:
        return ()  # this one is told already, or a later one
    last_s = incident.last_s if incident.last_s <= now_s else at_s  # dated by a clock that was set back since: it was before
    now = replace(incident, nature=nature_of(seen), diagnosed_s=at_s, last_s=last_s)
    if root is not None:  # a look that proves nothing takes back nothing: between two deaths of a loop all looks well
        worst = _severity(incident, root.severity)
        now = replace(now, code=root.code, severity=worst, title=line(f"{seen.unit}: {root.summary}"))
    if incident.kind == "process":  # of an output, a look at that says what is found now
        codes = [*([root.code] if root else []), *(one.code for one in seen.symptoms), *incident.findings]
        now = replace(now, findings=tuple(dict.fromkeys(codes)))
    is_news = root is not None and root.code != incident.code
    return (change(now, "diagnosed", _diagnosis(seen), now_s, tell=is_news),)


def _severity(incident: Incident, severity: Severity) -> Severity:
    """A proven root says how grave it is that a unit is down; what is found of an output stays as grave as it was found."""
    least = graver(severity, Severity.WARNING)
    return least if incident.kind == "process" else graver(least, incident.severity)


def _diagnosis(seen: Diagnosed) -> str:
    root = cause(seen)
    if root is not None:
        return f"{root.code}: {root.summary}; what helps: {root.remedy}"
    why = f"; {seen.unknown[0]}" if seen.unknown else ""
    if seen.root is not None:
        return f"no cause is proven: {seen.state}; found besides: {seen.root.code}: {seen.root.summary}{why}"
    if seen.symptoms:
        return f"no cause is proven: {seen.state}; {seen.symptoms[0].code}: {seen.symptoms[0].summary}{why}"
    return f"nothing was found: {seen.state}{why}"
