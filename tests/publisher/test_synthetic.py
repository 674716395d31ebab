"""Invented positions: the founding publisher's numbers, and marked."""

from publisher.codec import PositionInput
from publisher.synthetic import synthetic_positions


def test_they_are_the_founding_publishers() -> None:
    positions = synthetic_positions(["BTCUSDT", "ETHUSDT"])
    assert positions["BTCUSDT"] == PositionInput(
        "LONG", 100.0, 105.0, peak_price=105.0 * 1.02, trough_price=98.0, age_sec=3600.0, current_sl=102.0,
        current_tp=100.0 * 1.10, source="synthetic", writer="synthetic",
    )  # fmt: skip
    assert (positions["ETHUSDT"].entry_price, positions["ETHUSDT"].age_sec) == (1100.0, 4200.0)


def test_every_one_says_what_it_is() -> None:
    assert {(p.source, p.writer) for p in synthetic_positions([f"S{n}" for n in range(50)]).values()} == {
        ("synthetic", "synthetic")
    }
