"""Read the parts of the wire that hold JSON: the values of the single positions hash, and the execution stream's events.

The same rules as in ``publisher.codec``: what is malformed, or says one thing twice, refuses its symbol.
"""

import json
from collections.abc import Mapping
from typing import Any

from publisher.codec import POSITION_NAMES, Closed, FieldError, PositionInput, Refused, position_from, shown
from publisher.contract import SYMBOL


def decode_position_json(raw: bytes | None) -> PositionInput | Closed | Refused:
    """Read one value of the single positions hash: a JSON object with the same field names."""
    if raw is None:
        return Closed(stated=False)
    try:
        fields = _json_object(raw)
        given = {name: _json_text(fields[name], name) for name in POSITION_NAMES if fields.get(name) is not None}
        return position_from(given, "redis_hash")
    except FieldError as error:
        return error.refused


def _json_object(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise FieldError("not_json", f"value is {shown(raw)}") from None
    if not isinstance(value, dict):
        raise FieldError("not_json", "value is no JSON object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a key stands there twice")
    return fields


def _json_text(value: Any, name: str) -> bytes:
    """A JSON value as the text that a hash would hold."""
    if isinstance(value, list | dict):
        raise FieldError("not_json", f"{name} is a list or an object")
    return str(value).encode("utf-8", "backslashreplace")


def decode_event(fields: Mapping[bytes, bytes], at_s: float) -> tuple[str, PositionInput | Closed | Refused] | None:
    """What one entry of the execution stream says of one symbol; None where it says nothing about an open position.

    POSITION_OPENED and POSITION_CLOSED are flat and carry the position. ``execution.result`` says that an order was filled, at
    which price, but not the price now: its symbol is refused rather than proposed from the entry price.
    """
    kind = fields.get(b"event_type")
    if kind == b"execution.result":
        try:
            payload = _json_object(fields.get(b"payload", b""))
        except FieldError:
            return None
        symbol = payload.get("symbol")
        if payload.get("status") != "filled" or not isinstance(symbol, str) or not SYMBOL.fullmatch(symbol):
            return None
        return symbol, Refused("no_price", "an execution result carries no current price")
    symbol = fields.get(b"symbol", b"").decode("ascii", "replace")
    if kind not in (b"POSITION_OPENED", b"POSITION_CLOSED") or not SYMBOL.fullmatch(symbol):
        return None
    if kind == b"POSITION_CLOSED":
        return symbol, Closed(stated=True)
    given = {name: fields[name.encode()] for name in POSITION_NAMES if name.encode() in fields}
    if "ts_epoch" not in given and "timestamp" not in given:
        given["ts_epoch"] = str(at_s).encode()
    return symbol, position_from(given, "redis_stream")
