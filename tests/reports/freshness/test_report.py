"""What is counted, what is kept, and what the verdict is."""

import pytest

from qtops.checks.freshness import State, judge_clock
from qtops.checks.intervals import Interval
from qtops.facts.keys import ServerReading
from qtops.findings import Verdict
from qtops.reports.freshness.report import FEW, MOST, Tally, counted, worst_first
from tests.checks.readings import NOW_S, absent, clock, reading
from tests.reports.freshness.reports import UP, URL, every_state, hung, proposal, report


def test_all_in_order_is_ok():
    found = report(reading(), absent(position="closed"))
    assert (found.verdict, found.total, found.in_order, found.all_fresh) == (Verdict.OK, 2, 2, True)


@pytest.mark.parametrize(
    ("sick", "verdict"),
    [
        ({"intervals": [Interval("app", "BTC", "beat", 10, Verdict.WARNING, "slow", 3, 60)]}, Verdict.WARNING),
        ({"missing": ["a search"]}, Verdict.UNKNOWN),
        ({"server": ServerReading(URL, "ok", clock=clock(ahead_s=60))}, Verdict.WARNING),
        ({"server": ServerReading(URL, "ok")}, Verdict.UNKNOWN),
    ],
)
def test_what_is_no_key_counts_as_well(sick, verdict):
    found = report(**sick)
    assert found.verdict is verdict
    assert found.all_fresh


def test_the_worst_key_decides_and_could_not_tell_hides_nothing():
    assert report(reading(), reading(25)).verdict is Verdict.WARNING
    assert report(reading(25), reading(present=None, trouble="hung")).verdict is Verdict.WARNING
    assert report(reading(present=None, trouble="hung"), reading(45)).verdict is Verdict.CRITICAL
    assert hung().verdict is Verdict.UNKNOWN


def test_nothing_looked_at_is_not_ok():
    empty = Tally(keep_all=True).report("risk-1", NOW_S, UP, judge_clock(UP.clock, 2.0), intervals=[], missing=[])
    assert (empty.verdict, empty.all_fresh, empty.total) == (Verdict.UNKNOWN, False, 0)


def test_each_family_has_its_own_verdict_and_the_age_nearest_to_its_limit():
    app, proposals = report(reading(5), reading(15), proposal(80, "BTC"), proposal(312, "ETH")).families
    assert (app.name, app.total, app.verdict, app.oldest.age_s) == ("app", 2, Verdict.OK, 15)
    assert (proposals.name, proposals.total, proposals.verdict, proposals.oldest.age_s) == ("proposal", 2, Verdict.CRITICAL, 312)


def test_the_worst_come_first():
    states = [row.state for row in worst_first(every_state().rows)]
    assert states[:3] == [State.STALE, State.STALE, State.STALE]
    assert states[-2:] == [State.FRESH, State.IDLE]
    assert states.index(State.LATE) < states.index(State.UNKNOWN) < states.index(State.FRESH)


def test_counts_are_told_worst_first():
    assert counted(every_state().states) == "3 STALE, 1 FUTURE, 1 NEVER, 1 EXPIRED, 1 LATE, 1 UNKNOWN, 1 FRESH, 1 IDLE"


def many(fresh: int, stale: int, *, keep_all: bool = False):
    keys = [reading(subject=f"F{number}") for number in range(fresh)] + [
        reading(45, subject=f"S{number}") for number in range(stale)
    ]
    return report(*keys, keep_all=keep_all)


def test_few_keys_are_all_kept():
    assert len(many(FEW - 1, 1).rows) == FEW


def test_of_many_keys_those_in_order_are_counted_only():
    found = many(FEW, 3)
    assert [row.state for row in found.rows] == [State.STALE] * 3
    assert (found.total, found.left_out) == (FEW + 3, FEW)


def test_of_very_many_only_the_worst_are_kept():
    found = report(*[reading(45 + number, subject=f"S{number}") for number in range(3 * MOST)], keep_all=False)
    assert len(found.rows) == MOST
    assert found.rows[0].age_s == 45 + 3 * MOST - 1
    assert found.states == {State.STALE: 3 * MOST}


def test_programs_get_every_key():
    assert len(many(FEW, 3, keep_all=True).rows) == FEW + 3
