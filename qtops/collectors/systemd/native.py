"""Values as D-Bus has them, and what becomes of each kind."""

from collections.abc import Callable
from typing import Any, Final

from qtops.collectors.systemd.properties import Command, Kind
from qtops.facts.unit import ConditionFact


def native(kind: Kind, value: Any) -> Any:
    """A value of pystemd (bytes for text, lists, tuples) as ``Properties`` has it."""
    return _READ[kind](value)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


def _command(value: tuple[Any, ...]) -> Command:
    """``(sasbttttuii)``: path, arguments, whether a failure counts for nothing, four times, PID, code, status."""
    return Command(_text(value[0]), bool(value[2]), value[8], value[9])


def _condition(value: tuple[Any, ...]) -> ConditionFact:
    """``(sbbsi)``: type, trigger, negated, parameter, and below, at or above 0 for unmet, untried or met."""
    kind, trigger, negated, argument, met = value
    return ConditionFact(_text(kind), _text(argument), bool(negated), bool(trigger), met > 0 if met else None)


def _same(value: Any) -> Any:
    return value


_READ: Final[dict[Kind, Callable[[Any], Any]]] = {
    **dict.fromkeys(("truth", "number", "code", "amount", "work", "span", "moment"), _same),
    "text": _text,
    "words": lambda value: tuple(map(_text, value)),
    "commands": lambda value: tuple(map(_command, value)),
    "conditions": lambda value: tuple(map(_condition, value)),
    "statuses": lambda value: tuple(value[0]),
    "id": lambda value: bytes(value).hex(),
    "error": lambda value: _text(value[1]),
    "job": lambda value: value[1] if value[0] else "",
}
