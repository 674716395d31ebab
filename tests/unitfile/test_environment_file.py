"""Files of EnvironmentFile=: systemd's rules, which are neither those of a shell nor those of .env libraries."""

import pytest

from qtops.unitfile.diagnostics import Effect
from qtops.unitfile.environment_file import parse


def values(text, version=257):
    data = text if isinstance(text, bytes) else text.encode()
    return {variable.name: variable.value.reveal() for variable in parse("/e", data, version).variables}


def said(text):
    data = text if isinstance(text, bytes) else text.encode()
    return [(item.origin.line, item.effect.value, item.text) for item in parse("/e", data).diagnostics]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=x", "x"), (" A = x y \n", "x y"), ("A=", ""), ("A='x y'", "x y"), ('A="x y"', "x y"), ("A=x'y'", "x'y'"),
        ("A='x'y z", "xy z"),
        ('A="x" "y"', "xy"), ("A=x # y", "x # y"), ("A=x\\\ny", "xy"), ("A=x\\y", "xy"), ('A="\\n\\$\\`\\""', '\\n$`"'),
        ("A='\\n'", "\\n"),
        ('A="x\ny"', "x\ny"), ("A=x\ry", "x"), ("A=x\r\n", "x"), ("A='x ' ", "x "), ("A=x\\ ", "x "), ("A=$B", "$B"), ('A="x',
        "x"), ("A=x\\", "x"),
        ('A="x\\\ny"', "xy"), ("A=é", "é"),
    ],
)  # fmt: skip
def test_values(text, value):
    assert values(text) == {"A": value}


def test_the_later_assignment_counts_and_both_are_kept():
    assert [variable.origin.line for variable in parse("/e", b"A=1\n\nA=2").variables] == [1, 3]
    assert values("A=1\nA=2") == {"A": "2"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("export A=1", "A is not set: `export` is shell, systemd takes it for part of the name"),
        ("A.B=1", "'A.B' is no name for a variable"),
        ("API_KEY : c2VjcmV0=", "what begins with 'API_KEY' is no name for a variable"),
        ("API_URL : https://x\n", "API_URL is not set: a line without ="),
        ("c2VjcmV0\n", "a line without ="),
        ("1A=1", "'1A' is no name for a variable"),
        ("=1", "a line without ="),
        ("[section]\n", "a line without ="),
        ("no sign", "a line without ="),
        ("\ufeffA=1", "a byte order mark is part of the first name, so 'A' is not set"),
    ],
)
def test_what_is_ignored(text, why):
    assert values(text) == {}
    assert said(text) == [(1, "ignored", why)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("A=x # note", "A: what looks like a comment is part of the value: comments have a line of their own"),
        ("A='\"x\"'", "A: the quotes are part of the value"),
        ("A='x '", "A: there are blanks at an end of the value"),
        ("A=C:\\dir", "A: a backslash is dropped, quotes keep it"),
        ('A="x', "A: its quotes are not closed: the rest of the file is part of the value"),
        ('A="x\nB=y"', "A: its quotes run over 2 lines"),
        ("A='x\ry'", "A: there is a carriage return in the value"),
        ("A=x\r\nB=y\r\n", "lines end in CR LF: systemd drops the CR, a shell that reads the file keeps it"),
        ("# x \\\nA=1", "a comment ends in a backslash: systemd before 254 takes the next line for a part of it"),
    ],
)
def test_what_works_as_written_but_hardly_as_meant(text, why):
    assert said(text) == [(1, "noted", why)]


def test_healthy_files_are_quiet():
    assert said("# note\n; note\n\nA=1\nURL='redis://h:1/0?x=#1'\nB=\"two words\"\nLIST=a,b;c\nCOLOUR=#fff\n") == []


def test_versions_differ_about_comments_that_end_in_a_backslash():
    text = "# note \\\nA=1\nB=2\n"
    assert values(text, 253) == {"B": "2"}
    assert values(text, 254) == {"A": "1", "B": "2"}


@pytest.mark.parametrize(
    ("data", "line", "why"),
    [
        (b"A=1\nB=\0", 2, "there is a NUL in it"),
        (b"A=1\nB=\xff\nC=1", 2, "there is an assignment that is not UTF-8"),
        (b"A=1\n\xffB=1", 2, "there is an assignment that is not UTF-8"),
    ],
)
def test_what_makes_a_file_useless(data, line, why):
    text = parse("/e", data)
    assert (text.variables, text.failure) == ((), why)
    assert [(item.origin.line, item.effect) for item in text.diagnostics] == [(line, Effect.REFUSED)]


def test_bytes_in_a_comment_do_no_harm():
    assert values(b"# caf\xe9\nA=1") == {"A": "1"}
