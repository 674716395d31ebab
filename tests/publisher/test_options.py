"""What a publisher is told, and what makes no sense."""

import os
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.contract import SYMBOL, proposal_key
from publisher.options import OptionError, Options, parse_publisher_id, parse_symbols


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


@pytest.mark.parametrize("none", [None, ""])
def test_a_publisher_is_named_for_its_host_and_process(none: str | None) -> None:
    assert parse_publisher_id(none) == f"{socket.gethostname()}:{os.getpid()}"


@pytest.mark.parametrize("text", ["risk", "risk@host-1:0.2", "x" * 64])
def test_or_as_it_is_told(text: str) -> None:
    assert parse_publisher_id(text) == text


@pytest.mark.parametrize("text", [" ", "a b", "a\n", "\x1b[2J", "\udcff", "ä", "x" * 65, "a,b", "{a}"])
def test_a_name_that_would_make_a_strange_key_or_log_line_is_refused(text: str) -> None:
    with pytest.raises(OptionError, match="is no publisher id") as caught:
        parse_publisher_id(text)
    assert str(caught.value).isprintable()
