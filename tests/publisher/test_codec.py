"""Hashes as read from Redis: every dialect met in the wild, with the aliases that it needs, and the contradictions among them."""

import pytest

from publisher.codec import (
    MARKET_NAMES,
    POSITION_NAMES,
    Closed,
    MarketInput,
    PositionInput,
    Refused,
    decode_market,
    decode_position,
)
from tests.publisher.builders import NOW_S, market_values, position_hash, position_values


def read(**fields):
    """A position hash of exactly these fields."""
    wanted = {name: value if isinstance(value, bytes) else str(value).encode() for name, value in fields.items()}
    return decode_position([wanted.get(name) for name in POSITION_NAMES])


def reason(result):
    assert isinstance(result, Refused), result
    assert result.detail.isprintable()
    assert result.detail.isascii() or "…" in result.detail
    return result.reason


# -- positions: the dialects


def test_the_canonical_dialect_needs_no_alias():
    expected = PositionInput("LONG", 100.0, 100.5, unrealized_pnl=0.25, taken_at_s=NOW_S, writer="position_state_brain")
    assert decode_position(position_values()) == expected


def test_a_missing_hash_is_closed_and_not_stated():
    assert decode_position([None] * len(POSITION_NAMES)) == Closed(stated=False)


@pytest.mark.parametrize("side", ["FLAT", "NONE", "flat"])
def test_flat_is_closed_and_stated(side):
    assert read(side=side, position_amt="0", quantity="0", entry_price="100", current_price="101") == Closed(stated=True)


@pytest.mark.parametrize(
    "sizes", [{"position_amt": "0.0"}, {"quantity": "0"}, {"qty": "-0.0"}, {"position_amt": "0", "quantity": "0"}]
)
def test_a_size_of_zero_is_closed_whatever_the_side(sizes):
    assert read(side="LONG", entry_price="100", current_price="101", **sizes) == Closed(stated=True)


BOOTSTRAP = {
    "symbol": "BTCUSDT", "position_amt": "-0.2", "side": "SHORT", "quantity": "0.2", "entry_price": "100", "mark_price": "99",
    "current_price": "99", "unrealized_pnl": "0.2", "leverage": "5", "ts_epoch": NOW_S, "source": "p34_bootstrap",
}  # fmt: skip
SNAPSHOT = {
    "position_amt": "0.5", "side": "LONG", "entry_price": "100", "mark_price": "101", "unrealized_pnl": "0.5", "leverage": "10",
    "ts_epoch": NOW_S, "source": "binance_testnet",
}  # fmt: skip
HARVEST = {
    "side": "BUY", "qty": "0.5", "entry_price": "100", "current_price": "101", "entry_risk": "1.2", "stop_loss": "97.5",
    "age_sec": "3600",
}  # fmt: skip
STREAM = {
    "event_type": "position.snapshot", "symbol": "BTCUSDT", "side": "SHORT", "position_qty": "0.5", "entry_price": "100",
    "mark_price": "99", "unrealized_pnl": "0.5", "stop_loss": "0", "take_profit": "90", "timestamp": "2026-02-17T23:58:12Z",
    "source": "balance_tracker",
}  # fmt: skip
MARK_ONLY = {"side": "SELL", "position_amt": "-1", "entry_price": "100", "markPrice": "99"}
SIGNED_ONLY = {"position_amt": "-1", "entry_price": "100", "current_price": "99", "sl": "104", "tp": "90"}

DIALECTS = {
    "bootstrap": (BOOTSTRAP, PositionInput("SHORT", 100.0, 99.0, unrealized_pnl=0.2, taken_at_s=NOW_S, writer="p34_bootstrap")),
    "snapshot": (
        SNAPSHOT,
        PositionInput(
            "LONG", 100.0, 101.0, unrealized_pnl=0.5, taken_at_s=NOW_S, writer="binance_testnet",
            aliases=("current_price<mark_price",),
        ),
    ),
    "harvest": (
        HARVEST,
        PositionInput(
            "LONG", 100.0, 101.0, age_sec=3600.0, current_sl=97.5, aliases=("quantity<qty", "current_sl<stop_loss", "side<BUY")
        ),
    ),
    "position stream": (
        STREAM,
        PositionInput(
            "SHORT", 100.0, 99.0, current_tp=90.0, unrealized_pnl=0.5, taken_at_s=NOW_S, writer="balance_tracker",
            aliases=(
                "current_price<mark_price", "quantity<position_qty", "ts_epoch<timestamp", "current_sl<stop_loss",
                "current_tp<take_profit",
            ),
        ),
    ),
    "mark price only": (MARK_ONLY, PositionInput("SHORT", 100.0, 99.0, aliases=("current_price<markPrice", "side<SELL"))),
    "signed size only": (
        SIGNED_ONLY,
        PositionInput(
            "SHORT", 100.0, 99.0, current_sl=104.0, current_tp=90.0,
            aliases=("current_sl<sl", "current_tp<tp", "side<position_amt"),
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "expected"), DIALECTS.values(), ids=DIALECTS.keys())
def test_a_dialect_is_read_and_its_aliases_are_reported(fields, expected):
    assert read(**fields) == expected


def test_an_entry_hash_without_a_price_is_refused_and_never_zero():
    entry = {
        "symbol": "BTCUSDT",
        "side": "LONG",
        "quantity": "0.5",
        "entry_price": "100",
        "stop_loss": "97",
        "unrealized_pnl": "0.0",
    }
    assert reason(read(**entry)) == "no_price"


def test_the_canonical_name_wins_over_its_alias():
    assert decode_position(position_values(mark_price="99", stop_loss="90", current_sl="95")) == decode_position(
        position_values(current_sl="95")
    )


def test_a_union_of_dialects_whose_sizes_disagree_is_refused():
    """The hash of a closed position, and an entry written over it: neither open nor closed can be told."""
    closed = position_hash(side="FLAT", position_amt="0", quantity="0")
    union = {name.decode(): value for name, value in closed.items()} | {"side": "LONG", "quantity": "0.5"}
    assert reason(read(**union)) == "side_contradicts_size"


@pytest.mark.parametrize(
    "fields",
    [
        {"side": "LONG", "position_amt": "-0.5"},
        {"side": "BUY", "position_amt": "-0.5"},
        {"side": "SHORT", "position_amt": "0.5"},
        {"side": "FLAT", "position_amt": "0.5"},
        {"side": "NONE", "quantity": "0.5"},
        {"side": "LONG", "quantity": "-0.5"},
    ],
)
def test_a_side_that_contradicts_the_size_is_refused(fields):
    assert reason(read(entry_price="100", current_price="101", **fields)) == "side_contradicts_size"


@pytest.mark.parametrize("blank", [{}, {"side": ""}, {"side": " "}])
def test_a_missing_side_is_told_by_the_signed_size(blank):
    long, short = (read(position_amt=amount, entry_price="100", current_price="101", **blank) for amount in ("0.5", "-0.5"))
    assert (long.side, short.side) == ("LONG", "SHORT")
    assert long.aliases == ("side<position_amt",)
    assert reason(read(entry_price="100", current_price="101", **blank)) == "missing_field"


def test_an_unsigned_size_says_nothing_of_the_side():
    assert read(side="SHORT", quantity="0.5", entry_price="100", current_price="101").side == "SHORT"
    assert reason(read(quantity="0.5", entry_price="100", current_price="101")) == "missing_field"


@pytest.mark.parametrize("side", ["long", " LONG ", "Buy", "BUY"])
def test_a_side_is_read_in_any_case(side):
    assert decode_position(position_values(side=side)).side == "LONG"


@pytest.mark.parametrize("side", ["HEDGE", "BOTH", "0", "True", "L0NG", b"\xff\xfe", "ＬＯＮＧ", "LONG\x00", "\x1b[31mLONG"])
def test_an_unknown_side_is_refused(side):
    assert reason(decode_position(position_values(side=side))) == "unknown_side"


@pytest.mark.parametrize("text", ["", " ", "0", "0.0", "-0", "0e5", "None", "none", "NULL"])
@pytest.mark.parametrize("name", ["current_sl", "stop_loss", "sl", "current_tp", "peak_price", "trough_price"])
def test_no_stop_is_none_however_it_is_written(name, text):
    result = decode_position(position_values(**{name: text}))
    assert isinstance(result, PositionInput)
    assert (result.current_sl, result.current_tp, result.peak_price, result.trough_price) == (None, None, None, None)


@pytest.mark.parametrize("name", ["entry_price", "current_price", "current_sl", "current_tp", "peak_price", "trough_price"])
def test_a_negative_price_is_refused(name):
    assert reason(decode_position(position_values(**{name: "-1.5"}))) == "price_not_positive"


@pytest.mark.parametrize("text", ["0", "0.0", "-0", "-0.0", "0e9", "1e-400"])
@pytest.mark.parametrize("name", ["entry_price", "current_price", "mark_price"])
def test_a_price_of_zero_is_refused(name, text):
    absent = {"current_price": None} if name == "mark_price" else {}
    assert reason(decode_position(position_values(**absent | {name: text}))) == "price_not_positive"


def test_a_price_may_be_very_small():
    assert decode_position(position_values(current_price="0.00000095", current_sl="1e-9")).current_price == 9.5e-7


@pytest.mark.parametrize("name", ["entry_price", "current_price"])
@pytest.mark.parametrize("text", [None, "", "  "])
def test_an_absent_price_is_refused(name, text):
    assert reason(decode_position(position_values(mark_price=None, **{name: text}))) == "no_price"


# -- market states


def test_a_market_state_is_read_with_its_trend():
    result = decode_market(market_values(source="simulator"))
    assert isinstance(result, MarketInput)
    assert result.state.regime_probs == {"trend": 0.2, "mr": 0.3, "chop": 0.5}
    assert list(result.state.regime_probs) == ["trend", "mr", "chop"]  # the order decides ties
    assert (result.state.sigma, result.state.ts, result.state.mu) == (0.012, 0.05, 0.0006)
    assert (result.taken_at_s, result.source) == (NOW_S, "simulator")


def test_a_missing_market_state_is_refused_as_such():
    assert reason(decode_market([None] * len(MARKET_NAMES))) == "no_market_state"


@pytest.mark.parametrize("name", ["sigma", "ts", "p_trend", "p_mr", "p_chop"])
def test_a_missing_field_is_no_default(name):
    assert reason(decode_market(market_values(**{name: None}))) == "missing_field"


def test_drift_may_be_missing():
    assert decode_market(market_values(mu=None)).state.mu == 0.0


@pytest.mark.parametrize("raw", ["0", "-0.0", "-0.01", "1e-400"])
def test_a_sigma_that_is_not_positive_is_refused(raw):
    assert reason(decode_market(market_values(sigma=raw))) == "sigma_not_positive"


def test_the_bounds_of_a_probability_are_probabilities():
    state = decode_market(market_values(p_trend="1", p_mr="0", p_chop="-0")).state
    assert state.regime_probs == {"trend": 1.0, "mr": 0.0, "chop": 0.0}


@pytest.mark.parametrize("name", ["p_trend", "p_mr", "p_chop"])
@pytest.mark.parametrize("raw", ["-0.000001", "1.000001", "50"])
def test_what_is_no_probability_is_refused(name, raw):
    assert reason(decode_market(market_values(**{name: raw}))) == "not_a_probability"
