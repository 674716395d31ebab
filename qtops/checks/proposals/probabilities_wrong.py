"""The probabilities of the regimes are none.

What it is: p_trend, p_mr and p_chop do not sum to 1, one is below 0 or above 1, or one is exactly 0, which a softmax never gives.

Why it matters: they weigh every distance. What is missing from the sum is missing from the stop.

What to do: PROPOSAL105 names the input that was lost, if one was. Otherwise look at the market state: its writer is wrong.
"""

from collections.abc import Iterator
from typing import Final

from publisher.kernel import PROBABILITY_TOLERANCE
from qtops.checks.proposals.fleet import Fleet
from qtops.checks.proposals.solving import inputs_of
from qtops.checks.proposals.view import WEIGHTS, View
from qtops.findings import Check, Finding, Severity

CHECK = Check("PROPOSAL104", "Its probabilities are none", Severity.CRITICAL, ("proposals",), role="symptom")
REMEDY: Final = "Compare with p_trend, p_mr and p_chop in `redis-cli HGETALL quantum:marketstate:{symbol}`"


def check(fleet: Fleet) -> Iterator[Finding]:
    """One finding per proposal. A weight that is left out is taken from the distances, where they tell it."""
    for view in fleet.views:
        weights, recovered = view.weights, tuple[str, ...]()
        if weights is None:
            given = inputs_of(view)
            if given is None:
                continue
            weights, recovered = given[0].weights, given[1]
        total = sum(weights)
        sums = abs(total - 1.0) <= PROBABILITY_TOLERANCE
        if not (sums and 0.0 not in weights and all(0.0 <= weight <= 1.0 for weight in weights)):
            yield _finding(view, weights, recovered, sums=sums)


def _finding(view: View, weights: tuple[float, ...], recovered: tuple[str, ...], *, sums: bool) -> Finding:
    told = ", ".join(f"{name} {weight:g}" for name, weight in zip(WEIGHTS, weights, strict=True))
    evidence = [f"{name} is not given; the distances tell it" for name in recovered]
    evidence += [
        f"{name} is exactly 0: a softmax gives none" for name, weight in zip(WEIGHTS, weights, strict=True) if weight == 0.0
    ]
    summary = f"{told}: they sum to {sum(weights):.6f}"
    remedy, possible = REMEDY.format(symbol=view.symbol), all(0.0 <= weight <= 1.0 for weight in weights)
    severity = Severity.WARNING if sums and possible else Severity.CRITICAL
    return CHECK.finding(view.symbol, summary, tuple(evidence), remedy, severity=severity)
