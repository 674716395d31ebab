"""Nothing arrives on a stream on which something should.

What it is: a stream that is declared to be continuous or periodic, or whose ids have a steady rhythm, and whose newest event is
older than three of its intervals (late: two). What is driven by events, or written once, is never judged by its age.

Why it matters: readers wait, or go on with what was true then. That a stream has entries does not make it active.

What to do: look at the unit that writes it: its state, its journal, and whether its own inputs are fresh.
"""

from collections.abc import Iterator

from qtops.checks.streams.expected import Nature, last_s, nature, odd_id
from qtops.checks.streams.looking import Looked, streams
from qtops.facts.streams import StreamFacts
from qtops.facts.times import moment, span
from qtops.findings import Check, Doubt, Finding, Severity
from qtops.settings import Settings

CHECK = Check("STREAM108", "A stream is silent", Severity.CRITICAL, ("streams",))
LATE, SILENT = 2.0, 3.0  # intervals: one missed beat is a slow cycle, two are a trouble
LATE_S, SILENT_S = 10.0, 30.0  # at least: what beats every second may rest as long as a restart takes
INFERRED_S = 60.0  # at least, where nobody declared the rhythm; and it must be more than late


def check(facts: StreamFacts, settings: Settings) -> Iterator[Finding | Doubt]:
    """At most one answer for each stream."""
    for looked in streams(facts, settings):
        stream, kind = looked.stream, nature(looked.stream, looked.declared)
        doubt = odd_id(stream) or _given(looked)
        if doubt and kind.kind not in ("event", "one_shot"):
            yield CHECK.doubt(stream.name, doubt, 'declare it as kind = "event", or look at a time within its entries')
        elif kind.judged_by_age and kind.interval_s is not None:
            yield from _silence(looked, kind, kind.interval_s)


def _silence(looked: Looked, kind: Nature, interval_s: float) -> Iterator[Finding]:
    stream, last = looked.stream, last_s(looked.stream)
    writer = looked.declared.writer if looked.declared else ""
    remedy = f"Look at {writer}: `qtops doctor {writer}`" if writer else "Look at the unit that writes it: `qtops map` names it"
    rhythm = f"{kind.kind}, every {span(interval_s)}" if kind.declared else f"{kind.kind} by its ids, every {span(interval_s)}"
    if last is None:
        if not stream.groups_count:  # with one, it is a stream that nobody ever wrote to
            yield CHECK.finding(stream.name, f"has never had an entry; {rhythm}", ("0 entries ever",), remedy)
        return
    age_s = stream.read_at_s - last
    late_s, silent_s = max(LATE * interval_s, LATE_S), max(SILENT * interval_s, SILENT_S if kind.declared else INFERRED_S)
    evidence = (f"last event {moment(last, stream.read_at_s)}", f"{stream.length} entries: they say nothing of now")
    if age_s > silent_s:
        severity = Severity.CRITICAL if kind.declared else Severity.WARNING
        yield CHECK.finding(stream.name, f"silent for {span(age_s)}; {rhythm}", evidence, remedy, severity=severity)
    elif kind.declared and age_s > late_s:
        yield CHECK.finding(stream.name, f"late: silent for {span(age_s)}; {rhythm}", evidence, remedy, severity=Severity.WARNING)


def _given(looked: Looked) -> str:
    """Whether entries arrived between two looks whose ids are older than the first of these: copies of what was elsewhere."""
    before, last = looked.before, last_s(looked.stream)
    if before is None or last is None or before.last_generated_id == looked.stream.last_generated_id:
        return ""
    behind_s = before.read_at_s - last
    return f"what arrives now has ids of {span(behind_s)} ago: a replay, and no clock" if behind_s > INFERRED_S else ""
