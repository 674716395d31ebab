"""What is remembered of a tree, and what a .pyc proves."""

import importlib.util
import marshal
import os
import struct
from pathlib import Path

import pytest

from .cpython import Case, judge, write

REFUSED = "X = 1\nreturn X\n"  # the grammar lets it pass, the compiler does not


def leave_compiled(source: Path, *, later_s: int = 0) -> None:
    """A .pyc of something else, with the size and the time of this source in its head."""
    status = source.stat()
    cached = Path(importlib.util.cache_from_source(str(source)))
    cached.parent.mkdir(exist_ok=True)
    code = compile("X = 1\n", str(source), "exec")
    head = importlib.util.MAGIC_NUMBER + struct.pack("<III", 0, int(status.st_mtime) + later_s, status.st_size)
    cached.write_bytes(head + marshal.dumps(code))


@pytest.mark.slow
@pytest.mark.parametrize(("later_s", "last_line"), [(0, "''"), (1, "SyntaxError: 'return' outside function")])
def test_a_source_is_compiled_unless_the_interpreter_would_not_compile_it_either(
    later_s: int, last_line: str, python: str, tmp_path: Path
) -> None:
    case = Case({"mod.py": REFUSED, "main.py": "import mod\n"})
    write(tmp_path, case)
    os.utime(tmp_path / "mod.py", (1_000_000, 1_000_000))
    leave_compiled(tmp_path / "mod.py", later_s=later_s)

    answer, shown = judge(python, tmp_path, Case({"main.py": "import mod\n"}))

    assert answer == "equal", shown
    assert last_line in shown
