"""A value that holds what was not meant to be in it.

What it is: systemd's files are neither shell nor .env: after a value there are no comments, quotes close where they
close, and a carriage return stays.

Why it matters: the program gets `10 # seconds` for a number, or quotes around an address, and fails where it parses
them, or quietly takes its default.

What to do: put the comment on a line of its own, quote the whole assignment (`Environment="NAME=two words"`), and
convert the line ends.
"""

from collections.abc import Iterator

from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("ENV102", "A variable holds a comment, quotes or a carriage return", Severity.WARNING, ("unit",), role="note")


def check(start: StartFacts) -> Iterator[Finding]:
    """One finding per assignment. The value itself is not shown."""
    for variable in start.variables:
        if variable.odd:
            what = " and ".join(variable.odd)
            summary = f"the value of {variable.name} holds {what}"
            evidence = (f"{variable.where} (the value is not shown)",)
            yield CHECK.finding(start.subject, summary, evidence, f"Correct {variable.where}", where=variable.where)
