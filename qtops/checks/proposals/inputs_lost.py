"""A proposal does not follow from its inputs, or one was lost on the way.

What it is: the proposal was recomputed with the kernel from the inputs that stand beside it. The distances or the levels differ,
or an input differs from the published market state that it was taken from, or a probability is 0 where the other two leave room
for it.

Why it matters: the numbers look like any others, are fresh, and are wrong. With p_trend lost, stops come out a third too tight and
targets a third too near.

What to do: mend the publisher where the named input gets lost: the name of a field, a default for one that is absent, constants
of its own. What the right levels would have been is part of the finding.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from publisher.kernel import PROBABILITY_TOLERANCE, Position, Proposal, compute
from qtops.checks.proposals.explaining import explain
from qtops.checks.proposals.fleet import ECHOED, Fleet, echoed, is_frozen, made_from_market, published
from qtops.checks.proposals.solving import THETA, Distances, Inputs, computed, distances_of, inputs_of, state
from qtops.checks.proposals.view import WEIGHTS, Standing, View, close
from qtops.findings import Check, Finding, Severity

CHECK = Check("PROPOSAL105", "It does not follow from its inputs, or one was lost", Severity.CRITICAL, ("proposals",))
REMEDY: Final = "Compare how the publisher reads that input with `redis-cli HGETALL quantum:marketstate:{symbol}`"


def check(fleet: Fleet) -> Iterator[Finding]:
    """One finding per proposal, whatever is wrong with how it was computed."""
    for view in fleet.views:
        stated, given = distances_of(view), inputs_of(view)
        if stated is None or given is None:
            continue
        inputs, recovered = given
        lost = _lost(view, inputs)
        complaints = [*_not_following(view, stated, inputs), *lost, *_unlike_market(view, fleet)]
        if complaints:
            told = [f"{name} is not given; the distances tell {_weight(inputs, name):.6f}" for name in recovered]
            yield _finding(view, complaints, [*told, *_right(view, _true(view, inputs, lost=bool(lost)))])


def _not_following(view: View, stated: Distances, inputs: Inputs) -> Iterator[str]:
    """Distances that the inputs do not give; else levels that distances and position do not give."""
    standing = view.standing if view.standing is not None and not view.standing.origin else None
    found = None
    if standing is not None and standing.extreme is not None and "position_current_sl" in view.reading.fields:
        found = _compute(standing, inputs, view.numbers.get("position_current_sl"))
        if _is_exactly(view, found):
            return
    got = Distances(found.stop_dist_pct, found.tp_dist_pct, found.trail_gap_pct) if found else computed(*inputs)
    if not got.equals(stated):
        yield f"its distances do not follow from its inputs: {explain(view, stated, inputs)}"
    elif standing is not None:
        yield from _unlike_levels(view, standing, stated, found)


def _is_exactly(view: View, found: Proposal) -> bool:
    """To the last bit, as a proposal of the same kernel always is: nothing more is to be said of it then."""
    numbers = view.numbers
    return (
        numbers.get("proposed_sl") == found.proposed_sl
        and numbers.get("proposed_tp") == found.proposed_tp
        and numbers["stop_dist_pct"] == found.stop_dist_pct
        and numbers["tp_dist_pct"] == found.tp_dist_pct
        and numbers["trail_gap_pct"] == found.trail_gap_pct
        and view.reading.fields.get("reason_codes") == ",".join(found.reason_codes)
    )


def _unlike_levels(view: View, standing: Standing, stated: Distances, found: Proposal | None) -> Iterator[str]:
    sl, tp, sign, current = view.numbers.get("proposed_sl"), view.numbers.get("proposed_tp"), standing.sign, standing.current
    target = current * (1.0 + sign * stated.take)
    if tp is not None and not close(tp, target):
        factor = 1.0 + sign * stated.take
        price = f": it would follow from a price of {tp / factor:.10g}, not {current:.10g}" if factor > 0.0 else ""
        yield f"TP {tp:.10g} is not price × distance, {target:.10g}{price}"
    if sl is None:
        return
    if found is None:  # peak, trough or stop in force are not stated: the stop can be tighter than its distance, never looser
        raw = current * (1.0 - sign * stated.stop)
        if sign * (sl - raw) < 0.0 and not close(sl, raw):
            yield f"SL {sl:.10g} is looser than price × distance, {raw:.10g}"
    elif not close(sl, found.proposed_sl):
        yield f"SL {sl:.10g} is not what price, {_extreme(standing)} and stop in force give: {found.proposed_sl:.10g}"
    elif "reason_codes" in view.reading.fields and set(view.reasons) != set(found.reason_codes):
        yield f"its reasons are {view.said('reason_codes') or 'none'}, computed: {','.join(found.reason_codes)}"


def _lost(view: View, inputs: Inputs) -> list[str]:
    """Weights that are exactly 0, though the others leave room for one."""
    total = sum(inputs.weights)
    if not total < 1.0 - PROBABILITY_TOLERANCE or inputs.weights.count(0.0) != 1:
        return []
    name = WEIGHTS[inputs.weights.index(0.0)]
    there = view.market.numbers.get(name) if view.market else None
    stands = f"; the market state holds {there:g}" if there else ""
    return [f"{name} was lost on the way: it is 0.0, and the other two leave {1.0 - total:.6f}{stands}"]


def _unlike_market(view: View, fleet: Fleet) -> Iterator[str]:
    """Inputs that differ from the market state that they were taken from. One that stands still is another check's."""
    if not made_from_market(view) or echoed(view) == published(view) or is_frozen(view, fleet):
        return
    for name, given, there in zip(ECHOED, echoed(view), published(view), strict=True):
        if given is not None and there is not None and not close(given, there):
            yield f"{name} is {given:g} in the proposal and {there:g} in the market state that it was made from"


def _true(view: View, inputs: Inputs, *, lost: bool) -> Inputs | None:
    """The inputs as they ought to have been: the market state's, or with the lost weight restored, or those that it states."""
    market = view.market
    if market and made_from_market(view) and market.weights and {"sigma", "ts"} <= market.numbers.keys():
        return Inputs(market.numbers["sigma"], market.numbers["ts"], market.weights)
    if lost:
        restored = 1.0 - sum(inputs.weights)
        return inputs._replace(weights=tuple(weight or restored for weight in inputs.weights))
    return inputs if abs(sum(inputs.weights) - 1.0) <= PROBABILITY_TOLERANCE else None


def _right(view: View, inputs: Inputs | None) -> Iterator[str]:
    if inputs is None:
        return
    right = computed(*inputs)
    told = ", ".join(f"{name} {weight:.6f}" for name, weight in zip(WEIGHTS, inputs.weights, strict=True))
    yield f"right, with sigma {inputs.sigma:g} and {told}: stop {right.stop:.4%}, target {right.take:.4%}, gap {right.gap:.4%}"
    standing = view.standing
    if standing is not None:
        levels = _compute(standing, inputs, view.numbers.get("position_current_sl"))
        yield f"right: SL {levels.proposed_sl:.10g}, TP {levels.proposed_tp:.10g}"
        if standing.origin:
            yield f"its position is {standing.origin}"


def _compute(standing: Standing, inputs: Inputs, held: float | None) -> Proposal:
    extreme = standing.current if standing.extreme is None else standing.extreme
    position = Position("", standing.side, 0.0, standing.current, extreme, extreme, current_sl=held)
    return compute("", state(*inputs), position, THETA)


def _extreme(standing: Standing) -> str:
    return "peak" if standing.side == "LONG" else "trough"


def _weight(inputs: Inputs, name: str) -> float:
    return inputs.weights[WEIGHTS.index(name)]


def _finding(view: View, complaints: Sequence[str], evidence: Sequence[str]) -> Finding:
    stated = ", ".join(f"{name} {view.said(name)}" for name in (*ECHOED, "proposed_sl", "proposed_tp") if view.said(name))
    return CHECK.finding(
        view.symbol, complaints[0], (*complaints[1:], f"it states {stated}", *evidence), REMEDY.format(symbol=view.symbol)
    )
