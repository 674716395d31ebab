"""Carriage returns go off the ends of lines, and from nowhere else."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.patching import CannotPatch
from qtops.patching.line_ends import unix


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"#!/bin/sh\r\nexit 0\r\n", b"#!/bin/sh\nexit 0\n"),
        (b"a\nb\r\nc", b"a\nb\nc"),
        (b"a\rb\r\n", b"a\rb\n"),
        (b"a\r\r\n", b"a\n"),
        (b"a\r", b"a\r"),
        (b"caf\xe9 \t\r\n", b"caf\xe9 \t\n"),
        (b"\xef\xbb\xbfa\r\n", b"\xef\xbb\xbfa\n"),
        (b"a = 'x\\r\\n'\n", b"a = 'x\\r\\n'\n"),
        (b"", b""),
    ],
    ids=["script", "mixed", "lone in a line", "two before one LF", "lone at the end", "latin-1", "mark", "escapes", "nothing"],
)
def test_only_the_ends_of_lines_change(before, after):
    assert unix(before) == after


@pytest.mark.parametrize("source", ["a\r\n".encode("utf-16"), "a\r\n".encode("utf-16-be"), "丁".encode("utf-16"), b"\x7fELF\0\r\n"])
def test_what_is_not_text_in_bytes_is_refused(source):
    with pytest.raises(CannotPatch, match="UTF-16 or no text"):
        unix(source)


@given(st.binary(max_size=60).filter(lambda source: b"\0" not in source and source[:2] not in {b"\xff\xfe", b"\xfe\xff"}))
def test_nothing_but_carriage_returns_goes(source):
    result = unix(source)
    assert b"\r\n" not in result
    assert result.replace(b"\r", b"") == source.replace(b"\r", b"")
    assert unix(result) == result


def test_a_program_stays_the_same_program():
    source = b'def f():\r\n    return """a\r\nb"""\r\nif f():\\\r\n    pass\r\n'
    assert ast.dump(ast.parse(unix(source))) == ast.dump(ast.parse(source))
