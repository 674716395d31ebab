"""Fresh, not real: it is about a position that does not exist.

What it is: the proposal says itself that its position or its market state is synthetic, or its numbers are those that a known
fallback invents, or no position of that symbol is open while the proposal is kept fresh.

Why it matters: everything else may be right, on time and computed by the book, and it protects nothing. The founding system was
declared operational on such numbers.

What to do: take the fallback out of the publisher's mode (`POSITION_SOURCE`), find out why it sees no position, and have it delete
what has no position any more.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from publisher.codec import Closed, PositionInput
from qtops.checks.proposals.fleet import IN_HASHES, Fleet, is_fresh, stood_by
from qtops.checks.proposals.invented import SIGNATURE, known_as
from qtops.checks.proposals.view import LONGEST, View, close, number
from qtops.facts.text import printable
from qtops.findings import Check, Finding, Severity

CHECK = Check("PROPOSAL107", "It is about a position that does not exist", Severity.CRITICAL, ("proposals",))
HEADLINE: Final = "FRESH, NOT REAL"
NAMED: Final = ("position_source", "position_writer", "market_source")
WORDS: Final = ("synthetic", "simulated", "mock", "dummy", "fake")  # what writers call what they invent
EXACTLY: Final = ("fallback", "sample", "placeholder", "stub", "default", "example", "test", "random")  # as a part, any may be real
REMEDY: Final = "Do not use these levels; have the publisher read real positions only (POSITION_SOURCE=redis_hash)"


@lru_cache(maxsize=256)
def names_invention(writer: str) -> bool:
    """Whether a writer's name says that it invents what it writes."""
    return any(word in writer.lower() for word in WORDS) or writer.strip().lower() in EXACTLY


def check(fleet: Fleet) -> Iterator[Finding]:
    """One finding per proposal."""
    for view in fleet.views:
        told = _says_so(view) or _signature(view) or _unanchored(view, fleet)
        if told is not None:
            summary, evidence, severity = told
            yield CHECK.finding(view.symbol, summary, evidence, REMEDY, severity=severity)


Told = tuple[str, tuple[str, ...], Severity]


def _says_so(view: View) -> Told | None:
    fields = view.reading.fields
    for name in NAMED:
        text = fields.get(name)
        if text and names_invention(text):
            return f"it says so itself: {name} is {view.said(name)}", _numbers(view), CHECK.severity
    if "synthetic_position" in view.flags:
        return "it says so itself: its flags hold synthetic_position", _numbers(view), CHECK.severity
    source = view.reading.market.get("source")
    if source and names_invention(source):
        return f"its market state says that it is {printable(source[:LONGEST])}", _numbers(view), CHECK.severity
    return None


def _signature(view: View) -> Told | None:
    """The numbers of a known fallback, unless such a position is really open."""
    standing = view.standing
    if standing is None or standing.entry is None:
        return None
    if standing.origin:
        return "its levels are those of an invented position", (standing.origin, SIGNATURE), CHECK.severity
    known = known_as(standing.entry, standing.current)
    if not known or (isinstance(view.position, PositionInput) and close(view.position.entry_price, standing.entry)):
        return None
    return "its position is an invented one", (*_numbers(view), known), CHECK.severity


def _unanchored(view: View, fleet: Fleet) -> Told | None:
    """No position is open, and still its writer stands by it. Seen once, it may have been closed within the last cycle."""
    if _plainly_open(view.reading.position) or not isinstance(view.position, Closed):
        return None
    if view.said("position_source") not in IN_HASHES or not is_fresh(view, fleet):
        return None
    stands = stood_by(view, fleet, lambda one: isinstance(one.position, Closed))
    closed = "its position is closed" if view.position.stated else "no position of this symbol is published"
    if view.schema == 2 and not stands:
        evidence = ("it may have been closed within the last cycle: look again",)
        return f"{closed}, and the proposal still stands", evidence, Severity.WARNING
    return f"{closed}, and the proposal is kept fresh", _numbers(view), CHECK.severity


def _plainly_open(position: Mapping[str, str]) -> bool:
    """Whether its side and signed size say so: nearly always, and the rest need not be decoded then."""
    return position.get("side") in {"LONG", "SHORT"} and bool(number(position.get("position_amt", "")))


def _numbers(view: View) -> tuple[str, ...]:
    standing = view.standing
    if standing is None:
        return ()
    entry = f", entry {standing.entry:.10g}" if standing.entry is not None else ""
    return (f"{standing.side}, price {standing.current:.10g}{entry}",)
