"""Its price is far from the market.

What it is: the price that the proposal was computed from is more than a fifth away from every live price of that symbol that
somebody else writes. Where it states no price, its entry price is compared.

Why it matters: levels around a price that the market does not have protect nothing: an invented position, another unit (a thousand
coins), or another symbol's price.

What to do: compare where the publisher has its price from with the exchange; see whether PROPOSAL107 is found beside it.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from publisher.codec import PositionInput
from publisher.timestamps import TimestampError
from qtops.checks.proposals.fleet import Fleet
from qtops.checks.proposals.view import View, number, time_of
from qtops.facts.proposals import PriceReading, ProposalReading
from qtops.findings import Check, Doubt, Finding, Severity
from qtops.settings import Price

CHECK = Check("PROPOSAL106", "Its price is far from the market", Severity.CRITICAL, ("proposals",), role="symptom")
FAR: Final = 0.2  # of the live price: no proposal is old enough for that to be a move of the market
WITHIN_S: Final = 60.0  # an older price is none, where nothing else is declared
REMEDY: Final = "Compare the position's price with the exchange; find out who writes the one that is wrong"
Live = tuple[str, float]


def check(fleet: Fleet) -> Iterator[Finding | Doubt]:
    """Findings; and one doubt for the symbols without a live price where others have one."""
    without = list[str]()
    for view in fleet.views:
        live = _independent(view.reading, fleet.settings.prices)
        if not live:
            without.append(view.symbol)
            live = _of_position(view)
        name, price = _price(view)
        if price is not None and live and all(abs(price - other) > FAR * other for _, other in live):
            told = ", ".join(f"{source} is {other:.10g}" for source, other in live)
            yield CHECK.finding(view.symbol, f"its {name} is {price:.10g}, and {told}", _evidence(view), REMEDY)
    if 0 < len(without) < len(fleet.views):
        more = f" and {len(without) - 3} more" if len(without) > 3 else ""
        why = f"no live price of {', '.join(without[:3])}{more}, though others have one"
        yield CHECK.doubt(fleet.facts.family, why, "see who writes these prices, or take the symbols from the configuration")


def _independent(reading: ProposalReading, declared: Sequence[Price]) -> list[Live]:
    """Live prices that somebody else wrote."""
    found = []
    for given in reading.prices:
        price = number(given.price)
        if price is not None and price > 0.0 and _is_live(given, reading, declared):
            found.append((given.name, price))
    return found


def _is_live(given: PriceReading, reading: ProposalReading, declared: Sequence[Price]) -> bool:
    """Whether it is young enough. Where no time is declared there is none to be judged; where one is, it must be there."""
    within_s, dated = WITHIN_S, bool(given.time)
    for price in declared:
        before, _, after = price.pattern.partition("{symbol}")
        if given.name == f"{before}{reading.symbol}{after} {price.field}".strip():
            within_s, dated = price.within_s, bool(price.time_field)
            break
    if not dated:
        return True
    try:
        return abs(reading.read_at_s - time_of(given.time)) <= within_s
    except TimestampError:
        return False


def _of_position(view: View) -> list[Live]:
    """The price in the position hash, for want of another."""
    if not isinstance(view.position, PositionInput):
        return []
    taken_at_s = view.position.taken_at_s
    if taken_at_s is None or abs(view.reading.read_at_s - taken_at_s) > WITHIN_S:
        return []
    return [("the price in its position", view.position.current_price)]


def _price(view: View) -> tuple[str, float | None]:
    """The price that it was computed from, else its entry price."""
    if view.standing is not None:
        return "price", view.standing.current
    return "entry price", view.numbers.get("position_entry_price")


def _evidence(view: View) -> tuple[str, ...]:
    return (f"its price is {view.standing.origin}",) if view.standing and view.standing.origin else ()
