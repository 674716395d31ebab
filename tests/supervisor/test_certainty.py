"""What is told at once, what has to be seen twice, and what is worth nothing while a clock is being set."""

from hypothesis import given
from hypothesis import strategies as st

from qtops.findings import Finding, Severity
from qtops.supervisor.certainty import JUMP_S, Doubtful, Jumps, without_times
from qtops.supervisor.outcomes import OF_TIME, Told

CYCLE_S = 10.0


def said(*codes, at_once=frozenset({"PROCESS201", "PROPOSAL101"})):
    return Told(tuple(Finding(code, Severity.CRITICAL, "app.service", "wrong", (), "mend it") for code in codes), (), at_once)


def codes(told):
    return [finding.code for finding in told.findings]


def test_what_one_look_proves_is_told_at_once():
    doubtful = Doubtful()
    assert codes(doubtful.sure(said("PROCESS201", "PROPOSAL101"), 0.0, CYCLE_S)) == ["PROCESS201", "PROPOSAL101"]
    assert not doubtful.pending


def test_what_one_look_cannot_know_is_a_doubt_until_it_has_lasted_a_cycle():
    doubtful = Doubtful()
    first = doubtful.sure(said("PROPOSAL111"), 0.0, CYCLE_S)
    assert (codes(first), doubtful.pending) == ([], True)
    assert first.doubts == ("PROPOSAL111: wrong: seen once, and told when it is still so a cycle later",)
    assert codes(doubtful.sure(said("PROPOSAL111"), 5.0, CYCLE_S)) == []
    assert codes(doubtful.sure(said("PROPOSAL111"), 10.0, CYCLE_S)) == ["PROPOSAL111"]
    assert not doubtful.pending


def test_a_look_without_it_begins_anew():
    doubtful = Doubtful()
    doubtful.sure(said("PROPOSAL111"), 0.0, CYCLE_S)
    doubtful.sure(said(), 5.0, CYCLE_S)
    assert codes(doubtful.sure(said("PROPOSAL111"), 10.0, CYCLE_S)) == []


@given(st.lists(st.sets(st.sampled_from(["PROPOSAL102", "PROPOSAL111", "EVENT101"])), min_size=1, max_size=12))
def test_nothing_is_told_that_was_not_there_for_a_cycle(looks):
    doubtful, every_s = Doubtful(), 4.0
    for number, found in enumerate(looks):
        told = set(codes(doubtful.sure(said(*sorted(found)), number * every_s, CYCLE_S)))
        lasted = [code for code in found if number >= 3 and all(code in looks[number - back] for back in range(4))]
        assert told == set(lasted)


def test_a_clock_that_was_set():
    jumps = Jumps()
    jumps.note(100.0, 1_790_000_100.0, 1_790_000_100.0)
    assert jumps.told(100.0, 150.0) == ""
    jumps.note(105.0, 1_790_003_705.0, 1_790_003_705.0)
    assert jumps.told(105.0, 150.0) == "the clock was set by +1 h at 2026-09-21 15:15:05 UTC"
    jumps.note(110.0, 1_790_003_710.0, 1_790_003_710.0)
    assert jumps.told(255.0, 150.0)
    assert jumps.told(256.0, 150.0) == ""


def test_redis_clock_alone_that_was_set_back():
    jumps = Jumps()
    jumps.note(0.0, 1_000.0, 1_000.0)
    jumps.note(5.0, 1_005.0 - 3_600.0, 1_005.0)
    assert "set by -1 h" in jumps.told(5.0, 1.0)


@given(st.lists(st.floats(-JUMP_S / 2, JUMP_S / 2), min_size=2, max_size=20))
def test_slewing_and_slow_answers_are_no_jump(wobbles):
    jumps = Jumps()
    for number, wobble_s in enumerate(wobbles):
        jumps.note(5.0 * number, 1e9 + 5.0 * number + wobble_s)
        assert jumps.told(5.0 * number, 1e6) == ""


def test_findings_of_time_become_doubts_and_the_others_stay():
    told = without_times(said("PROCESS201", "KEYS201", "PROPOSAL101"), "the clock was set by +1 h at noon")
    assert codes(told) == ["PROCESS201", "PROPOSAL101"]
    assert told.doubts == ("KEYS201: could not tell, as the clock was set by +1 h at noon: wrong",)
    assert "PROCESS201" not in OF_TIME
