"""A healthy market state and position, as values and as what Redis holds. A test names only what is sick.

``market(sigma=0.0)`` · ``position(side="SHORT", peak_price=120.0)`` · ``market_hash(p_trend=None)`` leaves the field out ·
``position_values(current_price="nan", mark_price="1_000")`` sets fields and aliases by their name on the wire.

Healthy means: both sides get a stop and a target that can rest in the market, and no flag.
"""

from typing import Any

from publisher.codec import MARKET_NAMES, POSITION_NAMES
from publisher.kernel import MarketState, Position

SYMBOL = "BTCUSDT"
NOW_S = 1_771_372_692  # 2026-02-17T23:58:12Z; pass ts_timestamp= and ts_epoch= where a test runs against the real clock


def market(**sick: Any) -> MarketState:
    """A choppy market with 1.2 % volatility: stop 1.25 %, target 1.93 %, trailing gap 1.61 %."""
    healthy = {"sigma": 0.012, "ts": 0.05, "regime_probs": {"trend": 0.2, "mr": 0.3, "chop": 0.5}, "mu": 0.0006}
    return MarketState(**(healthy | sick))


def position(**sick: Any) -> Position:
    """A young position at 100.5, between a trough of 100 and a peak of 101."""
    healthy = {
        "symbol": SYMBOL,
        "side": "LONG",
        "entry_price": 100.0,
        "current_price": 100.5,
        "peak_price": 101.0,
        "trough_price": 100.0,
    }
    return Position(**(healthy | sick))


def market_hash(**sick: Any) -> dict[bytes, bytes]:
    """The market state hash of ``market()``; None leaves a field out."""
    healthy = {
        "sigma": "0.01200000", "mu": "0.00060000", "ts": "0.050000", "p_trend": "0.200000", "p_mr": "0.300000", "p_chop": "0.5",
        "dp": "0.470588", "vr": "1.007189", "spike_proxy": "0.847535", "ts_timestamp": NOW_S, "buffer_size": 256,
    }  # fmt: skip
    return _wire(healthy | sick)


def position_hash(**sick: Any) -> dict[bytes, bytes]:
    """The position hash of the canonical dialect; its sizes agree with ``side``. None leaves a field out."""
    amount = {"SHORT": "-0.5", "SELL": "-0.5", "FLAT": "0", "NONE": "0"}.get(str(sick.get("side")), "0.5")
    healthy = {
        "symbol": SYMBOL, "position_amt": amount, "side": "LONG", "quantity": amount.lstrip("-"), "entry_price": "100.0",
        "mark_price": "100.5", "current_price": "100.5", "unrealized_pnl": "0.25", "leverage": "10", "ts_epoch": NOW_S,
        "source": "position_state_brain",
    }  # fmt: skip
    return _wire(healthy | sick)


def market_values(**sick: Any) -> list[bytes | None]:
    """What ``HMGET <market key> *MARKET_NAMES`` replies."""
    fields = market_hash(**sick)
    return [fields.get(name.encode()) for name in MARKET_NAMES]


def position_values(**sick: Any) -> list[bytes | None]:
    """What ``HMGET <position key> *POSITION_NAMES`` replies."""
    fields = position_hash(**sick)
    return [fields.get(name.encode()) for name in POSITION_NAMES]


def _wire(fields: dict[str, Any]) -> dict[bytes, bytes]:
    texts = {
        name: value if isinstance(value, bytes) else str(value).encode() for name, value in fields.items() if value is not None
    }
    return {name.encode(): text for name, text in texts.items()}
