"""Read and write the wire by the tables of ``publisher.contract``: bytes in, frozen values or a refusal out.

Nothing is guessed: a field that is absent, not a finite number or of an unknown word refuses its symbol with a reason, and a price
of zero is refused like an absent one. Text is decoded field by field, so one hostile key cannot hide the others.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final, NamedTuple

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
_POSITION_INDEX: Final = {name: index for index, name in enumerate(POSITION_NAMES)}
_POSITION_CANDIDATES: Final = {
    field.name: tuple((_POSITION_INDEX[name], name) for name in (field.name, *field.aliases)) for field in POSITION_FIELDS
}


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
    """Bytes from the wire as printable ASCII, cut short: they are hostile until then."""
    cut = raw[:_LONGEST_TEXT]
    return ascii(cut.decode("utf-8", "backslashreplace")) + ("…" if len(raw) > len(cut) else "")


def word(raw: bytes | None, default: str = UNSTATED) -> str:
    """A short name of something, such as a writer: printable and without a comma, else ``default`` or a refusal."""
    if not raw:
        return default
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
        if sigma is None and p_trend is None and stamp is None:
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
    if not any(value is not None for value in values):
        return Closed(stated=False)
    aliases: list[str] = []

    def find(name: str) -> bytes | None:
        for index, candidate in _POSITION_CANDIDATES[name]:
            value = values[index]
            if value is not None:
                if candidate != name:
                    aliases.append(f"{name}<{candidate}")
                return value
        return None

    def optional(name: str) -> float | None:
        value = find(name)
        return None if value is None or value.strip().lower().decode("latin-1") in NO_STOP else number(value, name)

    try:
        side = _side(find, aliases)
        if side == "FLAT":
            return Closed(stated=True)
        return PositionInput(
            side,
            _price(find("entry_price"), "entry_price"),
            _price(find("current_price"), "current_price"),
            peak_price=optional("peak_price") or None,
            trough_price=optional("trough_price") or None,
            age_sec=optional("age_sec"),
            current_sl=optional("current_sl") or None,
            current_tp=optional("current_tp") or None,
            unrealized_pnl=optional("unrealized_pnl"),
            taken_at_s=_time(find("ts_epoch"), "ts_epoch"),
            source=source,
            writer=word(find("source")),
            aliases=tuple(aliases),
        )
    except FieldError as error:
        return error.refused


def _side(find: Any, aliases: list[str]) -> str:
    """LONG, SHORT or FLAT from the side and the sizes, which must not contradict each other."""
    raw, signed, unsigned = find("side"), find("position_amt"), find("quantity")
    amount = None if signed is None else number(signed, "position_amt")
    quantity = None if unsigned is None else number(unsigned, "quantity")
    if amount == 0.0 or (amount is None and quantity == 0.0):
        return "FLAT"
    if raw is None:
        if amount is None:
            raise FieldError("missing_field", "side is absent, and no signed size tells it")
        aliases.append("side<position_amt")
        return "LONG" if amount > 0.0 else "SHORT"
    text = raw.decode("ascii", "replace").strip()
    side = SIDES.get(text.upper())
    if side is None:
        raise FieldError("unknown_side", f"side is {shown(raw)}")
    if text != side and side != "FLAT":
        aliases.append(f"side<{text}")
    if amount is not None and side != "FLAT" and (amount > 0.0) != (side == "LONG"):
        raise FieldError("side_contradicts_size", f"side is {side}, position_amt is {amount!r}")
    return side


def _price(raw: bytes | None, name: str) -> float:
    if raw is None or not raw.strip():
        raise FieldError("no_price", f"{name} is absent")
    value = number(raw, name)
    if value <= 0.0:
        raise FieldError("price_not_positive", f"{name} is {shown(raw)}")
    return value


def _time(raw: bytes | None, name: str) -> float | None:
    if raw is None or not raw:
        return None
    try:
        return parse_timestamp(raw.decode("ascii", "replace"))
    except TimestampError:
        raise FieldError("not_a_time", f"{name} is {shown(raw)}") from None


def decode_position_json(raw: bytes | None) -> PositionInput | Closed | Refused:
    """Read one value of the single positions hash: a JSON object with the same field names."""
    if raw is None:
        return Closed(stated=False)
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError):
        return Refused("not_json", f"value is {shown(raw)}")
    if not isinstance(fields, dict):
        return Refused("not_json", "value is no JSON object")
    return decode_position(_wire_values(fields))


def _wire_values(fields: Mapping[str, Any]) -> list[bytes | None]:
    """JSON values as the texts a hash would hold; None and absent are the same, a list or object is text that is no number."""
    found = [fields.get(name) for name in POSITION_NAMES]
    return [None if value is None else str(value).encode("utf-8", "backslashreplace") for value in found]


def decode_event(fields: Mapping[bytes, bytes], at_s: float) -> tuple[str, PositionInput | Closed | Refused] | None:
    """What one entry of the execution stream says of one symbol; None where it says nothing about an open position.

    POSITION_OPENED and POSITION_CLOSED are flat and carry the position. ``execution.result`` says that an order was filled, at
    which price, but not the price now: its symbol is refused rather than proposed from the entry price.
    """
    kind = fields.get(b"event_type", b"")
    if kind == b"execution.result":
        try:
            payload = json.loads(fields.get(b"payload", b""))
        except (ValueError, RecursionError):
            return None
        if not isinstance(payload, dict) or payload.get("status") != "filled" or not isinstance(payload.get("symbol"), str):
            return None
        return payload["symbol"], Refused("no_price", "an execution result carries no current price")
    if kind not in (b"POSITION_OPENED", b"POSITION_CLOSED"):
        return None
    symbol = fields.get(b"symbol", b"").decode("utf-8", "replace")
    if kind == b"POSITION_CLOSED":
        return symbol, Closed(stated=True)
    given = {**fields}
    given.setdefault(b"ts_epoch", str(at_s).encode())
    return symbol, decode_position([given.get(name.encode()) for name in POSITION_NAMES], "redis_stream")
