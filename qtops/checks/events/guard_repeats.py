"""A guard fires again and again.

What it is: the same guard was activated three times or more within a day, or ten times within ten days.

Why it matters: what it guards against was never mended, only held back for some hours at a time. In the end people take its alarm
for normal.

What to do: look at what happened around the first activation (`qtops events`), not the last one: a loss that was never closed, a
peak that is never reset, a limit that is too tight.
"""

from collections import defaultdict
from collections.abc import Iterator

from qtops.checks.events.reading import Event
from qtops.checks.events.timeline import activations
from qtops.facts.events import EventFacts
from qtops.facts.times import moment
from qtops.findings import Check, Doubt, Finding, Severity
from qtops.settings import Settings

CHECK = Check("EVENT105", "A guard fires again and again", Severity.WARNING, ("redis",), role="note")
DAY_S = 86_400.0
WINDOWS = ((DAY_S, 3, "24 h"), (10 * DAY_S, 10, "10 days"))  # a guard that holds for 4 h can fire 6 times a day


def check(facts: EventFacts, settings: Settings) -> Iterator[Finding | Doubt]:  # noqa: ARG001
    """At most one finding per guard, of the shortest window in which it fired too often."""
    fired: dict[str, list[Event]] = defaultdict(list)
    for event in activations(facts):
        fired[event.guard or "unnamed"].append(event)
    for guard, events in fired.items():
        yield from _guard(guard, events, facts)


def _guard(guard: str, events: list[Event], facts: EventFacts) -> Iterator[Finding]:
    for window_s, most, told in WINDOWS:
        times = [event.at_s for event in events if event.at_s is not None and 0 <= facts.read_at_s - event.at_s <= window_s]
        if len(times) >= most:
            first, last = moment(min(times), facts.read_at_s), moment(max(times), facts.read_at_s)
            cut = ("older events were not read",) if facts.cut else ()
            drawdowns = [event.drawdown_pct for event in events if event.drawdown_pct is not None]
            grew = (f"drawdown {drawdowns[0]:g} % at first, {drawdowns[-1]:g} % at last",) if len(drawdowns) > 1 else ()
            summary = f"activated {len(times)} times within {told}"
            evidence = (f"first {first}", f"last {last}", *grew, *cut)
            yield CHECK.finding(guard, summary, evidence, "Look at what happened around the first one: it was never mended")
            return
