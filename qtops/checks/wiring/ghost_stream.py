"""A stream that only its readers made.

What it is: a stream that is in Redis, has never had an entry (its last id is 0-0), and that no source here writes: a reader
made it when it created its group (XGROUP CREATE … MKSTREAM).

Why it matters: "the stream exists" proves a reader, not a writer. Every look at it says "no events", which sounds like quiet.

What to do: find the name that its writer uses, or the writer that is missing; then the empty stream can be deleted.
"""

from collections.abc import Iterator

from qtops.checks.wiring.joined import Name, all_told
from qtops.checks.wiring.map import Map
from qtops.checks.wiring.state import live
from qtops.findings import Check, Finding, Severity

CHECK = Check("WIRING109", "A stream that only its readers made", Severity.WARNING, ("redis", "source"), role="symptom")


def check(wiring: Map) -> Iterator[Finding]:
    """One finding per stream without an entry ever, with a group, and without a writer."""
    for name in wiring.names.values():
        if name.never_written and name.groups and not name.writers and name.name not in wiring.mismatched:
            yield _finding(wiring, name)


def _finding(wiring: Map, name: Name) -> Finding:
    makers = tuple(end for end in (*name.touchers, *name.readers) if end.creates)
    made = f"it was made by {all_told(makers)}" if makers else "no source here says who made it"
    told_already = bool(name.own_readers)
    return CHECK.finding(
        name.name,
        "it is there, never had an entry, and no source here writes it: its presence proves a reader only",
        (made, live(name, wiring.facts)),
        "Find who was meant to write it; without one, `XGROUP DESTROY` its groups and `DEL` the stream once its readers are mended",
        where=makers[0].where if makers else "",
        severity=Severity.INFO if told_already else None,
    )
