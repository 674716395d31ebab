"""What is made of lines: which are told, when, how often, and what is never said of them."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from qtops.collectors.journal.entries import entry
from qtops.collectors.redact import Redactor
from qtops.collectors.watching.journalctl import arguments, brief
from qtops.collectors.watching.sources import Pause
from qtops.collectors.watching.talk import AGAIN_S, HOLD_S, MOST_SUSPICIOUS, Talk

INVOCATION = "a" * 32


def line(message, number=0, unit="x.service", **fields):
    return json.dumps(
        {
            "__CURSOR": f"s={'0' * 32};i={number:x};b={'0' * 32};m=1;t=1;x=1",
            "__REALTIME_TIMESTAMP": f"{1_700_000_000_000_000 + number}",
            "__MONOTONIC_TIMESTAMP": f"{number + 1}",
            "MESSAGE": message,
            "PRIORITY": "6",
            "_PID": "77",
            "_STREAM_ID": "s",
            "_TRANSPORT": "stdout",
            "_SYSTEMD_UNIT": unit,
            "_SYSTEMD_INVOCATION_ID": INVOCATION,
        }
        | fields
    ).encode()


def said(*messages, talk=None, now=0.0):
    talk = talk or Talk(lambda _: Redactor().text)
    for number, message in enumerate(messages):
        raw = line(message, number)
        if talk.wants(brief(raw), f"before {number}", now):
            talk.hear(entry(raw), f"before {number}", now)
    return talk


def told(talk, now=HOLD_S):
    return [spoke.line for spoke in talk.told(now)]


def test_what_is_no_trouble_is_not_told():
    assert told(said("INFO all is well", "{'error': None}", "done")) == []


def test_a_line_is_held_back_and_told_once():
    talk = said("ERROR no")
    assert told(talk, HOLD_S / 2) == []
    assert talk.held_since == "before 0"
    assert talk.due_s == HOLD_S
    assert told(talk) == ["ERROR no"]
    assert told(talk, 99.0) == []
    assert talk.held_since is talk.due_s is None


def test_of_a_traceback_its_last_line_is_told():
    (only,) = said("Traceback (most recent call last):", '  File "/a.py", line 3, in f', "    g()", "ValueError: 17").told(HOLD_S)
    assert (only.line, only.signature, only.invocation) == ("ValueError: 17", "ValueError: N", INVOCATION)


def test_the_last_words_of_the_dead_are_not_told():
    talk = said("ERROR no")
    talk.forget("x.service", INVOCATION)
    assert told(talk) == []


def test_the_same_trouble_is_told_again_only_after_a_while():
    talk = said("ERROR order 17 failed")
    assert told(talk) == ["ERROR order 17 failed"]
    said("ERROR order 18 failed", talk=talk, now=2.0)
    assert told(talk, 3.0 + HOLD_S) == []
    said("ERROR order 19 failed", talk=talk, now=AGAIN_S + 2)
    assert told(talk, AGAIN_S + 2 + HOLD_S) == ["ERROR order 19 failed"]


def test_a_secret_is_neither_in_the_line_nor_in_the_signature():
    redactors = {"x.service": Redactor([("REDIS_PASSWORD", "correct-horse-battery")])}
    talk = Talk(lambda unit: redactors[unit].text)
    (only,) = said("ERROR login of correct-horse-battery failed", talk=talk).told(HOLD_S)
    assert "horse" not in only.line + only.signature


def test_many_that_are_alike_hide_no_other():
    talk = said(*(f"ERROR noise {number}" for number in range(10_000)), "ERROR the needle")
    assert talk.dropped == 9995
    assert "ERROR the needle" in told(talk)


def test_many_that_differ_are_bounded_and_counted():
    words = ["".join("abcdefghij"[int(digit)] for digit in str(number)) for number in range(5000)]
    talk = said(*(f"ERROR of {word}" for word in words))
    assert talk.dropped == 5000 - MOST_SUSPICIOUS
    assert len(told(talk)) <= 10


def test_much_talk_without_trouble_hides_none():
    words = ["".join("abcdefghij"[int(digit)] for digit in str(number)) for number in range(5000)]
    assert told(said(*(f"INFO {word}" for word in words), "ERROR the needle")) == ["ERROR the needle"]


@settings(max_examples=200)
@given(st.lists(st.one_of(st.text(max_size=300), st.lists(st.integers(0, 255), max_size=50), st.none()), max_size=20))
def test_whatever_is_said_is_told_as_printable_lines_of_bounded_length(messages):
    for spoke in said(*messages).told(HOLD_S):
        assert spoke.line.isprintable()
        assert len(spoke.line) < 1000


@given(st.binary(max_size=200))
def test_what_is_no_entry_is_none(raw):
    assert brief(raw) is None or brief(raw).cursor == ""


def test_a_field_of_several_values_is_no_obstacle():
    assert brief(line("x", _PID=["1", "2"], MESSAGE=["a", "b"])).pid == ["1", "2"]


def test_journalctl_is_asked_for_units_and_never_for_everything():
    asked = arguments(["-rf.service", "b.service"], False, "", 12.5)
    assert "--since=@12.500000" in asked
    assert asked[-8:] == [
        "_SYSTEMD_UNIT=-rf.service", "_SYSTEMD_UNIT=b.service", "+", "UNIT=-rf.service", "UNIT=b.service", "+",
        "OBJECT_SYSTEMD_UNIT=-rf.service", "OBJECT_SYSTEMD_UNIT=b.service",
    ]  # fmt: skip
    assert "_PID=1" in arguments([], False, "", 0.0)
    assert not [word for word in arguments([], True, "s=0;i=1", 0.0) if word.startswith(("--after-cursor", "--since"))]


def test_attempts_come_further_and_further_apart():
    pause = Pause(0.1, 1.0)
    assert [round(pause.next_s(), 1) for _ in range(6)] == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]
    pause.reset()
    assert pause.next_s() == 0.1
