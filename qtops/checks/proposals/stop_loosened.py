"""The stop was loosened.

What it is: the proposed stop lies farther from the target than the stop in force that the proposal states, or than the stop that
was proposed for the same position in an earlier look.

Why it matters: a stop only ever tightens. One that follows the price down is no stop: the loss that it allows grows with the loss.

What to do: see whether the publisher knows the stop in force (`position_current_sl`), and whether it remembers what it proposed
last.
"""

from collections.abc import Iterator
from typing import Final

from publisher.codec import PositionInput
from publisher.kernel import Theta
from qtops.checks.proposals.fleet import Fleet
from qtops.checks.proposals.view import View
from qtops.facts.times import utc
from qtops.findings import Check, Finding, Severity

CHECK = Check("PROPOSAL103", "The stop was loosened", Severity.CRITICAL, ("proposals",))
EPS: Final = Theta().eps  # the kernel's own: within it two stops are one
REMEDY: Final = "Keep the stop in force; see whether the publisher reads it and remembers what it proposed last"


def check(fleet: Fleet) -> Iterator[Finding]:
    """One finding per proposal, against the stop in force first."""
    for view in fleet.views:
        sl = view.numbers.get("proposed_sl")
        if sl is None or not view.side:
            continue
        against = _in_force(view) or _proposed_before(view, fleet)
        sign = 1.0 if view.side == "LONG" else -1.0
        if against is not None and (against[0] - sl) * sign > EPS:
            held, what = against
            summary = f"SL {sl:.10g} of a {view.side} is looser than {what}, {held:.10g}"
            yield CHECK.finding(view.symbol, summary, (), REMEDY)


def _in_force(view: View) -> tuple[float, str] | None:
    """The stop that the proposal states to be in force; or that the position held when it was computed."""
    held = view.numbers.get("position_current_sl")
    if held is not None:
        return held, "the stop in force that it states"
    if "position_current_sl" in view.reading.fields:
        return None
    given, computed_at_s = view.position, view.computed_at_s
    if not isinstance(given, PositionInput) or given.side != view.side or given.current_sl is None:
        return None
    if given.taken_at_s is None or computed_at_s is None or given.taken_at_s > computed_at_s:
        return None
    return given.current_sl, "the stop in force that its position states"


def _proposed_before(view: View, fleet: Fleet) -> tuple[float, str] | None:
    """The tightest stop of the same position in an earlier look."""
    entry, sign = view.numbers.get("position_entry_price"), 1.0 if view.side == "LONG" else -1.0
    stops = [
        (earlier.numbers["proposed_sl"], f"what was proposed at {utc(earlier.reading.read_at_s)}")
        for earlier in fleet.earlier.get(view.symbol, ())
        if "proposed_sl" in earlier.numbers
        and earlier.side == view.side
        and entry is not None
        and earlier.numbers.get("position_entry_price") == entry
    ]
    return max(stops, key=lambda stop: stop[0] * sign, default=None)
