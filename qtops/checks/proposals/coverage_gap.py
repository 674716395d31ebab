"""A position without a proposal, or a proposal that nobody asked for.

What it is: a symbol is configured, its position is open and no proposal is there; a position is open whose symbol is not configured
and has no proposal; or a proposal is there whose symbol is not configured.

Why it matters: a position that nobody watches has no stop. A proposal that nobody asked for is another publisher's, or a left-over.

What to do: see why the publisher refuses the symbol (its log, or `refused` in its own hash); add the symbols of open positions to
its list; find who writes the others.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from publisher.codec import Closed, PositionInput
from qtops.checks.proposals.fleet import Fleet
from qtops.checks.proposals.view import view
from qtops.facts.proposals import ProposalReading
from qtops.findings import Check, Doubt, Finding, Severity

CHECK = Check("PROPOSAL111", "Positions and proposals do not cover each other", Severity.CRITICAL, ("proposals",), role="symptom")
NAMED: Final = 10  # symbols that are named
OPENED_S: Final = 30.0  # three cycles of the publisher: a position of before that has its proposal by now
ABSENT: Final = "`python -m publisher --once` says why it refuses it"
VOID: Final = "there is no proposal, no position, no market state and no price of any symbol: an empty database, or another one"
EMPTY: Final = "compare the address and the number of the database with the publisher's; `redis-cli INFO keyspace`"
UNCOVERED: Final = "Add these symbols to the publisher's list and to the configuration"
UNKNOWN: Final = "Find who writes them; add them to the configuration, or delete what is left over"


def check(fleet: Fleet) -> Iterator[Finding | Doubt]:
    """One finding per configured symbol that lacks its proposal; one for all open positions, and one for all proposals, besides."""
    is_open = set(fleet.facts.open_positions or ())
    if fleet.readings and not fleet.facts.found and all(map(_is_void, fleet.readings)):
        yield CHECK.doubt(fleet.facts.family, VOID, EMPTY)
    for reading in fleet.readings:
        if reading.present is False:
            yield from _absent(reading, fleet, is_open=reading.symbol in is_open)
        elif reading.present is None and reading.trouble != "wrong_type":
            yield CHECK.doubt(reading.symbol, f"could not be read: {reading.trouble}: {reading.detail}", reading.advice)
    configured = set(fleet.facts.symbols)
    there = {reading.symbol for reading in fleet.readings if reading.present is not False} | set(fleet.facts.found or ())
    uncovered = sorted(is_open - configured - there)
    if uncovered:
        summary = f"{_several(len(uncovered), 'open position')} without a proposal: {_named(uncovered)}"
        yield CHECK.finding(fleet.facts.family, summary, (), UNCOVERED)
    strange = sorted(there - configured - {reading.symbol for reading in fleet.readings if reading.present is False})
    if strange:
        summary = f"{_several(len(strange), 'proposal')} of symbols that are not configured: {_named(strange)}"
        yield CHECK.finding(fleet.facts.family, summary, (), UNKNOWN, severity=Severity.WARNING)


def _is_void(reading: ProposalReading) -> bool:
    """Whether nothing at all is there of a symbol. A market has a state whether or not a position is open."""
    stated = reading.fields or reading.market or reading.position or reading.position_json or reading.prices
    return reading.present is False and not stated and not reading.unread


def _absent(reading: ProposalReading, fleet: Fleet, *, is_open: bool) -> Iterator[Finding | Doubt]:
    """Right where no position is open, unless it ought to be there always. ``is_open`` is what was seen before the last look."""
    position = view(reading).position
    if isinstance(position, PositionInput) or (is_open and not isinstance(position, Closed)):
        told = "its position is open, and there is no proposal"
        if _opened_since(reading.symbol, fleet):
            evidence = ("it was opened since the look before: its first proposal takes a cycle",)
            yield CHECK.finding(reading.symbol, told, evidence, ABSENT, severity=Severity.WARNING)
        else:
            yield CHECK.finding(reading.symbol, told, (f"{reading.key} is absent",), ABSENT)
    elif fleet.family.only_while == "always":
        yield CHECK.finding(reading.symbol, "there is no proposal", (f"{reading.key} is absent",), ABSENT)
    elif not isinstance(position, Closed):
        why = "; ".join(reading.unread) if position is None else f"its position cannot be read: {position.detail}"
        yield CHECK.doubt(reading.symbol, f"there is no proposal, and whether a position is open is not known: {why}")


def _opened_since(symbol: str, fleet: Fleet) -> bool:
    """Whether the look before the last one saw no open position, not so long ago that there ought to be a proposal by now."""
    looks = fleet.facts.looks
    if len(looks) < 2 or looks[-1].taken_at_s - looks[-2].taken_at_s > OPENED_S:
        return False
    before = next((reading for reading in fleet.facts.looks[-2].readings if reading.symbol == symbol), None)
    return before is not None and isinstance(view(before).position, Closed)


def _several(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _named(symbols: Sequence[str]) -> str:
    return ", ".join(symbols[:NAMED]) + (f" and {len(symbols) - NAMED} more" if len(symbols) > NAMED else "")
