"""Whether it stayed up: daemons, jobs, starts that are not over, and samples that are missing."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from qtops.facts.recovery import UnitSample
from qtops.facts.unit import RelatedUnit
from qtops.proof.staying import GAP_S, breakdown, has_grown, up_since
from tests.checks import services
from tests.proof.recovered import (
    AFTER,
    BEFORE,
    BEGAN_S,
    NEW_UNIT,
    NOW_S,
    RESTARTED_S,
    SETTLE_S,
    answers,
    evidence,
    observed,
    proven,
    samples,
)  # fmt: skip

NAME = "one process"
MANY = (NEW_UNIT,) * 25
FAILED = replace(
    NEW_UNIT, active_state="failed", sub_state="failed", result="exit-code", main_pid=0, exec_main_code="exited",
    exec_main_status=1, exec_main_exit_s=BEGAN_S + 3,
)  # fmt: skip
WAITING = replace(FAILED, active_state="activating", sub_state="auto-restart")
ENDED = replace(FAILED, active_state="inactive", sub_state="dead", result="success", exec_main_status=0)
STARTING = replace(NEW_UNIT, active_state="activating", sub_state="start", type="notify")
ONESHOT = {"type": "oneshot", "restart": "no"}
TIMER = RelatedUnit("TriggeredBy", "app.timer", "loaded", "active")


def seen(*units, last=None, **changes):
    """These samples; the last look sees what the last of them does, where nothing else is said."""
    given = {"samples": samples(*units), **changes}
    return observed(replace(AFTER, unit=last if last is not None else units[-1]), **given)


def answer(*units, **changes):
    return answers(proven(seen(*units, **changes)))[NAME]


def told(*units, **changes):
    return evidence(proven(seen(*units, **changes)), NAME)


@pytest.mark.parametrize("end", [FAILED, WAITING, ENDED], ids=["failed", "waits for its restart", "ended with success"])
def test_a_daemon_that_ends_did_not_stay(end):
    assert answer(*(NEW_UNIT,) * 12, end) == "no"
    assert told(*(NEW_UNIT,) * 12, end).startswith("it did not stay up: ")
    assert " after 3.1 s, " in told(*(NEW_UNIT,) * 12, end)


def test_an_end_that_systemd_dates_before_the_start_is_dated_by_its_sample():
    earlier = replace(FAILED, exec_main_exit_s=RESTARTED_S - 60, exec_main_code="")
    assert told(*(NEW_UNIT,) * 12, earlier) == "it did not stay up: failed (failed) after 3.2 s, exit-code"
    assert told(replace(FAILED, exec_main_exit_s=None)).startswith("it did not stay up: failed (failed) after 0.2 s")
    at_once = (UnitSample(RESTARTED_S - 0.1, replace(FAILED, exec_main_exit_s=None)),)
    assert told(samples=at_once, last=FAILED).startswith("it did not stay up: failed (failed) after 0 s")


def test_an_end_in_the_last_look_counts():
    assert answer(*MANY, last=FAILED) == "no"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"invocation_id": "ab" * 16}, "it was started once more 3.2 s later: InvocationID feedfacefeed → abababababab"),
        ({"main_pid": 9}, "its main process changed 3.2 s later: MainPID 4812 → 9"),
    ],
)
def test_another_process_is_another_process(change, words):
    other = replace(NEW_UNIT, **change)
    assert told(*(NEW_UNIT,) * 12, *(other,) * 13) == words
    assert answer(*(NEW_UNIT,) * 12, *(other,) * 13) == "no"


def test_the_process_that_ran_before_is_no_new_one():
    before = replace(BEFORE, unit=replace(NEW_UNIT))
    assert answers(proven(observed(), before))[NAME] == "no"
    assert "nothing was started" in evidence(proven(observed(), before), NAME)


# --- the settle time ---


def test_the_settle_time_has_to_be_covered():
    assert answer(*(NEW_UNIT,) * 20) == "could not tell"
    assert told(*(NEW_UNIT,) * 20) == "it was watched for 4.8 s of 5 s"
    assert answer(*(NEW_UNIT,) * 21) == "yes"
    assert told(*MANY) == (
        "process 4812, invocation feedfacefeed, active (running) in 25 samples over 6 s, the longest gap 0.2 s, "
        "since 2026-09-21 14:13:12 UTC (7.9 s ago)"
    )
    assert answer(NEW_UNIT, settle_s=0.1) == "could not tell"
    assert answer(NEW_UNIT, NEW_UNIT, settle_s=0.25) == "yes"


def test_a_gap_may_be_as_long_as_the_limit_and_two_samples_may_meet():
    assert answer(samples=samples(*(NEW_UNIT,) * 4, every_s=GAP_S, first_s=RESTARTED_S), last=NEW_UNIT) == "yes"
    twice = (UnitSample(RESTARTED_S, NEW_UNIT), *samples(*(NEW_UNIT,) * 25, first_s=RESTARTED_S))
    assert answer(samples=twice, last=NEW_UNIT) == "yes"


def test_a_start_that_takes_its_time_begins_to_stay_when_it_is_up():
    assert answer(*(STARTING,) * 10, *(NEW_UNIT,) * 15) == "could not tell"
    assert answer(*(STARTING,) * 10, *(NEW_UNIT,) * 21) == "yes"
    assert told(*(STARTING,) * 30) == "it has not come up yet: activating (start)"


@given(st.floats(0.26, 60), st.integers(1, 20))
def test_something_could_hide_in_a_gap(gap_s, at):
    first, rest = samples(*(NEW_UNIT,) * at), samples(*(NEW_UNIT,) * 25, first_s=RESTARTED_S + 0.2 + (at - 1) * 0.25 + gap_s)
    fine = gap_s <= GAP_S or (at - 1) * 0.25 >= SETTLE_S
    assert answers(proven(observed(samples=(*first, *rest), taken_at_s=NOW_S + 70)))[NAME] == ("yes" if fine else "could not tell")


@pytest.mark.parametrize("at_s", [nan, inf, -inf, RESTARTED_S - 100])
def test_a_clock_that_jumps_covers_nothing(at_s):
    odd = (*samples(*(NEW_UNIT,) * 10), UnitSample(at_s, NEW_UNIT), *samples(*(NEW_UNIT,) * 12, first_s=RESTARTED_S + 2.7))
    assert answers(proven(observed(samples=odd)))[NAME] == "could not tell"


def test_systemd_may_fail_to_answer_once_and_not_for_long():
    assert answer(*(NEW_UNIT,) * 5, None, *(NEW_UNIT,) * 20) == "yes"
    assert answer(*(NEW_UNIT,) * 5, *(None,) * 10, *(NEW_UNIT,) * 20) == "could not tell"
    assert evidence(proven(observed(samples=samples(*(None,) * 25))), NAME) == "systemd did not answer"


def test_without_its_unit_in_the_last_look_it_is_not_known_to_be_up():
    assert answers(proven(observed(replace(AFTER, unit=None))))[NAME] == "could not tell"


@pytest.mark.parametrize("change", [{"invocation_id": ""}, {"main_pid": 0}])
def test_what_systemd_does_not_name_is_not_the_same(change):
    assert answer(*(replace(NEW_UNIT, **change),) * 25) == "could not tell"


def test_a_forking_service_may_have_no_main_process():
    assert answer(*(replace(NEW_UNIT, type="forking", main_pid=0),) * 25) == "yes"


# --- jobs ---


def test_a_job_that_ended_with_success_is_done():
    ran = replace(ENDED, **ONESHOT)
    assert answer(replace(STARTING, **ONESHOT), ran) == "yes"
    assert told(ran, ran) == "it is a job, and ended with success 2026-09-21 14:13:15 UTC (4.9 s ago)"
    by_timer = replace(ENDED, related=(TIMER,))
    assert answer(NEW_UNIT, by_timer) == "yes"


def test_a_job_that_failed_is_not():
    assert answer(replace(FAILED, **ONESHOT)) == "no"


def test_a_job_that_is_still_at_it_is_not_done():
    assert answer(*(replace(STARTING, **ONESHOT),) * 25) == "could not tell"


def test_a_job_of_an_earlier_day_is_not_this_one():
    earlier = replace(ENDED, exec_main_start_s=BEFORE.unit.exec_main_start_s, **ONESHOT)
    assert answer(earlier, earlier) == "no"


def test_a_job_that_systemd_has_forgotten_is_not_known_to_have_ended_well():
    forgotten = replace(ENDED, exec_main_start_s=None, invocation_id="", **ONESHOT)
    assert answer(forgotten) == "could not tell"
    assert answer(replace(forgotten, condition_result=False)) == "no"


def test_what_remains_after_its_exit_stays():
    remains = replace(NEW_UNIT, sub_state="exited", main_pid=0, remain_after_exit=True, **ONESHOT)
    assert answer(*(remains,) * 25) == "yes"
    assert told(*(remains,) * 25).startswith("no main process, invocation feedfacefeed, active (exited) in 25 samples")


# --- nothing was to be started ---

RUNS = services.service(families=())
RESTS = services.stopped()


def left(before, *units, **changes):
    """Nothing was to be started, and these samples were taken of it."""
    last = replace(before, unit=units[-1])
    return proven(observed(last, samples=samples(*units), started=False, **changes), before, codes=("UNIT216",))


def test_what_runs_goes_on_as_it_was():
    proof = left(RUNS, *(RUNS.unit,) * 25)
    assert proof.is_proven
    assert evidence(proof, NAME).startswith("process 4711, ")
    assert answers(left(RUNS, *(RUNS.unit,) * 10))[NAME] == "could not tell"
    assert answers(left(RUNS, *(NEW_UNIT,) * 25))[NAME] == "no"
    assert answers(left(RUNS, *(RUNS.unit,) * 10, FAILED))[NAME] == "no"


def test_what_rests_goes_on_resting():
    proof = left(RESTS, RESTS.unit)
    assert evidence(proof, NAME) == "inactive (dead) as before: nothing was to be started"
    assert answers(proof)[NAME] == "yes"
    assert answers(left(RESTS, replace(RESTS.unit, active_state="failed")))[NAME] == "no"
    assert answers(left(RESTS, *(NEW_UNIT,) * 25))[NAME] == "no"
    assert answers(left(RESTS, replace(RESTS.unit, exec_main_start_s=RESTARTED_S + 1)))[NAME] == "no"


def test_what_was_not_read_is_not_known_to_go_on():
    unread = replace(RUNS, unit=None)
    lost = proven(observed(unread, samples=samples(*(RUNS.unit,) * 25), started=False), RUNS)
    assert (answers(lost)[NAME], evidence(lost, NAME)) == ("could not tell", "its unit could not be read in the last look")
    unknown = proven(observed(RUNS, samples=samples(*(RUNS.unit,) * 25), started=False), unread)
    assert (answers(unknown)[NAME], evidence(unknown, NAME)) == ("could not tell", "its unit could not be read before")


def test_what_it_publishes_is_not_asked_then():
    publishing = services.service()
    proof = left(publishing, *(publishing.unit,) * 25)
    assert set(answers(proof)) == {NAME, "no restart", "no new traceback", "check clear"}
    assert evidence(proof, "check clear").endswith("nothing was to be started: what it publishes was not asked")


def test_what_it_said_before_the_change_is_no_new_traceback():
    old, new = (services.journal(RUNS, tracebacks=(services.traceback(at_s=RESTARTED_S + s, final=False),)) for s in (-9, 1))
    assert left(old, *(RUNS.unit,) * 25).is_proven
    assert answers(left(new, *(RUNS.unit,) * 25))["no new traceback"] == "no"


# --- restarts ---


def restarts(*counts):
    return proven(seen(*(replace(NEW_UNIT, n_restarts=count) for count in counts)))


def test_a_counter_that_was_not_set_back_may_stand_at_any_number():
    assert answers(restarts(*(4193,) * 25))["no restart"] == "yes"
    assert evidence(restarts(*(4193,) * 25), "no restart") == "NRestarts 4193 in 26 samples"


def test_a_counter_that_moves_is_told():
    assert evidence(restarts(*(0,) * 20, *(2,) * 5), "no restart") == "systemd started it again by itself: NRestarts 0 → 2"
    assert answers(restarts(*(4,) * 20, *(0,) * 5))["no restart"] == "could not tell"
    assert answers(restarts(*(4,) * 10, 0, *(5,) * 10))["no restart"] == "no"


@given(st.lists(st.sampled_from((NEW_UNIT, STARTING, FAILED, ENDED, WAITING, None)), max_size=30))
def test_what_is_broken_stays_broken(units):
    taken = samples(*units)
    broken = [bool(breakdown(taken[:number], BEFORE.unit, RESTARTED_S)) for number in range(len(taken) + 1)]
    assert broken == sorted(broken)
    assert broken[-1] == any(unit in (FAILED, ENDED, WAITING) for unit in units)
    assert not has_grown(taken)
    assert up_since(taken) == next((sample.at_s for sample in taken if sample.unit == NEW_UNIT), None)
