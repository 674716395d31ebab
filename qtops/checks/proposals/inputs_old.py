"""Its inputs are older than it claims, or too old.

What it is: the proposal was computed from a market state or a position beyond its age limit, or states an age that the input itself
contradicts, or the market state has not been written for so long that a proposal of now must rest on an old one.

Why it matters: the time of the proposal is new and says nothing of what it was computed from: a price of an hour ago, dated now.

What to do: mend the writer of that input. A publisher ought to refuse such an input: if it does not, mend that as well.
"""

from collections.abc import Iterator
from typing import Final

from publisher.codec import Closed
from qtops.checks.proposals.fleet import Fleet, is_fresh
from qtops.checks.proposals.view import View
from qtops.facts.times import moment, span
from qtops.findings import Check, Finding, Severity

CHECK = Check("PROPOSAL110", "Its inputs are older than it claims, or too old", Severity.CRITICAL, ("proposals",))
LIMIT_S: Final = 120.0  # the publisher's own limit: twice the interval of the slowest writer
CLAIM_S: Final = 5.0  # a claimed age may be off by this much: seconds that were cut, clocks of two hosts
AGES: Final = {"market state": "market_input_age_ms", "position": "position_input_age_ms"}
REMEDY: Final = "See whether the writer of its {what} runs: `qtops verify freshness` lists what is late"


def check(fleet: Fleet) -> Iterator[Finding]:
    """At most one finding per proposal and input."""
    for view in fleet.views:
        for what, name in AGES.items():
            age_ms, at_s = view.numbers.get(name), _taken_at_s(view, what)
            if age_ms is None and at_s is None:
                continue
            summary = _used(view, what, age_ms, at_s) or _now(view, what, at_s, fleet)
            if summary and not (what == "position" and isinstance(view.position, Closed)):
                evidence = (f"{what} of {moment(at_s, view.reading.read_at_s)}",) if at_s is not None else ()
                yield CHECK.finding(view.symbol, summary, evidence, REMEDY.format(what=what))


def _taken_at_s(view: View, what: str) -> float | None:
    """The time that the published input states."""
    if what == "market state":
        return view.market.at_s if view.market else None
    from_hash = view.reading.fields.get("position_source", "") in {"redis_hash", ""}
    return view.position_at_s if from_hash else None


def _used(view: View, what: str, age_ms: float | None, at_s: float | None) -> str:
    """Too old when it was used, by the proposal's own word or by the input's."""
    computed_at_s = view.computed_at_s
    if age_ms is not None and age_ms / 1000 > LIMIT_S:
        return f"it was computed from a {what} that was {span(age_ms / 1000)} old, limit {span(LIMIT_S)}"
    if computed_at_s is None or at_s is None:
        return ""
    # Written anew since, the input is younger than what was used. And what is dated ahead was not computed then.
    age_s = min(computed_at_s, view.reading.read_at_s) - at_s
    if age_ms is None:
        return f"it was computed from a {what} that was {span(age_s)} old, limit {span(LIMIT_S)}" if age_s > LIMIT_S else ""
    if age_s > age_ms / 1000 + CLAIM_S:
        return f"it claims a {what} {span(age_ms / 1000)} old, and the one published was {span(age_s)} old by then"
    return ""


def _now(view: View, what: str, at_s: float | None, fleet: Fleet) -> str:
    if at_s is None or not is_fresh(view, fleet):
        return ""
    age_s = view.reading.read_at_s - at_s
    return f"its {what} has not been written for {span(age_s)}, limit {span(LIMIT_S)}" if age_s > LIMIT_S else ""
