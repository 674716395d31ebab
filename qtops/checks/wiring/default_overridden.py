"""One variable, and two names in effect.

What it is: a writer and a reader take a name from the same variable, one of them from the default in its source, the other
from its unit's environment (or both from different files), and the names differ: one is only written, the other only read.

Why it matters: source agrees with itself, and what runs does not: no review of the code can see it. Nothing gets from one to
the other.

What to do: give both units the same value, best in one EnvironmentFile= that both read.
"""

from collections.abc import Iterator

from qtops.checks.wiring.joined import all_told
from qtops.checks.wiring.map import Map, Mismatch
from qtops.checks.wiring.state import live
from qtops.findings import Check, Finding, Severity

CHECK = Check("WIRING108", "One variable, and two names in effect", Severity.CRITICAL, ("source",))


def check(wiring: Map) -> Iterator[Finding]:
    """One finding per name that is only read because its variable says otherwise at the writer."""
    for pair in wiring.mismatches:
        if pair.variable:
            yield _finding(wiring, pair)


def _finding(wiring: Map, pair: Mismatch) -> Finding:
    read, written = pair.read, pair.written
    lines = (
        f"{read.name} is read by {all_told(read.own_readers)}",
        live(read, wiring.facts),
        f"{written.name} is written by {all_told(written.own_writers)}",
        live(written, wiring.facts),
        "a name that is built while it runs may still join them" if pair.doubtful else "",
    )
    return CHECK.finding(
        read.name,
        f"it is only read and {written.name} only written, as {pair.variable} is not the same in both units",
        tuple(filter(None, lines)),
        f"Give {pair.variable} one value for {read.own_readers[0].unit} and {written.own_writers[0].unit}, "
        "best in one EnvironmentFile= of both; then restart them",
        where=read.own_readers[0].where,
        severity=Severity.WARNING if pair.doubtful else Severity.CRITICAL,
    )
