"""An event is malformed.

What it is: an entry states no event, no timestamp, or a duration that is no number of seconds; or an event that nobody knows.

Why it matters: whoever reads it has to guess when the guard ends, or passes it over. An unknown name is only worth knowing: a new
kind of event, or a slip of the pen.

What to do: correct its writer. An entry that is already there stays as it is; what it meant is in its reason and its id.
"""

from collections import Counter
from collections.abc import Iterator

from qtops.checks.events.reading import KNOWN, Event, read_all
from qtops.facts.events import EventFacts
from qtops.findings import Check, Doubt, Finding, Severity
from qtops.settings import Settings

CHECK = Check("EVENT104", "An event is malformed", Severity.WARNING, ("redis",), role="note")
REMEDY = "Correct their writer; the id and the reason tell what was meant"
SHOWN = 5
AHEAD_S = 60.0  # an event that is so far ahead of the id that Redis gave it was not written when it says


def check(facts: EventFacts, settings: Settings) -> Iterator[Finding | Doubt]:  # noqa: ARG001
    """One finding about all that are malformed, and a note about unknown names."""
    stream, events = facts.stream, read_all(facts.events)
    if stream.present and stream.kind != "stream":
        why = ("every XADD of a guard fails: whether one was activated, nobody knows",)
        remedy = "Find out who writes there (`qtops map`)"
        yield CHECK.finding(stream.name, f"it is a {stream.kind}, and no stream", why, remedy, severity=Severity.CRITICAL)
    bad = [(event, faults) for event in events if (faults := (*event.faults, *_ahead(event, facts.read_at_s)))]
    if bad:
        evidence = [f"{event.entry_id}: {'; '.join(faults)}" for event, faults in bad[-SHOWN:]]
        evidence += [f"and {len(bad) - SHOWN} before"] if len(bad) > SHOWN else []
        summary = f"{len(bad)} of {len(events)} events are malformed"
        yield CHECK.finding(stream.name, summary, tuple(evidence), REMEDY)
    if unknown := Counter(event.name for event in events if event.name and event.name not in KNOWN):
        names = tuple(f"{name}: {count}" for name, count in unknown.most_common(SHOWN))
        summary = f"{unknown.total()} events of {len(unknown)} unknown names"
        yield CHECK.finding(stream.name, summary, names, "Learn what they mean", severity=Severity.INFO)


def _ahead(event: Event, now_s: float) -> tuple[str, ...]:
    """A guard that begins in the future would hold for longer than was meant."""
    if event.at_s is None or event.at_s <= now_s + AHEAD_S:
        return ()
    return ("its time lies in the future",)
