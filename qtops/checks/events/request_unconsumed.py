"""A request that nobody took.

What it is: the stream holds a request (EMERGENCY_FLATTEN_REQUESTED) that no consumer group was given, or that a group was given and
has not acknowledged.

Why it matters: whoever wrote it relies on somebody to act. The founding guard asked fifteen times in ten days to close all
positions; the stream had no group, and 59 min after the last request 47 positions were open.

What to do: give the stream a reader: a group that starts at the request (`XGROUP CREATE … <id>`), in a service that acts and
acknowledges. Until then a person has to do what was asked for. A reader without a group (XREAD) leaves no trace: where there is
one, say so by switching this check off, with the date and the reason.
"""

from collections.abc import Iterator, Sequence

from qtops.checks.events.reading import Event, read_all
from qtops.checks.events.timeline import guards
from qtops.facts.events import EventFacts
from qtops.facts.stream_ids import ZERO, split
from qtops.facts.streams import GroupReading, StreamReading
from qtops.facts.times import moment
from qtops.findings import Check, Doubt, Finding, Severity
from qtops.settings import Settings

CHECK = Check("EVENT102", "A request that nobody took", Severity.CRITICAL, ("redis",), role="note")
SUFFIX = "_REQUESTED"
SHOWN = 5
REMEDY = "Do by hand what was asked for, or see that it was done; then give the stream a group that acts and acknowledges"


def check(facts: EventFacts, settings: Settings) -> Iterator[Finding | Doubt]:
    """One finding on the newest request or those of a guard in force, and a warning about all that are older."""
    requests = [event for event in read_all(facts.events) if event.name.endswith(SUFFIX)]
    if not requests:
        return
    if facts.stream.trouble and not facts.stream.groups:
        yield CHECK.doubt(facts.stream.name, f"its groups could not be read: {facts.stream.trouble} {facts.stream.detail}".rstrip())
        return
    lanes = {lane for stream in settings.streams if stream.name == facts.stream.name for lane in stream.lanes}
    groups = [group for group in facts.stream.groups if group.name not in lanes]
    answers = {event.entry_id: {_took(group, event, facts.stream) for group in groups} for event in requests}
    untaken = [event for event in requests if not answers[event.entry_id] - {False}]
    for event in requests:
        if None in answers[event.entry_id] and True not in answers[event.entry_id]:
            why = f"whether {event.entry_id} was acknowledged is not known: it lies among pending ones, or the group was set"
            yield CHECK.doubt(facts.stream.name, why, f"XPENDING {facts.stream.name} GROUP {event.entry_id} {event.entry_id} 1")
    urgent_since_s = min((_began(facts, guard.name) for guard in guards(facts) if guard.in_force), default=None)
    urgent = [event for event in untaken if event is requests[-1] or _is_since(event, urgent_since_s)]
    old = [event for event in untaken if event not in urgent]
    if urgent:
        yield CHECK.finding(facts.stream.name, _told(urgent), _evidence(urgent, groups, facts), REMEDY)
    if old:
        evidence = _evidence(old, groups, facts)
        yield CHECK.finding(facts.stream.name, f"{_told(old)}, before the newest", evidence, REMEDY, severity=Severity.WARNING)


def _took(group: GroupReading, event: Event, stream: StreamReading) -> bool | None:
    """Whether a group was given the request and has acknowledged it; None where that is left open: by the range of what is pending,
    or because the group was set to where it stands.
    """
    wanted = split(event.entry_id)
    if split(group.last_delivered_id) < wanted:
        return False
    if not group.pending:
        return _was_given(group, stream)
    if not group.first_pending_id:
        return None
    first, last = split(group.first_pending_id), split(group.last_pending_id)
    if wanted in (first, last):
        return False
    return None if first < wanted < last and group.pending > 2 else True


def _was_given(group: GroupReading, stream: StreamReading) -> bool | None:
    """Whether it read its way to where it stands. One that was set there, or made there (``$``), was given nothing: Redis 7 has no
    count of what it read. One that has consumers may have been given it before, and set anew since.
    """
    if stream.entries_added is None or group.entries_read is not None or split(stream.max_deleted_id) != ZERO:
        return True
    return None if group.consumers_count else False


def _began(facts: EventFacts, guard: str) -> float:
    """When the guard in force was activated; without an event of it, now."""
    times = [event.at_s for event in read_all(facts.events) if event.guard == guard and event.at_s is not None]
    return max(times, default=facts.read_at_s)


def _is_since(event: Event, since_s: float | None) -> bool:
    return since_s is not None and event.at_s is not None and event.at_s >= since_s


def _told(requests: Sequence[Event]) -> str:
    if len(requests) == 1:
        return f"{requests[0].name}: nobody took it"
    return f"nobody took {len(requests)} requests"


def _evidence(requests: Sequence[Event], groups: Sequence[GroupReading], facts: EventFacts) -> tuple[str, ...]:
    when = [
        f"{event.entry_id}: {moment(event.at_s, facts.read_at_s) if event.at_s is not None else 'at no known time'}, {event.reason}"
        for event in requests[-SHOWN:]
    ]
    more = [f"and {len(requests) - SHOWN} before"] if len(requests) > SHOWN else []
    if not groups:
        return (*when, *more, "the stream has no consumer group; a reader without a group (XREAD) would leave no trace")
    told = [f"group {group.name}: delivered up to {group.last_delivered_id}, {group.pending} pending" for group in groups[:SHOWN]]
    return (*when, *more, *told)
