"""Replay kernel vectors: a file of JSON lines, each an input and what the deployed kernel made of it.

Line form: ``{"id", "cat", "in": {"symbol", "market_state", "position", "theta"}, "out": {...} | {"error": "ValueError"}}``. A
number that is not finite is written ``{"__float__": "nan" | "inf" | "-inf"}``. The order of the keys in ``regime_probs`` matters.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from math import isfinite, isnan
from typing import Any, TypeVar

from publisher.kernel import MarketState, Position, Proposal, Theta, compute

T = TypeVar("T", MarketState, Position, Proposal)
EXACT_INT = 2**53  # beyond it an integer and its double differ


class VectorError(ValueError):
    """A line is not a vector of the form above."""


@dataclass(frozen=True, slots=True)
class Case:
    """One vector: the kernel's arguments and the expected proposal, or the expected error's name."""

    id: str
    symbol: str
    market: MarketState
    position: Position
    theta: Theta
    expected: Proposal | str


def read_cases(lines: Iterable[str]) -> Iterator[Case]:
    """Parse vectors; raises VectorError naming the line that is not one."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line, object_hook=_float)
            given = raw["in"]
            theta = Theta() if given.get("theta") is None else Theta.from_mapping(given["theta"])
            market, position = _known(MarketState, given["market_state"]), _known(Position, given["position"])
            yield Case(str(raw["id"]), given["symbol"], market, position, theta, _expected(raw["out"]))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise VectorError(f"line {number} is not a kernel vector: {error!r}") from error


def _known(kind: type[T], values: dict[str, Any]) -> T:
    """Build ``kind`` from the keys that it knows; the kernel never looks at others."""
    return kind(**{name: values[name] for name in (field.name for field in fields(kind)) if name in values})


def _expected(out: dict[str, Any]) -> Proposal | str:
    if "error" in out:
        return str(out["error"])
    return _known(Proposal, out | {"reason_codes": tuple(out["reason_codes"])})


def _float(value: dict[str, Any]) -> Any:
    return float(value["__float__"]) if value.keys() == {"__float__"} else value


def replay_scalar(cases: Iterable[Case]) -> Iterator[tuple[Case, Proposal | str]]:
    """Each case with what ``kernel.compute`` makes of it: a proposal, or the name of the error's type."""
    for case in cases:
        try:
            yield case, compute(case.symbol, case.market, case.position, case.theta)
        except (ValueError, TypeError, AttributeError, OverflowError) as error:
            yield case, type(error).__name__


def replay_batch(cases: Iterable[Case]) -> Iterator[tuple[Case, Proposal | str]]:
    """The same through ``kernel_batch``, in as few batches as thetas and regime orders allow.

    A row that cannot be a row of numbers (a value missing, a wrong side, another symbol) has no column form: the scalar kernel
    decides which error it is. Every row that has one goes through the columns.
    """
    from publisher.kernel_batch import columns, compute_batch

    batches: dict[tuple[Theta, tuple[str, ...]], list[Case]] = defaultdict(list)
    for case in cases:
        if _has_columns(case):
            batches[case.theta, tuple(case.market.regime_probs)].append(case)
        else:
            yield from replay_scalar([case])
    for (theta, _), batch in batches.items():
        result = compute_batch(columns([(case.market, case.position) for case in batch]), theta)
        yield from zip(batch, result.rows(), strict=True)


def _has_columns(case: Case) -> bool:
    market, position, theta = case.market, case.position, case.theta
    if case.symbol != position.symbol or position.side not in ("LONG", "SHORT"):
        return False
    if not isinstance(market.regime_probs, dict) or not market.regime_probs:
        return False
    extreme = position.peak_price if position.side == "LONG" else position.trough_price
    stop = () if position.current_sl is None else (position.current_sl,)
    weights = (weight for table in (theta.k_sl, theta.k_tp, theta.k_trail) for weight in astuple(table))
    scalars = (theta.sl_min_pct, theta.tp_min_pct, theta.eps, theta.monotonic_sl, theta.tp_extend_gain, theta.tp_extend_max)
    used = (market.sigma, market.ts, position.current_price, extreme, *stop, *market.regime_probs.values())
    return all(map(_is_double, used)) and all(_is_double(constant) and isfinite(constant) for constant in (*weights, *scalars))


def _is_double(value: object) -> bool:
    return isinstance(value, float) or (isinstance(value, int) and abs(value) <= EXACT_INT)


def difference(case: Case, got: Proposal | str) -> str | None:
    """Say how ``got`` differs from what is expected; None when it is equal to the last bit."""
    if isinstance(case.expected, str) or isinstance(got, str):
        return None if case.expected == got else f"{case.id}: expected {case.expected!r}, got {got!r}"
    for field in fields(Proposal):
        want, have = getattr(case.expected, field.name), getattr(got, field.name)
        if want != have and not _both_nan(want, have):
            return f"{case.id}: {field.name} expected {want!r}, got {have!r}"
    return None


def _both_nan(a: object, b: object) -> bool:
    return isinstance(a, float) and isinstance(b, float) and isnan(a) and isnan(b)
