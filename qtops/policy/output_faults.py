"""Faults of what services write, and of the Redis that they write to. What follows from a known root is told with that root."""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from qtops.findings import Finding, Severity
from qtops.incidents import Change, Event, Incident, Outcome, Reached
from qtops.policy.joining import Fault, anew, begun, change, cleared, closed_one, graver, line, open_one, sighted
from qtops.settings import Settings

UNTOLD: Final = "could not tell"
"""Stands among the findings of an incident while its end cannot be told, so that this is noted once."""
SHOWN: Final = 3  # units, or findings, in one line; the rest are counted


def of_look(known: Sequence[Incident], seen: Outcome, settings: Settings, now_s: float) -> tuple[Change, ...]:
    """What one look at the output changes. Doubts alone neither open an incident nor end one."""
    found = sorted((one for one in seen.findings if one.severity is not Severity.INFO), key=_is_lesser)
    incident = open_one(known, seen.unit, "output")
    if incident is not None:
        if found:
            return _still(incident, found, _root(known, seen), now_s)
        return _untold(incident, seen, now_s) if seen.doubts else cleared(incident, f"{seen.unit}: nothing is found", now_s)
    closed = closed_one(known, seen.unit, "output")
    if not found:
        return cleared(closed, f"{seen.unit}: nothing is found", now_s) if closed is not None and not seen.doubts else ()
    if closed is not None and set(_codes(found)) <= set(closed.findings):
        return ()  # a person has ended it as it is
    root = _root(known, seen)
    if root is not None:
        return _joins(root, found, now_s)
    first = found[0]
    title = f"{seen.unit}: {_told(found)}"
    fault = Fault(seen.unit, "output", title, seen.at_s, first.severity, _codes(found))
    return (begun(known, fault, settings, now_s),)


def of_redis(known: Sequence[Incident], seen: Reached, settings: Settings, now_s: float) -> tuple[Change, ...]:
    """Whether a Redis answers, and what it says where that changes."""
    incident = open_one(known, seen.redis, "redis")
    closed = None if incident is not None else closed_one(known, seen.redis, "redis")
    if not seen.trouble:
        known_one = incident or closed
        return cleared(known_one, f"Redis at {seen.redis} answers, and takes writes", now_s) if known_one is not None else ()
    units = ", ".join(seen.units[:SHOWN]) + (f" and {len(seen.units) - SHOWN} more" if len(seen.units) > SHOWN else "")
    title = f"Redis at {seen.redis}: {seen.trouble}" + (f"; without it: {units}" if units else "")
    word = seen.trouble.partition(":")[0]
    if closed is not None and word in closed.findings:
        return ()
    if incident is None:
        fault = Fault(seen.redis, "redis", title, seen.at_s, findings=(word,), code="REDIS201", nature="dependency")
        return (begun(known, fault, settings, now_s),)
    if incident.clear_since_s is not None:
        return (anew(replace(incident, findings=(word,)), "not clear", title, now_s),)
    if word not in incident.findings:
        return (change(replace(sighted(incident, now_s), findings=(*incident.findings, word)), "noted", title, now_s),)
    return ()


def _root(known: Sequence[Incident], seen: Outcome) -> Incident | None:
    """What explains its findings: its process is down, or was until a moment ago; or the Redis that it writes to is."""
    process = open_one(known, seen.unit, "process")
    return process if process is not None or not seen.redis else open_one(known, seen.redis, "redis")


def _joins(root: Incident, found: Sequence[Finding], now_s: float) -> tuple[Change, ...]:
    new = [finding for finding in found if finding.code not in root.findings]
    if not new:
        return ()
    text = f"a consequence, {new[0].subject}: {_told(new)}"
    return (change(replace(root, findings=(*root.findings, *_codes(new))), "noted", text, now_s),)


def _still(incident: Incident, found: Sequence[Finding], root: Incident | None, now_s: float) -> tuple[Change, ...]:
    """It goes on. Worse news is told, unless a root that is told already explains it."""
    codes, was_clear = _codes(found), incident.clear_since_s is not None
    new = [finding for finding in found if finding.code not in incident.findings]
    gone = [code for code in incident.findings if code not in codes]
    if not (was_clear or new or gone):
        return ()
    worst = graver(incident.severity, found[0].severity)
    is_worse = worst != incident.severity
    title = f"{incident.unit}: {_told(found)}"
    told = incident.title if incident.code and not is_worse else line(title)  # that of a proven root stays
    now = replace(incident, findings=codes, severity=worst, title=told)
    text = title if was_clear or new else f"no longer found: {', '.join(gone)}"
    if was_clear:
        again = anew(now, "worse" if is_worse else "not clear", text, now_s)
        return (replace(again, tell=is_worse and root is None),)
    event: Event = "worse" if is_worse else "noted"
    return (change(sighted(now, now_s), event, text, now_s, tell=is_worse and root is None),)


def _untold(incident: Incident, seen: Outcome, now_s: float) -> tuple[Change, ...]:
    """What cannot be told is not clear, and does not become it by waiting."""
    if UNTOLD in incident.findings:
        return ()
    now = replace(incident, findings=(*incident.findings, UNTOLD), clear_since_s=None)
    event: Event = "noted" if incident.clear_since_s is None else "not clear"
    return (change(now, event, f"{seen.unit}: whether it goes on could not be told: {seen.doubts[0]}", now_s),)


def _codes(found: Sequence[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.code for finding in found))


def _told(found: Sequence[Finding]) -> str:
    others = list(_codes(found))[1:]
    more = f" (and {', '.join(others[:SHOWN])}{' …' if len(others) > SHOWN else ''})" if others else ""
    return f"{found[0].code}: {found[0].summary}{more}"


def _is_lesser(finding: Finding) -> bool:
    return finding.severity is not Severity.CRITICAL
