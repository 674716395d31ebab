"""Positions as JSON objects and as events: read by the same rules, refused where malformed, and never an exception."""

import json
from math import isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.codec import Closed, PositionInput, Refused
from publisher.codec_json import decode_event, decode_position_json
from tests.publisher.builders import NOW_S, SYMBOL, position_hash

HEALTHY = {"side": "LONG", "entry_price": 100.0, "current_price": 100.5, "position_amt": 0.5, "ts_epoch": NOW_S, "source": "brain"}
READ = PositionInput("LONG", 100.0, 100.5, taken_at_s=NOW_S, writer="brain")


def decode(**sick):
    return decode_position_json(json.dumps(HEALTHY | sick).encode())


def reason(result):
    assert isinstance(result, Refused), result
    assert result.detail.isprintable()
    assert len(result.detail) < 500
    return result.reason


# -- values of the single positions hash


def test_an_object_is_read_like_a_hash():
    assert decode() == READ
    assert decode(current_price=None, mark_price=101, stop_loss="97.5") == READ._replace(
        current_price=101.0, current_sl=97.5, aliases=("current_price<mark_price", "current_sl<stop_loss")
    )


def test_numbers_may_be_numbers_or_texts():
    assert decode(entry_price="100.0", current_price="1.005e2", position_amt="0.5", ts_epoch=str(NOW_S)) == READ
    assert decode(ts_epoch=NOW_S * 1000, entry_price=100) == READ
    assert decode(entry_price=10**18).entry_price == 1e18


def test_null_and_absent_are_the_same():
    assert decode(current_sl=None, peak_price=None, unrealized_pnl=None) == READ
    assert decode_position_json(b"{}") == decode_position_json(b'{"side": null}') == Closed(stated=False)
    assert decode_position_json(None) == Closed(stated=False)


def test_a_flat_object_is_closed_and_stated():
    assert decode(side="FLAT", position_amt=0) == Closed(stated=True)
    assert decode(position_amt=0.0) == Closed(stated=True)


@pytest.mark.parametrize("value", [0, 0.0, -0.0, "0", "None", "", None])
def test_no_stop_is_none_however_it_is_written(value):
    assert decode(current_sl=value) == READ


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("entry_price", 0, "price_not_positive"),
        ("current_price", -1.5, "price_not_positive"),
        ("current_price", "", "no_price"),
        ("current_price", None, "no_price"),
        ("current_price", True, "not_a_number"),
        ("current_price", "1_000", "not_a_number"),
        ("current_price", "１００", "not_a_number"),
        ("current_price", "١٠٠", "not_a_number"),
        ("current_price", "\ud800", "not_a_number"),
        ("current_price", 10**400, "not_a_number"),
        ("current_price", [100.5], "not_json"),
        ("current_price", {"value": 100.5}, "not_json"),
        ("current_sl", False, "not_a_number"),
        ("current_sl", [], "not_json"),
        ("side", True, "unknown_side"),
        ("side", 1, "unknown_side"),
        ("side", "\ud800", "unknown_side"),
        ("side", ["LONG"], "not_json"),
        ("side", "SHORT", "side_contradicts_size"),
        ("ts_epoch", True, "not_a_time"),
        ("ts_epoch", "\ud800", "not_a_time"),
        ("source", "\x1b[2J", "not_a_name"),
        ("source", "\u202e", "not_a_name"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(field, value, expected):
    assert reason(decode(**{field: value})) == expected


# -- bad input: JSON

BAD_JSON = {
    "empty": b"",
    "null": b"null",
    "number": b"100.5",
    "text": b'"LONG"',
    "list": b"[]",
    "cut short": b'{"side": "LONG"',
    "trailing comma": b'{"side": "LONG",}',
    "two objects": b"{}{}",
    "single quotes": b"{'side': 'LONG'}",
    "100,000 nested lists": b"[" * 100_000,
    "100,000 nested objects": b'{"a":' * 100_000,
    "900 nested lists": b'{"side":' + b"[" * 900 + b"]" * 900 + b"}",
    "duplicate key": b'{"side": "LONG", "entry_price": 100, "current_price": 101, "side": "SHORT"}',
    "duplicate key, nested": b'{"side": "LONG", "entry_price": 100, "current_price": 101, "x": {"a": 1, "a": 2}}',
    "5000-digit integer": b'{"current_price": ' + b"9" * 5000 + b"}",
    "not UTF-8": b'{"side": "\xff\xfe"}',
    "NUL": b"\x00{}",
    "raw line break": b'{"side": "LO\nNG"}',
    "escape": b"\x1b[2J",
}


@pytest.mark.parametrize("raw", BAD_JSON.values(), ids=BAD_JSON.keys())
def test_bad_json_is_refused(raw):
    assert reason(decode_position_json(raw)) == "not_json"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
@pytest.mark.parametrize("field", ["entry_price", "current_price", "position_amt", "current_sl", "peak_price", "age_sec"])
def test_a_json_number_that_is_not_finite_is_refused(field, number):
    raw = json.dumps(HEALTHY | {field: "x"}).replace('"x"', number)
    assert reason(decode_position_json(raw.encode())) == "not_a_number"


def test_a_field_of_64_megabytes_is_refused_and_shown_short():
    raw = json.dumps(HEALTHY).encode().replace(b'"brain"', b'"' + b"x" * 64_000_000 + b'"')
    result = decode_position_json(raw)
    assert reason(result) == "not_a_name"
    assert len(result.detail) < 120


# -- events of the execution stream


def event(**fields):
    opened = position_hash() | {b"event_type": b"POSITION_OPENED"}
    given = {name.encode(): None if value is None else str(value).encode() for name, value in fields.items()}
    return decode_event({name: value for name, value in (opened | given).items() if value is not None}, NOW_S + 5)


def execution(payload, **more):
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return decode_event({b"event_type": b"execution.result", b"payload": raw, **more}, NOW_S)


FILLED = {
    "symbol": SYMBOL, "action": "BUY", "entry_price": 100.0, "position_size_usd": 200.0, "leverage": 1,
    "timestamp": "2026-02-17T23:58:12Z", "order_id": "1", "status": "filled", "slippage_pct": 0.0, "fee_usd": 0.1,
}  # fmt: skip


def test_an_opened_position_is_read():
    symbol, result = event()
    assert symbol == SYMBOL
    assert result == PositionInput(
        "LONG", 100.0, 100.5, unrealized_pnl=0.25, taken_at_s=NOW_S, source="redis_stream", writer="position_state_brain"
    )


def test_the_time_is_the_events_own_and_else_that_of_its_entry():
    assert event(ts_epoch=None)[1].taken_at_s == NOW_S + 5
    assert event(ts_epoch=None, timestamp=NOW_S - 60)[1].taken_at_s == NOW_S - 60


def test_an_opened_position_without_a_price_is_refused_and_not_taken_from_its_entry():
    assert reason(event(current_price=None, mark_price=None)[1]) == "no_price"


def test_an_opened_position_without_a_side_is_refused():
    assert reason(event(side=None, position_amt=None)[1]) == "missing_field"


def test_a_closed_position_is_closed_and_stated():
    assert event(event_type="POSITION_CLOSED") == (SYMBOL, Closed(stated=True))
    assert decode_event({b"event_type": b"POSITION_CLOSED", b"symbol": SYMBOL.encode()}, NOW_S) == (SYMBOL, Closed(stated=True))


def test_a_fill_tells_no_current_price():
    symbol, result = execution(FILLED)
    assert symbol == SYMBOL
    assert reason(result) == "no_price"


@pytest.mark.parametrize("status", ["rejected", "REJECTED", "new", "", None, True])
def test_an_order_that_was_not_filled_says_nothing(status):
    assert execution(FILLED | {"status": status, "order_id": "REJECTED"}) is None


@pytest.mark.parametrize("raw", [*BAD_JSON.values(), b"{}", b'{"status": "filled"}'], ids=[*BAD_JSON, "empty object", "no symbol"])
def test_a_malformed_payload_says_nothing(raw):
    assert execution(raw) is None


@pytest.mark.parametrize("symbol", ["", "*", "BTC USDT", "BTC\n", "\ud800", "\x1b[2J", 5, None, ["BTCUSDT"]])
def test_a_fill_of_no_symbol_says_nothing(symbol):
    assert execution(FILLED | {"symbol": symbol}) is None


@pytest.mark.parametrize("symbol", [b"", b"*", b"BTC USDT", b"BTC\n", b"\xff", b"\x1b[2J", "ＢＴＣ".encode()])
def test_a_position_of_no_symbol_says_nothing(symbol):
    for kind in (b"POSITION_OPENED", b"POSITION_CLOSED"):
        assert decode_event(position_hash() | {b"event_type": kind, b"symbol": symbol}, NOW_S) is None


@pytest.mark.parametrize("kind", [None, "", "position_opened", "TRADE", "position.snapshot"])
def test_other_events_say_nothing(kind):
    assert event(event_type=kind) is None


def test_an_event_without_fields_says_nothing():
    assert decode_event({}, NOW_S) is decode_event({b"event_type": b"execution.result"}, NOW_S) is None


# -- whatever the bytes

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(
    st.binary(max_size=80)
    | st.dictionaries(st.sampled_from([*HEALTHY, "current_sl"]), JSON).map(lambda sick: json.dumps(HEALTHY | sick).encode())
)
def test_no_json_raises_and_every_number_is_finite(raw):
    result = decode_position_json(raw)
    assert isinstance(result, PositionInput | Closed) or reason(result)
    if isinstance(result, PositionInput):
        assert all(isfinite(value) for value in result if isinstance(value, float))


NAMES = st.sampled_from([b"event_type", b"payload", b"symbol", b"side", b"entry_price", b"current_price", b"ts_epoch"])
TEXTS = st.sampled_from([b"execution.result", b"POSITION_OPENED", b"POSITION_CLOSED", b"BTCUSDT", b"LONG", b"100"]) | st.binary(
    max_size=30
)


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(st.dictionaries(NAMES | st.binary(max_size=8), TEXTS | JSON.map(lambda value: json.dumps(value).encode()), max_size=8))
def test_no_event_raises(fields):
    found = decode_event(fields, NOW_S)
    assert found is None or isinstance(found[1], PositionInput | Closed) or reason(found[1])
