"""The risk kernel, version 1: one position and one market state in, a stop-loss and a take-profit out.

Pure functions over frozen values: no clock, no I/O, no environment. ``compute`` is the scalar form; ``publisher.kernel_batch``
holds the same formulas over numpy columns. Both keep the deployed kernel's order of operations, so that every result is equal to
the last bit (tests/data/kernel_v1_public.jsonl).

Prices are in quote currency, distances are fractions of the price (0.005 = 0.5 %), ``sigma`` is the standard deviation of one
bar's log-return and the regime probabilities weigh the multipliers. Version 1 neither normalises nor clips anything, and returns a
stop beyond the price or beyond the target as readily as a sane one. ``flags`` names those, for a consumer to tell them apart.

``max`` and ``min`` are Python's own: they return their first argument unless the second is strictly beyond it. So the order of the
arguments decides what a NaN does: in second place it loses, in first place it stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

PROBABILITY_TOLERANCE = 1e-5  # three probabilities rounded to six decimals sum to 1 within 1.5e-6

TREND_EXTENSION_PROBABILITY = 0.3  # p_trend above this, and
TREND_EXTENSION_STRENGTH = 0.1  # ts above this, move the target outwards


@dataclass(frozen=True, slots=True)
class Weights:
    """Multipliers of sigma, one per regime."""

    trend: float = 1.0
    mr: float = 1.0
    chop: float = 1.0


@dataclass(frozen=True, slots=True)
class Theta:
    """The kernel's constants. ``Theta()`` is what the deployed kernel uses when it is given none."""

    k_sl: Weights = Weights(1.5, 0.8, 1.0)
    k_tp: Weights = Weights(2.5, 1.2, 1.5)
    k_trail: Weights = Weights(1.2, 1.5, 1.3)
    sl_min_pct: float = 0.005
    tp_min_pct: float = 0.01
    eps: float = 1e-8  # absolute, in price units: below a price of 1e-6 the SL codes and monotonicity stop biting
    monotonic_sl: bool = True
    tp_extend_gain: float = 0.5
    tp_extend_max: float = 0.3

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "Theta":
        """Read constants given by a caller. They are not merged with the defaults: a multiplier that is not named is 1.0,
        a scalar that is not named keeps its default, unknown names are ignored.
        """
        scalars = ("sl_min_pct", "tp_min_pct", "eps", "monotonic_sl", "tp_extend_gain", "tp_extend_max")
        k_sl, k_tp, k_trail = (_weights(values.get(name, {})) for name in ("k_sl", "k_tp", "k_trail"))
        return cls(k_sl, k_tp, k_trail, **{name: values[name] for name in scalars if name in values})


def _weights(table: Mapping[str, float]) -> Weights:
    return Weights(**{name: table[name] for name in ("trend", "mr", "chop") if name in table})


@dataclass(frozen=True, slots=True)
class MarketState:
    """Volatility, trend strength and regime of one symbol. The order of ``regime_probs`` decides ties."""

    sigma: float = 0.0
    ts: float = 0.0  # trend strength |mu| / sigma, not a time
    regime_probs: Mapping[str, float] = field(default_factory=dict)
    mu: float = 0.0  # carried, never used


@dataclass(frozen=True, slots=True)
class Position:
    """An open position. ``peak_price`` is the highest and ``trough_price`` the lowest price since it was opened, for both sides."""

    symbol: str
    side: str  # exactly "LONG" or "SHORT"
    entry_price: float
    current_price: float
    peak_price: float
    trough_price: float
    age_sec: float = 0.0
    unrealized_pnl: float = 0.0
    current_sl: float | None = None
    current_tp: float | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the kernel proposes. ``proposed_tp`` always equals ``raw_tp``."""

    proposed_sl: float
    proposed_tp: float
    stop_dist_pct: float
    tp_dist_pct: float
    trail_gap_pct: float
    tp_extension_factor: float
    raw_sl: float
    raw_tp: float
    trail_sl: float
    reason_codes: tuple[str, ...]


def compute(symbol: str, market: MarketState, position: Position, theta: Theta = Theta()) -> Proposal:
    """Propose a stop and a target for ``position``.

    Raises ValueError when the symbols differ, the side is neither LONG nor SHORT or no regime is given; TypeError and
    AttributeError when a value that enters the arithmetic is not a number or the regimes are not a mapping.
    """
    if symbol != position.symbol:
        raise ValueError(f"position of {position.symbol!r} given for {symbol!r}")
    if position.side not in ("LONG", "SHORT"):
        raise ValueError(f"side of {symbol!r} is {position.side!r}, neither LONG nor SHORT")
    stop, take, gap, extension = distances(market, theta)
    current = position.current_price
    if position.side == "LONG":
        raw_sl, raw_tp = current * (1.0 - stop), current * (1.0 + take)
        trail_sl = position.peak_price * (1.0 - gap)
        trailing = trail_sl > raw_sl + theta.eps
        computed = max(raw_sl, trail_sl)
    else:
        raw_sl, raw_tp = current * (1.0 + stop), current * (1.0 - take)
        trail_sl = position.trough_price * (1.0 + gap)
        trailing = trail_sl < raw_sl - theta.eps
        computed = min(raw_sl, trail_sl)
    sl, moved = _hold(position, computed, theta)
    codes = (
        "trail_active" if trailing else "",
        moved,
        f"regime_{dominant_regime(market.regime_probs)}",
        "tp_extended" if extension > 1.0 + theta.eps else "",
    )
    return Proposal(sl, raw_tp, stop, take, gap, extension, raw_sl, raw_tp, trail_sl, tuple(filter(None, codes)))


def distances(market: MarketState, theta: Theta = Theta()) -> tuple[float, float, float, float]:
    """Stop, target and trailing gap as fractions of the price, and the factor by which a trend moved the target."""
    probability = market.regime_probs.get
    p_trend, p_mr, p_chop = probability("trend", 0.0), probability("mr", 0.0), probability("chop", 0.0)
    sigma = market.sigma
    k_sl, k_tp, k_trail = theta.k_sl, theta.k_tp, theta.k_trail
    stop = max(theta.sl_min_pct, (k_sl.trend * p_trend + k_sl.mr * p_mr + k_sl.chop * p_chop) * sigma)
    extension = 1.0
    if p_trend > TREND_EXTENSION_PROBABILITY and market.ts > TREND_EXTENSION_STRENGTH:
        strength = max(0.0, min(1.0, market.ts))
        extension = 1.0 + min(theta.tp_extend_gain * strength * p_trend, theta.tp_extend_max)
    take = max(theta.tp_min_pct, (k_tp.trend * p_trend + k_tp.mr * p_mr + k_tp.chop * p_chop) * sigma * extension)
    gap = max(theta.sl_min_pct, (k_trail.trend * p_trend + k_trail.mr * p_mr + k_trail.chop * p_chop) * sigma)
    return stop, take, gap, extension


def _hold(position: Position, computed: float, theta: Theta) -> tuple[float, str]:
    """Keep the stop in force where the computed one would loosen it. Within +-eps the computed one stands, with no code."""
    held = position.current_sl
    if not theta.monotonic_sl or held is None:
        return computed, ""
    below, above = computed < held - theta.eps, computed > held + theta.eps
    loosened, tightened = (below, above) if position.side == "LONG" else (above, below)
    if loosened:
        return held, "sl_tightened_monotonic"
    return computed, "sl_tightening" if tightened else ""


def dominant_regime(probabilities: Mapping[str, float]) -> str:
    """The most probable regime; a tie goes to the first inserted, and a NaN in first place is never displaced."""
    names = iter(probabilities.items())
    best = next(names, None)
    if best is None:
        raise ValueError("no regime probabilities")
    for name, probability in names:
        if probability > best[1]:
            best = (name, probability)
    return best[0]


def flags(market: MarketState, position: Position, proposal: Proposal, theta: Theta = Theta()) -> tuple[str, ...]:
    """What a consumer must know before it places these levels; empty when they can rest in the market as they are."""
    sl, tp, current = proposal.proposed_sl, proposal.proposed_tp, position.current_price
    sign = 1.0 if position.side == "LONG" else -1.0
    probabilities = market.regime_probs.values()
    found = {
        "non_finite": not (isfinite(sl) and isfinite(tp)),
        "nonpositive": sl <= 0.0 or tp <= 0.0,
        "stop_breached": (sl - current) * sign >= 0.0,  # the stop is at or through the price: exit now, not a resting level
        "bracket_crossed": (sl - tp) * sign >= 0.0,  # the loss exit lies at or beyond the profit exit
        "probs_not_normalised": not abs(sum(probabilities) - 1.0) <= PROBABILITY_TOLERANCE,
        "prob_exactly_zero": 0.0 in probabilities,  # a softmax never gives one: a regime was lost on the way
        "sigma_floor": proposal.stop_dist_pct == theta.sl_min_pct,  # sigma was too small to decide the stop
        "tp_floor": proposal.tp_dist_pct == theta.tp_min_pct,
    }
    return tuple(name for name, true in found.items() if true)
