"""A guard is in force.

What it is: a risk guard was activated, and its time is not over: by the events (timestamp and duration), by the key that exists as
long as it holds, or by both. Where the two contradict each other, that is said.

Why it matters: as long as it holds, nothing is in order, whatever every unit and every key says. The founding "recovery" was
declared complete an hour before the end of an emergency that had begun three hours earlier.

What to do: see why it was activated and whether what it asks for was done, before anything else. Where the key is gone before its
time, nothing is held back any more: find out who removed it.
"""

from collections.abc import Iterator

from qtops.checks.events.timeline import Guard, guards
from qtops.facts.events import EventFacts
from qtops.facts.times import moment, span, utc
from qtops.findings import Check, Doubt, Finding, Severity
from qtops.settings import Settings

CHECK = Check("EVENT101", "A guard is in force", Severity.CRITICAL, ("redis",), role="note")
AGREE_S = 60.0  # the key is set a moment after the event, by another clock
REMEDY = "See why (`qtops events`), and whether what it asks for was done; nothing is in order until it ends"


def check(facts: EventFacts, settings: Settings) -> Iterator[Finding | Doubt]:  # noqa: ARG001
    """One finding per guard in force. A key that could not be read is a doubt where the events do not tell."""
    details = {reading.guard: reading.detail for reading in facts.guards}
    for guard in guards(facts):
        if guard.in_force:
            evidence = tuple(_evidence(guard, facts.read_at_s, details.get(guard.name, "")))
            yield CHECK.finding(guard.name, _summary(guard, facts.read_at_s), evidence, REMEDY)
        elif guard.key and guard.by_key is None:
            yield CHECK.doubt(guard.name, f"{guard.key} could not be read: {details.get(guard.name, '')}")


def _summary(guard: Guard, now_s: float) -> str:
    if guard.by_events and guard.by_key is False:
        ending = f"until {utc(guard.until_s or 0.0)} ({span((guard.until_s or 0.0) - now_s)} left)"
        return f"it should hold {ending}, but its key is gone: nothing is held back any more"
    if guard.by_events and guard.until_s is not None:
        return f"active until {utc(guard.until_s)} ({span(guard.until_s - now_s)} left)"
    left = f"for {span(guard.left_s)} more" if guard.left_s is not None else "without end"
    if guard.by_events is False and guard.until_s is not None:
        return f"its key holds {left}, though by its event it ended {moment(guard.until_s, now_s)}"
    return f"active {left}, by its key; no event says since when"


def _evidence(guard: Guard, now_s: float, detail: str) -> Iterator[str]:
    if guard.until_s is not None:
        yield f"by its newest event: until {utc(guard.until_s)}"
    if guard.by_key:
        left = f"{span(guard.left_s)} left" if guard.left_s is not None else "without a time to live"
        yield f"{guard.key}: there, {left}"
        if guard.left_s is not None and guard.until_s is not None and abs(now_s + guard.left_s - guard.until_s) > AGREE_S:
            yield f"the two contradict each other: by its key it ends {utc(now_s + guard.left_s)}"
    elif guard.by_key is False:
        yield f"{guard.key}: not there"
    elif guard.key:
        yield f"{guard.key}: could not be read: {detail}"
