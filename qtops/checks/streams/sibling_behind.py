"""One group is far behind the others of its stream.

What it is: a group has a thousand entries or more waiting, a hundred times as many as another group of the same stream.

Why it matters: the stream is fine and is read; only this reader is not. A look at the stream alone, or at a group beside it, does
not show that.

What to do: compare the unit of this group with that of the other: same writer, same entries, another fate.
"""

from collections.abc import Iterator
from itertools import groupby

from qtops.checks.streams.looking import readers
from qtops.checks.streams.standing import stands_at, waiting
from qtops.facts.progress import backlog
from qtops.facts.streams import StreamFacts
from qtops.findings import Check, Finding, Severity
from qtops.settings import Settings

CHECK = Check("STREAM112", "A group is far behind its siblings", Severity.WARNING, ("streams",), role="symptom")
FAR = 1_000  # entries: fewer are caught up within seconds
TIMES = 100  # as many as the sibling has


def check(facts: StreamFacts, settings: Settings) -> Iterator[Finding]:
    """Each group that is far behind, compared with the one that is least so. What could not be counted counts as at least."""
    for name, found in groupby(readers(facts, settings), key=lambda reader: reader.stream.name):
        waits = [(reader, backlog(reader.stream, reader.group)) for reader in found]
        counted = [(reader, one) for reader, one in waits if one.exact]
        if not counted or len(waits) < 2:
            continue
        best, least = min(counted, key=lambda pair: pair[1].entries)
        for reader, behind in waits:
            if behind.entries >= FAR and behind.entries >= TIMES * max(1, least.entries):
                summary = f"group {reader.group.name} has {waiting(reader, behind)}; group {best.group.name} has {least.entries}"
                evidence = (stands_at(reader), f"group {best.group.name}: {stands_at(best)}")
                yield CHECK.finding(name, summary, evidence, "Look at the unit that reads for it: the others keep up")
