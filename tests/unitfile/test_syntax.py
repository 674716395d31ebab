"""Lines, comments, continuations, sections, assignments."""

import pytest

from qtops.unitfile.diagnostics import Effect
from qtops.unitfile.syntax import parse

SECTIONS = frozenset({"Unit", "Service", "Install"})


def assignments(data):
    return [(item.section, item.key, item.value, item.origin.line) for item in parse("/u", data, SECTIONS).assignments]


def diagnostics(data):
    return [(item.origin.line, item.effect, item.text) for item in parse("/u", data, SECTIONS).diagnostics]


def test_sections_may_come_again_and_blanks_around_the_sign_do_not_count():
    data = b"[Unit]\nA = 1 \n[Service]\nB=2\n\n [Unit] \nC=a = b\n"
    assert assignments(data) == [("Unit", "A", "1", 2), ("Service", "B", "2", 4), ("Unit", "C", "a = b", 7)]


def test_comments_stand_on_their_own_lines_also_inside_a_continuation():
    data = b"# note\n[Unit]\n ; note\nA=a \\\n# between\n   b \\\n; and again\n\nB=2 # kept\n"
    assert assignments(data) == [("Unit", "A", "a     b", 8), ("Unit", "B", "2 # kept", 9)]


@pytest.mark.parametrize(
    ("data", "value"), [(b"A=x\\", "x"), (b"A=x\\\\", "x\\\\"), (b"A=x\\\\\\\ny", "x\\\\ y"), (b"A=\\\n\\\ny", "y")]
)
def test_an_odd_number_of_backslashes_continues(data, value):
    assert [item[2] for item in assignments(b"[Unit]\n" + data)] == [value]


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n", b"\n\r", b"\0", b"\r\n\0"])
def test_line_ends(end):
    assert assignments(end.join([b"[Unit]", b"A=1", b"", b"B=2"])) == [("Unit", "A", "1", 2), ("Unit", "B", "2", 4)]


def test_a_byte_order_mark_at_the_beginning_does_no_harm():
    assert assignments(b"\xef\xbb\xbf[Unit]\nA=1") == [("Unit", "A", "1", 2)]


def test_what_systemd_ignores():
    assert diagnostics(b"A=1\n[Unti]\nB=1\n[X-Mine]\nC=1\n[Unit]\nno sign\n=1\n") == [
        (1, Effect.IGNORED, "assignment outside of a section"),
        (2, Effect.IGNORED, "unknown section [Unti], did you mean [Unit]?"),
        (7, Effect.IGNORED, "a line without ="),
        (8, Effect.IGNORED, "a line without a name before ="),
    ]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"A=\xff", "not UTF-8"),
        (b"A=\xef\xbf\xbe", "not UTF-8"),
        (b"[Unit", "section header without its bracket: [Unit"),
        (b'["]', 'section header with characters that may not be in it: ["]'),
        (b"A=" + b"x" * 1048576, "line too long (1 MiB)"),
        (b"A=" + b"x" * 600000 + b"\\\n" + b"x" * 600000, "continued line too long (1 MiB)"),
    ],
)
def test_what_ends_the_reading(line, text):
    data = b"[Unit]\nA=1\n" + line + b"\nB=2\n"
    assert [item[1] for item in assignments(data)] == ["A"]
    assert diagnostics(data) == [(3 + line.count(b"\n"), Effect.CUT, text)]


def test_a_directive_swallowed_by_a_backslash_is_noted():
    text = "the backslash at the end takes the next line in: ExecStart= is now part of Environment="
    assert diagnostics(b"[Service]\nEnvironment=A=1 \\\nExecStart=/bin/x\n") == [(2, Effect.NOTED, text)]


def test_half_a_million_continuations_take_no_time():
    assert len(assignments(b"[Unit]\nA=" + b"\\\n" * 500_000 + b"x")) == 1
