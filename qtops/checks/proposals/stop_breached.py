"""The stop lies at or through the price.

What it is: for a LONG the proposed stop is not below the price that it was computed from, for a SHORT not above it.

Why it matters: such a stop fires at once. The trailing stop has been hit already: the right answer is "exit now", and a level that
looks like any other hides it.

What to do: where the publisher flags it (`stop_breached`), close the position or decide not to. Where it does not, its readers take
the level for a resting one: mend the publisher.
"""

from collections.abc import Iterator
from typing import Final

from qtops.checks.proposals.fleet import Fleet
from qtops.findings import Check, Finding, Severity

CHECK = Check("PROPOSAL102", "The stop lies at or through the price", Severity.CRITICAL, ("proposals",), role="symptom")
TOLD: Final = "stop_breached"  # the publisher's own word for it: then a reader has been warned
REMEDY: Final = "Do not place it as a resting stop: the exit is due now, if the price is real"


def check(fleet: Fleet) -> Iterator[Finding]:
    """One finding per proposal whose side and price are known."""
    for view in fleet.views:
        standing, sl = view.standing, view.numbers.get("proposed_sl")
        if standing is None or sl is None or (sl - standing.current) * standing.sign < 0.0:
            continue
        told = TOLD in view.flags
        evidence = [f"the publisher says so in its flags: {view.said('flags')}"] if told else []
        evidence += [f"side and price are {standing.origin}"] if standing.origin else []
        beyond = abs(sl / standing.current - 1.0)
        where = f"{beyond:.2%} through" if beyond else "at"
        summary = f"SL {sl:.10g} of a {standing.side} lies {where} the price {standing.current:.10g}: exit now, no resting level"
        severity = Severity.WARNING if told else Severity.CRITICAL
        yield CHECK.finding(view.symbol, summary, tuple(evidence), REMEDY, severity=severity)
