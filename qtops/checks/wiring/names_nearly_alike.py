"""Two names were meant to be one.

What it is: one name is only read, another only written, and they differ by no more than a slip of the hand: a letter or
two, the form of a word (policy.update, policy.updated), a separator, a prefix, a suffix, upper and lower case.

Why it matters: both programs run without an error, and nothing ever gets from one to the other. Where the reader makes its
stream itself, the stream is there and empty, which looks like quiet.

What to do: change one of the two ends as the finding says; then what waits in the other name needs a look.
"""

from collections.abc import Iterator

from qtops.checks.wiring.joined import all_told
from qtops.checks.wiring.map import Map, Mismatch, variable_of
from qtops.checks.wiring.state import live
from qtops.facts.wiring import End
from qtops.findings import Check, Finding, Severity

CHECK = Check("WIRING103", "Two names were meant to be one", Severity.CRITICAL, ("source",))


def check(wiring: Map) -> Iterator[Finding]:
    """One finding per name that is only read, with the nearest that is only written."""
    for pair in wiring.mismatches:
        if not pair.variable:
            yield _finding(wiring, pair)


def _finding(wiring: Map, pair: Mismatch) -> Finding:
    read, written = pair.read, pair.written
    lines = (
        f"{read.name} is read by {all_told(read.own_readers)}",
        live(read, wiring.facts),
        f"{written.name} is written by {all_told(written.own_writers)}",
        live(written, wiring.facts),
        _fields(pair),
        "a name that is built while it runs may still join them" if pair.doubtful else "",
    )
    summary = f"it is only read, {written.name} is only written, and {pair.how}: they were meant to be one"
    grave = not pair.doubtful and not wiring.off(written.own_writers)
    return CHECK.finding(
        read.name,
        summary,
        tuple(filter(None, lines)),
        change(wiring, pair),
        where=read.own_readers[0].where,
        severity=Severity.CRITICAL if grave else Severity.WARNING,
    )


def change(wiring: Map, pair: Mismatch) -> str:
    """The change of one line: of the end that is used in fewer places, and that the configuration does not declare."""
    readers, writers = pair.read.own_readers, pair.written.own_writers
    declared = {stream.name for stream in wiring.settings.streams}
    write_it = pair.read.name in declared or (pair.written.name not in declared and len(writers) < len(readers))
    end, name, verb = (writers[0], pair.read.name, "write") if write_it else (readers[0], pair.written.name, "read")
    more = len({(each.unit, each.where) for each in (writers if write_it else readers)}) - 1
    return _edit(end, name, verb) + (f", and likewise in {more} more places" if more else "") + f"; then restart {end.unit}"


def _edit(end: End, name: str, verb: str) -> str:
    variable = variable_of(end)
    if variable and " at " in end.origin:
        return f"Set {variable}={name} at {end.origin.partition(' at ')[2]} for {end.unit}"
    if variable:
        return f"Set Environment={variable}={name} in {end.unit}"
    return f"At {end.where or end.unit} {verb} {name} instead of {end.name}"


def _fields(pair: Mismatch) -> str:
    """That the fields would not fit either: the fault behind the fault."""
    read = {field for end in pair.read.own_readers for field in end.fields}
    writers = pair.written.own_writers
    if not read or not all(end.fields_known for end in writers):
        return ""
    missing = sorted(read - {field for end in writers for field in end.fields})
    return (
        f"and then its fields do not fit: {', '.join(missing)} would be read, and {written_told(writers)} is written"
        if missing
        else ""
    )


def written_told(writers: tuple[End, ...]) -> str:
    """The fields that some ends write."""
    return ", ".join(sorted({field for end in writers for field in end.fields})) or "nothing"
