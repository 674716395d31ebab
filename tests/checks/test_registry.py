"""The checks as a whole: named once, explained in three parts, with a runbook, and quiet on what is healthy."""

import re
from pathlib import Path

import pytest

from qtops.checks.registry import ALL, BY_CODE, MODULES, SERVICE_MODULES, judge

from .starts import HEALTHY
from .test_starts import QUIET, SICK

ROOT = Path(__file__).parents[2]
CODES = [registered.check.code for registered in ALL]


def test_codes_are_unique_and_titles_too():
    assert len(set(CODES)) == len(CODES)
    assert len({registered.check.title for registered in CHECKS}) == len(CODES)
    assert all(re.fullmatch(r"[A-Z]+\d{3}", code) for code in CODES)


def test_every_check_of_the_folder_is_registered():
    files = {path.stem for path in (ROOT / "qtops/checks").glob("*.py") if "CHECK = Check(" in path.read_text()}
    assert files == {module.__name__.rpartition(".")[2] for module in (*MODULES, *SERVICE_MODULES)}
    assert len(BY_CODE) == len(files)


@pytest.mark.parametrize("registered", ALL, ids=CODES)
def test_a_check_is_explained_in_three_parts_and_has_a_runbook(registered):
    for part in ("What it is:", "Why it matters:", "What to do:"):
        assert f"\n\n{part} " in registered.explanation
    runbook = (ROOT / "runbooks" / f"{registered.check.code}.md").read_text()
    assert runbook.startswith(f"# {registered.check.code}: {registered.check.title}\n")
    assert "Repair it" in runbook
    assert registered.judge.__doc__


def test_every_runbook_belongs_to_a_check():
    found = {path.stem for path in (ROOT / "runbooks").glob("*.md") if re.fullmatch(r"[A-Z]+\d{3}", path.stem)}
    assert found == set(CODES)


def test_a_healthy_start_yields_nothing():
    assert judge(HEALTHY) == ()


def test_each_check_has_a_case_where_it_fires_and_one_where_it_stays_quiet():
    assert {code for code, *_ in SICK} == set(CODES)
    assert {code for code, *_ in QUIET} == set(CODES)
