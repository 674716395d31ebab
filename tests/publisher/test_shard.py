"""Several publishers share the symbols: each symbol has one owner, and one more publisher moves only what it takes."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.shard import MOST_SHARDS, Shard, owner, parse_shard

SYMBOLS = st.lists(st.from_regex(r"[A-Z0-9]{1,12}", fullmatch=True), max_size=50, unique=True)


@given(SYMBOLS, st.integers(1, 20))
def test_every_symbol_has_exactly_one_owner(symbols: list[str], count: int) -> None:
    owned = [symbol for index in range(count) for symbol in Shard(index, count).own(symbols)]
    assert sorted(owned) == sorted(symbols)


@given(SYMBOLS, st.integers(1, 20))
def test_one_publisher_more_moves_symbols_only_to_itself(symbols: list[str], count: int) -> None:
    assert all(owner(symbol, count + 1) in (owner(symbol, count), count) for symbol in symbols)


@given(SYMBOLS)
def test_a_publisher_alone_owns_them_all_in_their_order(symbols: list[str]) -> None:
    assert Shard(0, 1).own(symbols) == tuple(symbols)


def test_the_symbols_are_spread_evenly() -> None:
    counts = Counter(owner(f"SYM{number}USDT", 4) for number in range(10_000))
    assert all(2300 < counts[index] < 2700 for index in range(4))


def test_the_owners_are_the_same_on_every_machine_and_in_every_release() -> None:
    assert [owner(symbol, 4) for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT", "1000PEPEUSDT")] == [2, 2, 1, 0, 1]


@pytest.mark.parametrize("text", ["0/1", "1/2", f"{MOST_SHARDS - 1}/{MOST_SHARDS}"])
def test_a_shard_is_written_as_it_is_read(text: str) -> None:
    assert str(parse_shard(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "0", "1/1", "2/2", "0/0", "-1/2", "0/-2", "a/b", "0/2/3", "1.0/2", " 0/2", "0 / 2", "٠/٢", "0/9999999", f"0/{10**9}"],
)
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no shard: give i/n"):
        parse_shard(text)


@given(st.text(max_size=14))
def test_any_text_is_a_shard_or_a_value_error(text: str) -> None:
    try:
        shard = parse_shard(text)
    except ValueError:
        return
    assert 0 <= shard.index < shard.count <= MOST_SHARDS
