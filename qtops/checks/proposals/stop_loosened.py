"""The stop was loosened.

What it is: the proposed stop lies farther from the target than the stop in force that the proposal states, or than the stop that
was proposed for the same position in an earlier look.

Why it matters: a stop only ever tightens. One that follows the price down is no stop: the loss that it allows grows with the loss.

What to do: see whether the publisher knows the stop in force (`position_current_sl`), and whether it remembers what it proposed
last.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from publisher.codec import PositionInput
from publisher.kernel import Theta
from qtops.checks.proposals.fleet import Fleet
from qtops.checks.proposals.view import View
from qtops.facts.times import utc
from qtops.findings import Check, Finding, Severity

CHECK = Check("PROPOSAL103", "The stop was loosened", Severity.CRITICAL, ("proposals",), role="symptom")
EPS: Final = Theta().eps  # the kernel's own, absolute: a stop may give way by so much with each proposal
REMEDY: Final = "Keep the stop in force; see whether the publisher reads it and remembers what it proposed last"


class Before(NamedTuple):
    """A stop to compare with. ``steps`` is the number of proposals since."""

    stop: float
    what: str
    steps: float = 1.0


def check(fleet: Fleet) -> Iterator[Finding]:
    """One finding per proposal, against the stop in force first."""
    for view in fleet.views:
        sl = view.numbers.get("proposed_sl")
        if sl is None or not view.side:
            continue
        before = _in_force(view) or _proposed_before(view, fleet)
        sign = 1.0 if view.side == "LONG" else -1.0
        if before is not None and (before.stop - sl) * sign > EPS * before.steps:
            summary = f"SL {sl:.10g} of a {view.side} is looser than {before.what}, {before.stop:.10g}"
            yield CHECK.finding(view.symbol, summary, (), REMEDY)


def _in_force(view: View) -> Before | None:
    """The stop that the proposal states to be in force; or that the position held when it was computed."""
    held = view.numbers.get("position_current_sl")
    if held is not None:
        return Before(held, "the stop in force that it states")
    if "position_current_sl" in view.reading.fields:
        return None
    given, computed_at_s = view.position, view.computed_at_s
    if not isinstance(given, PositionInput) or given.side != view.side or given.current_sl is None:
        return None
    if given.taken_at_s is None or computed_at_s is None or given.taken_at_s > computed_at_s:
        return None
    return Before(given.current_sl, "the stop in force that its position states")


def _proposed_before(view: View, fleet: Fleet) -> Before | None:
    """The tightest stop of the same position in an earlier look."""
    earlier, entry = fleet.earlier.get(view.symbol, ()), view.numbers.get("position_entry_price")
    if not earlier or entry is None:
        return None
    same = [each for each in earlier if each.side == view.side and each.numbers.get("position_entry_price") == entry]
    stops = [
        Before(each.numbers["proposed_sl"], f"what was proposed at {utc(each.reading.read_at_s)}", _steps(each, view))
        for each in same
        if "proposed_sl" in each.numbers
    ]
    sign = 1.0 if view.side == "LONG" else -1.0
    return max(stops, key=lambda before: before.stop * sign, default=None)


def _steps(earlier: View, later: View) -> float:
    """How many proposals lie between two looks, where their numbers tell."""
    return max(later.numbers.get("seq", 0.0) - earlier.numbers.get("seq", 0.0), 1.0)
