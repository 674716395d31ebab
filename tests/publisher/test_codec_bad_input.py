"""Hashes full of what no writer should write: refused with a reason, field by field, and never an exception."""

from math import isfinite

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from publisher.codec import (
    MARKET_NAMES,
    POSITION_NAMES,
    Closed,
    FieldError,
    MarketInput,
    PositionInput,
    Refused,
    decode_market,
    decode_position,
    number,
    shown,
    word,
)
from tests.publisher.builders import NOW_S, market_values, position_values


def reason(result):
    assert isinstance(result, Refused), result
    assert result.detail.isprintable()
    assert result.detail.isascii() or "…" in result.detail
    return result.reason


# -- bad input: numbers

BAD_NUMBERS = {
    "nan": b"nan",
    "negative nan": b"-NaN",
    "inf": b"inf",
    "infinity": b"-Infinity",
    "1e400": b"1e400",
    "digit groups": b"1_000",
    "Arabic digits": "١٠٠".encode(),
    "full-width digits": "１００".encode(),
    "5000-digit integer": b"9" * 5000,
    "hexadecimal": b"0x64",
    "decimal comma": b"100,5",
    "thousands": b"1,000.5",
    "word": b"many",
    "true": b"True",
    "cut short": b"1e",
    "two numbers": b"1 2",
    "NUL": b"100\x00",
    "not UTF-8": b"\xff\xfe",
    "escape": b"\x1b[2J100",
    "JSON": b'{"value": 100}',
}


@pytest.mark.parametrize("raw", BAD_NUMBERS.values(), ids=BAD_NUMBERS.keys())
@pytest.mark.parametrize("name", ["entry_price", "current_price", "position_amt", "current_tp", "age_sec", "unrealized_pnl"])
def test_bad_numbers_refuse_a_position(name, raw):
    assert reason(decode_position(position_values(**{name: raw}))) == "not_a_number"


@pytest.mark.parametrize("raw", BAD_NUMBERS.values(), ids=BAD_NUMBERS.keys())
@pytest.mark.parametrize("name", ["sigma", "ts", "p_trend", "p_mr", "p_chop", "mu"])
def test_bad_numbers_refuse_a_market(name, raw):
    assert reason(decode_market(market_values(**{name: raw}))) == "not_a_number"


@pytest.mark.parametrize("raw", [b"100", b" 100 ", b"100\n", b"+1e2", b"100.", b"0" * 5000 + b"100"])
def test_other_spellings_of_a_number_are_read(raw):
    assert number(raw, "x") == 100.0


def test_a_field_of_64_megabytes_is_refused_and_shown_short():
    result = decode_position(position_values(current_price=b"9" * 64_000_000))
    assert reason(result) == "not_a_number"
    assert len(result.detail) < 120


# -- bad input: text


@pytest.mark.parametrize(
    "raw",
    [b"\xff\xfe", b"\x1b]0;owned\x07", b"\xc2\x9b31m", "a\u202eb".encode(), "zero\u200bwidth".encode(), b"a\nb", b"a,b", b"x" * 65],
)
def test_a_writer_with_a_hostile_name_is_refused(raw):
    assert reason(decode_position(position_values(source=raw))) in ("not_utf8", "not_a_name")
    assert reason(decode_market(market_values(source=raw))) in ("not_utf8", "not_a_name")


@pytest.mark.parametrize("raw", [None, b""])
def test_a_writer_without_a_name_is_unstated(raw):
    assert decode_position(position_values(source=raw)).writer == "unstated"
    assert word(raw) == "unstated"


def test_64_characters_are_not_too_long():
    name = b"x" * 64
    assert word(name) == name.decode()
    assert shown(name) == repr(name.decode())
    assert shown(name + b"x") == repr(name.decode()) + "…"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_are_shown_as_short_printable_ascii(raw):
    text = shown(raw)
    assert text.rstrip("…").isascii()
    assert text.isprintable()
    assert len(text) <= 64 * 6


# -- times of a position and a market


@pytest.mark.parametrize("raw", [b"yesterday", b"0", b"nan", b"\xff", b"1_771_372_692", "١٧٧١٣٧٢٦٩٢".encode(), b"0.05"])
def test_a_time_that_is_none_is_refused(raw):
    assert reason(decode_position(position_values(ts_epoch=raw))) == "not_a_time"
    assert reason(decode_market(market_values(ts_timestamp=raw))) == "not_a_time"


@pytest.mark.parametrize("raw", [None, b""])
def test_a_time_that_is_not_stated_is_none(raw):
    assert decode_position(position_values(ts_epoch=raw)).taken_at_s is None
    assert decode_market(market_values(ts_timestamp=raw)).taken_at_s is None


@pytest.mark.parametrize("raw", [f"{NOW_S}000", f"{NOW_S}.0", "2026-02-17T23:58:12", "2026-02-17T23:58:12Z"])
def test_a_time_is_read_in_every_form(raw):
    assert decode_position(position_values(ts_epoch=raw)).taken_at_s == NOW_S


# -- whatever the bytes

PIECES = st.sampled_from(
    [
        b"",
        b"0",
        b"-1",
        b"1.5",
        b"100",
        b"nan",
        b"inf",
        b"None",
        b"LONG",
        b"SELL",
        b"FLAT",
        b"1771372692",
        b"\xff",
        *BAD_NUMBERS.values(),
    ]
)
VALUES = st.none() | PIECES | st.binary(max_size=40)


def numbers_of(result):
    if isinstance(result, MarketInput):
        state = result.state
        return [state.sigma, state.ts, state.mu, *state.regime_probs.values(), result.taken_at_s]
    return [value for value in result if isinstance(value, float)] if isinstance(result, PositionInput) else []


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(st.lists(VALUES, min_size=len(POSITION_NAMES), max_size=len(POSITION_NAMES)))
@example([b"\xff"] * len(POSITION_NAMES))
def test_no_position_raises_and_every_number_is_finite(values):
    result = decode_position(values)
    assert isinstance(result, PositionInput | Closed) or reason(result)
    assert all(isfinite(value) for value in numbers_of(result))
    if isinstance(result, PositionInput):
        assert result.side in ("LONG", "SHORT")
        assert min(result.entry_price, result.current_price) > 0.0
        prices = (result.peak_price, result.trough_price, result.current_sl, result.current_tp)
        assert all(price is None or price > 0.0 for price in prices)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(POSITION_NAMES), VALUES, max_size=3))
def test_a_healthy_position_with_any_fields_replaced_does_not_raise(sick):
    result = decode_position(position_values(**sick))
    assert isinstance(result, PositionInput | Closed) or reason(result)
    assert all(isfinite(value) for value in numbers_of(result))


@settings(max_examples=500, deadline=None)
@given(st.dictionaries(st.sampled_from(MARKET_NAMES), VALUES, max_size=4))
def test_no_market_raises_and_every_number_is_finite(sick):
    result = decode_market(market_values(**sick))
    assert isinstance(result, MarketInput) or reason(result)
    assert all(value is None or isfinite(value) for value in numbers_of(result))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=40) | PIECES)
def test_a_number_is_finite_or_a_field_error(raw):
    try:
        assert isfinite(number(raw, "x"))
    except FieldError as error:
        reason(error.refused)
