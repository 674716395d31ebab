"""The first line names another interpreter; its arguments and the rest of the file stay."""

import os
import stat
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.patching import CannotPatch
from qtops.patching.shebang import LONGEST, with_interpreter

PYTHON = "/srv/app/.venv/bin/python"


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (b"#!/usr/bin/python2\n", b"#!/srv/app/.venv/bin/python\n"),
        (b"#!/usr/bin/python3 -u -X dev\n", b"#!/srv/app/.venv/bin/python -u -X dev\n"),
        (b"#! \t/usr/bin/python3\t-u \n", b"#! \t/srv/app/.venv/bin/python\t-u \n"),
        (b"#!/usr/bin/python3\r\n", b"#!/srv/app/.venv/bin/python\r\n"),
        (b"#!/usr/bin/python3", b"#!/srv/app/.venv/bin/python"),
        (b"#!/usr/bin/env python3\n", b"#!/srv/app/.venv/bin/python\n"),
        (b"#!/usr/bin/env python3\r\n", b"#!/srv/app/.venv/bin/python\r\n"),
        (b"#!/usr/bin/env -S python3 -u -I\n", b"#!/srv/app/.venv/bin/python -u -I\n"),
        (b"#!/usr/bin/env --split-string=python3 -u\n", b"#!/srv/app/.venv/bin/python -u\n"),
        (b"#!/opt/caf\xe9/python -E\n", b"#!/srv/app/.venv/bin/python -E\n"),
        (b"#!\n", b"#!/srv/app/.venv/bin/python\n"),
    ],
)
def test_the_interpreter_alone_changes(first, expected):
    rest = b"# caf\xe9\r\n\x0c#!/usr/bin/python3\n"
    assert with_interpreter(first, PYTHON) == expected
    if first.endswith(b"\n"):
        assert with_interpreter(first + rest, PYTHON) == expected + rest


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (b"import sys\n#!/usr/bin/python3\n", "does not begin with #!"),
        (b"", "does not begin with #!"),
        (b"\n#!/bin/sh\n", "does not begin with #!"),
        (b"\xef\xbb\xbf#!/usr/bin/python3\n", "byte order mark"),
        (b"#!/usr/bin/env -i python3\n", "not a plain name"),
        (b"#!/usr/bin/env -S A=1 python3\n", "not a plain name"),
        (b"#!/usr/bin/env -S '/opt/my python'\n", "not a plain name"),
        (b"#!/usr/bin/env\n", "not a plain name"),
        (b"#!/usr/bin/python3 " + b"x" * 250 + b"\n", f"more than the {LONGEST} bytes"),
    ],
)
def test_what_cannot_be_changed_is_refused(source, why):
    with pytest.raises(CannotPatch, match=why):
        with_interpreter(source, PYTHON)


@pytest.mark.parametrize("interpreter", ["python3", "", "/opt/my python", "/opt/x\n", "/opt/x\r", "/opt/\0"])
def test_an_interpreter_that_cannot_be_named_is_refused(interpreter):
    with pytest.raises(CannotPatch, match="absolute path without blanks"):
        with_interpreter(b"#!/bin/sh\n", interpreter)


def test_the_kernel_starts_it(tmp_path):
    script = tmp_path / "script"
    script.write_bytes(
        with_interpreter(b"#!/gone/python -B\nimport sys\nprint(sys.executable, sys.dont_write_bytecode)\n", sys.executable)
    )
    script.chmod(stat.S_IRWXU)
    ran = subprocess.run([os.fspath(script)], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [sys.executable, "True"]


@given(st.binary(max_size=60).map(b"#!/bin/x".__add__))
def test_never_more_than_the_first_line_changes(source):
    try:
        result = with_interpreter(source, PYTHON)
    except CannotPatch:
        return
    assert result.partition(b"\n")[1:] == source.partition(b"\n")[1:]
    assert with_interpreter(result, PYTHON) == result
