"""A line of the unit that systemd ignores.

What it is: an unknown or misspelt setting, one that stands in the wrong section, a value that cannot be read, or a
backslash at the end of a line that takes the next line in.

Why it matters: systemd logs it once, at daemon-reload, and starts the service without it: limits, restarts and
sandboxes that are in the file are not in force.

What to do: correct the name or move the line; the nearest known name is said. `X-` in front of a name keeps systemd
quiet about what is meant for other tools.
"""

from collections.abc import Iterator

from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT112", "systemd ignores a line of the unit", Severity.WARNING, ("unit",), role="note")


def check(start: StartFacts) -> Iterator[Finding]:
    """One finding per line, but for start limits, of which UNIT110 speaks."""
    for setting in start.settings:
        if setting.effect in {"ignored", "cut", "noted"} and not (
            start.restart.misplaced and setting.where == start.restart.misplaced
        ):
            consequence = "systemd reads the file no further" if setting.effect == "cut" else "systemd goes on without it"
            evidence = (setting.where, "it works as written" if setting.effect == "noted" else consequence)
            yield CHECK.finding(start.subject, setting.text, evidence, f"Correct {setting.where}", where=setting.where)
