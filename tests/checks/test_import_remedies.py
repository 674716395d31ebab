"""What to do about an import that breaks: exact, safe, and never the installation of what is the project's own."""

import pytest
from msgspec.structs import replace

from qtops.facts.preflight import PathEntry, VariableFact

from .starts import MAIN, PYTHON, UNIT, failing, findings

SET = (VariableFact("PYTHONPATH", f"{UNIT}:4", True),)
REPLACED = (*SET, VariableFact("PYTHONPATH", f"{UNIT}.d/10.conf:2", True, replaces=f"{UNIT}:4"))
ON_IT = PathEntry("/opt/old", "PYTHONPATH")
NO_PARENT = "ImportError: attempted relative import with no known parent package"


@pytest.mark.parametrize(
    ("facts", "remedy"),
    [
        (failing("missing", near=("/srv/app/Lib",)),
         f"Correct the import at {MAIN}:3 (did you mean /srv/app/Lib?), or deploy the file that holds lib"),
        (failing("missing", near=("/srv/app/__pycache__/lib.cpython-311.pyc",)),
         "Deploy the source of lib, of which only /srv/app/__pycache__/lib.cpython-311.pyc is left"),
        (failing("missing", importer="", line=0), "Deploy the file that holds lib, or correct the name in ExecStart="),
        (failing("name_missing", name="app", resolved_to="/srv/app/wsgi.py", importer=""), "correct the name in ExecStart="),
        (failing("missing", message=NO_PARENT), f"Write the import at {MAIN}:3 without the dot"),
        (failing("missing", message="ImportError: attempted relative import beyond top-level package"),
         f"Take a dot from the import at {MAIN}:3"),
        (failing("missing", module="encodings"), "Remove PYTHONHOME from the environment of the unit"),
        (failing("missing", resolves_with="/srv/lib"), "Set PYTHONPATH=/srv/lib in the unit"),
        (replace(failing("missing", resolves_with="/srv/lib"), variables=SET), f"Put /srv/lib on PYTHONPATH at {UNIT}:4"),
        (replace(failing("missing", won_by=ON_IT), variables=REPLACED),
         f"Correct PYTHONPATH at {UNIT}.d/10.conf:2, which replaces that of {UNIT}:4"),
    ],
)  # fmt: skip
def test_it_names_the_place_and_the_change(facts, remedy):
    (finding,) = findings("IMPORT101", facts)
    assert remedy in finding.remedy


def test_who_says_what_pythonpath_is_is_told():
    (finding,) = findings("IMPORT101", replace(failing("missing", path=(ON_IT,)), variables=REPLACED))
    assert f"PYTHONPATH is set at {UNIT}.d/10.conf:2, in place of what {UNIT}:4 says" in finding.evidence


def test_a_flag_that_has_pythonpath_ignored_is_the_reason():
    facts = replace(failing("missing"), variables=SET)
    (finding,) = findings("IMPORT101", replace(facts, imports=replace(facts.imports, ignores_pythonpath="-I")))
    assert finding.remedy == f"Start {PYTHON} without -I"
    assert f"PYTHONPATH at {UNIT}:4 is ignored under -I; without -I every import of this start resolves" in finding.evidence


def test_what_is_of_the_standard_library_is_not_to_be_installed_by_pip():
    (finding,) = findings("IMPORT103", failing("missing", module="tkinter", distribution=True))
    assert finding.remedy.startswith(f"Install what {PYTHON} lacks: tkinter of the standard library")
