"""The simulated market: the same for the same seed, always readable, and with something going on in it."""

from collections.abc import Iterator
from itertools import islice, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.codec import MARKET_NAMES, POSITION_NAMES, Closed, MarketInput, PositionInput, decode_market, decode_position
from publisher.simulated_market import SOURCE, SymbolState, generator, market_hash, opening, position_hash, probabilities, step

NOW_S = 1_771_372_692.7
ANY_SEED = st.integers()
ANY_STEPS = st.lists(st.floats(0.001, 1e6), max_size=30)


def history(seed: int = 1, number: int = 0, dt_s: float = 1.0, symbol: str = "BTCUSDT") -> Iterator[SymbolState]:
    rng = generator(symbol, seed)
    state = opening(symbol, number, rng)
    while True:
        yield state
        state = step(state, dt_s, rng)


def after(seed: int, number: int, steps: list[float]) -> SymbolState:
    rng = generator("XYZUSDT", seed)
    state = opening("XYZUSDT", number, rng)
    for dt_s in steps:
        state = step(state, dt_s, rng)
    return state


def wire(fields: dict[str, str], names: tuple[str, ...]) -> list[bytes | None]:
    return [fields[name].encode() if name in fields else None for name in names]


def test_the_same_seed_gives_the_same_market() -> None:
    assert list(islice(history(seed=7), 200)) == list(islice(history(seed=7), 200))
    assert list(islice(history(seed=7), 200)) != list(islice(history(seed=8), 200))


def test_symbols_are_independent_of_each_other() -> None:
    assert [state.price for state in islice(history(symbol="A"), 9)] != [state.price for state in islice(history(symbol="B"), 9)]


@given(ANY_SEED, st.integers(0, 5), ANY_STEPS)
def test_every_market_hash_is_read_without_complaint(seed: int, number: int, steps: list[float]) -> None:
    fields = market_hash(after(seed, number, steps), NOW_S)
    read = decode_market(wire(fields, MARKET_NAMES))
    assert isinstance(read, MarketInput)
    assert read.source == fields["source"] == SOURCE
    assert read.taken_at_s == int(NOW_S)
    assert abs(sum(read.state.regime_probs.values()) - 1.0) <= 1.5e-6
    assert read.state.sigma >= 1e-6
    assert read.state.ts >= 0.0


@given(ANY_SEED, st.integers(0, 5), ANY_STEPS)
def test_every_position_hash_is_read_without_complaint(seed: int, number: int, steps: list[float]) -> None:
    state = after(seed, number, steps)
    fields = position_hash(state, NOW_S)
    read = decode_position([None] * len(POSITION_NAMES) if fields is None else wire(fields, POSITION_NAMES))
    if state.holding is None:
        assert read == Closed(stated=state.says_flat)
    else:
        assert isinstance(read, PositionInput)
        assert (read.side, read.writer, read.aliases) == (state.holding.side, SOURCE, ())
        assert (read.unrealized_pnl or 0.0) * (read.current_price - read.entry_price) * (1 if read.side == "LONG" else -1) >= 0.0


@given(ANY_SEED, ANY_STEPS)
def test_the_probabilities_are_a_distribution(seed: int, steps: list[float]) -> None:
    shares = probabilities(after(seed, 0, steps).estimates)
    assert min(shares) > 0.0
    assert abs(sum(shares) - 1.0) < 1e-12


@settings(max_examples=20)
@given(ANY_SEED, st.integers(0, 2))
def test_positions_open_and_close_on_both_sides(seed: int, number: int) -> None:
    states = list(islice(history(seed, number), 3000))  # fifty minutes
    assert {state.holding.side for state in states if state.holding} == {"LONG", "SHORT"}
    assert {state.says_flat for state in states if not state.holding} == {True, False}
    opened = sum(1 for before, now in pairwise(states) if now.holding and now.holding != before.holding)
    assert 10 < opened < 150


def test_of_three_symbols_one_starts_long_one_short_and_one_with_no_position() -> None:
    starts = [next(history(number=number)).holding for number in range(3)]
    assert [holding and holding.side for holding in starts] == ["LONG", "SHORT", None]


def test_all_regimes_are_met_and_the_observer_tells_a_trend_from_chop() -> None:
    seen: dict[str, list[float]] = {}
    for seed in range(20):
        for state in islice(history(seed), 600):
            seen.setdefault(state.regime, []).append(probabilities(state.estimates)[0])
    assert set(seen) == {"trend", "mr", "chop"}
    mean = {regime: sum(values) / len(values) for regime, values in seen.items()}
    assert mean["trend"] > mean["chop"]


def test_the_estimated_volatility_is_near_the_true_one() -> None:
    states = list(islice(history(seed=3), 5000))
    mean = sum(state.estimates.sigma for state in states) / len(states)
    assert 0.7 < mean / states[0].volatility < 1.4


def test_a_price_stays_within_its_range_for_ever() -> None:
    assert all(state.start_price / 2.72 < state.price < state.start_price * 2.72 for state in islice(history(dt_s=3600.0), 5000))
