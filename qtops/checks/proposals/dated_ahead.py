"""It is dated after the look.

What it is: the time of the proposal, or of what it was computed from, lies after the moment at which it was read.

Why it matters: what is dated ahead never looks old. In a document it means that the evidence was not read when it says: the check
precedes the data.

What to do: compare the clocks of the writer's host and of Redis (`chronyc tracking`). In a document, ask for the look again.
"""

from collections.abc import Iterator
from typing import Final

from qtops.checks.proposals.fleet import Fleet
from qtops.checks.proposals.view import View
from qtops.facts.times import utc
from qtops.findings import Check, Finding, Severity

CHECK = Check("PROPOSAL114", "It is dated after the look", Severity.CRITICAL, ("proposals",), role="symptom")
REMEDY: Final = "Compare the clocks of writer and Redis: `chronyc tracking` on both hosts; where it is a document, look again"


def check(fleet: Fleet) -> Iterator[Finding]:
    """One finding per proposal, of the time that lies farthest ahead."""
    tolerated_s = fleet.settings.clock_skew_warn_s
    for view in fleet.views:
        name, at_s = max(_times(view), key=lambda time: time[1], default=("", 0.0))
        ahead_s = at_s - view.reading.read_at_s
        if ahead_s > tolerated_s:
            summary = f"{name} lies {ahead_s:.1f} s after the look at it: the evidence precedes the data"
            evidence = (f"{name} {_precise(at_s)}", f"looked at {utc(view.reading.read_at_s)}")
            yield CHECK.finding(view.symbol, summary, evidence, REMEDY)


def _times(view: View) -> Iterator[tuple[str, float]]:
    yield from view.times.items()
    if view.market is not None and view.market.at_s is not None:
        yield "ts_timestamp of its market state", view.market.at_s
    if view.position_at_s is not None:
        yield "the time of its position", view.position_at_s


def _precise(moment_s: float) -> str:
    return utc(moment_s).replace(" UTC", f".{int(moment_s % 1 * 1000):03} UTC")
