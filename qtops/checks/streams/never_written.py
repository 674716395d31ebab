"""A stream exists, and nobody ever wrote to it.

What it is: no entry was ever added (its last-generated-id is 0-0). It is there because a consumer created its group with MKSTREAM.

Why it matters: that a stream exists proves a reader, not a writer. On a stream that is driven by events this may be right for
years, or it may be that the writer writes to another name: `qtops map` tells these apart. On a periodic one the writer is missing.

What to do: compare the name with what the writer writes, letter by letter (`policy.update`, `policy.updated`).
"""

from collections.abc import Iterator

from qtops.checks.streams.expected import nature
from qtops.checks.streams.looking import streams
from qtops.facts.stream_ids import ZERO, split
from qtops.facts.streams import StreamFacts
from qtops.findings import Check, Finding, Severity
from qtops.settings import Settings

CHECK = Check("STREAM107", "A stream that nobody ever wrote to", Severity.INFO, ("streams",), role="note")
SHOWN = 3


def check(facts: StreamFacts, settings: Settings) -> Iterator[Finding]:
    """A warning where something ought to arrive all the time; else worth knowing."""
    for looked in streams(facts, settings):
        stream = looked.stream
        if stream.length or stream.entries_added or split(stream.last_generated_id) != ZERO or not stream.groups_count:
            continue
        awaited = nature(stream, looked.declared).judged_by_age
        names = ", ".join(group.name for group in stream.groups[:SHOWN]) + (", …" if stream.groups_count > SHOWN else "")
        evidence = (f"groups: {names or stream.groups_count}", "0 entries ever, last-generated-id 0-0")
        summary = "exists only because a consumer created it: that proves a reader, not a writer"
        remedy = "`qtops map` says whether anything writes to this name, and to which similar one"
        yield CHECK.finding(stream.name, summary, evidence, remedy, severity=Severity.WARNING if awaited else Severity.INFO)
