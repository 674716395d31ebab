"""A market that does not exist: prices, volatility, regimes, and positions that open and close. For the demo and for tests.

Prices follow a geometric Brownian motion whose drift and volatility depend on a regime that switches at random (Hamilton, 1989).
What is told of them is what the market state publisher tells: estimates, exponentially weighted here. Pure: the same seed and the
same steps give the same market. ``publisher.simulator`` writes it to Redis.
"""

from dataclasses import dataclass, replace
from math import exp, expm1, log, sqrt
from random import Random
from typing import Final

SOURCE: Final = "simulator"  # stands in every hash, so that nobody takes it for the truth
BAR_S: Final = 5.0  # a bar lasts five seconds instead of a minute or more: a demo shows a stop that trails
DECAY: Final = 0.94  # weight per bar of the estimates (RiskMetrics, 1996)
SIGMA_FLOOR: Final = 1e-6  # as in the market state publisher
OPEN_BARS: Final = 10.0  # mean time that a position stays open
CLOSED_BARS: Final = 3.0  # mean time until the next one
RANGE: Final = 1.0  # a price stays within a factor of e of its start, so that a long run cannot reach zero
_START_PRICES: Final = {"BTCUSDT": 68_000.0, "ETHUSDT": 3_500.0, "SOLUSDT": 150.0}


@dataclass(frozen=True, slots=True)
class Regime:
    """How a price moves. ``volatility`` and ``drift`` are multiples of the symbol's volatility per bar, ``pull`` is per bar."""

    volatility: float
    drift: float
    pull: float
    mean_bars: float


REGIMES: Final = {"trend": Regime(0.9, 0.5, 0.0, 12.0), "mr": Regime(0.8, 0.0, 0.4, 8.0), "chop": Regime(1.3, 0.0, 0.0, 8.0)}


@dataclass(frozen=True, slots=True)
class Estimates:
    """What an observer makes of the price: per bar, exponentially weighted."""

    variance: float
    mu: float = 0.0
    persistence: float = 0.5  # share of returns with the sign of the one before
    variance_ratio: float = 1.0  # of two returns to one: above 1 they follow, below 1 they revert
    last_return: float = 0.0

    @property
    def sigma(self) -> float:
        """Standard deviation of one bar's log-return."""
        return max(sqrt(self.variance), SIGMA_FLOOR)


@dataclass(frozen=True, slots=True)
class Holding:
    """An open position. ``quantity`` is unsigned."""

    side: str
    quantity: float
    entry_price: float


@dataclass(frozen=True, slots=True)
class SymbolState:
    """One symbol at one moment. ``says_flat``: after a close its writer leaves a FLAT hash rather than none."""

    symbol: str
    start_price: float
    volatility: float
    price: float
    regime: str
    heading: float
    anchor: float
    estimates: Estimates
    holding: Holding | None
    says_flat: bool


def generator(symbol: str, seed: int) -> Random:
    """The source of chance of one symbol; its own, so that more symbols do not change the others."""
    return Random(f"{seed}/{symbol}")  # noqa: S311 - chance, no secret


def opening(symbol: str, number: int, rng: Random) -> SymbolState:
    """The first state. Of three symbols one starts LONG, one SHORT and one with no position, by ``number``."""
    price = _START_PRICES.get(symbol) or exp(rng.uniform(log(0.5), log(500.0)))
    volatility = rng.uniform(0.006, 0.012)  # mostly above the kernel's floors
    side = ("LONG", "SHORT", None)[number % 3]
    holding = None if side is None else Holding(side, _quantity(price, rng), price)
    heading = rng.choice((1.0, -1.0))
    regime = rng.choice(tuple(REGIMES))
    return SymbolState(symbol, price, volatility, price, regime, heading, price, Estimates(volatility**2), holding, says_flat=False)


def step(state: SymbolState, dt_s: float, rng: Random) -> SymbolState:
    """The state ``dt_s`` seconds later (> 0)."""
    bars = dt_s / BAR_S
    if _happens(bars / REGIMES[state.regime].mean_bars, rng):
        regime = rng.choice([name for name in REGIMES if name != state.regime])
        state = replace(state, regime=regime, heading=rng.choice((1.0, -1.0)), anchor=state.price)
    price = _moved(state, bars, rng)
    estimates = _estimated(state.estimates, log(price / state.price), bars)
    return _traded(replace(state, price=price, estimates=estimates), bars, rng)


def _happens(rate: float, rng: Random) -> bool:
    return rng.random() < -expm1(-rate)


def _moved(state: SymbolState, bars: float, rng: Random) -> float:
    regime = REGIMES[state.regime]
    drift = regime.drift * state.heading * state.volatility * bars
    pull = log(state.anchor / state.price) * -expm1(-regime.pull * bars)
    noise = regime.volatility * state.volatility * sqrt(bars) * rng.gauss(0.0, 1.0)
    offset = log(state.price / state.start_price) + drift + pull + noise
    return state.start_price * exp(min(max(offset, -RANGE), RANGE))


def _estimated(old: Estimates, change: float, bars: float) -> Estimates:
    new_weight = -expm1(bars * log(DECAY))

    def weigh(before: float, now: float) -> float:
        return before + new_weight * (now - before)

    variance = weigh(old.variance, change**2 / bars)
    both = (change + old.last_return) ** 2 / (2.0 * bars * max(variance, SIGMA_FLOOR**2))
    return Estimates(
        variance=variance,
        mu=weigh(old.mu, change / bars),
        persistence=weigh(old.persistence, float(change * old.last_return > 0.0)),
        variance_ratio=weigh(old.variance_ratio, min(both, 4.0)),
        last_return=change,
    )


def _traded(state: SymbolState, bars: float, rng: Random) -> SymbolState:
    """Open or close the position, or leave it."""
    if state.holding is not None:
        if _happens(bars / OPEN_BARS, rng):
            return replace(state, holding=None, says_flat=rng.random() < 0.5)
    elif _happens(bars / CLOSED_BARS, rng):
        with_trend = state.heading if state.regime == "trend" else rng.choice((1.0, -1.0))
        side = "LONG" if with_trend > 0.0 else "SHORT"
        return replace(state, holding=Holding(side, _quantity(state.price, rng), state.price), says_flat=False)
    return state


def _quantity(price: float, rng: Random) -> float:
    return float(f"{rng.uniform(500.0, 5_000.0) / price:.3g}")  # worth 500 to 5,000 in quote currency


def probabilities(estimates: Estimates) -> tuple[float, float, float]:
    """p_trend, p_mr, p_chop as the market state publisher scores them: a softmax over trend, reversion and indecision."""
    strength, reversion = trend_strength(estimates), abs(estimates.variance_ratio - 1.0)
    persistence = estimates.persistence
    scores = (
        strength + persistence - reversion,
        reversion - strength - persistence,
        (1.0 - persistence) + (1.0 - min(strength, 1.0)) - reversion,
    )
    weights = [exp(score - max(scores)) for score in scores]
    trend, mr, chop = (weight / sum(weights) for weight in weights)
    return trend, mr, chop


def trend_strength(estimates: Estimates) -> float:
    """|mu| / sigma, what the market state calls ``ts``."""
    return abs(estimates.mu) / estimates.sigma


def market_hash(state: SymbolState, now_s: float) -> dict[str, str]:
    """The market state as its publisher writes it, with its source."""
    estimates = state.estimates
    p_trend, p_mr, p_chop = probabilities(estimates)
    return {
        "sigma": f"{estimates.sigma:.8f}",
        "mu": f"{estimates.mu:.8f}",
        "ts": f"{trend_strength(estimates):.6f}",
        "p_trend": f"{p_trend:.6f}",
        "p_mr": f"{p_mr:.6f}",
        "p_chop": f"{p_chop:.6f}",
        "dp": f"{estimates.persistence:.6f}",
        "vr": f"{estimates.variance_ratio:.6f}",
        "spike_proxy": f"{abs(estimates.last_return) / estimates.sigma:.6f}",
        "ts_timestamp": str(int(now_s)),
        "buffer_size": "256",  # the real one's window; here the estimates keep none
        "source": SOURCE,
    }


def position_hash(state: SymbolState, now_s: float) -> dict[str, str] | None:
    """The position in the canonical form; FLAT or None where none is open."""
    holding = state.holding
    if holding is None and not state.says_flat:
        return None
    sign = 0.0 if holding is None else 1.0 if holding.side == "LONG" else -1.0
    quantity, entry = (0.0, 0.0) if holding is None else (holding.quantity, holding.entry_price)
    return {
        "symbol": state.symbol,
        "position_amt": f"{sign * quantity:.8f}",
        "side": "FLAT" if holding is None else holding.side,
        "quantity": f"{quantity:.8f}",
        "entry_price": f"{entry:.6f}",
        "mark_price": f"{state.price:.6f}",
        "current_price": f"{state.price:.6f}",
        "unrealized_pnl": f"{sign * quantity * (state.price - entry):.6f}",
        "leverage": "5",
        "ts_epoch": str(int(now_s)),
        "source": SOURCE,
    }
