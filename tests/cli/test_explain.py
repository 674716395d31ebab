"""``qtops explain CODE`` and ``qtops checks``."""

import pytest

from qtops.checks.registry import BY_CODE
from tests.cli.running import qtops


@pytest.mark.parametrize("code", ["import101", "UNIT205"])
def test_a_code_is_explained_with_its_runbook(code):
    result = qtops("explain", code)
    assert (result.returncode, result.stderr) == (0, "")
    for part in (f"{code.upper()} (critical): ", "What it is:", "Why it matters:", "What to do:", "## Repair it"):
        assert part in result.stdout


def test_an_unknown_code_names_the_one_that_was_meant():
    result = qtops("explain", "IMPORT1O1")
    assert result.returncode == 64
    assert "did you mean IMPORT101?" in result.stderr


def test_all_checks_are_listed_by_code():
    lines = qtops("checks").stdout.splitlines()
    assert [line.split()[0] for line in lines] == sorted(BY_CODE)
