"""Damage that a stranger, a disk or an editor does to recorded values: made from a number, so that every case can be had again."""

from collections.abc import Callable, Iterator
from random import Random
from types import UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from msgspec import NODEFAULT, Struct
from msgspec.structs import fields, replace

from qtops.settings import Settings

Place = tuple[str | int, ...]
NUMBERS: Final = (
    0,
    -1,
    1,
    2,
    7,
    0.5,
    -0.5,
    1e-300,
    5e-324,
    60,
    3600,
    1e9,
    1.8e9,
    6.1e10,
    -6.1e10,
    2**31,
    2**53,
    2**63,
    -(2**63),
    1e19,
)
TEXTS: Final = (
    "", " ", "a", "0", "-1", "nan", "inf", "1e999", "1771369892", "2026-02-17T23:11:32Z", "9999-12-31T23:59:59.999999+00:00",
    "x" * 3000, "`", "``x", "|", "[E01]", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)",
    "\\u001b[31m", "..", "/", "../../etc/passwd", "a/b/c", "%s{}{{1}}", "{% for %}", "\U0001f4a5", "١٢٣", "BTCUSDT", "a.service",
    "E01", "0-0", "18446744073709551615-18446744073709551615", "{symbol}", "quantum:risk:proposal:{symbol}", "*", "(", "1_000", "²",
)  # fmt: skip


def places(value: Any, path: Place = ()) -> Iterator[Place]:
    """Every place in plain values but the whole."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in inner:
        yield (*path, name)
        yield from places(item, (*path, name))


def mutated(value: Any, random: Random, most: int = 3) -> Any:
    """A copy with one to ``most`` places changed; mostly by what has the same type, so that reading it gets far."""
    for _ in range(random.randint(1, most)):
        found = list(places(value))
        if not found:
            break
        value = _changed(value, random.choice(found), random)
    return value


def _changed(value: Any, place: Place, random: Random) -> Any:
    first, *rest = place
    if rest:
        return _put(value, first, _changed(value[first], tuple(rest), random))
    what = random.randrange(12)
    if what == 0:
        return _without(value, first)
    if what == 1 and isinstance(value, list):
        return [*value, *[value[first]] * random.choice((1, 2, 30))]
    if what == 2 and isinstance(value, list):
        return [*value[:first], *value[first + 1 :], value[first]]
    if what == 3:
        return _put(value, first, random.choice((None, True, [], {}, *NUMBERS, *TEXTS)))
    return _put(value, first, _alike(value[first], random))


def _alike(item: Any, random: Random) -> Any:
    """Something of the same type."""
    match item:
        case bool():
            return not item
        case int():
            return random.choice([int(number) for number in NUMBERS if number == int(number)])
        case float():
            return random.choice((*NUMBERS, -item, item * 1000, item + 1e5, item - 1e5))
        case str():
            return random.choice((*TEXTS, item[:-1], item * 2, item.upper(), f"{item} {random.choice(TEXTS)}"))
        case list():
            return random.choice(([], item[:1], item[1:], item[::-1], item * 2))
        case dict():
            names = list(item)
            return random.choice(({}, dict.fromkeys(names), {name: item[name] for name in names[1:]}))
    return random.choice((0, 1.8e9, "a", [], {}))


def _put(value: Any, name: str | int, item: Any) -> Any:
    return value | {name: item} if isinstance(value, dict) else [*value[:name], item, *value[name + 1 :]]


def _without(value: Any, name: str | int) -> Any:
    if isinstance(value, dict):
        return {key: item for key, item in value.items() if key != name}
    return [*value[:name], *value[name + 1 :]]


# The same of values whose types are known: whatever is made can be read, and has to be judged


def retyped(value: Any, hint: Any, random: Random, most: int = 3) -> Any:
    """A struct with one to ``most`` of its parts replaced by others of their own types."""
    for _ in range(random.randint(1, most)):
        found = [(path, kind) for path, kind in _typed(value, hint) if path]
        path, kind = random.choice(found)
        value = _replaced(value, path, made(kind, random))
    return value


def made(hint: Any, random: Random, depth: int = 0) -> Any:
    """Any value of a type that facts are made of; the deeper, the plainer."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in _PLAIN:
        return _PLAIN[hint](random)
    if origin is Literal:
        return random.choice(arguments)
    if origin in (Union, UnionType):
        return made(random.choice(arguments), random, depth)
    if origin is tuple:
        return tuple(made(arguments[0], random, depth + 1) for _ in range(random.choice((0, 1, 1, 2, 5)) if depth < 4 else 0))
    if origin is dict:
        return {made(arguments[0], random): made(arguments[1], random, depth + 1) for _ in range(random.choice((0, 1, 3)))}
    hints = get_type_hints(hint)
    required = {field.name for field in fields(hint) if field.default is NODEFAULT and field.default_factory is NODEFAULT}
    chosen = [name for name in hints if name in required or random.random() < 0.4]
    return hint(**{name: made(hints[name], random, depth + 1) for name in chosen})


_PLAIN: Final[dict[Any, Callable[[Random], Any]]] = {
    str: lambda random: random.choice(TEXTS).encode("ascii", "ignore").decode(),
    bool: lambda random: random.random() < 0.5,
    int: lambda random: random.choice([int(number) for number in NUMBERS if number == int(number)]),
    float: lambda random: float(random.choice([*NUMBERS, random.uniform(1.7e9, 1.9e9), random.uniform(0, 100)])),
    type(None): lambda _: None,
    Any: lambda random: random.choice((None, 0, "a", [], {}, [{"a": 1}], {"code": 1})),
    Settings: lambda _: Settings(),
}


def _typed(value: Any, hint: Any, path: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every place in a struct, and the type that it has to have."""
    yield path, hint
    if isinstance(value, Struct) and not isinstance(value, Settings):  # settings hold rules of their own
        for name, inner in get_type_hints(type(value)).items():
            yield from _typed(getattr(value, name), inner, (*path, name))
    elif isinstance(value, tuple) and value:
        kinds = [one for one in (hint, *get_args(hint)) if get_origin(one) is tuple]
        for number, item in enumerate(value):
            yield from _typed(item, get_args(kinds[0])[0], (*path, number))


def _replaced(value: Any, path: Place, item: Any) -> Any:
    if not path:
        return item
    first, *rest = path
    if isinstance(first, str):
        return replace(value, **{first: _replaced(getattr(value, first), tuple(rest), item)})
    return (*value[:first], _replaced(value[first], tuple(rest), item), *value[first + 1 :])
