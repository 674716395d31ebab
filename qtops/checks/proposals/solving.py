"""The kernel backwards: from the three published distances to the inputs that they were computed from.

stop = (1.5 p_trend + 0.8 p_mr + 1.0 p_chop) sigma, and likewise for the target and the trailing gap, as long as no floor decides
and no trend moves the target. That is one equation per distance, linear in the weights.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from publisher.kernel import MarketState, Theta, Weights, distances
from qtops.checks.proposals.view import WEIGHTS, View, close

THETA: Final = Theta()
ROUNDED: Final = 6  # decimals of a weight in a market state
SOLVED: Final = 1e-9  # relative: solved weights give the distances again to this
STEPS: Final = 60  # until the trend's extension, which depends on the weight that is sought, no longer moves
SINGULAR: Final = 1e-12


class Inputs(NamedTuple):
    """What the kernel makes distances of."""

    sigma: float
    ts: float
    weights: tuple[float, ...]  # p_trend, p_mr, p_chop


class Distances(NamedTuple):
    """Stop, target and trailing gap as fractions of the price."""

    stop: float
    take: float
    gap: float

    def equals(self, other: "Distances", share: float = SOLVED) -> bool:
        """Whether all three are the same numbers."""
        return self == other or all(close(one, two, share) for one, two in zip(self, other, strict=True))


def computed(sigma: float, ts: float, weights: Sequence[float]) -> Distances:
    """What the kernel makes of these inputs."""
    return Distances(*distances(state(sigma, ts, weights), THETA)[:3])


def state(sigma: float, ts: float, weights: Sequence[float]) -> MarketState:
    """The inputs as the kernel takes them."""
    trend, mr, chop = weights
    return MarketState(sigma, ts, {"trend": trend, "mr": mr, "chop": chop})


def solve(stated: Distances, sigma: float, ts: float, known: Mapping[str, float]) -> tuple[float, ...] | None:
    """The weights that give the stated distances, those ``known`` held fast; None where there are none, or more than one set."""
    if not sigma > 0.0:
        return None
    extension, found = 1.0, None
    for _ in range(STEPS):
        found = _solve(stated, sigma, extension, known)
        if found is None:
            return None
        moved = distances(state(sigma, ts, found), THETA)[3]
        if moved == extension:
            break
        extension = moved
    exact = tuple(round(weight, ROUNDED) + 0.0 for weight in found or ())
    for weights in (exact, found):
        if weights and computed(sigma, ts, weights).equals(stated):
            return weights
    return None


def distances_of(view: View) -> Distances | None:
    """The three distances, where the proposal states them all."""
    stop, take, gap = map(view.numbers.get, ("stop_dist_pct", "tp_dist_pct", "trail_gap_pct"))
    return None if stop is None or take is None or gap is None else Distances(stop, take, gap)


def inputs_of(view: View) -> tuple[Inputs, tuple[str, ...]] | None:
    """The inputs that a proposal echoes, and the names of those weights that it leaves out and that its distances tell."""
    numbers = view.numbers
    sigma, ts = numbers.get("sigma"), numbers.get("ts")
    if sigma is None or ts is None:
        return None
    if view.weights is not None:
        return Inputs(sigma, ts, view.weights), ()
    stated = distances_of(view)
    missing = tuple(name for name in WEIGHTS if name not in view.reading.fields)
    if stated is None or any(name not in numbers and name not in missing for name in WEIGHTS):
        return None
    found = solve(stated, sigma, ts, {name: numbers[name] for name in WEIGHTS if name in numbers})
    return None if found is None else (Inputs(sigma, ts, found), missing)


def _solve(stated: Distances, sigma: float, extension: float, known: Mapping[str, float]) -> tuple[float, ...] | None:
    """Least squares over the distances that no floor decides."""
    rows: list[tuple[list[float], float]] = []
    floors = THETA.sl_min_pct, THETA.tp_min_pct, THETA.sl_min_pct
    free = [name for name in WEIGHTS if name not in known]
    for value, floor, factor, moved in zip(
        stated, floors, (THETA.k_sl, THETA.k_tp, THETA.k_trail), (1.0, extension, 1.0), strict=True
    ):
        if not close(value, floor):
            factors = _factors(factor)
            rest = value / (sigma * moved) - sum(factors[name] * weight for name, weight in known.items())
            rows.append(([factors[name] for name in free], rest))
    if len(rows) < len(free):
        return None
    size = range(len(free))
    normal = [[sum(row[i] * row[j] for row, _ in rows) for j in size] for i in size]
    solution = _eliminate(normal, [sum(row[i] * value for row, value in rows) for i in size])
    if solution is None:
        return None
    weights = dict(known) | dict(zip(free, solution, strict=True))
    return tuple(weights[name] for name in WEIGHTS)


def _factors(weights: Weights) -> dict[str, float]:
    return dict(zip(WEIGHTS, (weights.trend, weights.mr, weights.chop), strict=True))


def _eliminate(matrix: list[list[float]], right: list[float]) -> list[float] | None:
    """Gauss-Jordan with pivoting, for three unknowns at most."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for index in range(len(rows)):
        pivot = max(range(index, len(rows)), key=lambda row, column=index: abs(rows[row][column]))  # type: ignore[misc]
        rows[index], rows[pivot] = rows[pivot], rows[index]
        if abs(rows[index][index]) < SINGULAR:
            return None
        rows[index] = [value / rows[index][index] for value in rows[index]]
        for other, row in enumerate(rows):
            if other != index:
                rows[other] = [value - row[index] * lead for value, lead in zip(row, rows[index], strict=True)]
    return [row[-1] for row in rows]
