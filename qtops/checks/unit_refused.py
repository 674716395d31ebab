"""A unit that systemd refuses to start at all.

What it is: there is no ExecStart=, its program is a relative path with a slash, two settings contradict each other,
or the file cannot be read to its end.

Why it matters: LoadState is bad-setting or error. Nothing runs, nothing is logged for the service, and `systemctl
--failed` does not list it.

What to do: correct the line that is named.
"""

from collections.abc import Iterator

from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT113", "systemd refuses the unit", Severity.CRITICAL, ("unit",))


def check(start: StartFacts) -> Iterator[Finding]:
    """At most one finding: the first reason, with those that follow from it."""
    reasons = [setting for setting in start.settings if setting.effect == "refused"]
    if reasons:
        first = reasons[0]
        evidence = ("systemd will say: LoadState=bad-setting", *(f"{setting.where}: {setting.text}" for setting in reasons))
        yield CHECK.finding(start.subject, first.text, evidence, f"Correct {first.where}", where=first.where)
