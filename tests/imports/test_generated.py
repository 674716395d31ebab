"""Generated trees against the real CPython: packages, namespace portions, shadows, edits, guards and name clashes at random."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .cpython import Case, judge, with_witness

NAMES = ("alpha", "beta", "queue")
PLACES = ("", "lib/", "other/")
EDITS = (
    "sys.path.insert(0, os.path.join(HERE, 'lib'))",
    "sys.path.append(str(Path(__file__).resolve().parent / 'other'))",
    "sys.path.insert(1, 'lib')",
    "sys.path[:] = [p for p in sys.path if p != HERE]",
    "sys.path += ['other']",
    "os.chdir('lib'); sys.path.insert(0, '')",
    "sys.path.pop(0)",
    "sys.path.reverse()",
    "sys.path.insert(0, Path(__file__).parent / 'lib')",
    "for _d in ('lib', 'nowhere'):\n    if os.path.isdir(_d) and _d not in sys.path:\n        sys.path.insert(0, _d)",
)
names = st.sampled_from(NAMES)
imports = st.one_of(
    st.builds("import {}".format, names),
    st.builds("import {}.{}".format, names, names),
    st.builds("from {} import {}".format, names, st.sampled_from((*NAMES, "X", "Y"))),
    st.builds("from {}.{} import {}".format, names, names, st.sampled_from(("X", "Y"))),
    st.builds("from {} import *".format, names),
)
guarded = st.builds(
    "try:\n    {}\nexcept {}:\n    X = None".format, imports, st.sampled_from(("ImportError", "ModuleNotFoundError", "Exception"))
)
relative = st.builds(
    "from {}{} import {}".format, st.sampled_from((".", "..", "...")), st.sampled_from(("", *NAMES)), st.sampled_from((*NAMES, "X"))
)
line = st.one_of(imports, guarded, relative, st.sampled_from(("X = 1", "Y = 2", "import json", "del X", "__all__ = ['X']")))
body = st.lists(line, max_size=3).map("\n".join)
paths = st.builds(
    "{}{}".format,
    st.sampled_from(PLACES),
    st.one_of(
        st.builds("{}.py".format, names),
        st.builds("{}/__init__.py".format, names),
        st.builds("{}/{}.py".format, names, names),
        st.builds("{}/{}/__init__.py".format, names, names),
    ),
)
trees = st.dictionaries(paths, body, max_size=8)
mains = st.lists(st.one_of(imports, guarded, st.sampled_from(EDITS)), min_size=1, max_size=6).map("\n".join)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A main.py beside up to eight modules that import one another, at times with a sitecustomize that is found or is not."""
    head = "import os, sys\nfrom pathlib import Path\nHERE = os.path.dirname(os.path.abspath(__file__))\n"
    environment = draw(st.sampled_from(({}, {"PYTHONPATH": "ROOT/lib"}, {"PYTHONPATH": "other:ROOT/lib"}, {"PYTHONPATH": ":lib"})))
    flags = draw(st.sampled_from(("", "", "", "P", "I", "E")))
    start = (
        {"lib/sitecustomize.py": f"import os, sys\nfrom pathlib import Path\nHERE = os.getcwd()\n{draw(mains)}"}
        if draw(st.booleans())
        else {}
    )
    files = {**draw(trees), **start, "lib/": "", "other/": "", "main.py": head + draw(mains)}
    return Case(files, environment=environment, flags=flags)


@pytest.mark.slow
def test_never_wrong_about_a_generated_tree(python: str) -> None:
    answers = {"equal": 0, "unknown": 0, "worded": 0}

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
    @given(cases())
    def check(case: Case) -> None:
        with tempfile.TemporaryDirectory() as folder:
            answer, shown = judge(python, Path(folder).resolve(), with_witness(case))
        assert answer != "wrong", shown
        answers[answer] += 1

    check()
    print(f"generated trees: {answers}")
    assert answers["equal"] > 3 * answers["unknown"]
