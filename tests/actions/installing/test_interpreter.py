"""Whether units can run an interpreter: tried by running it."""

import sys
from pathlib import Path

import pytest

from qtops.actions.installing.interpreter import HIDDEN, objection, warning


def test_where_no_unit_sees_it_it_is_refused():
    """These tests run from somebody's home, from /tmp, or from where units could run them: never as another user without a word."""
    said = objection(sys.executable)
    places = {str(Path(place).resolve()) for place in (sys.prefix, sys.base_prefix, Path(__file__).parents[3])}
    hidden = [place for place in (*places, sys.prefix) if any(f"{place}/".startswith(f"{folder}/") for folder in HIDDEN)]
    assert bool(said) >= bool(hidden)
    assert not said or "python3 -m venv /opt/qtops" in said


@pytest.mark.parametrize(
    ("python", "said"),
    [
        ("/nowhere/python", "/nowhere/python cannot be run as "),
        ("/usr/bin/false", "/usr/bin/false: qtops cannot be run by it as another user"),
        ("python3", "python3: letters, digits and /._+- are all"),
        ("/opt/with blank/python", "are all that the path of an interpreter may have in a unit"),
    ],
)
def test_what_cannot_be_run_is_told(python, said):
    assert said in objection(python)


def test_in_the_root_of_a_package_only_its_path_is_looked_at():
    assert objection("/opt/qtops/bin/python", there=False) == ""
    assert "are all that" in objection("/opt/%h/python", there=False)


def test_one_that_others_can_change_is_told_since_root_is_to_run_it(tmp_path):
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.symlink_to("/bin/sh")
    tmp_path.chmod(0o777)
    said = warning(str(python))
    assert "qtops-recover@.service" in said
    assert warning("/bin/sh") == ""
