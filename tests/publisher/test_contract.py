"""The wire's tables: the names that others rely on, unique and documented."""

import re
from typing import get_args

import pytest

from publisher import contract
from publisher.contract import Field, Kind

TABLES = {name: table for name, table in vars(contract).items() if name.endswith("_FIELDS") and isinstance(table[0], Field)}

# What the founding publisher writes, in its order; its readers look fields up by these names.
SCHEMA_1 = (
    "proposed_sl", "proposed_tp", "stop_dist_pct", "tp_dist_pct", "trail_gap_pct", "reason_codes", "ts", "sigma", "p_trend", "p_mr",
    "p_chop", "computed_at_utc", "position_side", "position_age_sec", "position_current_price", "position_entry_price",
)  # fmt: skip


def names(table: tuple[Field, ...]) -> list[str]:
    return [field.name for field in table]


def test_all_tables_are_looked_at():
    assert TABLES.keys() >= {
        "MARKET_FIELDS",
        "POSITION_FIELDS",
        "PROPOSAL_FIELDS",
        "TRACK_FIELDS",
        "PUBLISHER_FIELDS",
        "RISK_EVENT_FIELDS",
    }


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_a_name_means_one_thing_in_its_table(table):
    wire = [name for field in table for name in (field.name, *field.aliases)]
    assert len(wire) == len(set(wire))


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_every_field_is_documented_in_one_line_and_typed(table):
    for field in table:
        assert field.meaning.strip() == field.meaning != ""
        assert field.meaning.isprintable()  # no line break: one row of a table in the README
        assert field.kind in get_args(Kind)
        assert re.fullmatch(r"[a-z0-9_]+", field.name)


def test_the_proposal_begins_with_the_fields_of_schema_1():
    assert tuple(names(contract.PROPOSAL_FIELDS)[:16]) == SCHEMA_1


def test_the_proposal_says_who_when_from_what_and_how_good():
    added = names(contract.PROPOSAL_FIELDS)[16:]
    assert {"schema", "seq", "publisher_id", "flags", "computed_at_ms", "heartbeat_ms"} <= set(added)
    assert {"position_source", "market_source", "position_input_age_ms", "market_input_age_ms"} <= set(added)


def test_a_field_called_ts_is_never_a_time():
    for table in (contract.MARKET_FIELDS, contract.PROPOSAL_FIELDS):
        (field,) = [field for field in table if field.name == "ts"]
        assert field.kind == "float"
        assert "not a time" in field.meaning


def test_a_stream_entry_is_the_content_without_the_heartbeat():
    assert set(names(contract.PROPOSAL_FIELDS)) - set(names(contract.STREAM_FIELDS)) == set(contract.HEARTBEAT_FIELDS)


@pytest.mark.parametrize(
    ("key", "shape"),
    [
        (contract.market_key("BTCUSDT"), "quantum:marketstate:BTCUSDT"),
        (contract.position_key("BTCUSDT"), "quantum:state:positions:BTCUSDT"),
        (contract.proposal_key("BTCUSDT"), "quantum:risk:proposal:BTCUSDT"),
        (contract.track_key("BTCUSDT"), "quantum:risk:track:BTCUSDT"),
        (contract.publisher_key("host:1"), "quantum:risk:publisher:host:1"),
        (contract.POSITIONS_HASH, "quantum:state:positions"),
        (contract.EXECUTION_STREAM, "quantum:stream:execution.result"),
        (contract.PROPOSAL_STREAM, "quantum:stream:risk.proposal"),
        (contract.RISK_EVENT_STREAM, "quantum:stream:risk.events"),
    ],
)
def test_keys_have_the_shapes_that_others_read_and_write(key, shape):
    assert key == shape


@pytest.mark.parametrize("symbol", ["BTCUSDT", "1000PEPEUSDT", "BTCUSDT_260327", "A2ZUSDT", "btc-usd", "BRK.B", "X", "X" * 64])
def test_symbols_of_exchanges_are_symbols(symbol):
    assert contract.SYMBOL.fullmatch(symbol)


@pytest.mark.parametrize(
    "symbol",
    ["", " ", "BTC USDT", "*", "BTC*", "BTC?", "[A-Z]", "{BTC}", "BTC\n", "BTC\x00", "-rf", "..", "BTC:USDT", "ＢＴＣ", "X" * 65],
)
def test_what_could_be_another_key_or_a_pattern_is_no_symbol(symbol):
    assert not contract.SYMBOL.fullmatch(symbol)


def test_every_word_for_a_side_is_long_short_or_flat():
    assert set(contract.SIDES.values()) == {"LONG", "SHORT", "FLAT"}
    assert all(word == word.upper() for word in contract.SIDES)
    assert {"BUY": "LONG", "SELL": "SHORT", "NONE": "FLAT"}.items() <= contract.SIDES.items()


def test_the_aliases_met_in_the_wild_are_known():
    aliases = {alias: field.name for field in contract.POSITION_FIELDS for alias in field.aliases}
    assert aliases == {
        "mark_price": "current_price",
        "markPrice": "current_price",
        "qty": "quantity",
        "position_qty": "quantity",
        "stop_loss": "current_sl",
        "sl": "current_sl",
        "take_profit": "current_tp",
        "tp": "current_tp",
        "timestamp": "ts_epoch",
    }
