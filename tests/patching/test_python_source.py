"""What may be taken out of a file, what is told of it, and what is refused."""

import sys

import pytest

from qtops.patching import CannotPatch
from qtops.patching.python_source import remove_statement
from qtops.patching.python_text import LARGEST

from .test_python_layouts import without

FOUNDING = (
    "#!/usr/bin/env python3\n"
    '"""Publishes proposals."""\n'
    "import os\n"
    "import sys\n"
    "\n"
    "# Add parent directory to path\n"
    "sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))\n"
    "\n"
    "from ai_engine.kernel import compute  # noqa: E402\n"
    "print(sys.argv, compute)\n"
)


def test_the_line_goes_and_the_comment_above_it_stays():
    patched = remove_statement(FOUNDING.encode(), 7)
    lines = FOUNDING.splitlines(keepends=True)
    assert patched.content.decode() == "".join(lines[:6] + lines[7:])
    assert patched.removed == lines[6].strip()


def test_the_import_that_nothing_uses_any_more_is_named_and_stays():
    patched = remove_statement(FOUNDING.encode(), 7)
    assert patched.unused == ("os",)
    assert b"import os\n" in patched.content


@pytest.mark.parametrize(
    ("source", "unused"),
    [
        ("import sys\nsys.path.append('.')\n", ("sys",)),
        ("import os.path, sys\nsys.path.append(os.path.curdir)\n", ("os", "sys")),
        ("import sys as s; from pathlib import Path as P\ns.path.append(P())\n", ("s", "P")),
        ("try:\n    import sys\nexcept ImportError:\n    raise\nsys.path.append('.')\n", ("sys",)),
        ("import sys\nsys.path.append('.')\nprint(sys.path)\n", ()),
        ("import sys\nsys.path.append('.')\ndef f(sys): return sys\n", ()),
        ("import sys\nsys.path.append('.')\n__all__ = ['sys']\n", ()),
        ("from sys import path\nfrom pathlib import Path\npath.append(Path())\ndef f(p: 'Path | None'): ...\n", ("path",)),
        ("def f():\n    import sys\n    sys.path.append('.')\n    return 1\n", ()),
        ("import json, sys\nsys.path.append('.')\n", ("sys",)),
    ],
)
def test_imports_left_unused(source, unused):
    line = next(number for number, text in enumerate(source.split("\n"), 1) if "append(" in text)
    assert remove_statement(source.encode(), line).unused == unused


def test_an_edit_inside_a_statement_is_found_by_its_own_line():
    assert without("import sys\nadded = [\n    sys.path.append(d)\n    for d in ('a', 'b')\n]\nx = 1\n", 3) == "import sys\nx = 1\n"


@pytest.mark.parametrize(
    ("source", "line", "why"),
    [
        ("import sys\n\nx = 1\n", 2, "no statement begins on line 2"),
        ("x = 1\n", 7, "no statement begins on line 7"),
        ("x = 1\n", 0, "no statement begins on line 0"),
        ("# sys.path.insert(0, 'lib')\nx = 1\n", 1, "no statement begins on line 1"),
        ("x = f(\n    1)\n", 2, "no statement begins on line 2"),
        ("import sys\n", 1, "is an import"),
        ("from sys import path; import os\n", 1, "is an import"),
        ("def f():\n    sys.path.append('.')\n", 1, "is the definition of f"),
        ("@f(sys.path.append('.'))\ndef g(): x\n", 1, "no statement begins on line 1"),
        ("class A(f()):\n    x = 1\n", 1, "is the definition of A"),
        ("if sys.path.append('.'):\n    x = 1\n", 1, "is a statement `if`"),
        ("while x:\n    x = 1\n", 1, "is a statement `while`"),
        ("with sys.path.append('.'): return\n", 1, "is a statement `with`"),
        ("def f():\n    return sys.path.pop()\n", 2, "is a statement `return`"),
        ("global x\n", 1, "is a statement `global`"),
        ("pass\n", 1, "is a statement `pass`"),
        ('"""sys.path.insert(0, x)"""\n', 1, "a value on its own"),
        ("sys.path.append('a'); sys.path.append('b')\n", 1, "2 of the statements on line 1 edit sys.path, not one"),
        ("x = 1; y = 2\n", 1, "none of the statements on line 1 edit sys.path, not one"),
        ("old = sys.path.pop(0)\nprint(old)\n", 1, "also sets old, which line 2 uses"),
        ("sys.path.insert(0, (d := 'lib'))\nprint(\n d)\n", 1, "also sets d, which line 3 uses"),
        ("add = lambda d: sys.path.append(d)\nadd('lib')\n", 1, "also sets add, which line 2 uses"),
        ("def f():\n    sys.path.append((yield))\n", 2, "also yields or awaits"),
        ("async def f():\n    sys.path.append(await x)\n", 2, "also yields or awaits"),
        ("sys.path.append('x')\n# coding: latin-1\n", 1, "declare another encoding"),
        ("import sys\nprint 'x'\n", 1, "it is not parsable: line 2: Missing parentheses"),
        ("x = (\n", 1, "it is not parsable: line 1: '\\(' was never closed"),
        ("x = 1\0\n", 1, "NUL"),
        ("# coding: klingon\nx = 1\n", 2, "it is not parsable.*klingon"),
        ("# coding: utf-16\nx = 1\n", 2, "it is not parsable|utf-16"),
        ("x = " + "(" * 300 + ")" * 300, 1, "it is not parsable"),
        ("x = " + "-" * 200_000 + "1", 1, "nested too deeply"),
        ("x = " + "1 and " * 60_000 + "1\n", 1, "has more than 16 KiB"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_the_reason(source, line, why):
    with pytest.raises(CannotPatch, match=why):
        remove_statement(source.encode(), line)


def test_bytes_that_are_not_their_encoding_are_refused():
    with pytest.raises(CannotPatch, match="cannot be read as utf-8"):
        remove_statement(b"x = 1\n# caf\xe9\n", 1)


def test_a_file_that_is_too_large_is_refused():
    with pytest.raises(CannotPatch, match="larger than 4 MiB"):
        remove_statement(b"x = 1\n" + b"#" * LARGEST, 1)


def test_a_comment_does_not_become_a_declaration():
    with pytest.raises(CannotPatch, match="declare another encoding"):
        remove_statement(b"x = 1\n\n# coding: latin-1\n", 1)
    with pytest.raises(CannotPatch, match="names an interpreter"):
        remove_statement(b"x = 1\n#!/bin/sh\n", 1)


def test_what_is_nested_too_deeply_is_refused():
    """As deep as Python itself goes: a library may have raised that limit for its own ends."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000)
    try:
        with pytest.raises(CannotPatch, match="nested too deeply"):
            remove_statement(b"x = a" + b".b" * 900 + b"\n", 1)
    finally:
        sys.setrecursionlimit(limit)
