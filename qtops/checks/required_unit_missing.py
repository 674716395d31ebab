"""A unit that this one requires is missing or masked.

What it is: Requires=, BindsTo= or Requisite= names a unit that is masked, or that is neither among the given units
nor in a tree that has systemd's own.

Why it matters: the service is never started, with Result=success and nothing in its journal; `systemctl --failed`
does not list it.

What to do: correct the name (redis.service is redis-server.service on Debian, where the former is an alias that only
enabling creates), unmask the unit, or use Wants= where the service can do without.
"""

from collections.abc import Iterator

from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT111", "A required unit is missing or masked", Severity.CRITICAL, ("units",))


def check(start: StartFacts) -> Iterator[Finding]:
    """One finding per required unit."""
    for reference in start.references:
        if reference.state in {"missing", "masked"}:
            what = "is masked" if reference.state == "masked" else "does not exist"
            evidence = (
                f"{reference.setting}= at {reference.where}",
                "systemd will not start the service: Result=success, no journal",
            )
            remedy = f"Provide {reference.unit}, correct its name, or use Wants= if the service can do without"
            yield CHECK.finding(
                start.subject, f"{reference.unit}, which it requires, {what}", evidence, remedy, where=reference.where
            )
