"""What a publisher is told, and what makes no sense."""

import os
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.contract import SYMBOL, proposal_key
from publisher.options import OptionError, Options, default_publisher_id, parse_symbols


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("BTCUSDT", ("BTCUSDT",)),
        ("BTCUSDT,ETHUSDT", ("BTCUSDT", "ETHUSDT")),
        (" BTCUSDT , ETHUSDT ,\n", ("BTCUSDT", "ETHUSDT")),
        ("1000PEPEUSDT,BTC-PERP,BTC_USD.P", ("1000PEPEUSDT", "BTC-PERP", "BTC_USD.P")),
    ],
)
def test_symbols_are_a_comma_list(text: str, symbols: tuple[str, ...]) -> None:
    assert parse_symbols(text) == symbols


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no symbol is given"),
        (" , ,", "no symbol is given"),
        ("BTCUSDT,BTCUSDT", "'BTCUSDT' is given twice"),
        ("BTC USDT", "is no symbol"),
        ("BTC:USDT", "is no symbol"),
        ("{BTC}", "is no symbol"),
        ("BTC*", "is no symbol"),
        ("-BTC", "is no symbol"),
        ("BTC\x00", "is no symbol"),
        ("BTC\x1b[31m", "is no symbol"),
        ("ΒΤC", "is no symbol"),
        ("X" * 65, "is no symbol"),
    ],
)
def test_symbols_that_would_make_strange_keys_are_refused(text: str, words: str) -> None:
    with pytest.raises(OptionError, match=words) as caught:
        parse_symbols(text)
    assert str(caught.value).isprintable()


@given(st.text(max_size=80))
def test_any_text_is_symbols_or_an_option_error(text: str) -> None:
    try:
        symbols = parse_symbols(text)
    except OptionError:
        return
    assert symbols
    assert len(set(symbols)) == len(symbols)
    assert all(SYMBOL.fullmatch(symbol) and proposal_key(symbol).isascii() for symbol in symbols)


@pytest.mark.parametrize(("interval_s", "ttl_ms"), [(10.0, 30_000), (60.0, 180_000), (0.5, 1500), (0.1, 1000), (0.05, 1000)])
def test_a_proposal_outlives_two_missed_heartbeats_and_at_least_a_second(interval_s: float, ttl_ms: int) -> None:
    assert Options("redis://", ("BTCUSDT",), interval_s).ttl_ms == ttl_ms


def test_a_publisher_is_named_for_its_host_and_process() -> None:
    assert default_publisher_id() == f"{socket.gethostname()}:{os.getpid()}"
