"""Whatever a module looks like: outside of the statement nothing changes, and two parsers see the same program without it."""

import ast
import random
import sysconfig
import warnings
from collections import Counter
from contextlib import suppress
from pathlib import Path

import libcst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtops.patching import CannotPatch
from qtops.patching.python_source import Patched, remove_statement

SIMPLE = ("x = 1", "f(\n 1)", "y = '''\n'''", "import os", "x = 'é'", "z = [\n # in\n 1]", "del x", "assert x, \\\n 1")
EDITS = (
    "sys.path.insert(0, 'lib')",
    "sys.path.append(\n  'é',  # why\n)",
    "sys.path += ['lib']",
    "(sys.path\n .pop())",
    "del sys.path[0]",
)
HEADS = ("if x:", "for d in x:", "try:", "def f():", "class A:", "while x:")
BETWEEN = ("", "\n", "  # note\n", "\x0c\n", "\t \n", "# é\n\n")
ENDS = ("\n", "\r\n", "\r")


@st.composite
def modules(draw: st.DrawFn) -> tuple[str, int]:
    """A module with one edit of sys.path somewhere, and the line on which that begins."""
    indent = draw(st.sampled_from(["    ", "\t", " "]))
    depth = draw(st.integers(0, 3))
    some = st.lists(st.sampled_from(SIMPLE), max_size=2)
    lines = [draw(st.sampled_from(BETWEEN)) + "".join(f"{one}\n" for one in draw(some))]
    tails = []
    for level in range(depth):
        head = draw(st.sampled_from(HEADS))
        lines.append(f"{indent * level}{head}{draw(st.sampled_from(['', '  # block']))}\n")
        tails.append(f"{indent * level}finally: pass\n" if head == "try:" else "")
        lines += [f"{indent * (level + 1)}{one}\n" for one in draw(some) if "import" not in one]
    before, after = ("; ".join([*draw(some), ""]), "".join(f" ; {one}" for one in draw(some)))
    text = "".join(lines) + indent * depth + before
    line = text.count("\n") + 1
    text += draw(st.sampled_from(EDITS)) + after + draw(st.sampled_from(["", ";", " ", "  # behind", " ; # behind"]))
    rest = "".join(tails[::-1]) + draw(st.sampled_from(BETWEEN)) + "".join(f"{one}\n" for one in draw(some))
    return text + (f"\n{rest}" if rest else draw(st.sampled_from(["", "\n"]))), line


def check(source: bytes, patched: Patched) -> None:
    """The invariants: a head and a tail of the source, at most ``pass`` between them, and it parses."""
    content = patched.content
    head = next((n for n, (a, b) in enumerate(zip(source, content, strict=False)) if a != b), min(len(source), len(content)))
    tail = next(
        (n for n, (a, b) in enumerate(zip(source[::-1], content[::-1], strict=False)) if a != b), min(len(source), len(content))
    )
    assert head + tail >= len(content) - len(b"pass")
    assert content != source
    assert patched.removed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ast.parse(content)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(module=modules(), data=st.data(), encoding=st.sampled_from(["utf-8", "utf-8-sig", "latin-1"]))
def test_one_edit_goes_and_all_else_stays(module, data, encoding):
    text, line = module
    cookie = "# coding: latin-1\n" if encoding == "latin-1" else "#\n"
    parts = (cookie + text).split("\n")
    ends = [data.draw(st.sampled_from(ENDS if parts[n + 1] else ENDS[:2])) for n in range(len(parts) - 1)] + [""]
    source = "".join(part + end for part, end in zip(parts, ends, strict=True)).encode(encoding)
    patched = remove_statement(source, line + 1)
    check(source, patched)
    assert patched.removed.startswith(("sys.path", "(sys.path", "del sys.path"))
    assert b"sys.path" not in patched.content
    with suppress(CannotPatch):  # once more takes out something else, or nothing, and never breaks the program
        check(patched.content, remove_statement(patched.content, line + 1))


@settings(max_examples=300)
@given(source=st.binary(max_size=80) | st.text("ab=();:#\\'\"\n\r\t\x0c 1.", max_size=60).map(str.encode), line=st.integers(-1, 6))
def test_any_bytes_are_patched_or_refused(source, line):
    with suppress(CannotPatch):
        check(source, remove_statement(source, line))


def statements(module: libcst.Module) -> list[str]:
    """The code of every simple statement, as libcst has it."""
    found: list[str] = []

    class Visitor(libcst.CSTVisitor):
        def on_visit(self, node: libcst.CSTNode) -> bool:
            if isinstance(node, libcst.BaseSmallStatement):
                plain = node.with_changes(semicolon=libcst.MaybeSentinel.DEFAULT)
                found.append(module.code_for_node(plain))
                return False
            return not isinstance(node, libcst.BaseExpression)

    module.visit(Visitor())
    return found


FILES = sorted(path for path in Path(sysconfig.get_path("stdlib")).glob("**/*.py") if "site-packages" not in path.parts)


def candidates(source: bytes) -> list[int]:
    """Lines on which an expression or an assignment begins."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(source)
    kinds = (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete)
    return sorted({node.lineno for node in ast.walk(tree) if isinstance(node, kinds)})


def removed_from(path: Path, most: int) -> tuple[int, int]:
    """How many statements of a file were taken out, and how many were refused."""
    done = refused = 0
    source = path.read_bytes()
    try:
        lines = candidates(source)
    except (SyntaxError, ValueError, RecursionError):
        return 0, 0
    chosen = random.Random(path.name).sample(lines, min(most, len(lines)))
    before = statements(libcst.parse_module(source)) if chosen else []
    for number, line in enumerate(chosen):
        try:
            patched = remove_statement(source, line)
        except CannotPatch:
            refused += 1
            continue
        check(source, patched)
        done += 1
        if number == 0:  # libcst is slow
            after = statements(libcst.parse_module(patched.content))
            assert Counter(before) - Counter(after)  # the one
            assert (Counter(before) - Counter(after)).total() == 1
            assert Counter(after) - Counter(before) in (Counter(), Counter({"pass": 1}))
    return done, refused


@pytest.mark.slow
def test_statements_of_the_standard_library():
    files = random.Random(5).sample([path for path in FILES if path.stat().st_size < 40_000], 60)
    done, refused = (sum(numbers) for numbers in zip(*(removed_from(path, 8) for path in files), strict=True))
    assert done > 100
    assert done + refused > 250


@pytest.mark.heavy
def test_statements_of_two_hundred_files_of_the_standard_library():
    files = random.Random(7).sample([path for path in FILES if path.stat().st_size < 60_000], 200)
    done, refused = (sum(numbers) for numbers in zip(*(removed_from(path, 30) for path in files), strict=True))
    print(f"{done:,} statements taken out, {refused:,} refused")
    assert done > 2_000
