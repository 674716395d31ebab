"""JSON that stands in the source or in a variable of the environment: ``json.loads(os.environ.get("STREAMS", "[…]"))``."""

import json

from qtops.wiring.values import MOST_ITEMS, Items, Plain, Table, Text, Unknown, Value

LOADS = frozenset({"json.loads", "orjson.loads", "ujson.loads", "simplejson.loads", "msgspec.json.decode"})


def decoded(value: Value) -> Value:
    """What a text of JSON holds; its texts come from where it comes from."""
    if not isinstance(value, Text) or value.known is None:
        return Unknown(value.why if isinstance(value, Unknown) else "the JSON is not known")
    try:
        return _value(json.loads(value.known), value.origin)
    except (ValueError, RecursionError):
        return Unknown("it is no JSON")


def _value(found: object, origin: tuple[str, ...]) -> Value:
    if isinstance(found, str):
        return Text((found,), origin)
    if isinstance(found, list):
        return Items(tuple((_value(item, origin),) for item in found[:MOST_ITEMS]), len(found) <= MOST_ITEMS)
    if isinstance(found, dict):
        pairs = list(found.items())[:MOST_ITEMS]
        return Table(tuple((Text((key,), origin), (_value(item, origin),)) for key, item in pairs), len(found) <= MOST_ITEMS)
    return Plain(found)
