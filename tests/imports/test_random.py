"""Random bytes, random command lines and random changes of valid sources: a verdict or *unknown*, never an exception."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qtops.imports.commandline import parse
from qtops.imports.context import Unparsed
from qtops.imports.launch import Launch
from qtops.imports.outcome import Outcome
from qtops.imports.tree import MemoryTree

from .builders import APP, INTERPRETER, PYTHON, outcome
from .waiting import within


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
@given(st.binary(max_size=200))
def test_random_bytes_have_a_verdict(contents: bytes) -> None:
    assert isinstance(outcome({"main.py": b"import odd\n", "odd.py": contents, "lib.zip": contents}), Outcome)
    assert isinstance(outcome({"main.py": contents}), Outcome)
    site = {f"/usr/local/lib/python3.11/site-packages/{name}": contents for name in ("a.pth", "sitecustomize.py")}
    assert isinstance(outcome({"main.py": b"import odd\n", "odd.so": contents, **site}), Outcome)
    venv = {f"{APP}/.venv/bin/python": b"", f"{APP}/.venv/pyvenv.cfg": b"home = /usr/bin\n" + contents}
    assert isinstance(outcome({"main.py": b"import odd\n", **venv}, interpreter=f"{APP}/.venv/bin/python"), Outcome)


COMMANDS = (
    "python3",
    PYTHON,
    "-c",
    "-m",
    "-",
    "--",
    "bash",
    "sh",
    "env",
    "-S",
    "A=1",
    "uv",
    "run",
    "gunicorn",
    "-w4",
    "main.py",
    "run.sh",
    "$(x)",
    "'",
    "&&",
    ";",
    "\0",
)


@settings(max_examples=300, deadline=None, database=None)
@given(st.lists(st.one_of(st.sampled_from(COMMANDS), st.text(max_size=8)), max_size=8), st.text(max_size=60))
def test_random_command_lines_give_a_launch_or_say_why_not(argv: list[str], script: str) -> None:
    tree = MemoryTree(
        {**INTERPRETER, "/bin/sh": b"\x7fELF", f"{APP}/run.sh": f"#!/bin/sh\n{script}", f"{APP}/main.py": f"#!{script}"}
    )
    assert isinstance(parse(argv, tree, APP), Launch | Unparsed)
    assert isinstance(parse(["sh", "-c", " ".join(argv)], tree, APP), Launch | Unparsed)
    assert isinstance(parse([f"{APP}/run.sh"], tree, APP), Launch | Unparsed)
    assert isinstance(parse([f"{APP}/main.py"], tree, APP), Launch | Unparsed)


WORDS = (
    "import",
    "from",
    "sys.path",
    "(",
    ")",
    "[0]",
    ":",
    "\n",
    "    ",
    "=",
    "*",
    "def f():",
    "return",
    "None",
    "'",
    '"""',
    "#",
    "\\",
    "lambda:",
    "await ",
    "\0",
    "é",
)
VALID = [(path, path.read_text("utf-8")) for path in sorted(Path(__file__).parents[2].glob("publisher/[c-l]*.py"))]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A valid source in which a few places were cut, doubled or overwritten."""
    text = draw(st.sampled_from(VALID))[1]
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = start + draw(st.integers(0, 60))
        put = draw(st.one_of(st.sampled_from(WORDS), st.just(""), st.just(text[start:end] * 2), st.text(max_size=5)))
        text = text[:start] + put + text[end:]
    return text


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
@given(mutated())
def test_a_valid_source_with_a_few_random_changes_has_a_verdict(text: str) -> None:
    sources = {f"publisher/{path.name}": good for path, good in VALID} | {"publisher/__init__.py": ""}
    odd = text.encode("utf-8", "surrogatepass")
    with within(20):
        assert isinstance(outcome({**sources, "main.py": "import odd\nimport gone\n", "odd.py": odd}), Outcome)
        assert isinstance(outcome({**sources, "main.py": odd}), Outcome)
