"""The risk kernel of ``publisher.kernel`` over numpy columns: one row per position, one theta for all.

Importing this module imports numpy (about 10 MB and 100 ms), which a publisher of a few symbols never needs: import it where a
batch is large. Equal to the scalar kernel to the last bit, NaN and infinities included, for every theta of finite constants.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
    is_long: Bools
    current: Floats
    peak: Floats
    trough: Floats
    has_sl: Bools
    current_sl: Floats  # meaningful where has_sl


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
        codes: dict[tuple[int, int], tuple[str, ...]] = {}
        columns = (self.proposed_sl, self.proposed_tp, self.stop_dist_pct, self.tp_dist_pct, self.trail_gap_pct)
        columns += (self.tp_extension_factor, self.raw_sl, self.proposed_tp, self.trail_sl)
        numbers = zip(*(column.tolist() for column in columns), strict=True)
        for row, bit, regime in zip(numbers, bits.tolist(), self.regime.tolist(), strict=True):
            if (bit, regime) not in codes:
                codes[bit, regime] = _codes(bit, names[regime])
            yield Proposal(*row, codes[bit, regime])


def _codes(bits: int, regime: str) -> tuple[str, ...]:
    named = ("trail_active", bits & 1), ("sl_tightened_monotonic", bits & 2), ("sl_tightening", bits & 4)
    return tuple(name for name, set_ in (*named, (regime, 1), ("tp_extended", bits & 8)) if set_)


def columns(inputs: Sequence[tuple[MarketState, Position]]) -> Columns:
    """Turn rows into columns. All must name the same regimes in the same order, with numbers throughout.

    Raises ValueError where they differ or a side is neither LONG nor SHORT, TypeError where a value is not a number.
    """
    regimes = tuple(inputs[0][0].regime_probs) if inputs else ("trend", "mr", "chop")
    rows = []
    for market, position in inputs:
        if tuple(market.regime_probs) != regimes:
            raise ValueError(f"{position.symbol!r} names the regimes {tuple(market.regime_probs)}, the batch {regimes}")
        if position.side not in ("LONG", "SHORT"):
            raise ValueError(f"side of {position.symbol!r} is {position.side!r}, neither LONG nor SHORT")
        sl = position.current_sl
        prices = (position.current_price, position.peak_price, position.trough_price)
        flags = (position.side == "LONG", sl is not None, 0.0 if sl is None else sl)
        rows.append((market.sigma, market.ts, *prices, *flags, *market.regime_probs.values()))
    table = np.ascontiguousarray(np.array(rows, dtype=np.float64).reshape(len(rows), 8 + len(regimes)).T)
    sigma, ts, current, peak, trough, is_long, has_sl, current_sl, *_ = table
    return Columns(
        regimes, table[8:], sigma, ts, is_long != 0.0, current, peak, trough, has_sl=has_sl != 0.0, current_sl=current_sl
    )


def compute_batch(c: Columns, theta: Theta = Theta()) -> Proposals:
    """Propose a stop and a target for every row of ``c``; raises ValueError when it names no regime."""
    if not c.regimes:
        raise ValueError("no regime probabilities")
    with np.errstate(all="ignore"):  # infinities and NaN pass through as they do in the scalar kernel
        stop, take, gap, extension = _distances(c, theta)
        # Prices of a SHORT enter with their sign turned, and every comparison below reads as that of a LONG. Exact: IEEE 754
        # rounds x and -x alike.
        sign = 2.0 * c.is_long.astype(np.float64) - 1.0
        raw_sl, raw_tp = sign * c.current * (1.0 - sign * stop), c.current * (1.0 + sign * take)
        trail_sl = sign * _select(c.is_long, c.peak, c.trough) * (1.0 - sign * gap)
        computed, in_force = _select(trail_sl > raw_sl, trail_sl, raw_sl), sign * c.current_sl
        governed = c.has_sl & theta.monotonic_sl
        held = governed & (computed < in_force - theta.eps)
        tightened = governed & (computed > in_force + theta.eps)
        trailing = trail_sl > raw_sl + theta.eps
        sl = sign * _select(held, in_force, computed)
        extended, regime = extension > 1.0 + theta.eps, _dominant(c.probabilities)
    return Proposals(
        c.regimes, sl, raw_tp, stop, take, gap, extension, sign * raw_sl, sign * trail_sl,
        trailing, held, tightened, extended=extended, regime=regime,
    )  # fmt: skip


def _distances(c: Columns, theta: Theta) -> tuple[Floats, Floats, Floats, Floats]:
    by_name: dict[str, Floats] = dict(zip(c.regimes, c.probabilities, strict=True))
    absent = np.zeros_like(c.sigma)
    p_trend, p_mr, p_chop = (by_name.get(name, absent) for name in ("trend", "mr", "chop"))

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
    extension = _select(trending, 1.0 + added, np.ones_like(added))
    stop = np.fmax(theta.sl_min_pct, volatility(theta.k_sl))
    take = np.fmax(theta.tp_min_pct, volatility(theta.k_tp) * extension)
    gap = np.fmax(theta.sl_min_pct, volatility(theta.k_trail))
    return stop, take, gap, extension


def _dominant(probabilities: Floats) -> NDArray[np.intp]:
    """Row by row, keep the first and replace it only by a strictly greater one (``numpy.argmax`` would prefer a NaN)."""
    best, index = probabilities[0], np.zeros(probabilities.shape[1], dtype=np.intp)
    for row in range(1, len(probabilities)):
        greater = probabilities[row] > best
        best, index = _select(greater, probabilities[row], best), np.maximum(index, row * greater)
    return index


def _select(condition: Bools, yes: Floats, no: Floats) -> Floats:
    """``numpy.where`` by bits."""
    mask = -condition.astype(np.int64)
    other = no.view(np.int64)
    chosen = yes.view(np.int64) ^ other
    chosen &= mask
    chosen ^= other
    return chosen.view(np.float64)
