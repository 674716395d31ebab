"""Its stop is tightened again, to where it was.

What it is: two proposals of different times both say that they tighten the stop in force (`sl_tightening`), and propose the same
stop. Had the first been carried out, the second would have had nothing to tighten.

Why it matters: the loop is open. Levels are computed, nobody moves a stop to them, and the word in the record says the contrary.

What to do: find out who ought to move the stop, and who reads these proposals at all. Where the position is invented, its stop is
as well, and never moves.
"""

from collections.abc import Iterator
from typing import Final

from qtops.checks.proposals.fleet import Fleet
from qtops.checks.proposals.view import View, close
from qtops.facts.times import span, utc
from qtops.findings import Check, Finding, Severity

CHECK = Check("PROPOSAL119", "Its stop is tightened again, to where it was", Severity.WARNING, ("proposals",), role="symptom")
TIGHTENING: Final = "sl_tightening"
PRINTED: Final = 1e-6  # relative: a log line has four decimals, a hash all of them
REMEDY: Final = "Find who ought to move the stop: `qtops map` shows who reads these proposals"


def check(fleet: Fleet) -> Iterator[Finding]:
    """At most one finding per proposal, against the oldest look that it agrees with."""
    for view in fleet.views:
        before = next((each for each in fleet.earlier.get(view.symbol, ()) if _repeats(each, view)), None)
        if before is None or view.computed_at_s is None or before.computed_at_s is None:
            continue
        sl, apart_s = view.numbers["proposed_sl"], view.computed_at_s - before.computed_at_s
        summary = f"SL {sl:.10g} tightens the stop in force, and did so {span(apart_s)} before: nobody moved it"
        evidence = tuple(
            f"{utc(each.computed_at_s or 0.0)}: SL {each.said('proposed_sl')}, {_reasons(each)}" for each in (before, view)
        )
        yield CHECK.finding(view.symbol, summary, evidence, REMEDY)


def _repeats(before: View, view: View) -> bool:
    """Whether both tighten to the same stop, and the later one was computed anew since."""
    one, other = before.numbers.get("proposed_sl"), view.numbers.get("proposed_sl")
    if one is None or other is None or before.computed_at_s is None or view.computed_at_s is None:
        return False
    both = TIGHTENING in before.reasons and TIGHTENING in view.reasons
    return both and before.side == view.side and view.computed_at_s > before.computed_at_s and close(one, other, PRINTED)


def _reasons(view: View) -> str:
    return ", ".join(view.reasons)
