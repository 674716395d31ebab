"""Python's operators over values that may be unknown: what they give, or why that cannot be told."""

import ast
import builtins
import operator
import re
from collections.abc import Callable, Sequence

from qtops.imports.values import Unknown, Value, doubt_in

BINARY: dict[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Value, Value], Value]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, box: item in box,
    ast.NotIn: lambda item, box: item not in box,
}
WRONG = (TypeError, ValueError, KeyError, IndexError, ZeroDivisionError, AttributeError, OverflowError, RecursionError)
LONGEST = 4096
BUILTINS = frozenset(f"builtins.{name}" for name in dir(builtins))
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
LARGEST = 100_000
_WIDEST = 4
_WIDE = re.compile(r"\d{4}|\*")


def shown(value: Value, conversion: int, spec: str) -> str:
    """What a replacement field of an f-string shows."""
    if any(part.isdigit() for part in spec) and len(spec) > _WIDEST:
        raise ValueError(spec)
    match conversion:
        case 114:
            value = repr(value)
        case 115:
            value = str(value)
        case 97:
            value = ascii(value)
    return format(value, spec)


def is_wide(op: ast.operator, left: Value) -> bool:
    """Whether a % formatting asks for a field of thousands of characters."""
    return isinstance(op, ast.Mod) and isinstance(left, str) and _WIDE.search(left) is not None


def bounded(value: Value) -> Value:
    """A result, unless it is too large to be kept."""
    if isinstance(value, str | bytes | list | tuple) and len(value) > LARGEST:
        raise OverflowError
    return value


def compared_in_order(left: tuple[Value, ...], op: ast.cmpop, right: tuple[Value, ...]) -> Value:
    """Two tuples with unknown parts (sys.version_info and its micro version): the first difference decides, if it comes in time."""
    for mine, other in zip(left, right, strict=False):
        if (why := doubt_in(mine, other)) is not None:
            return Unknown(why)
        if mine != other:
            return compared(mine, op, other, "a comparison of different kinds")
    return _COMPARE[type(op)](len(left), len(right))


def holds(items: Sequence[Value], wanted: Value) -> bool:
    """Whether a known item is equal; others may still be unknown."""
    return any(doubt_in(item) is None and type(item) is type(wanted) and item == wanted for item in items)


def compared(left: Value, op: ast.cmpop, right: Value, why: str) -> Value:
    """One comparison; the order of tuples and membership are decided as far as what is known reaches."""
    if isinstance(op, ast.Is | ast.IsNot):
        if doubt_in(left, right) is not None:
            return Unknown(doubt_in(left, right) or why)
        return (left is right) == isinstance(op, ast.Is)
    if isinstance(left, tuple) and isinstance(right, tuple) and isinstance(op, _ORDER) and doubt_in(left, right) is not None:
        return compared_in_order(left, op, right)
    is_membership = isinstance(op, ast.In | ast.NotIn)
    if is_membership and isinstance(right, list | tuple) and doubt_in(left) is None and holds(right, left):
        return isinstance(op, ast.In)
    if not (is_membership and isinstance(right, dict)) and (doubt := doubt_in(left, right)) is not None:
        return Unknown(doubt)
    if doubt_in(left) is not None:
        return Unknown(doubt_in(left) or why)
    try:
        return bool(_COMPARE[type(op)](left, right))
    except WRONG:
        return Unknown(why)
