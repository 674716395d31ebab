"""What journalctl prints becomes an entry, whatever it is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.collectors.journal.entries import LONGEST, entry, text

STAMPS = {"__REALTIME_TIMESTAMP": "1795386202181111", "__MONOTONIC_TIMESTAMP": "77", "__CURSOR": "s=8b;i=20;b=01;m=17;t=66;x=b9"}


def parsed(**fields):
    return entry(json.dumps(STAMPS | fields).encode())


def test_fields_become_values():
    found = parsed(
        MESSAGE="up", _PID="42", PRIORITY="3", _SYSTEMD_UNIT="a.service", _SYSTEMD_INVOCATION_ID="f" * 32, _STREAM_ID="s"
    )
    assert (found.order, found.at_s, found.text, found.pid, found.priority) == ((77, 0x20), 1795386202.181111, "up", 42, 3)
    assert (found.unit, found.invocation, found.is_systemds, found.stream) == ("a.service", "f" * 32, False, "s")


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("plain", "plain"),
        (None, ""),
        ([104, 105], "hi"),
        ([27, 91, 51, 49, 109, 114, 101, 100, 27, 91, 48, 109], "red"),
        ("\x1b[1;38;5;196mERROR\x1b[0m at \x1b]8;;http://x\x1b\\here\x1b]8;;\x1b\\", "ERROR at here"),
        ("\x9b31mred\x9b0m, \x1b(Bplain", "red, plain"),
        ("\x1b]0;never ended", "0;never ended"),
        ([255, 254, 120], r"\xff\xfex"),
        ("se\x1b[0mcret", "secret"),
        ("a\tb\r", "a   b"),
        ("10%\r20%", r"10%\r20%"),
        ("one\r\ntwo\nthree\n", "one\ntwo\nthree"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        (["twice", "there"], "twice\nthere"),
        ([1, 2, 999], ""),
        ({"no": "text"}, ""),
        (17, ""),
    ],
)
def test_a_message_is_harmless_text(message, shown):
    assert text(message) == shown


def test_a_long_message_is_cut_between_words():
    assert len(text("x" * 100_000)) == LONGEST + 2
    cut = text("y" * (LONGEST - 5) + " password=hunter2hunter2")
    assert cut == "y" * (LONGEST - 5) + " …"


@given(st.text() | st.lists(st.integers(0, 255)))
def test_every_line_of_any_message_is_printable(message):
    assert all(line.isprintable() for line in text(message).split("\n"))


@pytest.mark.parametrize("line", [b"", b"{", b"null", b"[]", b"-- No entries --", b"\xff", b"[" * 5000, b"{}", b'{"MESSAGE":"x"}'])
def test_what_is_no_entry_is_none(line):
    assert entry(line) is None


json_values = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3))


@given(
    st.dictionaries(st.sampled_from(["MESSAGE", "_PID", "UNIT", "PRIORITY", "_UID", "EXIT_STATUS", "_SYSTEMD_UNIT"]), json_values)
)
def test_fields_of_any_kind_do_no_harm(fields):
    assert entry(json.dumps(STAMPS | fields).encode()) is not None


def test_systemd_may_speak_of_several_units_at_once_and_nobody_else():
    cycle = parsed(_PID="1", UNIT=["b.service", "a.service"], MESSAGE="a.service: Found ordering cycle on b.service/start")
    assert {cycle.unit, *cycle.also} == {"a.service", "b.service"}
    assert parsed(_PID="1", UNIT="b.service").also == ()
    assert parsed(_PID="66", _UID="0", _SYSTEMD_UNIT="a.service", UNIT=["a.service", "b.service"]).also == ()


def test_systemd_is_believed_of_any_unit_and_others_of_their_own_only():
    says = {"UNIT": "b.service", "INVOCATION_ID": "b" * 32}
    pid1 = parsed(_PID="1", _UID="0", _SYSTEMD_UNIT="init.scope", **says)
    assert (pid1.unit, pid1.invocation, pid1.is_systemds) == ("b.service", "b" * 32, True)
    child = parsed(_PID="550", _UID="0", **says)  # it had ended before journald looked
    assert (child.unit, child.is_systemds) == ("b.service", True)
    impostor = parsed(_PID="66", _UID="0", _SYSTEMD_UNIT="a.service", _SYSTEMD_INVOCATION_ID="a" * 32, **says)
    assert (impostor.unit, impostor.invocation, impostor.is_systemds) == ("a.service", "a" * 32, False)
    assert parsed(_PID="66", _UID="1000", OBJECT_SYSTEMD_UNIT="b.service").unit == ""
    assert parsed(_PID="66", _UID="0", OBJECT_SYSTEMD_UNIT="b.service").unit == "b.service"
