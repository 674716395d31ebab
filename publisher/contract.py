"""The wire: every Redis key, field, type and unit that the publisher reads or writes, once.

Everything in Redis is text; a number is a decimal string. Names that writers use for one and the same thing are listed as aliases,
the canonical name first; ``publisher.codec`` reads by these tables and reports each alias it had to use.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

SCHEMA: Final = "quantum.risk.proposal/2"  # 1 was the form without schema, provenance, ages and heartbeat

POSITIONS_HASH: Final = "quantum:state:positions"  # hash: symbol -> JSON object of position fields
EXECUTION_STREAM: Final = "quantum:stream:execution.result"
PROPOSAL_STREAM: Final = "quantum:stream:risk.proposal"
RISK_EVENT_STREAM: Final = "quantum:stream:risk.events"  # written by the risk guard, read by operators
PROPOSAL_STREAM_MAXLEN: Final = 10_000

SYMBOL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def market_key(symbol: str) -> str:
    """Hash of MARKET_FIELDS, written once a minute by the market state publisher with a TTL of 600 s."""
    return f"quantum:marketstate:{symbol}"


def position_key(symbol: str) -> str:
    """Hash of POSITION_FIELDS in one of several dialects, or the union of some: writers HSET over each other."""
    return f"quantum:state:positions:{symbol}"


def proposal_key(symbol: str) -> str:
    """Hash of PROPOSAL_FIELDS, with a TTL of three intervals; absent where no position is open or its inputs were refused."""
    return f"quantum:risk:proposal:{symbol}"


def track_key(symbol: str) -> str:
    """Hash of TRACK_FIELDS: what the publisher itself remembers of an open position, TTL seven days."""
    return f"quantum:risk:track:{symbol}"


def publisher_key(publisher_id: str) -> str:
    """Hash of PUBLISHER_FIELDS: one publisher's own heartbeat, written every cycle even when no position is open."""
    return f"quantum:risk:publisher:{publisher_id}"


Kind = Literal["float", "int", "text", "side", "list", "iso", "epoch_s", "epoch_ms", "json"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a hash or stream entry. ``aliases`` are tried in order after ``name``."""

    name: str
    kind: Kind
    meaning: str
    aliases: tuple[str, ...] = ()


MARKET_FIELDS: Final = (
    Field("sigma", "float", "standard deviation of one bar's log-return, > 0"),
    Field("ts", "float", "trend strength |mu| / sigma, never negative; not a time"),
    Field("p_trend", "float", "probability of the trending regime"),
    Field("p_mr", "float", "probability of the mean-reverting regime"),
    Field("p_chop", "float", "probability of the choppy regime; the three sum to 1"),
    Field("ts_timestamp", "epoch_s", "when the state was computed"),
    Field("mu", "float", "drift of one bar's log-return"),
    Field("source", "text", "who or what made the state; the market state publisher leaves it out"),
)

POSITION_FIELDS: Final = (
    Field("side", "side", "LONG, SHORT, or FLAT for none"),
    Field("entry_price", "float", "average entry price"),
    Field("current_price", "float", "price now", ("mark_price", "markPrice")),
    Field("position_amt", "float", "signed size, negative for SHORT"),
    Field("quantity", "float", "unsigned size", ("qty", "position_qty")),
    Field("ts_epoch", "epoch_s", "when the position was read from the exchange", ("timestamp",)),
    Field("source", "text", "which writer wrote the hash last"),
    Field("current_sl", "float", "stop in force, absent for none", ("stop_loss", "sl")),
    Field("current_tp", "float", "target in force, absent for none", ("take_profit", "tp")),
    Field("peak_price", "float", "highest price since entry"),
    Field("trough_price", "float", "lowest price since entry"),
    Field("age_sec", "float", "seconds since entry"),
    Field("unrealized_pnl", "float", "quote currency"),
)

SIDES: Final = {"LONG": "LONG", "SHORT": "SHORT", "BUY": "LONG", "SELL": "SHORT", "FLAT": "FLAT", "NONE": "FLAT"}
NO_STOP: Final = frozenset({"", "none", "null"})  # in any case, and any number equal to zero; "nan" is a fault, not a word for none

# The order in which a proposal is written. The first sixteen are the fields of schema 1, same names and text forms; the one
# difference is that computed_at_utc states its offset.
PROPOSAL_FIELDS: Final = (
    Field("proposed_sl", "float", "stop-loss price"),
    Field("proposed_tp", "float", "take-profit price"),
    Field("stop_dist_pct", "float", "distance of the stop, a fraction of the price"),
    Field("tp_dist_pct", "float", "distance of the target, a fraction of the price"),
    Field("trail_gap_pct", "float", "gap of the trailing stop, a fraction of peak or trough"),
    Field("reason_codes", "list", "why, comma separated"),
    Field("ts", "float", "trend strength as used; not a time"),
    Field("sigma", "float", "volatility as used"),
    Field("p_trend", "float", "as used"),
    Field("p_mr", "float", "as used"),
    Field("p_chop", "float", "as used"),
    Field("computed_at_utc", "iso", "when the proposal was computed, with offset"),
    Field("position_side", "side", "LONG or SHORT"),
    Field("position_age_sec", "float", "seconds since entry, or since the publisher first saw the position"),
    Field("position_current_price", "float", "price as used"),
    Field("position_entry_price", "float", "as read"),
    Field("schema", "text", "quantum.risk.proposal/2"),
    Field("symbol", "text", "the symbol"),
    Field("publisher_id", "text", "who wrote it"),
    Field("seq", "int", "content number of this symbol, from 1, and from 1 again once its position is stated closed"),
    Field("computed_at_ms", "epoch_ms", "computed_at_utc again, as a number"),
    Field("heartbeat_ms", "epoch_ms", "when the publisher last found the content still right; written every cycle"),
    Field("flags", "list", "what a consumer must know before it uses the levels, comma separated, empty for none"),
    Field("market_source", "text", "who made the market state, 'unstated' where its writer does not say"),
    Field("market_input_age_ms", "int", "age of the market state when it was used"),
    Field("position_source", "text", "redis_hash, redis_stream or synthetic"),
    Field("position_writer", "text", "the writer named in the position, 'unstated' where none is"),
    Field("position_aliases", "list", "which aliases were read, canonical<alias, comma separated"),
    Field("position_input_age_ms", "int", "age of the position when it was used, 'unstated' where not known"),
    Field("position_peak_price", "float", "as used"),
    Field("position_trough_price", "float", "as used"),
    Field("position_current_sl", "float", "stop in force as used, empty for none"),
    Field("current_sl_source", "text", "position, published (the last stop this publisher proposed) or none"),
    Field("interval_sec", "float", "declared interval of the heartbeat"),
)
HEARTBEAT_FIELDS: Final = ("heartbeat_ms",)  # all that an unchanged proposal writes

TRACK_FIELDS: Final = (
    Field("side", "side", "with entry_price, which position this is"),
    Field("entry_price", "float", "with side, which position this is"),
    Field("peak_price", "float", "highest price seen"),
    Field("trough_price", "float", "lowest price seen"),
    Field("opened_at_ms", "epoch_ms", "entry time where the position states its age, else when it was first seen"),
    Field("published_sl", "float", "the last stop proposed and acknowledged, empty for none"),
    Field("seq", "int", "content number of the last proposal"),
)
TRACK_TTL_MS: Final = 7 * 24 * 3600 * 1000  # outlives a long weekend without a publisher; refreshed at least every minute

PUBLISHER_FIELDS: Final = (
    Field("schema", "text", "quantum.risk.publisher/1"),
    Field("publisher_id", "text", "host:pid, or as configured"),
    Field("heartbeat_ms", "epoch_ms", "start of the last cycle that could write this"),
    Field("started_at_ms", "epoch_ms", "start of the process"),
    Field("cycle", "int", "cycles completed"),
    Field("cycles_skipped", "int", "ticks that passed while a cycle was still running"),
    Field("interval_sec", "float", "declared interval"),
    Field("shard", "text", "i/n"),
    Field("position_source", "text", "mode asked for"),
    Field("symbols", "int", "symbols of this shard"),
    Field("published", "int", "proposals whose content was written in the last cycle"),
    Field("unchanged", "int", "proposals that got a heartbeat only"),
    Field("closed", "int", "symbols with no open position"),
    Field("refused", "json", "reason -> number of symbols"),
)

RISK_EVENT_FIELDS: Final = (
    Field("event", "text", "RISK_GUARD_ACTIVATED or EMERGENCY_FLATTEN_REQUESTED"),
    Field("reason", "text", "free text; the only place that holds the numbers"),
    Field("timestamp", "epoch_s", "when the guard fired"),
    Field("guard_type", "text", "RISK_GUARD_ACTIVATED only"),
    Field("duration_sec", "int", "RISK_GUARD_ACTIVATED only: how long the guard holds"),
)

# What the execution service writes is an envelope of event_type, payload (JSON), timestamp and source; its payload carries no
# current price. The flat POSITION_* form is what readers expect. Both are accepted, see codec_json.decode_event.
EXECUTION_FIELDS: Final = (
    Field("event_type", "text", "execution.result, POSITION_OPENED or POSITION_CLOSED"),
    Field("payload", "json", "execution.result: symbol, action, entry_price, status, …"),
    Field("symbol", "text", "POSITION_*"),
    *POSITION_FIELDS,
)

# A stream entry is one proposal's content without the heartbeat.
STREAM_FIELDS: Final = tuple(field for field in PROPOSAL_FIELDS if field.name not in HEARTBEAT_FIELDS)
