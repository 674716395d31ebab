"""A service that gives up without telling anyone.

What it is: the start limit can be reached, after which systemd leaves the service down, and there is no OnFailure=.

Why it matters: five starts within a minute, then silence: a service has been down for seventeen hours so, with
Restart=always in its unit.

What to do: OnFailure= with a unit that alerts (in a drop-in for all services: /etc/systemd/system/service.d/), or
monitoring that looks at what the service produces. For information only: the alert may be elsewhere.
"""

from collections.abc import Iterator

from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT114", "A service gives up without telling anyone", Severity.INFO, ("unit",), role="note")


def check(start: StartFacts) -> Iterator[Finding]:
    """At most one finding."""
    limits = start.restart
    if start.on_failure or limits.restart == "no" or not limits.interval_s or not limits.burst or limits.restart_s is None:
        return
    if limits.burst * limits.restart_s < limits.interval_s:
        evidence = (
            f"Restart={limits.restart} ends after {limits.burst} starts within {limits.interval_s:g} s",
            "there is no OnFailure=",
        )
        remedy = "OnFailure= with a unit that alerts"
        yield CHECK.finding(
            start.subject, "after its start limit it stays down, and nobody is told", evidence, remedy, where=limits.where
        )
