"""Logs, diagnoses and the passing of time: what they change of incidents."""

from msgspec.structs import replace

from qtops.findings import Severity, Verdict
from qtops.policy.folding import AGAIN_S, SILENT_S, fold, tick

from .builders import LIMITS, NOW_S, SETTINGS, Kept, diagnosed, died, events, failed, found, output, redis, spoke, stands

SETTLED_S = NOW_S + LIMITS.settle_s
WARNING = found("PROPOSAL113", "it never expires", Severity.WARNING)


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
