"""Each criterion of phase 3 follows from its own evidence: turned, it alone does not hold; taken away, nobody can tell.

The ninth is the one that every phase has: nothing contradicts it.
"""

import pytest
from msgspec.structs import replace

from qtops.facts.service import Facts, Missing

from .phases import PHASE, UNIT, aged, fields, journal, judged, keys, look, moving, proposals, seen, watched

STAYS, STARTS, WRITTEN, EVERY, THERE, FRESH, SAYS, NEVER_SAYS, NOTHING_AGAINST = range(9)
READ = seen().keys[0].read_at_s

FLIPPED = {
    STAYS: look(unit={"n_restarts": 1}),
    STARTS: look(service={"process": replace(seen().process, pid=4711)}),
    WRITTEN: look(unit={"exec_main_start_s": READ - 0.2}),
    EVERY: look(cadence=watched(*(moving(symbol, every_s=20.0) for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT")))),
    THERE: look(service={"keys": keys(lambda key: replace(key, present=False, values=(), position="closed"), "ETHUSDT")}),
    FRESH: look(service={"keys": keys(aged(12.0), "SOLUSDT")}),
    SAYS: look(service=journal(without="Published proposal")),
    NEVER_SAYS: look(service=journal("ModuleNotFoundError: No module named 'ai_engine.risk_kernel_stops'")),
    NOTHING_AGAINST: look(service=proposals(fields(p_trend="0.0"))),
}
"""Facts in which one criterion is known not to hold."""

TAKEN = {
    STAYS: look(unit={"active_enter_s": None}),
    STARTS: look(unit={"exec_main_start_s": None, "active_enter_s": None}),
    WRITTEN: look(unit={"exec_main_start_s": None, "active_enter_s": None}),
    EVERY: look(cadence=None),
    THERE: look(service={"keys": seen().keys[:2]}),
    FRESH: look(service={"keys": keys(lambda key: replace(key, values=("soon", "later")), "BTCUSDT")}),
    SAYS: look(service={"journal": None, "missing": (Missing("journal", "this user may not read it"),)}),
    NEVER_SAYS: look(service={"journal": replace(seen().journal, cut=True)}),
    NOTHING_AGAINST: look(service={"events": None}),
}
"""Facts in which nothing tells one criterion."""


def test_the_healthy_phase_is_complete():
    verdict = judged(look())
    assert [criterion.holds for criterion in verdict.criteria] == ["yes"] * 9
    assert verdict.state == "COMPLETE"
    assert len(PHASE.criteria) == 8


def answers(facts: Facts) -> dict[int, str]:
    return {number: criterion.holds for number, criterion in enumerate(judged(facts).criteria)}


@pytest.mark.parametrize("number", FLIPPED)
def test_a_criterion_is_flipped_by_its_own_evidence(number):
    found = answers(FLIPPED[number])
    assert found[number] == "no"
    assert judged(FLIPPED[number]).state == "PARTIAL"


@pytest.mark.parametrize("number", FLIPPED)
def test_and_no_other_is(number):
    assert {other for other, holds in answers(FLIPPED[number]).items() if holds != "yes"} == {number}


@pytest.mark.parametrize("number", TAKEN)
def test_without_its_evidence_nobody_can_tell(number):
    verdict = judged(TAKEN[number])
    assert verdict.criteria[number].holds == "could not tell"
    assert verdict.against == ()
    assert verdict.state == "UNVERIFIED"


@pytest.mark.parametrize("number", range(9))
def test_each_says_what_was_seen_and_where(number):
    for facts in (look(), FLIPPED[number], TAKEN[number]):
        criterion = judged(facts).criteria[number]
        assert criterion.seen
        assert criterion.sources


def test_without_any_evidence_it_is_pending():
    verdict = judged(look(services=(), cadence=None))
    assert {criterion.holds for criterion in verdict.criteria} == {"could not tell"}
    assert verdict.state == "PENDING"
    assert verdict.criteria[0].seen == f"{UNIT} was not looked at"
