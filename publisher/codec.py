"""Read the wire by the tables of ``publisher.contract``: bytes in, frozen values or a refusal out.

Nothing is guessed: a field that is absent, not a finite number or of an unknown word refuses its symbol with a reason, and a price
of zero is refused like an absent one. Text is decoded field by field, so one hostile key cannot hide the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final, NamedTuple

from publisher.contract import MARKET_FIELDS, NO_STOP, POSITION_FIELDS, SIDES, Field
from publisher.kernel import MarketState
from publisher.timestamps import TimestampError, parse_timestamp

UNSTATED: Final = "unstated"
_LONGEST_TEXT = 64


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing is proposed for a symbol. ``reason`` is one word of a small set, ``detail`` says on what."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Closed:
    """No position is open. ``stated``: its writer says so (FLAT, size 0); otherwise there is no such key."""

    stated: bool


class MarketInput(NamedTuple):
    """A market state as read. ``taken_at_s`` is None where the hash does not say when it was computed."""

    state: MarketState
    taken_at_s: float | None
    source: str


class PositionInput(NamedTuple):
    """An open position as read; None where its writer supplies nothing. ``aliases`` are written canonical<alias."""

    side: str
    entry_price: float
    current_price: float
    peak_price: float | None = None
    trough_price: float | None = None
    age_sec: float | None = None
    current_sl: float | None = None
    current_tp: float | None = None
    unrealized_pnl: float | None = None
    taken_at_s: float | None = None
    source: str = "redis_hash"
    writer: str = UNSTATED
    aliases: tuple[str, ...] = ()


class FieldError(ValueError):
    """One field cannot be used; becomes a Refused at the edge of this module."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.refused = Refused(reason, detail)


def lookup_names(fields: Sequence[Field]) -> tuple[str, ...]:
    """Every name to ask Redis for, canonical and alias, in the order in which ``values`` of the readers below come."""
    return tuple(name for field in fields for name in (field.name, *field.aliases))


MARKET_NAMES: Final = lookup_names(MARKET_FIELDS)
POSITION_NAMES: Final = lookup_names(POSITION_FIELDS)
_POSITION_ALIASES: Final = tuple((alias, field.name) for field in POSITION_FIELDS for alias in field.aliases)


def number(raw: bytes | None, name: str) -> float:
    """A finite decimal number. ``float`` takes more than the wire should hold: NaN, infinities, digit groups."""
    if raw is None:
        raise FieldError("missing_field", f"{name} is absent")
    try:
        value = float(raw)
    except ValueError:
        raise FieldError("not_a_number", f"{name} is {shown(raw)}") from None
    if not isfinite(value) or b"_" in raw:
        raise FieldError("not_a_number", f"{name} is {shown(raw)}")
    return value


def shown(raw: bytes) -> str:
    """Bytes from the wire as printable text, cut short: they are hostile until then."""
    cut = raw[:_LONGEST_TEXT]
    return ascii(cut.decode("utf-8", "backslashreplace")) + ("…" if len(raw) > len(cut) else "")


def word(raw: bytes | None) -> str:
    """The name of a writer: short, printable and without a comma; UNSTATED where there is none."""
    if not raw:
        return UNSTATED
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise FieldError("not_utf8", f"source is {shown(raw)}") from None
    if len(text) > _LONGEST_TEXT or not text.isprintable() or "," in text:
        raise FieldError("not_a_name", f"source is {shown(raw)}")
    return text


def decode_market(values: Sequence[bytes | None]) -> MarketInput | Refused:
    """Read ``HMGET <market key> *MARKET_NAMES``."""
    sigma, ts, p_trend, p_mr, p_chop, stamp, mu, source = values
    try:
        if values.count(None) == len(values):
            return Refused("no_market_state", "the market state hash is absent")
        probabilities = {"trend": number(p_trend, "p_trend"), "mr": number(p_mr, "p_mr"), "chop": number(p_chop, "p_chop")}
        if min(probabilities.values()) < 0.0 or max(probabilities.values()) > 1.0:
            return Refused("not_a_probability", "p_trend, p_mr and p_chop are not all between 0 and 1")
        drift = 0.0 if mu is None else number(mu, "mu")
        state = MarketState(number(sigma, "sigma"), number(ts, "ts"), probabilities, drift)
        if state.sigma <= 0.0:
            return Refused("sigma_not_positive", f"sigma is {state.sigma!r}")
        return MarketInput(state, _time(stamp, "ts_timestamp"), word(source))
    except FieldError as error:
        return error.refused


def decode_position(values: Sequence[bytes | None], source: str = "redis_hash") -> PositionInput | Closed | Refused:
    """Read ``HMGET <position key> *POSITION_NAMES``, whatever dialects its writers left there."""
    return position_from({name: value for name, value in zip(POSITION_NAMES, values, strict=True) if value is not None}, source)


def position_from(fields: Mapping[str, bytes], source: str) -> PositionInput | Closed | Refused:
    """Read the fields that are there, by any of their names; ``source`` says where they were found."""
    if not fields:
        return Closed(stated=False)
    given, aliases = dict(fields), []
    for alias, name in _POSITION_ALIASES:
        if alias in given and name not in given:
            given[name] = given[alias]
            aliases.append(f"{name}<{alias}")
    try:
        side = _side(given, aliases)
        if side == "FLAT":
            return Closed(stated=True)
        return PositionInput(
            side,
            _price(given, "entry_price"),
            _price(given, "current_price"),
            peak_price=_optional_price(given, "peak_price"),
            trough_price=_optional_price(given, "trough_price"),
            age_sec=_optional(given, "age_sec"),
            current_sl=_optional_price(given, "current_sl"),
            current_tp=_optional_price(given, "current_tp"),
            unrealized_pnl=_optional(given, "unrealized_pnl"),
            taken_at_s=_time(given.get("ts_epoch"), "ts_epoch"),
            source=source,
            writer=word(given.get("source")),
            aliases=tuple(aliases),
        )
    except FieldError as error:
        return error.refused


def _side(given: Mapping[str, bytes], aliases: list[str]) -> str:
    """LONG, SHORT or FLAT from the side and the sizes, which must not contradict each other."""
    amount, quantity = (number(given[name], name) if name in given else None for name in ("position_amt", "quantity"))
    if amount is not None and quantity is not None and (amount == 0.0) != (quantity == 0.0):
        raise FieldError("side_contradicts_size", f"position_amt is {amount!r}, quantity is {quantity!r}")
    size = quantity if amount is None else amount
    if size == 0.0:
        return "FLAT"
    text = given.get("side", b"").decode("ascii", "replace").strip()
    if not text:
        if amount is None:
            raise FieldError("missing_field", "side is absent, and no signed size tells it")
        aliases.append("side<position_amt")
        return "LONG" if amount > 0.0 else "SHORT"
    side = SIDES.get(text.upper())
    if side is None:
        raise FieldError("unknown_side", f"side is {shown(given['side'])}")
    if size is not None and (side == "FLAT" or (side == "LONG" and size < 0.0) or (side == "SHORT" and size > 0.0 and amount)):
        raise FieldError("side_contradicts_size", f"side is {side}, size is {size!r}")
    if side not in (text, "FLAT"):
        aliases.append(f"side<{text}")
    return side


def _price(given: Mapping[str, bytes], name: str) -> float:
    raw = given.get(name, b"")
    if not raw.strip():
        raise FieldError("no_price", f"{name} is absent")
    value = number(raw, name)
    if value <= 0.0:
        raise FieldError("price_not_positive", f"{name} is {shown(raw)}")
    return value


def _optional(given: Mapping[str, bytes], name: str) -> float | None:
    raw = given.get(name)
    return None if raw is None or raw.strip().lower().decode("latin-1") in NO_STOP else number(raw, name)


def _optional_price(given: Mapping[str, bytes], name: str) -> float | None:
    """Zero is none: a stop at 0 would be held for ever by a SHORT, and so would one below it."""
    value = _optional(given, name)
    if value is not None and value < 0.0:
        raise FieldError("price_not_positive", f"{name} is {shown(given[name])}")
    return value or None


def _time(raw: bytes | None, name: str) -> float | None:
    if raw is None or not raw:
        return None
    try:
        return parse_timestamp(raw.decode("ascii", "replace"))
    except TimestampError:
        raise FieldError("not_a_time", f"{name} is {shown(raw)}") from None
