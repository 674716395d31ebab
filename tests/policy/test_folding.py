"""What an observation changes: one fault is one incident, however often and by whatever it is seen."""

import pytest
from msgspec.structs import replace

from qtops.findings import Severity, Verdict
from qtops.incidents import Stands
from qtops.policy.folding import AGAIN_S, SILENT_S, fold, tick
from qtops.policy.joining import fingerprint

from .builders import (
    LIMITS,
    NOW_S,
    REDIS,
    SETTINGS,
    UNIT,
    Kept,
    diagnosed,
    died,
    events,
    failed,
    found,
    output,
    redis,
    spoke,
    stands,
)

SETTLED_S = NOW_S + LIMITS.settle_s
WARNING = found("PROPOSAL113", "it never expires", Severity.WARNING)
AUTO_RESTART = {"active_state": "activating", "sub_state": "auto-restart", "result": "signal"}


def test_a_death_opens_an_incident_and_people_are_told():
    kept = Kept()
    assert events(kept.see(died(NOW_S - 0.1))) == ["opened!"]
    assert kept.only.fingerprint == fingerprint(UNIT, "process") == "app.service|process"
    assert kept.only.title == "app.service died: signal 9 (SIGKILL)"
    assert (kept.only.began_s, kept.only.opened_s, kept.only.times) == (NOW_S - 0.1, NOW_S, 1)


@pytest.mark.parametrize(
    ("death", "told"),
    [
        ({"code": "exited", "status": 1}, "exit status 1"),
        ({"code": "dumped", "status": 11}, "signal 11 (SIGSEGV), core dumped"),
        ({"code": "killed", "status": 9, "result": "oom-kill"}, "signal 9 (SIGKILL), Result=oom-kill"),
        ({"code": "killed", "status": 99}, "signal 99 (unknown)"),
        ({"code": "", "status": 0, "result": "exit-code"}, "Result=exit-code"),
        ({"code": "", "status": 0}, "how is not known yet"),
    ],
)
def test_a_death_in_words(death, told):
    assert fold((), died(**death), SETTINGS, NOW_S)[0].text == f"app.service died: {told}"


def test_each_further_death_counts_and_joins_the_same_incident():
    kept = Kept()
    kept.see(died())
    assert events(kept.see(died(NOW_S + 1, invocation="b" * 32), NOW_S + 1)) == ["seen again"]
    assert (kept.only.times, kept.only.last_s) == (2, NOW_S + 1)


def test_it_is_resolved_once_it_has_been_up_for_the_settle_time():
    kept = Kept()
    kept.see(died())
    assert events(kept.see(stands())) == ["clear"]
    assert kept.see(stands(), NOW_S + 5) == ()
    assert kept.tick(SETTLED_S - 0.1) == ()
    assert events(kept.tick(SETTLED_S)) == ["resolved!"]
    assert kept.only.state == "resolved"
    assert kept.only.resolved_s == SETTLED_S


def test_a_death_within_the_settle_time_makes_it_begin_anew():
    kept = Kept()
    kept.see(died())
    kept.see(stands())
    kept.see(died(invocation="b" * 32), NOW_S + 20)
    assert kept.tick(SETTLED_S) == ()


@pytest.mark.parametrize(
    ("away_s", "expected", "incidents"),
    [(0, "reopened!", 1), (LIMITS.rejoin_s, "reopened!", 1), (LIMITS.rejoin_s + 1, "opened!", 2)],
)
def test_what_comes_back_soon_joins_the_incident_that_it_was(away_s, expected, incidents):
    kept = Kept()
    kept.see(died())
    kept.see(stands())
    kept.tick(SETTLED_S)
    assert events(kept.see(died(invocation="b" * 32), SETTLED_S + away_s)) == [expected]
    assert len(kept.incidents) == incidents
    assert len(kept.open) == 1


def test_an_incident_that_a_person_closed_is_not_opened_again():
    kept = Kept()
    kept.see(died())
    closed = replace(kept.only, state="closed", closed_s=NOW_S, resolved_s=NOW_S)
    assert events(fold((closed,), died(invocation="b" * 32), SETTINGS, NOW_S + 1)) == ["opened!"]


@pytest.mark.parametrize(
    "state",
    [
        failed(),
        failed(result="start-limit-hit"),
        stands(load_state="masked", active_state="inactive", sub_state="dead"),
        stands(load_state="bad-setting", active_state="inactive", sub_state="dead"),
        stands(load_state="not-found", active_state="inactive", sub_state="dead"),
        stands(**AUTO_RESTART),
    ],
)
def test_a_unit_that_is_down_by_failure_opens_it_without_a_death_and_once(state: Stands):
    kept = Kept()
    assert events(kept.see(state)) == ["opened!"]
    assert kept.see(state, NOW_S + 60) == ()


@pytest.mark.parametrize(
    "state",
    [
        stands(),
        stands(active_state="inactive", sub_state="dead"),
        failed(stopped=True),
        stands(active_state="activating", sub_state="start"),
        stands(active_state="deactivating", sub_state="stop-sigterm"),
        stands(active_state="activating", sub_state="auto-restart"),  # after success: a loop that is meant
        stands(active_state="active", load_state="not-found"),  # its file is gone; it runs
    ],
)
def test_what_runs_rests_or_was_stopped_is_no_fault(state: Stands):
    assert fold((), state, SETTINGS, NOW_S) == ()


def test_a_state_between_is_neither_clear_nor_anything_new():
    kept = Kept()
    kept.see(died())
    assert kept.see(stands(active_state="activating", sub_state="start")) == ()
    kept.see(stands())
    assert events(kept.see(stands(active_state="activating", sub_state="start"))) == ["not clear"]
    assert kept.only.clear_since_s is None


def test_somebody_who_stops_what_had_failed_ends_the_fault():
    kept = Kept()
    kept.see(failed())
    assert events(kept.see(failed(stopped=True))) == ["clear"]
    assert "stopped on request" in kept.changes[-1].text


def test_what_is_wrong_with_the_output_is_one_incident_of_the_gravest():
    kept = Kept()
    assert events(kept.see(output(WARNING, found()))) == ["opened!"]
    assert kept.only.kind == "output"
    assert kept.only.findings == ("KEYS201", "PROPOSAL113")
    assert kept.only.title == "app.service: KEYS201: its keys are stale (and PROPOSAL113)"
    assert kept.see(output(WARNING, found()), NOW_S + 5) == ()


def test_graver_news_of_the_output_is_told_and_the_like_is_noted():
    kept = Kept()
    kept.see(output(WARNING))
    assert kept.only.severity is Severity.WARNING
    assert events(kept.see(output(WARNING, found()))) == ["worse!"]
    assert kept.only.severity is Severity.CRITICAL
    assert "KEYS201" in kept.only.title
    assert events(kept.see(output(found(), found("PROPOSAL101")))) == ["noted"]
    assert kept.only.findings == ("KEYS201", "PROPOSAL101")


def test_information_is_no_fault():
    assert fold((), output(found("PROPOSAL116", severity=Severity.INFO)), SETTINGS, NOW_S) == ()


def test_output_is_resolved_when_nothing_is_found_for_the_settle_time():
    kept = Kept()
    kept.see(output(found()))
    assert events(kept.see(output())) == ["clear"]
    assert events(kept.see(output(found()), NOW_S + 5)) == ["not clear"]
    assert kept.only.times == 2
    kept.see(output(), NOW_S + 10)
    assert kept.tick(SETTLED_S) == ()
    assert events(kept.tick(SETTLED_S + 10)) == ["resolved!"]


def test_doubts_alone_open_nothing_and_are_noted_once():
    kept, doubt = Kept(), output(doubts=("Redis does not answer",))
    assert kept.see(doubt) == ()
    kept.see(output(found()))
    assert events(kept.see(doubt)) == ["noted"]
    assert kept.see(doubt, NOW_S + 5) == ()
    assert kept.only.clear_since_s is None


def test_what_cannot_be_told_any_more_does_not_become_clear_by_waiting():
    kept = Kept()
    kept.see(output(found()))
    kept.see(output())
    assert events(kept.see(output(doubts=("Redis does not answer",)), NOW_S + 5)) == ["not clear"]
    assert kept.tick(SETTLED_S) == ()


def test_output_of_a_process_that_is_down_is_told_with_its_incident_once_per_code():
    kept = Kept()
    kept.see(died())
    assert events(kept.see(output(found()))) == ["noted"]
    assert kept.see(output(found()), NOW_S + 5) == ()
    assert events(kept.see(output(found(), WARNING), NOW_S + 10)) == ["noted"]
    assert kept.only.kind == "process"
    assert kept.only.findings == ("KEYS201", "PROPOSAL113")


def test_output_that_a_redis_explains_is_told_with_the_incident_of_that_redis_alone():
    kept = Kept()
    kept.see(redis("refused: connection refused"))
    assert events(kept.see(output(found()))) == ["noted"]
    assert events(kept.see(output(found(), unit="other.service", redis="redis://elsewhere/0"))) == ["opened!"]


def test_output_that_stays_wrong_after_its_root_is_resolved_is_an_incident_of_its_own():
    kept = Kept()
    kept.see(died())
    kept.see(output(found()))
    kept.see(stands())
    kept.tick(SETTLED_S)
    assert events(kept.see(output(found()), SETTLED_S + 1)) == ["opened!"]


def test_output_that_was_wrong_before_its_process_died_goes_its_own_way():
    kept = Kept()
    kept.see(output(WARNING))
    kept.see(died())
    assert len(kept.open) == 2
    assert events(kept.see(output(found()))) == ["worse"]  # nobody is told: the death was
    kept.see(stands())
    kept.see(output())
    assert events(kept.tick(SETTLED_S)) == ["resolved!", "resolved!"]


def test_output_that_comes_back_graver_while_its_process_is_down_is_not_told_beside_the_death():
    kept = Kept()
    kept.see(output(WARNING))
    kept.see(output())
    kept.see(died())
    assert events(kept.see(output(found()))) == ["worse"]


def test_output_that_comes_back_graver_is_told():
    kept = Kept()
    kept.see(output(WARNING))
    kept.see(output())
    assert events(kept.see(output(found()))) == ["worse!"]
    assert (kept.only.times, kept.only.clear_since_s) == (2, None)


def test_a_redis_that_does_not_answer_is_one_incident_for_all_who_write_to_it():
    kept = Kept()
    trouble = redis("refused: connection refused", units=("a.service", "b.service", "c.service", "d.service"))
    assert events(kept.see(trouble)) == ["opened!"]
    assert kept.only.unit == REDIS
    assert (
        kept.only.title == f"Redis at {REDIS}: refused: connection refused; without it: a.service, b.service, c.service and 1 more"
    )
    assert kept.see(trouble, NOW_S + 5) == ()
    assert events(kept.see(redis("loading: 3 %"), NOW_S + 6)) == ["noted"]
    assert kept.see(redis("loading: 4 %"), NOW_S + 7) == ()
    assert events(kept.see(redis(), NOW_S + 8)) == ["clear"]
    assert events(kept.see(redis("refused"), NOW_S + 9)) == ["not clear"]
    assert kept.see(redis("refused"), NOW_S + 10) == ()


def test_a_redis_that_answers_is_no_news():
    assert fold((), redis(), SETTINGS, NOW_S) == ()


def test_what_a_unit_complains_of_is_one_warning_with_a_line_for_each_new_trouble():
    kept = Kept()
    assert events(kept.see(spoke())) == ["opened!"]
    assert kept.only.severity is Severity.WARNING
    assert kept.see(spoke(), NOW_S + 1) == ()
    assert events(kept.see(spoke("ERROR: queue is full"), NOW_S + 2)) == ["noted"]
    assert events(kept.see(spoke(), NOW_S + 2 + AGAIN_S)) == ["seen again"]


def test_a_log_counts_as_clear_after_silence_and_says_that_this_is_all_it_can_say():
    kept = Kept()
    kept.see(spoke())
    assert kept.tick(NOW_S + SILENT_S) == ()
    assert events(kept.tick(NOW_S + SILENT_S + AGAIN_S)) == ["resolved!"]
    assert "all that a log can say" in kept.changes[-1].text


def test_the_last_words_of_what_is_down_are_for_the_diagnosis():
    kept = Kept()
    kept.see(died())
    assert kept.see(spoke()) == ()


def test_a_log_that_repeats_itself_a_thousand_times_is_a_few_lines():
    kept = Kept()
    for number in range(1_000):
        kept.see(spoke(f"ERROR {number % 50}"), NOW_S + number / 10)
    assert len(kept.incidents) == 1
    assert len(kept.changes) <= 25


def test_a_diagnosis_names_the_root_and_is_told_where_it_is_news():
    kept = Kept()
    kept.see(died())
    assert events(kept.see(diagnosed(found("IMPORT101", "no module acme"), NOW_S + 1), NOW_S + 2)) == ["diagnosed!"]
    one = kept.only
    assert (one.code, one.nature, one.diagnosed_s) == ("IMPORT101", "deterministic", NOW_S + 1)
    assert one.title == "app.service: no module acme"
    assert kept.see(diagnosed(found("IMPORT101", "no module acme"), NOW_S + 1), NOW_S + 3) == ()  # the same look
    assert events(kept.see(diagnosed(found("IMPORT101", "no module acme"), NOW_S + 9), NOW_S + 9)) == ["diagnosed"]
    assert events(kept.see(diagnosed(found("REDIS201", "Redis: down"), NOW_S + 20), NOW_S + 20)) == ["diagnosed!"]
    assert kept.only.nature == "dependency"


def test_a_look_that_proves_nothing_says_so_and_leaves_no_nature_behind():
    kept = Kept()
    kept.see(died())
    kept.see(diagnosed(found("UNIT211", "SIGKILL ended its main process"), NOW_S + 1), NOW_S + 1)
    assert kept.only.nature == "transient"
    again = diagnosed(at_s=NOW_S + 9, condition="runs", verdict=Verdict.OK, state="active for 2 s")
    assert events(kept.see(again, NOW_S + 9)) == ["diagnosed"]
    assert kept.only.nature == "unknown"
    assert kept.changes[-1].text == "nothing was found: active for 2 s"


def test_a_look_that_failed_is_told_as_one():
    kept = Kept()
    kept.see(died())
    kept.see(diagnosed(condition="unknown", state="it could not be looked at", unknown=("it had not ended after 30 s",)))
    assert "it had not ended after 30 s" in kept.changes[-1].text


def test_a_diagnosis_of_what_has_no_incident_changes_nothing():
    assert fold((), diagnosed(found("IMPORT101")), SETTINGS, NOW_S) == ()


def test_people_are_reminded_of_what_nobody_acknowledged():
    kept = Kept()
    kept.see(died())
    assert kept.tick(NOW_S + LIMITS.remind_s - 1) == ()
    assert events(kept.tick(NOW_S + LIMITS.remind_s)) == ["reminded!"]
    assert kept.tick(NOW_S + LIMITS.remind_s + 1) == ()
    kept.incidents[1] = replace(kept.only, state="acknowledged", acknowledged_s=NOW_S, acknowledged_by="trader")
    assert kept.tick(NOW_S + 9 * LIMITS.remind_s) == ()


def test_a_fault_dated_later_than_now_began_now():
    assert fold((), died(NOW_S + 3600), SETTINGS, NOW_S)[0].incident.began_s == NOW_S


def test_a_clock_that_was_set_back_neither_resolves_at_once_nor_keeps_it_open_for_ever():
    kept = Kept()
    kept.see(died(), NOW_S + 3600)
    kept.see(stands(), NOW_S + 3600)
    assert events(kept.tick(NOW_S)) == ["clear"]
    assert events(kept.tick(SETTLED_S)) == ["resolved!"]


def test_a_look_before_a_clock_was_set_back_does_not_pass_for_one_after_the_next_death():
    kept = Kept()
    kept.see(died(), NOW_S + 3600)
    kept.see(diagnosed(found("UNIT211", "SIGKILL ended it"), NOW_S + 3600), NOW_S + 3600)
    kept.see(died(invocation="b" * 32))
    assert kept.only.diagnosed_s is None
    kept.see(diagnosed(found("IMPORT101", "no module acme"), NOW_S + 1), NOW_S + 1)
    assert (kept.only.code, kept.only.diagnosed_s) == ("IMPORT101", NOW_S + 1)


def test_a_look_is_taken_in_although_one_before_is_dated_later():
    kept = Kept()
    kept.see(died(), NOW_S - 1)
    kept.incidents[1] = replace(kept.only, diagnosed_s=NOW_S + 3600)
    assert events(kept.see(diagnosed(found("IMPORT101", "no module acme")))) == ["diagnosed!"]


def test_a_look_after_a_clock_was_set_back_is_after_the_death_before():
    kept = Kept()
    kept.see(died(), NOW_S + 3600)
    kept.see(diagnosed(found("UNIT211", "SIGKILL ended it"), NOW_S), NOW_S)
    assert kept.only.last_s <= (kept.only.diagnosed_s or 0)


def test_a_log_counts_its_silence_anew_after_a_clock_was_set_back():
    kept = Kept()
    kept.see(spoke(), NOW_S + 9_999)
    assert events(kept.tick(NOW_S)) == ["noted"]
    assert events(kept.tick(NOW_S + SILENT_S + AGAIN_S)) == ["resolved!"]


def test_hostile_words_come_out_printable_and_short():
    kept = Kept()
    for seen in (
        failed(result="\x1b[31m" + "x" * 9_000),
        output(found(summary="a\nb\x07\u202e" * 900)),
        redis("refused: \x9b31m"),
        spoke("\x1b]0;owned\x07" * 99, unit="b.service"),
        diagnosed(found("LOG201", "RuntimeError: \x1b[2J\r\n" * 500)),
    ):
        kept.see(seen)
    texts = [*(change.text for change in kept.changes), *(change.incident.title for change in kept.changes)]
    assert all(text.isprintable() and len(text) <= 400 for text in texts)
    assert tick(kept.open, SETTINGS, NOW_S) == ()
