"""Stops and targets, and how far each is from the price: the newest one that is known, whoever wrote it. Pure."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from publisher.codec import PositionInput
from publisher.timestamps import TimestampError
from qtops.checks.freshness import State
from qtops.checks.proposals.view import View, number, time_of, view
from qtops.facts.proposals import ProposalReading
from qtops.facts.service import Facts
from qtops.findings import Verdict, worst
from qtops.reports.proposals import report as proposals
from qtops.reports.top.look import Look

CROSSED: Final = "CROSSED"
STOP_HIT: Final = "SL HIT"
TARGET_HIT: Final = "TP HIT"
SEVERE: Final = {CROSSED: Verdict.CRITICAL, STOP_HIT: Verdict.CRITICAL, TARGET_HIT: Verdict.WARNING, "": Verdict.OK}


class Level(msgspec.Struct, frozen=True):
    """One proposal against the price. A number that is not there, or is none, is null; distances are signed, in percent of the
    price. ``price_of`` says who wrote the price; ``mark`` is CROSSED, SL HIT, TP HIT or empty.
    """

    symbol: str
    verdict: Verdict
    state: State  # how fresh the proposal is
    side: str
    price: float | None
    price_of: str
    price_age_s: float | None
    stop: float | None
    stop_pct: float | None
    target: float | None
    target_pct: float | None
    mark: str
    codes: tuple[str, ...]  # what `qtops verify proposals` finds


class _Price(NamedTuple):
    """A price, how long ago it was one, and who says so."""

    age_s: float
    price: float
    of: str


def levels(look: Look) -> list[Level]:
    """One per proposal that ought to be there. A Redis that is away is said once, and not of each."""
    found = list[Level]()
    for facts in look.proposals:
        if not facts.looks or facts.looks[-1].server.state != "ok":
            continue
        judged = proposals.report(Facts(host=look.host, taken_at_s=look.taken_at_s, proposals=facts, settings=look.settings))
        readings = {reading.symbol: reading for reading in facts.looks[-1].readings}
        found += [_level(row, readings[row.symbol], look.settings.clock_skew_warn_s) for row in judged.rows]
    return found


def mark(side: str, price: float | None, stop: float | None, target: float | None) -> str:
    """What is out of order between the levels and the price; empty where nothing is, or where it cannot be told."""
    if side not in {"LONG", "SHORT"}:
        return ""
    sign = 1.0 if side == "LONG" else -1.0
    if stop is not None and target is not None and (stop - target) * sign >= 0.0:
        return CROSSED
    if stop is not None and price is not None and (stop - price) * sign >= 0.0:
        return STOP_HIT
    return TARGET_HIT if target is not None and price is not None and (target - price) * sign <= 0.0 else ""


def _level(row: proposals.Row, reading: ProposalReading, skew_s: float) -> Level:
    seen = view(reading)
    best = min(_prices(seen, skew_s), default=None)
    price = best.price if best else row.price
    told = mark(seen.side, price, row.stop, row.target)
    return Level(
        symbol=row.symbol,
        verdict=worst([row.verdict, SEVERE[told]]),
        state=row.state,
        side=seen.side,
        price=price,
        price_of=best.of if best else "proposal" if price is not None else "",
        price_age_s=best.age_s if best else None,
        stop=row.stop,
        stop_pct=_distance(row.stop, price),
        target=row.target,
        target_pct=_distance(row.target, price),
        mark=told,
        codes=row.codes,
    )


def _prices(seen: View, skew_s: float) -> Iterator[_Price]:
    """Every price that says when it was one, but for those of the future."""
    dated = list[tuple[float | None, float | None, str]]()
    for given in seen.reading.prices:
        dated.append((_time(given.time), number(given.price), "market"))
    if isinstance(seen.position, PositionInput):
        dated.append((seen.position.taken_at_s, seen.position.current_price, "position"))
    if seen.standing is not None:
        dated.append((seen.computed_at_s, seen.standing.current, "proposal"))
    for at_s, price, of in dated:
        if at_s is not None and price is not None and price > 0.0 and seen.reading.read_at_s - at_s >= -skew_s:
            yield _Price(max(seen.reading.read_at_s - at_s, 0.0), price, of)


def _time(text: str) -> float | None:
    try:
        return time_of(text) if text else None
    except TimestampError:
        return None


def _distance(level: float | None, price: float | None) -> float | None:
    return None if level is None or price is None or price <= 0.0 else (level / price - 1.0) * 100.0
