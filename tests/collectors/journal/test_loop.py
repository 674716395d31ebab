"""Whose words count: those of the current or last run, and of the run before only while a loop is between two runs."""

import pytest

from tests.collectors.journal.builders import Story

BOOM = ("Traceback (most recent call last):", '  File "/app/main.py", line 3, in <module>', "ValueError: no")


def lines(facts):
    return [line.text for line in facts.lines if line.source == "service"]


def test_the_runs_of_a_loop():
    facts = Story().fails("a", *BOOM, restarts=1).fails("b", *BOOM, restarts=2).fails("c", *BOOM).facts("c")
    assert [(run.invocation, run.code, run.status, run.last_line) for run in facts.runs] == [
        (name, "exited", 1, "ValueError: no") for name in "abc"
    ]
    assert (facts.invocation, lines(facts), len(facts.tracebacks), facts.cut) == ("c", list(BOOM), 1, False)
    (signature,) = facts.signatures
    assert (signature.pattern, signature.count, signature.share) == ("ValueError: no", 3, 1.0)


def test_a_run_that_has_just_begun_lets_the_one_before_speak():
    story = Story().fails("a", *BOOM, restarts=1).systemd("b", "started")
    assert (story.facts("b").invocation, story.facts("b").tracebacks[0].final) == ("a", True)
    assert Story().fails("a", *BOOM, restarts=1).facts("b").invocation == "a"  # it is not in the journal yet
    assert story.says("b", "up").facts("b").invocation == "b"


def test_an_old_failure_is_not_what_a_healthy_run_says():
    story = Story().fails("a", *BOOM, restarts=1).systemd("b", "started")
    quiet = story.facts("b", age_s=3600)
    assert (quiet.invocation, lines(quiet), quiet.tracebacks) == ("b", [], ())


def test_a_run_that_ended_without_a_word_speaks_for_itself():
    facts = Story().fails("a", *BOOM, restarts=1).fails("b", status=203).facts("b")
    assert (facts.invocation, facts.tracebacks) == ("b", ())
    assert [(run.status, run.result) for run in facts.runs] == [(1, "exit-code"), (203, "exit-code")]


@pytest.mark.parametrize("by_hand", ["start", "stop", "counter"])
def test_nothing_from_before_a_start_by_hand(by_hand):
    story = Story().fails("a", *BOOM, restarts=3 if by_hand == "counter" else None)
    if by_hand == "stop":
        story.restarts("a", 1).systemd("a", "stopped", JOB_TYPE="stop", JOB_RESULT="done")
    if by_hand == "counter":  # it was started between two automatic restarts, and counts from one again
        story.fails("b", "no such file", restarts=1)
    facts = story.systemd("c", "started").facts("c")
    assert "a" not in {run.invocation for run in facts.runs}
    assert facts.tracebacks == ()


def test_nothing_from_before_a_success():
    story = Story().fails("a", *BOOM, restarts=1).systemd("b", "started").says("b", "all done")
    story.systemd("b", "exited", COMMAND="ExecStart", EXIT_CODE="exited", EXIT_STATUS="0").systemd("b", "deactivated").restarts(
        "b", 2
    )
    facts = story.systemd("c", "started").facts("c")
    assert (facts.invocation, lines(facts), facts.signatures) == ("c", [], ())
    assert [run.status for run in facts.runs] == [1, 0, None]


def test_nothing_of_another_run_that_had_another_reason():
    facts = Story().fails("old", *BOOM).fails("new", "config error").facts("new")
    assert (lines(facts), facts.tracebacks, len(facts.runs)) == (["config error"], (), 1)


def test_a_loop_is_bounded():
    story = Story()
    for number in range(1, 50):
        story.fails(f"run{number}", "boom", restarts=number)
    assert [run.invocation for run in story.facts("run49").runs] == [f"run{number}" for number in range(30, 50)]


def test_many_lines_are_cut_and_that_is_said():
    story = Story().systemd("a", "started").says("a", *(f"line {number}" for number in range(500)))
    assert (lines(story.facts("a"))[0], len(story.facts("a").lines), story.facts("a").cut) == ("line 300", 200, True)
    beginning_unread = Story().says("a", "one line").facts("a", is_whole=False)
    assert beginning_unread.cut
    assert not Story().systemd("a", "started").says("a", "one line").facts("a", is_whole=False).cut


def test_jobs_that_started_nothing_are_told_with_the_last_run():
    story = Story().systemd("", "unit_file", "a.service:3: Unknown key", CONFIG_FILE="/etc/systemd/system/a.service")
    story.systemd("", "job_failed", "of last week").fails("a", "x").systemd(
        "", "job_failed", "Dependency failed", JOB_RESULT="dependency"
    )
    assert [(event.kind, event.result, event.path) for event in story.facts("a").events if not event.invocation] == [
        ("unit_file", "", "/etc/systemd/system/a.service"),
        ("job_failed", "dependency", ""),
    ]


def test_last_words_that_journald_read_when_the_note_of_their_invocation_was_gone_are_those_of_the_run_before_them():
    story = Story().fails("a", "first words", restarts=1).says("", "first last words").fails("b").says("", *BOOM)
    facts = story.facts("b")
    assert (lines(facts), facts.tracebacks[0].final) == (list(BOOM), True)
    assert [run.last_line for run in facts.runs] == ["first last words", "ValueError: no"]
    assert lines(Story().says("", *BOOM).fails("a").facts("a")) == list(BOOM)  # or even before systemd's own words


def test_a_line_that_was_too_long_for_one_entry_is_one():
    story = Story().systemd("a", "started").says("a", "x" * 40, is_split=True).says("a", "rest of it", is_split=True)
    assert lines(story.says("a", "its end").says("a", "next").facts("a")) == ["x" * 40, "next"]


def test_secrets_are_taken_out_before_anything_is_counted():
    story = Story().systemd("a", "started").says("a", "ERROR token abc123def456 refused", "-----BEGIN", "secret", "-----END")

    def redact(text):
        return text.replace("abc123def456", "***").replace("BEGIN\nsecret\n", "BEGIN\n***\n")

    from qtops.collectors.journal.facts import put_together

    facts = put_together(story.entries, "a", is_whole=True, now_s=2000, redact=redact)
    assert lines(facts) == ["ERROR token *** refused", "-----BEGIN", "***", "-----END"]
    assert facts.signatures[0].pattern == facts.signatures[0].sample == "ERROR token *** refused"
