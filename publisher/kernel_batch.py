"""The risk kernel of ``publisher.kernel`` over numpy columns: one row per position, one theta for all.

Importing this module imports numpy (about 10 MB and 100 ms), which a publisher of a few symbols never needs: import it where a
batch is large. Equal to the scalar kernel to the last bit, NaN and infinities included, for every theta of finite constants.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from publisher.kernel import (
    TREND_EXTENSION_PROBABILITY,
    TREND_EXTENSION_STRENGTH,
    MarketState,
    Position,
    Proposal,
    Theta,
    Weights,
)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Columns:
    """The inputs of n positions. ``probabilities`` is (regimes, n) in insertion order, ``regimes`` names its rows."""

    regimes: tuple[str, ...]
    probabilities: Floats
    sigma: Floats
    ts: Floats
    sign: Floats  # 1 for LONG, -1 for SHORT
    current: Floats
    extreme: Floats  # peak of a LONG, trough of a SHORT
    current_sl: Floats  # NaN for none: no comparison with it is true, just as without a stop


@dataclass(frozen=True, slots=True)
class Proposals:
    """The outputs of n positions, a column each; ``regime`` indexes ``regimes``."""

    regimes: tuple[str, ...]
    proposed_sl: Floats
    proposed_tp: Floats
    stop_dist_pct: Floats
    tp_dist_pct: Floats
    trail_gap_pct: Floats
    tp_extension_factor: Floats
    raw_sl: Floats
    trail_sl: Floats
    trailing: Bools
    held: Bools
    tightened: Bools
    extended: Bools
    regime: NDArray[np.intp]

    def rows(self) -> Iterator[Proposal]:
        """Each position's proposal, equal to what the scalar kernel gives."""
        names = [f"regime_{name}" for name in self.regimes]
        bits = self.trailing + 2 * self.held + 4 * self.tightened + 8 * self.extended
        codes = {pair: _codes(pair[0], names[pair[1]]) for pair in set(zip(bits.tolist(), self.regime.tolist(), strict=True))}
        yield from map(
            Proposal,
            self.proposed_sl.tolist(),
            self.proposed_tp.tolist(),
            self.stop_dist_pct.tolist(),
            self.tp_dist_pct.tolist(),
            self.trail_gap_pct.tolist(),
            self.tp_extension_factor.tolist(),
            self.raw_sl.tolist(),
            self.proposed_tp.tolist(),
            self.trail_sl.tolist(),
            map(codes.__getitem__, zip(bits.tolist(), self.regime.tolist(), strict=True)),
        )


def _codes(bits: int, regime: str) -> tuple[str, ...]:
    named = ("trail_active", bits & 1), ("sl_tightened_monotonic", bits & 2), ("sl_tightening", bits & 4)
    return tuple(name for name, set_ in (*named, (regime, 1), ("tp_extended", bits & 8)) if set_)


def columns(inputs: Sequence[tuple[MarketState, Position]]) -> Columns:
    """Turn rows into columns. All must name the same regimes in the same order, with numbers throughout.

    Raises ValueError where they differ or a side is neither LONG nor SHORT, TypeError where a value is not a number.
    """
    regimes = tuple(inputs[0][0].regime_probs) if inputs else ("trend", "mr", "chop")
    flat = array("d")  # unlike numpy it takes numbers only: no text, no None
    for market, position in inputs:
        if tuple(market.regime_probs) != regimes:
            raise ValueError(f"{position.symbol!r} names the regimes {tuple(market.regime_probs)}, the batch {regimes}")
        if position.side == "LONG":
            sign, extreme = 1.0, position.peak_price
        elif position.side == "SHORT":
            sign, extreme = -1.0, position.trough_price
        else:
            raise ValueError(f"side of {position.symbol!r} is {position.side!r}, neither LONG nor SHORT")
        held = nan if position.current_sl is None else position.current_sl
        flat.extend((market.sigma, market.ts, sign, position.current_price, extreme, held, *market.regime_probs.values()))
    table = np.ascontiguousarray(np.array(flat).reshape(len(inputs), 6 + len(regimes)).T)
    return Columns(regimes, table[6:], *table[:6])


def compute_batch(c: Columns, theta: Theta = Theta()) -> Proposals:
    """Propose a stop and a target for every row of ``c``; raises ValueError when it names no regime."""
    if not c.regimes:
        raise ValueError("no regime probabilities")
    with np.errstate(all="ignore"):  # infinities and NaN pass through as they do in the scalar kernel
        stop, take, gap, extension = _distances(c, theta)
        # Prices of a SHORT enter with their sign turned, and every comparison below reads as that of a LONG. Exact: IEEE 754
        # rounds x and -x alike.
        raw_sl, raw_tp = c.sign * c.current * (1.0 - c.sign * stop), c.current * (1.0 + c.sign * take)
        trail_sl = c.sign * c.extreme * (1.0 - c.sign * gap)
        computed = np.where(trail_sl > raw_sl, trail_sl, raw_sl)
        in_force = c.sign * c.current_sl if theta.monotonic_sl else np.full_like(c.sign, np.nan)
        held, tightened = computed < in_force - theta.eps, computed > in_force + theta.eps
        sl = c.sign * np.where(held, in_force, computed)
        trailing, extended = trail_sl > raw_sl + theta.eps, extension > 1.0 + theta.eps
        regime = _dominant(c.probabilities)
    return Proposals(
        c.regimes, sl, raw_tp, stop, take, gap, extension, c.sign * raw_sl, c.sign * trail_sl,
        trailing, held, tightened, extended, regime,
    )  # fmt: skip


def _distances(c: Columns, theta: Theta) -> tuple[Floats, Floats, Floats, Floats]:
    given: dict[str, Floats] = dict(zip(c.regimes, c.probabilities, strict=True))
    p_trend, p_mr, p_chop = (given[name] if name in given else np.zeros_like(c.sigma) for name in ("trend", "mr", "chop"))

    def volatility(k: Weights) -> Floats:
        """Sigma times its weighted multiplier, in place: half the time here is first touch of memory."""
        total = k.trend * p_trend
        total += k.mr * p_mr
        total += k.chop * p_chop
        total *= c.sigma
        return total

    # fmax and fmin drop a NaN of the column, as the kernel's MAX and MIN do when the constant comes first; where the constant comes
    # second the NaN stays, hence minimum.
    strength = np.fmax(0.0, np.fmin(1.0, c.ts))
    added = np.minimum(theta.tp_extend_gain * strength * p_trend, theta.tp_extend_max)
    trending = (p_trend > TREND_EXTENSION_PROBABILITY) & (c.ts > TREND_EXTENSION_STRENGTH)
    extension = np.where(trending, 1.0 + added, 1.0)
    stop = np.fmax(theta.sl_min_pct, volatility(theta.k_sl))
    take = np.fmax(theta.tp_min_pct, volatility(theta.k_tp) * extension)
    gap = np.fmax(theta.sl_min_pct, volatility(theta.k_trail))
    return stop, take, gap, extension


def _dominant(probabilities: Floats) -> NDArray[np.intp]:
    """Row by row, keep the first and replace it only by a strictly greater one (``numpy.argmax`` would prefer a NaN)."""
    best, index = probabilities[0], np.zeros(probabilities.shape[1], dtype=np.intp)
    for row in range(1, len(probabilities)):
        index = np.maximum(index, row * (probabilities[row] > best).astype(np.intp))
        best = np.maximum(best, np.fmax(best, probabilities[row]))  # a NaN stays where it is first and is dropped where it is not
    return index
