"""All proposals of one look, parsed once for every check, and the looks before it to compare with."""

from collections.abc import Callable
from functools import cached_property
from typing import Final

from qtops.checks.proposals.invented import recover
from qtops.checks.proposals.view import View, view
from qtops.facts.proposals import ProposalFacts, ProposalReading
from qtops.settings import MARKET_STATE, PROPOSALS, Family, Settings

ECHOED: Final = ("sigma", "ts", "p_trend", "p_mr", "p_chop")  # numbers of the market state that a proposal repeats
MARKET_WRITTEN_S: Final = 5.0  # from the computing of a market state to its being read: an older one was there to be used
IN_HASHES: Final = ("redis_hash", "")  # sources that leave a position behind to be found; "": not stated
SINCE_S: Final = 5.0  # clocks of the writers of positions and proposals may be apart by this much
USED_AT_S: Final = 0.5  # ages are cut to milliseconds, times of market states to seconds


class Fleet:
    """What checks of proposals judge. ``readings`` are those of the last look, ``views`` those of them that are there."""

    def __init__(self, facts: ProposalFacts, settings: Settings) -> None:
        self.facts, self.settings = facts, settings
        self.readings: tuple[ProposalReading, ...] = facts.looks[-1].readings if facts.looks else ()
        self.views: tuple[View, ...] = tuple(view(reading) for reading in self.readings if reading.present)
        recover(self.views, facts.symbols)

    @cached_property
    def earlier(self) -> dict[str, list[View]]:
        """The views of each symbol in the looks before the last one, the oldest first."""
        found: dict[str, list[View]] = {}
        for look in self.facts.looks[:-1]:
            for reading in look.readings:
                if reading.present:
                    found.setdefault(reading.symbol, []).append(view(reading))
        return found

    @cached_property
    def family(self) -> Family:
        """How these proposals are declared."""
        named = (family for family in self.settings.families if family.name == self.facts.family)
        return next(named, PROPOSALS)

    @cached_property
    def market_interval_s(self) -> float:
        """How often a market state is declared to be refreshed."""
        named = (family for family in self.settings.families if family.name == MARKET_STATE.name)
        return next(named, MARKET_STATE).times[0].interval_s

    @cached_property
    def content_limit_s(self) -> float:
        """How old content may become that its writer still stands by: as declared, and never less than the publisher's minute."""
        usual_s = PROPOSALS.times[1].warn_s
        return max([usual_s, *(rule.warn_s for rule in self.family.times if rule.field == "computed_at_utc")])


def is_fresh(view: View, fleet: Fleet) -> bool:
    """Whether its writer stands by it now; an older proposal is a matter of freshness, not of being right."""
    alive_at_s = view.alive_at_s
    return alive_at_s is not None and view.reading.read_at_s - alive_at_s <= fleet.content_limit_s


def stood_by(view: View, fleet: Fleet, is_such: Callable[[View], bool]) -> bool:
    """Whether its writer stood by it after the position had become ``is_such``: by the position's own time, or by an earlier look.

    If not, the position may have changed within the last cycle.
    """
    if view.position_at_s is not None and view.alive_at_s is not None and view.position_at_s + SINCE_S <= view.alive_at_s:
        return True
    return any(is_such(earlier) and earlier.alive_at_s != view.alive_at_s for earlier in fleet.earlier.get(view.symbol, ()))


def made_from_market(view: View) -> bool:
    """Whether the market state that is published now is the one that the proposal was made from."""
    computed_at_s, market = view.computed_at_s, view.market
    if market is None or market.at_s is None or computed_at_s is None:
        return False
    age_ms = view.numbers.get("market_input_age_ms")
    if age_ms is None:
        return market.at_s <= computed_at_s - MARKET_WRITTEN_S
    return abs(computed_at_s - age_ms / 1000 - market.at_s) <= USED_AT_S


def echoed(view: View) -> tuple[float | None, ...]:
    """The numbers of the market state as the proposal gives them."""
    return tuple(map(view.numbers.get, ECHOED))


def published(view: View) -> tuple[float | None, ...]:
    """The same numbers as the market state holds them now."""
    return tuple(map(view.market.numbers.get, ECHOED)) if view.market else (None,) * len(ECHOED)


def is_frozen(view: View, fleet: Fleet) -> bool:
    """Whether the market moved since an earlier look, the proposal was computed since, and its inputs stand still."""
    if not made_from_market(view) or echoed(view) == published(view):
        return False
    return any(
        earlier.market is not None
        and published(earlier) != published(view)
        and echoed(earlier) == echoed(view)
        and earlier.computed_at_s != view.computed_at_s
        for earlier in fleet.earlier.get(view.symbol, ())
    )
