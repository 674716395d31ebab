"""However a file is laid out and encoded: one statement goes, with the line that it had to itself; every other byte stays."""

import pytest

from qtops.patching.python_source import remove_statement
from qtops.patching.python_text import parsed


def without(source: str | bytes, line: int) -> str:
    """The content without the statement on a line, which must parse."""
    content = remove_statement(source if isinstance(source, bytes) else source.encode(), line).content
    parsed(content)
    return content.decode("latin-1" if isinstance(source, bytes) else "utf-8")


EDIT = "sys.path.insert(0, 'lib')"
LAYOUTS = {
    "in the middle": (f"import sys\n{EDIT}\nx = 1\n", 2, "import sys\nx = 1\n"),
    "the only statement": (f"{EDIT}\n", 1, ""),
    "the first line": (f"{EDIT}\nx = 1\n", 1, "x = 1\n"),
    "the last line": (f"import sys\n{EDIT}\n", 2, "import sys\n"),
    "the last line, without its end": (f"import sys\n{EDIT}", 2, "import sys\n"),
    "blank lines around": (f"import sys\n\n{EDIT}\n\n\nx = 1\n", 3, "import sys\n\n\n\nx = 1\n"),
    "a comment behind it": (f"import sys\n{EDIT}  # noqa: E402\nx = 1\n", 2, "import sys\nx = 1\n"),
    "a comment above it": (f"import sys\n# for lib\n{EDIT}\nx = 1\n", 3, "import sys\n# for lib\nx = 1\n"),
    "blanks behind it": (f"import sys\n{EDIT} \t \nx = 1  \n", 2, "import sys\nx = 1  \n"),
    "after a docstring": (f'"""What it is."""\n{EDIT}\n', 2, '"""What it is."""\n'),
    "after a shebang": (f"#!/usr/bin/python3\n{EDIT}\nx = 1\n", 2, "#!/usr/bin/python3\nx = 1\n"),
    "arguments on several lines": (
        "import sys\nsys.path.insert(\n    0,  # first\n\n    'lib',\n)\nx = 1\n",
        2,
        "import sys\nx = 1\n",
    ),
    "continued by a backslash": ("sys.path \\\n    .insert(0, \\\n 'lib')\nx = 1\n", 1, "x = 1\n"),
    "a backslash at its end": (f"{EDIT} \\\n\nx = 1\n", 1, "x = 1\n"),
    "in parentheses": ("(sys\n .path\n .insert(0, 'lib'))\nx = 1\n", 1, "x = 1\n"),
    "a text on several lines": ('sys.path.insert(0, """\nlib\n""".strip())  # odd\nx = 1\n', 1, "x = 1\n"),
    "after a semicolon": (f"import sys; {EDIT}\nx = 1\n", 1, "import sys\nx = 1\n"),
    "before a semicolon": (f"{EDIT} ; x = 1\n", 1, "x = 1\n"),
    "between semicolons": (f"x = 1; {EDIT} ;y = 2  # both\n", 1, "x = 1; y = 2  # both\n"),
    "a semicolon at the end": (f"{EDIT};\nx = 1\n", 1, "x = 1\n"),
    "the last of several, one more semicolon": (f"x = 1; {EDIT};  # both\n", 1, "x = 1;  # both\n"),
    "semicolons and a backslash": (f"x = 1; \\\n  {EDIT}; \\\n  y = 2\n", 2, "x = 1; \\\n  y = 2\n"),
    "the first of a line that goes on": (f"{EDIT}; x = [\n  1]\n", 1, "x = [\n  1]\n"),
    "the last of a line that began above": (f"x = [\n  1]; {EDIT}\n", 2, "x = [\n  1]\n"),
    "a semicolon in a text": ("sys.path.append(';#'); x = ';'\n", 1, "x = ';'\n"),
    "alone in a block": (f"if x:\n    {EDIT}  # why\ny = 1\n", 2, "if x:\n    pass\ny = 1\n"),
    "alone in a block with a tab": (f"if x:\n\t{EDIT}\ny = 1\n", 2, "if x:\n\tpass\ny = 1\n"),
    "alone in a block at the end": (f"if x:\n    {EDIT}", 2, "if x:\n    pass"),
    "alone in a block with comments": (
        f"if x:\n    # a\n    {EDIT}\n    # b\ny = 1\n",
        3,
        "if x:\n    # a\n    pass\n    # b\ny = 1\n",
    ),
    "alone, on several lines": ("if x:\n    sys.path.insert(\n        0, 'lib'\n    )\ny = 1\n", 2, "if x:\n    pass\ny = 1\n"),
    "one of two in a block": (f"if x:\n    {EDIT}\n    y = 1\n", 2, "if x:\n    y = 1\n"),
    "the last of a block": (f"if x:\n    y = 1\n    {EDIT}\nz = 1\n", 3, "if x:\n    y = 1\nz = 1\n"),
    "a guard on one line": (f"if 'lib' not in sys.path: {EDIT}\nx = 1\n", 1, "if 'lib' not in sys.path: pass\nx = 1\n"),
    "a guard on one line, a comment": (f"if x: {EDIT}  # why\n", 1, "if x: pass\n"),
    "a guard on one line, two statements": (f"if x: y = 1; {EDIT}\n", 1, "if x: y = 1\n"),
    "else on one line": (f"if x: y = 1\nelse: {EDIT}\n", 2, "if x: y = 1\nelse: pass\n"),
    "the main guard": (f"if __name__ == '__main__':\n    {EDIT}\n", 2, "if __name__ == '__main__':\n    pass\n"),
    "try": (f"try:\n    {EDIT}\nexcept OSError:\n    pass\n", 2, "try:\n    pass\nexcept OSError:\n    pass\n"),
    "except": (f"try:\n    x = 1\nexcept OSError:\n    {EDIT}\n", 4, "try:\n    x = 1\nexcept OSError:\n    pass\n"),
    "finally": (f"try:\n    x = 1\nfinally:\n    {EDIT}\n", 4, "try:\n    x = 1\nfinally:\n    pass\n"),
    "for on one line": (f"for d in x: {EDIT}\n", 1, "for d in x: pass\n"),
    "match": (f"match x:\n    case 1:\n        {EDIT}\n", 3, "match x:\n    case 1:\n        pass\n"),
    "function": (f"def f():\n    {EDIT}\n", 2, "def f():\n    pass\n"),
    "function with a docstring": (f'def f():\n    """Do."""\n    {EDIT}\n', 3, 'def f():\n    """Do."""\n'),
    "class": (f"class A:\n    {EDIT}\n    x = 1\n", 2, "class A:\n    x = 1\n"),
    "coroutine": (f"async def f():\n    async with x:\n        {EDIT}\n", 3, "async def f():\n    async with x:\n        pass\n"),
    "walrus of its own": ("sys.path.insert(0, (d := 'lib') + d)\nx = 1\n", 1, "x = 1\n"),
    "walrus above it": ("if (d := 'lib'):\n    sys.path.insert(0, d)\n", 2, "if (d := 'lib'):\n    pass\n"),
    "CRLF": (f"import sys\r\n{EDIT}\r\nx = 1\r\n", 2, "import sys\r\nx = 1\r\n"),
    "CRLF, in a block": (f"if x:\r\n    {EDIT} # y\r\nx = 1\r\n", 2, "if x:\r\n    pass\r\nx = 1\r\n"),
    "CRLF, on several lines": ("sys.path.insert(\r\n  0,\r\n 'x')\r\nx = 1\r\n", 1, "x = 1\r\n"),
    "CR": (f"import sys\r{EDIT}\rx = 1\r", 2, "import sys\rx = 1\r"),
    "CR, on several lines": ("import sys\rsys.path.insert(\r  0, 'x')\rx = 1\r", 2, "import sys\rx = 1\r"),
    "CR and a semicolon": (f"import sys\rx = 1; {EDIT}\ry = 1\r", 2, "import sys\rx = 1\ry = 1\r"),
    "mixed line ends": (f"a = 1\rb = 2\n{EDIT}\r\nc = '''\r\n'''\rd = 4", 3, "a = 1\rb = 2\nc = '''\r\n'''\rd = 4"),
    "a form feed above": (f"import sys\n\x0c\n{EDIT}\nx = 1\n", 3, "import sys\n\x0c\nx = 1\n"),
    "a form feed before it": (f"import sys\n\x0c{EDIT}\n\x0cx = 1\n", 2, "import sys\n\x0cx = 1\n"),
    "form feeds in a block": (f"if x:\n \x0c  {EDIT}\n\x0c  y = 1\n", 2, "if x:\n\x0c  y = 1\n"),
    "a form feed in the line": (f"x = 1;\x0c{EDIT}\x0c# both\n", 1, "x = 1\x0c# both\n"),
    "separators that end no line": (f"x = '\x85\u2028\x1c'\n{EDIT}\ny = 1\n", 2, "x = '\x85\u2028\x1c'\ny = 1\n"),
    "wide characters before it": (f"x = 'é日🙂'; {EDIT}\ny = 1\n", 1, "x = 'é日🙂'\ny = 1\n"),
    "escapes that are none": (f"x = '\\d'\n{EDIT}\n", 2, "x = '\\d'\n"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_other_byte_stays(layout):
    source, line, expected = LAYOUTS[layout]
    assert without(source, line) == expected


@pytest.mark.parametrize(
    "statement",
    [
        "sys.path.append('lib')", "sys.path.extend(['lib'])", "sys.path.remove('')", "sys.path.pop(0)", "sys.path.clear()",
        "sys.path = ['lib'] + sys.path", "sys.path[:] = []", "sys.path[0:0] = ['lib']", "sys.path[1] = 'lib'",
        "sys.path += ['lib']", "sys.path: list = []", "del sys.path[0]", "del sys.path[:1], sys.path[0]",
        "site.addsitedir('lib')", "add('lib')", "s.path.append('lib')", "__import__('sys').path.append('lib')",
        "path.insert(0, 'lib')", "path += ['lib']", "del path[0]", "p[:] = []",
        "sys.path.insert(0, 'lib') if x else None", "[sys.path.append(d) for d in x]", "x and sys.path.append(x)",
    ],
)  # fmt: skip
def test_of_several_on_a_line_the_edit_goes(statement):
    head = "import site, sys, sys as s\nfrom site import addsitedir as add\nfrom sys import path, path as p\n"
    tail = "print('sys.path.append')\n"
    assert without(f"{head}x = 'lib'; {statement}; {tail}", 4) == f"{head}x = 'lib'; {tail}"


@pytest.mark.parametrize(
    ("encoding", "mark", "cookie"),
    [
        ("utf-8", b"\xef\xbb\xbf", ""),
        ("utf-8", b"\xef\xbb\xbf", "# coding: utf-8\n"),
        ("latin-1", b"", "# -*- coding: latin-1 -*-\n"),
        ("cp1252", b"", "#!/x\n# vim: set fileencoding=cp1252 :\n"),
        ("koi8-r", b"", "# coding=koi8-r\r\n"),
        ("shift_jis", b"", "# coding: sjis\r"),
        ("gb18030", b"", "\x0c# coding: gb18030\n"),
    ],
)
def test_encodings_stay(encoding, mark, cookie):
    word = {"koi8-r": "журнал", "shift_jis": "表示", "gb18030": "数据"}.get(encoding, "café")
    head, tail = f"{cookie}x = '{word}'; ", f"y = 1  # {word}\r\n# {word}"
    source = mark + f"{head}{EDIT}; {tail}".encode(encoding)
    line = 1 + cookie.count("\n") + cookie.count("\r") - cookie.count("\r\n")
    assert remove_statement(source, line).content == mark + (head + tail).encode(encoding)


def test_what_was_removed_is_told_as_text():
    source = "# coding: latin-1\nsys.path.insert(\n  0, 'é')  # où\n".encode("latin-1")
    assert remove_statement(source, 2).removed == "sys.path.insert(\n  0, 'é')  # où"
    assert remove_statement(b"x = 1; sys.path.append(x) ; y = x # z", 1).removed == "sys.path.append(x)"
