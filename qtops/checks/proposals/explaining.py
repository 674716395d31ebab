"""Why distances do not follow from the inputs beside them: the simplest difference of one input that explains all three."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from publisher.kernel import PROBABILITY_TOLERANCE, distances
from qtops.checks.proposals.solving import THETA, Distances, Inputs, computed, solve, state
from qtops.checks.proposals.view import WEIGHTS, View, close

FLOORS: Final = Distances(THETA.sl_min_pct, THETA.tp_min_pct, THETA.sl_min_pct)
SMALL: Final = 1e-6  # a weight of less than this is none


class Explanation(NamedTuple):
    """``cause`` in a clause; ``used`` is what the distances were computed from, where that is known."""

    cause: str
    used: Inputs | None = None


def explain(view: View, stated: Distances, echoed: Inputs) -> Explanation:
    """The first of these that reproduces the distances: published state, floors, one sigma, one weight, ts, all weights."""
    market = view.market
    if market is not None and market.weights is not None and "sigma" in market.numbers and "ts" in market.numbers:
        published = Inputs(market.numbers["sigma"], market.numbers["ts"], market.weights)
        if published != echoed and computed(*published).equals(stated):
            differing = ", ".join(_differing(echoed, published))
            return Explanation(
                f"they follow from the published market state, and the proposal gives other inputs: {differing}", published
            )
    if stated.equals(FLOORS):
        return Explanation("all three lie on their floors: sigma or the weights were lost as a whole, 0 or no number")
    return _sigma(stated, echoed) or _one_weight(stated, echoed) or _strength(stated, echoed) or _all_weights(stated, echoed)


def _differing(echoed: Inputs, other: Inputs) -> list[str]:
    names = ("sigma", "ts", *WEIGHTS)
    pairs = zip(names, (*echoed[:2], *echoed.weights), (*other[:2], *other.weights), strict=True)
    return [f"{name} {given:g} and not {right:g}" for name, given, right in pairs if given != right]


def _sigma(stated: Distances, echoed: Inputs) -> Explanation | None:
    unbounded = _unbounded(echoed)
    ratios = [
        value / full for value, full, floor in zip(stated, unbounded, FLOORS, strict=True) if full > 0.0 and not close(value, floor)
    ]
    if not ratios:
        return None
    used = echoed._replace(sigma=echoed.sigma * ratios[0])
    if used.sigma > 0.0 and computed(*used).equals(stated):
        return Explanation(f"they were computed with sigma {used.sigma:.9g}, not with the {echoed.sigma:g} beside them", used)
    return None


def _unbounded(echoed: Inputs) -> Distances:
    """The distances without their floors."""
    sigma, _, (trend, mr, chop) = echoed
    extension = distances(state(*echoed), THETA)[3]
    products = [(k.trend * trend + k.mr * mr + k.chop * chop) * sigma for k in (THETA.k_sl, THETA.k_tp, THETA.k_trail)]
    return Distances(products[0], products[1] * extension, products[2])


def _one_weight(stated: Distances, echoed: Inputs) -> Explanation | None:
    for name in WEIGHTS:
        known = {other: weight for other, weight in zip(WEIGHTS, echoed.weights, strict=True) if other != name}
        found = solve(stated, echoed.sigma, echoed.ts, known)
        if found is not None and _plausible(found):
            given, used = echoed.weights[WEIGHTS.index(name)], found[WEIGHTS.index(name)]
            lost = " (it was lost on the way)" if abs(used) < SMALL else ""
            return Explanation(
                f"they were computed with {name} {used:.6f}{lost}, not with the {given:g} beside them",
                echoed._replace(weights=found),
            )
    return None


def _strength(stated: Distances, echoed: Inputs) -> Explanation | None:
    for ts in (0.0, 1.0):
        used = echoed._replace(ts=ts)
        if computed(*used).equals(stated):
            what = "as without a trend" if ts == 0.0 else "as with a full trend"
            return Explanation(f"the target was computed {what}, not with the ts {echoed.ts:g} beside it", used)
    return None


def _all_weights(stated: Distances, echoed: Inputs) -> Explanation:
    found = solve(stated, echoed.sigma, echoed.ts, {})
    if found is not None and _plausible(found):
        told = ", ".join(f"{name} {weight:.6f}" for name, weight in zip(WEIGHTS, found, strict=True))
        return Explanation(f"they were computed with {told}", echoed._replace(weights=found))
    return Explanation("no sigma and no weights explain them: other constants (theta), or another formula")


def _plausible(weights: Sequence[float]) -> bool:
    """Whether they can be probabilities, one of them lost perhaps."""
    return all(-SMALL <= weight <= 1.0 + SMALL for weight in weights) and sum(weights) <= 1.0 + PROBABILITY_TOLERANCE
