"""The incident that the engine was built for: an edit of sys.path puts a folder first whose package shadows the real one."""

import pytest

from qtops.imports.launch import Launch, Script
from qtops.imports.outcome import ImportVerdict, Outcome
from qtops.imports.predict import predict

from .builders import host

ROOT = "/home/qt/quantum_trader"
SCRIPT = f"{ROOT}/microservices/risk_proposal_publisher/main.py"
REAL = f"{ROOT}/ai_engine/risk_kernel_stops.py"
SHADOW = f"{ROOT}/microservices/ai_engine/__init__.py"
MAIN = (
    "#!/usr/bin/env python3\n"
    + "\n" * 24
    + "import os\nimport sys\n# Add parent directory to path\n"
    + "sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))\n"
    + "from ai_engine.risk_kernel_stops import compute_proposal\n"
)
TREE = {SCRIPT: MAIN, REAL: "def compute_proposal(): ...\n", f"{ROOT}/ai_engine/__init__.py": ""}


def start(*extra: str, pythonpath: bool = True) -> Outcome:
    environment = {"HOME": "/home/qt"} | ({"PYTHONPATH": ROOT} if pythonpath else {})
    tree = host({**TREE, **dict.fromkeys(extra, "")})
    return predict(tree, Launch("/usr/bin/python3.11", Script(SCRIPT), ROOT, environment))


def test_a_regular_package_shadows_the_real_one_in_the_words_of_the_traceback() -> None:
    found = start(SHADOW)
    assert found.verdict is ImportVerdict.SHADOWED
    assert found.message == "ModuleNotFoundError: No module named 'ai_engine.risk_kernel_stops'"


def test_winner_loser_and_the_edit_that_decided_are_named() -> None:
    found = start(SHADOW)
    assert found.failing is not None
    assert found.failing.resolved_to == SHADOW
    assert found.failing.shadowed == (REAL,)
    assert str(found.failing.site) == f"{SCRIPT}:30"
    assert found.failing.won_by is not None
    assert str(found.failing.won_by.origin) == f"edit {SCRIPT}:29"
    assert str(found.resolves_without) == f"{SCRIPT}:29"


def test_the_path_in_force_shows_pythonpath_behind_the_edit() -> None:
    path = [(entry.text, str(entry.origin)) for entry in start(SHADOW).path[:3]]
    assert path == [
        (f"{ROOT}/microservices", f"edit {SCRIPT}:29"),
        (f"{ROOT}/microservices/risk_proposal_publisher", "script directory"),
        (ROOT, "PYTHONPATH"),
    ]


@pytest.mark.parametrize(
    "extra", [(), (f"{ROOT}/microservices/ai_engine/notes.txt",)], ids=["no such folder", "a namespace portion"]
)
def test_without_a_regular_package_the_same_edit_does_no_harm(extra: tuple[str, ...]) -> None:
    assert start(*extra).verdict is ImportVerdict.OK


def test_without_pythonpath_the_top_level_name_is_what_is_missing() -> None:
    found = start(pythonpath=False)
    assert found.message == "ModuleNotFoundError: No module named 'ai_engine'"
    assert found.resolves_without is None
