"""Proposals as numbers: each reading is parsed once, strictly, and what could not be read is named.

A number is finite, ASCII and without digit groups; a time lies between 2000 and 2100. What is not there stays absent: a check that
needs it says nothing, and the check of the contract says that it is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import inf, nan
from types import EllipsisType
from typing import Final, NamedTuple

from publisher.codec import UNSTATED, Closed, PositionInput, Refused, position_from
from publisher.codec_json import decode_position_json
from publisher.contract import MARKET_FIELDS, PROPOSAL_FIELDS, SCHEMA
from publisher.timestamps import TimestampError, parse_timestamp
from qtops.facts.proposals import ProposalReading
from qtops.facts.text import printable

NUMBERS: Final = tuple(field.name for field in PROPOSAL_FIELDS if field.kind in {"float", "int"})
TIMES: Final = tuple(field.name for field in PROPOSAL_FIELDS if field.kind in {"iso", "epoch_ms"})
MARKET_NUMBERS: Final = tuple(field.name for field in MARKET_FIELDS if field.kind == "float" and field.name != "mu")
WEIGHTS: Final = ("p_trend", "p_mr", "p_chop")
POSITIVE: Final = frozenset(
    (
        "proposed_sl", "proposed_tp", "sigma", "stop_dist_pct", "tp_dist_pct", "trail_gap_pct",
        "position_current_price", "position_entry_price", "position_peak_price", "position_trough_price",
    )
)  # fmt: skip
ABSENT_WORDS: Final = {
    "position_current_sl": "",
    "market_input_age_ms": UNSTATED,
    "position_input_age_ms": UNSTATED,
}
LONGEST: Final = 64  # characters of a text that are shown: names and numbers are shorter
SAME: Final = 1e-9  # relative: a double written as text comes back to the last bit; this allows another order of operations
time_of: Final = lru_cache(maxsize=512)(parse_timestamp)


class Fault(NamedTuple):
    """A value that cannot be used. ``of`` names the hash: the proposal, its market state or its position."""

    of: str
    field: str
    text: str
    why: str


class Market(NamedTuple):
    """The market state that is published now, as far as it can be read."""

    numbers: Mapping[str, float]
    at_s: float | None

    @property
    def weights(self) -> tuple[float, ...] | None:
        """p_trend, p_mr, p_chop where all three are there."""
        return weights(self.numbers)


class Standing(NamedTuple):
    """The position that a proposal is about. ``origin`` is empty where the proposal states it, else what it was recovered from."""

    side: str
    current: float
    entry: float | None = None
    extreme: float | None = None  # peak of a LONG, trough of a SHORT
    origin: str = ""

    @property
    def sign(self) -> float:
        """1 for LONG, -1 for SHORT."""
        return 1.0 if self.side == "LONG" else -1.0


@dataclass(slots=True)
class View:
    """One proposal that is there."""

    reading: ProposalReading
    symbol: str
    numbers: dict[str, float]
    times: dict[str, float]
    side: str  # LONG, SHORT, or empty where it is neither
    flags: frozenset[str]
    reasons: tuple[str, ...]
    market: Market | None  # None: not published, or not read
    standing: Standing | None
    faults: list[Fault]
    computed_at_s: float | None  # when its content was computed
    alive_at_s: float | None  # when its writer last said that it holds
    _position: PositionInput | Closed | Refused | EllipsisType | None = ...  # not yet decoded

    @property
    def position(self) -> PositionInput | Closed | Refused | None:
        """What is published of the position now, read as the publisher reads it; None: not read. Decoded where it is asked for."""
        if isinstance(self._position, EllipsisType):
            self._position = _position(self.reading)
        return self._position

    @property
    def position_at_s(self) -> float | None:
        """The time that the position states, where it is one."""
        given = self.reading.position
        text = given.get("ts_epoch", given.get("timestamp"))
        try:
            return None if text is None else time_of(text)
        except TimestampError:
            return None

    @property
    def schema(self) -> int:
        """2 where it says so, else 1: the founding form, without provenance, ages and heartbeat."""
        return 2 if self.reading.fields.get("schema") == SCHEMA else 1

    @property
    def weights(self) -> tuple[float, ...] | None:
        """p_trend, p_mr, p_chop as echoed, where all three are there."""
        return weights(self.numbers)

    def said(self, name: str) -> str:
        """A field's text, printable and cut short; empty where it is absent."""
        return printable(self.reading.fields.get(name, "")[:LONGEST])


def number(text: str) -> float | None:
    """A finite decimal number; None for everything else that ``float`` would take."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value - value == 0.0 and "_" not in text and text.isascii() else None


def close(one: float, other: float, share: float = SAME) -> bool:
    """Whether two numbers are one number, written or computed twice."""
    return abs(one - other) <= share * abs(other) < inf


def weights(numbers: Mapping[str, float]) -> tuple[float, ...] | None:
    """p_trend, p_mr, p_chop of a hash, where all three are there."""
    trend, mr, chop = numbers.get("p_trend"), numbers.get("p_mr"), numbers.get("p_chop")
    return None if trend is None or mr is None or chop is None else (trend, mr, chop)


def view(reading: ProposalReading) -> View:
    """Parse one reading. Never raises: what cannot be read is a fault."""
    fields, faults = reading.fields, list[Fault]()
    numbers = _numbers("proposal", NUMBERS, fields, faults)
    times = _times(TIMES, fields, faults)
    computed_at_s = times.get("computed_at_utc", times.get("computed_at_ms"))
    side = fields.get("position_side", "")
    if side not in {"LONG", "SHORT"}:
        if "position_side" in fields:
            faults.append(Fault("proposal", "position_side", side, "is neither LONG nor SHORT"))
        side = ""
    current, extreme = numbers.get("position_current_price"), "position_peak_price" if side == "LONG" else "position_trough_price"
    standing = None
    if side and current is not None:
        standing = Standing(side, current, numbers.get("position_entry_price"), numbers.get(extreme))
    return View(
        reading=reading,
        symbol=reading.symbol,
        numbers=numbers,
        times=times,
        side=side,
        flags=frozenset(fields.get("flags", "").split(",")),
        reasons=tuple(filter(None, fields.get("reason_codes", "").split(","))),
        market=_market(reading, faults) if reading.market else None,
        standing=standing,
        faults=faults,
        computed_at_s=computed_at_s,
        alive_at_s=times.get("heartbeat_ms", computed_at_s),
    )


def _numbers(of: str, names: tuple[str, ...], fields: Mapping[str, str], faults: list[Fault]) -> dict[str, float]:
    numbers = {}
    for name in names:
        text = fields.get(name)
        if text is None:
            continue
        try:
            value = float(text)
        except ValueError:
            value = nan
        if not (
            value - value == 0.0 and "_" not in text and text.isascii()
        ):  # as ``number``: a call for each would double the cost
            if ABSENT_WORDS.get(name) != text:
                faults.append(Fault(of, name, text, "is no finite number"))
        elif value <= 0.0 and name in POSITIVE:
            faults.append(Fault(of, name, text, "is not above 0"))
        else:
            numbers[name] = value
    return numbers


def _times(names: tuple[str, ...], fields: Mapping[str, str], faults: list[Fault]) -> dict[str, float]:
    times = {}
    for name in names:
        text = fields.get(name)
        if text is not None:
            try:
                times[name] = time_of(text)
            except TimestampError:
                faults.append(Fault("proposal", name, text, "is no time"))
    return times


def _market(reading: ProposalReading, faults: list[Fault]) -> Market:
    numbers = _numbers("market state", MARKET_NUMBERS, reading.market, faults)
    text, at_s = reading.market.get("ts_timestamp"), None
    if text is not None:
        try:
            at_s = time_of(text)
        except TimestampError:
            faults.append(Fault("market state", "ts_timestamp", text, "is no time"))
    return Market(numbers, at_s)


def _position(reading: ProposalReading) -> PositionInput | Closed | Refused | None:
    """What is published of the position now, read as the publisher reads it."""
    if reading.position:
        return position_from({name: text.encode("utf-8", "replace") for name, text in reading.position.items()}, "redis_hash")
    if any(unread.startswith(("position", "the hash of all positions")) for unread in reading.unread):
        return None
    return decode_position_json(reading.position_json.encode("utf-8", "replace") if reading.position_json else None)
