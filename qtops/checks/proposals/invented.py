"""The known fallbacks that invent positions, and how their numbers give them away, even where the position is not stated.

The founding publisher: one LONG per symbol, entry 100, 1100, 2100, … in the order of its symbols, the price 5 % above the entry,
the peak 2 % above the price. The harvest publisher: entry 100 for the first symbol and 50 for all others, the price 5 % above it.
"""

from collections.abc import Sequence
from typing import Final

from publisher.kernel import Theta
from qtops.checks.proposals.view import Standing, View, close

ENTRY_FIRST: Final = 100.0
ENTRY_STEP: Final = 1000.0
ENTRY_OTHERS: Final = 50.0
PRICE: Final = 1.05  # of the entry
PEAK: Final = 1.02  # of the price
SIGNATURE: Final = "entry 100 + 1000 per symbol, price × 1.05, peak × 1.02: the positions that the founding publisher invents"
HARVEST: Final = "entry 50, price × 1.05: the position that the harvest publisher invents"
SHARP: Final = 1e-6  # of the level: a level printed more coarsely than that proves nothing
_FLOORS: Final = Theta()


def known_as(entry: float, current: float) -> str:
    """Which fallback invents a position of such numbers; empty where none does."""
    if not close(current, entry * PRICE):
        return ""
    steps = (entry - ENTRY_FIRST) / ENTRY_STEP
    if entry > 0.0 and round(steps) >= 0 and close(entry, ENTRY_FIRST + ENTRY_STEP * round(steps)):
        return SIGNATURE
    return HARVEST if close(entry, ENTRY_OTHERS) else ""


def recover(views: Sequence[View], symbols: Sequence[str]) -> None:
    """Give a standing to the views that state none and whose levels are those of the founding fallback.

    A level that falls on the last printed digit of one symbol can be chance; both levels of one, or levels of several, are not.
    """
    order = {symbol: index for index, symbol in enumerate(symbols)}
    unstated = [view for view in views if view.standing is None and not view.side and view.symbol in order]
    matches = [(view, *_match(view, ENTRY_FIRST + ENTRY_STEP * order[view.symbol])) for view in unstated]
    hits = [(view, standing, count) for view, standing, count in matches if count]
    for view, standing, count in hits:
        if count > 1 or len(hits) > 1:
            view.standing = standing


def _match(view: View, entry: float) -> tuple[Standing, int]:
    """The invented position of that entry, and how many of the two levels are its levels; none where one contradicts it."""
    current = entry * PRICE
    take, gap = view.numbers.get("tp_dist_pct"), view.numbers.get("trail_gap_pct")
    target = current * (1.0 + (_FLOORS.tp_min_pct if take is None else take))
    stop = current * PEAK * (1.0 - (_FLOORS.sl_min_pct if gap is None else gap))
    found = [(_falls_on(view, "proposed_tp", target), take), (_falls_on(view, "proposed_sl", stop), gap)]
    contradicted = any(not hit and stated is not None for hit, stated in found)
    told = _told(view, entry)
    return Standing("LONG", current, entry, current * PEAK, told), 0 if contradicted else sum(hit for hit, _ in found)


def _falls_on(view: View, name: str, level: float) -> bool:
    given = view.numbers.get(name)
    if given is None:
        return False
    decimals = len(view.said(name).partition(".")[2])
    tolerance = 0.5 * 10.0 ** -min(decimals, 300) + 1e-9 * level
    return tolerance < SHARP * level and abs(given - level) <= tolerance


def _told(view: View, entry: float) -> str:
    take, gap = view.numbers.get("tp_dist_pct"), view.numbers.get("trail_gap_pct")
    sl, tp = view.numbers.get("proposed_sl"), view.numbers.get("proposed_tp")
    parts = [f"TP / (1 + {take or _FLOORS.tp_min_pct:g}) = {tp / (1.0 + (take or _FLOORS.tp_min_pct)):.6f}"] if tp else []
    parts += [f"SL / (1 - {gap:g}) = {sl / (1.0 - gap):.6f}"] if sl and gap and gap < 1.0 else []
    return f"recovered from {', '.join(parts)}: LONG, price {entry * PRICE:g}, the entry {entry:g} × 1.05"
