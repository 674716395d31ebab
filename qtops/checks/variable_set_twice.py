"""An environment variable that is set twice, with different values.

What it is: two assignments among Environment= and the files of EnvironmentFile=. The later source wins: files over
Environment=, later files over earlier ones, later lines over earlier lines.

Why it matters: whoever edits the one that loses changes nothing, and is not told.

What to do: keep one of them. Where the second is meant as an override for this host, say so in a comment.
"""

from collections.abc import Iterator

from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("ENV101", "A variable is set twice with different values", Severity.WARNING, ("unit",), role="note")


def check(start: StartFacts) -> Iterator[Finding]:
    """One finding per assignment that overrides another; for information where a drop-in does, which is what they are for."""
    for variable in start.variables:
        if variable.replaces:
            evidence = (f"the value at {variable.where} wins over the one at {variable.replaces}",)
            by_dropin = variable.in_unit and variable.where.rpartition(":")[0] != variable.replaces.rpartition(":")[0]
            severity = Severity.INFO if by_dropin else Severity.WARNING
            summary = f"{variable.name} is set twice, with different values"
            yield CHECK.finding(
                start.subject, summary, evidence, f"Remove {variable.replaces}", where=variable.where, severity=severity
            )
