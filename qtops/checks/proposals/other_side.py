"""It is of the other side.

What it is: the proposal is of a LONG while the position that is published is a SHORT, or the other way round.

Why it matters: its stop lies where the target belongs. Whoever places it closes the position at a profit, and lets a loss run.

What to do: see whether the publisher reads the side anew, and from where: unsigned sizes and defaults make a LONG of every SHORT.
Until then use neither level.
"""

from collections.abc import Iterator
from typing import Final

from publisher.codec import PositionInput
from qtops.checks.proposals.fleet import IN_HASHES, Fleet, is_fresh, stood_by
from qtops.checks.proposals.view import View
from qtops.facts.times import moment
from qtops.findings import Check, Finding, Severity

CHECK = Check("PROPOSAL117", "It is of the other side", Severity.CRITICAL, ("proposals",))
REMEDY: Final = "Use neither level; compare with `redis-cli HMGET quantum:state:positions:{symbol} side position_amt`"


def check(fleet: Fleet) -> Iterator[Finding]:
    """One finding per proposal that its writer stands by; a warning where the position may have been turned since."""
    for view in fleet.views:
        if not (is_turned(view) and is_fresh(view, fleet)):
            continue
        sure = stood_by(view, fleet, is_turned)
        at_s, doubtful = view.position_at_s, () if sure else ("it may have been turned within the last cycle: look again",)
        when = (f"its position of {moment(at_s, view.reading.read_at_s)}",) if at_s is not None else ()
        summary = f"it is of a {view.side}, and the position is a {'SHORT' if view.side == 'LONG' else 'LONG'}"
        severity = Severity.CRITICAL if sure else Severity.WARNING
        yield CHECK.finding(view.symbol, summary, (*when, *doubtful), REMEDY.format(symbol=view.symbol), severity=severity)


def is_turned(view: View) -> bool:
    """Whether the position that it was made from is of the other side now."""
    if not view.side or view.reading.position.get("side") == view.side or view.said("position_source") not in IN_HASHES:
        return False
    return isinstance(view.position, PositionInput) and view.position.side != view.side
