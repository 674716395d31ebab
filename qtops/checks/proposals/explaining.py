"""Why distances do not follow from the inputs beside them: the simplest difference of one input that explains all three."""

from collections.abc import Sequence
from typing import Final

from publisher.kernel import PROBABILITY_TOLERANCE, distances
from qtops.checks.proposals.solving import THETA, Distances, Inputs, computed, solve, state
from qtops.checks.proposals.view import WEIGHTS, View, close

FLOORS: Final = Distances(THETA.sl_min_pct, THETA.tp_min_pct, THETA.sl_min_pct)
SMALL: Final = 1e-6  # a weight of less than this is none


def explain(view: View, stated: Distances, echoed: Inputs) -> str:
    """In a clause, the first that reproduces them: the published state, floors, another sigma, weight or ts, other weights."""
    market = view.market
    if market is not None and market.weights is not None and "sigma" in market.numbers and "ts" in market.numbers:
        published = Inputs(market.numbers["sigma"], market.numbers["ts"], market.weights)
        if published != echoed and computed(*published).equals(stated):
            differing = ", ".join(_differing(echoed, published))
            return f"they follow from the published market state, and the proposal gives other inputs: {differing}"
    if stated.equals(FLOORS):
        return "all three lie on their floors: sigma or the weights were lost as a whole, 0 or no number"
    told = _sigma(stated, echoed) or _one_weight(stated, echoed) or _strength(stated, echoed) or _all_weights(stated, echoed)
    return told or "no sigma and no weights explain them: other constants (theta), or another formula"


def _differing(echoed: Inputs, other: Inputs) -> list[str]:
    names = ("sigma", "ts", *WEIGHTS)
    pairs = zip(names, (*echoed[:2], *echoed.weights), (*other[:2], *other.weights), strict=True)
    return [f"{name} {given:g} and not {right:g}" for name, given, right in pairs if given != right]


def _sigma(stated: Distances, echoed: Inputs) -> str:
    unbounded = _unbounded(echoed)
    ratios = [
        value / full for value, full, floor in zip(stated, unbounded, FLOORS, strict=True) if full > 0.0 and not close(value, floor)
    ]
    if not ratios:
        return ""
    used = echoed._replace(sigma=echoed.sigma * ratios[0])
    if used.sigma > 0.0 and computed(*used).equals(stated):
        return f"they were computed with sigma {used.sigma:.9g}, not with the {echoed.sigma:g} beside them"
    return ""


def _unbounded(echoed: Inputs) -> Distances:
    """The distances without their floors."""
    sigma, _, (trend, mr, chop) = echoed
    extension = distances(state(*echoed), THETA)[3]
    products = [(k.trend * trend + k.mr * mr + k.chop * chop) * sigma for k in (THETA.k_sl, THETA.k_tp, THETA.k_trail)]
    return Distances(products[0], products[1] * extension, products[2])


def _one_weight(stated: Distances, echoed: Inputs) -> str:
    for name in WEIGHTS:
        known = {other: weight for other, weight in zip(WEIGHTS, echoed.weights, strict=True) if other != name}
        found = solve(stated, echoed.sigma, echoed.ts, known)
        if found is not None and _plausible(found):
            given, used = echoed.weights[WEIGHTS.index(name)], found[WEIGHTS.index(name)]
            lost = " (it was lost on the way)" if abs(used) < SMALL else ""
            return f"they were computed with {name} {used:.6f}{lost}, not with the {given:g} beside them"
    return ""


def _strength(stated: Distances, echoed: Inputs) -> str:
    for ts in (0.0, 1.0):
        if computed(*echoed._replace(ts=ts)).equals(stated):
            what = "as without a trend" if ts == 0.0 else "as with a full trend"
            return f"the target was computed {what}, not with the ts {echoed.ts:g} beside it"
    return ""


def _all_weights(stated: Distances, echoed: Inputs) -> str:
    found = solve(stated, echoed.sigma, echoed.ts, {})
    if found is not None and _plausible(found):
        told = ", ".join(f"{name} {weight:.6f}" for name, weight in zip(WEIGHTS, found, strict=True))
        return f"they were computed with {told}"
    return ""


def _plausible(weights: Sequence[float]) -> bool:
    """Whether they can be probabilities, one of them lost perhaps."""
    return all(-SMALL <= weight <= 1.0 + SMALL for weight in weights) and sum(weights) <= 1.0 + PROBABILITY_TOLERANCE
