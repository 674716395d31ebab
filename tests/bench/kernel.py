"""The kernel over numpy columns against a loop over the scalar kernel."""

import random
from collections.abc import Iterator
from itertools import starmap

from publisher.kernel import MarketState, Position, compute
from publisher.kernel_batch import columns, compute_batch
from tests.bench.measuring import Arm, Effort, best_ratio, interleave
from tests.bench.results import Result

LIMIT = 50.0
SCALAR, COLUMNS, ROWS = "scalar", "columns", "rows"


def inputs(count: int) -> list[tuple[MarketState, Position]]:
    """Positions of both sides, with and without a stop in force, in all regimes."""
    chance = random.Random(1)
    return [(_market(chance), _position(chance, f"S{number}")) for number in range(count)]


def _market(chance: random.Random) -> MarketState:
    weights = [chance.random() for _ in range(3)]
    names = ("trend", "mr", "chop")
    return MarketState(
        chance.uniform(0.001, 0.05), chance.random(), {n: w / sum(weights) for n, w in zip(names, weights, strict=True)}
    )


def _position(chance: random.Random, symbol: str) -> Position:
    price = chance.uniform(0.5, 70_000.0)
    held = price * chance.uniform(0.9, 1.1) if chance.random() < 0.5 else None
    peak, trough = price * chance.uniform(1.0, 1.05), price * chance.uniform(0.95, 1.0)
    return Position(symbol, chance.choice(("LONG", "SHORT")), price, price, peak, trough, current_sl=held)


def measure(effort: Effort) -> Iterator[Result]:
    """Columns in and out; and rows in and out, as the publisher uses it."""
    rows = inputs(effort.symbols)
    table = columns(rows)
    arguments = [(position.symbol, market, position) for market, position in rows]
    arms = (
        Arm(SCALAR, lambda: list(starmap(compute, arguments))),
        Arm(COLUMNS, lambda: compute_batch(table)),
        Arm(ROWS, lambda: list(compute_batch(columns(rows)).rows())),
    )
    times = interleave(arms, 3 * effort.rounds)
    how = f"scalar {times[SCALAR]}; batch {times[COLUMNS]}; rows to columns to rows {times[ROWS]}; ratio of the fastest rounds"
    for name, limit in ((COLUMNS, LIMIT), (ROWS, None)):
        yield Result(
            f"kernel batch of {effort.symbols:,} positions, {name} in and out",
            best_ratio(times[SCALAR], times[name]),
            "× as fast as the scalar loop",
            limit,
            "at least",
            max(times[SCALAR].spread, times[name].spread),
            how,
        )
