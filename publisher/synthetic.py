"""Invented positions, for trying things out without an exchange. Used only where asked for by name, and named so in every hash.

The numbers are those of the founding publisher's fallback, so that its evidence can be reproduced.
"""

from collections.abc import Sequence

from publisher.codec import PositionInput


def synthetic_positions(symbols: Sequence[str]) -> dict[str, PositionInput]:
    """One LONG per symbol: entry 100, 1100, 2100, …, 5 % in profit, 2 % off its peak."""
    return {symbol: _position(100.0 + 1000.0 * index, index) for index, symbol in enumerate(symbols)}


def _position(entry: float, index: int) -> PositionInput:
    current = entry * 1.05
    return PositionInput(
        "LONG",
        entry,
        current,
        peak_price=current * 1.02,
        trough_price=entry * 0.98,
        age_sec=3600.0 + 600.0 * index,
        current_sl=entry * 1.02,
        current_tp=entry * 1.10,
        source="synthetic",
        writer="synthetic",
    )
