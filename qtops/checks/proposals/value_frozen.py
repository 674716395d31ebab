"""It stands still while its inputs move, or its inputs stand still.

What it is: the market state moved on and the proposal still gives the numbers of before; or the market state is written anew, again
and again, with the same numbers in it.

Why it matters: a time that moves makes it look alive. Levels that do not follow the market are constants.

What to do: where the proposal stands still, its publisher reads a copy, or writes its time only. Where the market state does, its
writer has no data: see its source.
"""

from collections.abc import Iterator
from typing import Final

from qtops.checks.proposals.fleet import ECHOED, Fleet, echoed, is_fresh, is_frozen, published
from qtops.checks.proposals.view import View
from qtops.facts.times import span, utc
from qtops.findings import Check, Finding, Severity

CHECK = Check("PROPOSAL109", "It stands still while its inputs move, or they do", Severity.WARNING, ("proposals",), role="symptom")
REFRESHES: Final = 2  # of a market state with the same numbers: once can be a bar that did not change
PROPOSAL_REMEDY: Final = "See whether the publisher reads the market state anew; restart it if it does not"
MARKET_REMEDY: Final = "See where the market state publisher has its prices from, and whether these move"


def check(fleet: Fleet) -> Iterator[Finding]:
    """At most one finding per proposal on itself, and one on its market state."""
    for view in fleet.views:
        stands = _copied(view, fleet) or _behind(view, fleet)
        if stands:
            yield CHECK.finding(view.symbol, stands, _evidence(view), PROPOSAL_REMEDY, severity=Severity.CRITICAL)
        still = _market_still(view, fleet) if fleet.earlier else ""
        if still:
            yield CHECK.finding(view.symbol, still, (), MARKET_REMEDY)


def _copied(view: View, fleet: Fleet) -> str:
    """Computed anew since the market moved, from what was before."""
    return "it was computed anew after the market state moved, from the numbers of before" if is_frozen(view, fleet) else ""


def _behind(view: View, fleet: Fleet) -> str:
    """Its writer stands by it, though the market state is newer than content may be, and differs."""
    market, computed_at_s = view.market, view.computed_at_s
    if market is None or market.at_s is None or computed_at_s is None or not is_fresh(view, fleet):
        return ""
    behind_s = market.at_s - computed_at_s
    if not behind_s > fleet.content_limit_s or not _differs(view):
        return ""
    return f"its content is {span(behind_s)} older than the market state, which has moved, and its writer stands by it"


def _differs(view: View) -> bool:
    pairs = zip(echoed(view), published(view), strict=True)
    return any(given is not None and there is not None and given != there for given, there in pairs)


def _market_still(view: View, fleet: Fleet) -> str:
    """Its market state was written anew, twice at least, with the same numbers."""
    now = published(view)
    if view.market is None or None in now:
        return ""
    looks = [each for each in fleet.earlier.get(view.symbol, ()) if each.market and each.market.at_s is not None]
    stamps = {each.market.at_s for each in looks if each.market} | {view.market.at_s}
    times = sorted(stamp for stamp in stamps if stamp is not None)
    if any(published(each) != now for each in looks) or len(times) < 2:
        return ""
    refreshes = max(len(times) - 1, int((times[-1] - times[0]) / fleet.market_interval_s))
    if refreshes < REFRESHES:
        return ""
    return f"its market state was written anew {refreshes} times in {span(times[-1] - times[0])} with the same numbers"


def _evidence(view: View) -> tuple[str, ...]:
    pairs = zip(ECHOED, echoed(view), published(view), strict=True)
    moved = ", ".join(
        f"{name} {there:g} (it gives {given:g})" for name, given, there in pairs if given != there and None not in (given, there)
    )
    at_s, computed_at_s = view.market.at_s if view.market else None, view.computed_at_s
    times = f"market state of {utc(at_s)}, proposal of {utc(computed_at_s)}" if at_s and computed_at_s else ""
    return tuple(filter(None, (f"the market state: {moved}" if moved else "", times)))
