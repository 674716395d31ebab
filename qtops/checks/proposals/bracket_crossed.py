"""The stop lies at or beyond the target.

What it is: for a LONG the proposed stop is not below the proposed target, for a SHORT not above it.

Why it matters: the loss exit lies beyond the profit exit. No pair of orders can express that; an exchange refuses one of them,
or fills it at once.

What to do: treat it as "exit now", never as levels. It comes from a trailing stop that was hit already, or from a wrong price:
the findings beside it tell which.
"""

from collections.abc import Iterator
from typing import Final

from qtops.checks.proposals.fleet import Fleet
from qtops.findings import Check, Finding, Severity

CHECK = Check("PROPOSAL101", "The stop lies beyond the target", Severity.CRITICAL, ("proposals",), role="symptom")
TOLD: Final = "bracket_crossed"  # the publisher's own word for it: then a reader has been warned
REMEDY: Final = "Place neither level; find out why in what else is found of {symbol}, or close the position"


def check(fleet: Fleet) -> Iterator[Finding]:
    """One finding per proposal whose side is known."""
    for view in fleet.views:
        standing, sl, tp = view.standing, view.numbers.get("proposed_sl"), view.numbers.get("proposed_tp")
        if standing is None or sl is None or tp is None or (sl - tp) * standing.sign < 0.0:
            continue
        told = TOLD in view.flags
        evidence = [f"the publisher says so in its flags: {view.said('flags')}"] if told else []
        evidence += [f"its side is {standing.origin}"] if standing.origin else []
        summary = f"SL {sl:.10g} lies at or beyond TP {tp:.10g} of a {standing.side}"
        severity = Severity.WARNING if told else Severity.CRITICAL
        yield CHECK.finding(view.symbol, summary, tuple(evidence), REMEDY.format(symbol=view.symbol), severity=severity)
