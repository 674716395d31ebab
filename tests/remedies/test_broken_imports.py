"""Imports that break: what is offered makes them resolve on disk, the smaller change first, and nothing is guessed."""

import pytest
from msgspec.structs import replace

from qtops.facts.preflight import PathEntry, VariableFact
from qtops.remedies.offered import remedies
from qtops.steps import DropIn, RemoveStatement
from tests.checks.services import down, host
from tests.checks.starts import MAIN, failing, imports
from tests.collectors.units import APP, unit
from tests.preflight_trees import FOUNDING, FOUNDING_UNIT
from tests.preflight_trees import MAIN as FOUNDING_MAIN

from .offers import diagnosed, found, mended, named, offered, sick

EDITED = {"resolves_without": f"{MAIN}:29", "edited_line": "sys.path.insert(0, HERE)"}
LIBRARY = PathEntry("/usr/lib/python3.11", "standard library")
OWN = PathEntry("/srv/app", "script directory")


def broken(kind="missing", variables=(), ignores="", **changes):
    """A service that failed on one import; its PYTHONPATH is set by these variables."""
    start = failing(kind, **changes)
    start = replace(start, variables=variables, imports=replace(start.imports, ignores_pythonpath=ignores))
    return replace(down(), start=start)


def mended_by(folder, service):
    """That service, its one missing import being the project's own, and found in this folder."""
    failure = replace(service.start.imports.failures[0], distribution=False, resolves_with=folder)
    return replace(service, start=replace(service.start, imports=replace(service.start.imports, failures=(failure,))))


# on disk: carried out, and looked at again


def test_the_founding_incident_is_mended_by_taking_one_line_out(tmp_path):
    requires = {
        "/etc/systemd/system/redis.service": "[Service]\nExecStart=/usr/bin/redis-server\n",
        "/usr/bin/redis-server": "\x7fELF",
    }
    service = sick(tmp_path, FOUNDING_UNIT, {**FOUNDING, **requires})
    offers = offered("IMPORT101", service)
    assert named(offers) == [("remove-path-edit", True)]
    (removal,) = offers[0].changes
    assert removal == RemoveStatement(FOUNDING_MAIN, 29)
    assert f"{FOUNDING_MAIN}:29" in offers[0].title
    assert "PYTHONPATH cannot mend it" in offers[0].why  # why nothing else is offered
    assert "IMPORT101" not in mended(tmp_path, offers[0])


@pytest.mark.parametrize("folder", ["/opt/libs", "/opt/my libs", "/opt/100% libs", '/opt/"libs"', "/opt/$HOME"])
def test_a_folder_is_put_on_pythonpath_whatever_it_is_called(tmp_path, folder):
    files = {f"{folder}/acme/__init__.py": "", f"{folder}/acme/bus.py": "", f"{APP}/main.py": "import acme.bus\nwhile True: ...\n"}
    (remedy,) = offered("IMPORT101", mended_by(folder, sick(tmp_path, unit(), files)))
    assert remedy.name == "add-pythonpath"
    assert mended(tmp_path, remedy) == []


def test_what_pythonpath_names_already_is_kept_in_its_order(tmp_path):
    files = {f"{APP}/main.py": "import acme.bus\nimport other\nwhile True: ...\n", "/opt/b/other.py": "", "/opt/a/x.py": ""}
    files |= {"/opt/libs/acme/__init__.py": "", "/opt/libs/acme/bus.py": ""}
    text = unit("Environment=PYTHONPATH=/opt/a:/opt/b:/opt/lib")
    (remedy,) = offered("IMPORT101", mended_by("/opt/libs", sick(tmp_path, text, files)))
    assert remedy.changes == (DropIn("app.service", "Service", ('Environment="PYTHONPATH=/opt/libs:/opt/a:/opt/b:/opt/lib"',)),)
    assert mended(tmp_path, remedy) == []


def test_pythonhome_is_taken_out_even_where_a_file_sets_it(tmp_path):
    library = {"/usr/lib/python3.11/encodings/__init__.py": "", "/etc/home.env": "PYTHONHOME=/opt/gone\n"}
    files = {**library, f"{APP}/main.py": "while True: ...\n"}
    service = sick(tmp_path, unit(EnvironmentFile="/etc/home.env", ExecStart=f"/usr/bin/python3 {APP}/main.py"), files)
    (remedy,) = offered("IMPORT101", service)
    assert remedy.name == "unset-pythonhome"
    assert "/etc/home.env:1" in remedy.title
    assert mended(tmp_path, remedy) == []


# what is offered, from the facts


def test_of_an_edit_in_a_module_whoever_else_imports_it_is_thought_of():
    (own,) = offered("IMPORT101", broken("shadowed", **EDITED))
    (shared,) = offered("IMPORT101", broken("shadowed", resolves_without="/srv/app/bootstrap.py:4"))
    assert "whoever else imports" not in own.why
    assert "whoever else imports /srv/app/bootstrap.py goes without it too" in shared.why


def test_where_both_are_needed_one_remedy_does_both():
    (remedy,) = offered("IMPORT101", broken("shadowed", **EDITED, resolves_with="/srv/libs"))
    assert remedy.changes == (
        RemoveStatement(MAIN, 29), DropIn("app.service", "Service", ('Environment="PYTHONPATH=/srv/libs"',)),
    )  # fmt: skip
    assert "neither alone" in remedy.why


def test_where_either_serves_the_one_line_comes_first_and_both_say_why():
    won = PathEntry("/srv/old", f"edit {MAIN}:29")
    path = (OWN, LIBRARY, won)  # an edit that appends: PYTHONPATH is searched before it
    serves = "/srv/new/lib/rules.py"
    service = broken("shadowed", **EDITED, module="lib.rules", won_by=won, path=path, shadowed=(serves,))
    first, second = offered("IMPORT101", service)
    assert (first.name, second.name) == ("remove-path-edit", "add-pythonpath")
    assert "undoes the cause" in first.why
    assert "hides the cause" in second.why
    assert second.changes == (DropIn("app.service", "Service", ('Environment="PYTHONPATH=/srv/new"',)),)


@pytest.mark.parametrize("number", [0, 1])
def test_what_an_edit_puts_before_pythonpath_cannot_be_outvoted(number):
    won, path = PathEntry("/srv/old", f"edit {MAIN}:29"), [OWN, PathEntry("/srv/new", "PYTHONPATH"), LIBRARY]
    path.insert(number, won)
    service = broken("shadowed", **EDITED, module="lib", won_by=won, path=tuple(path), shadowed=("/srv/new/lib.py",))
    (remedy,) = offered("IMPORT101", service)
    assert remedy.name == "remove-path-edit"
    assert "searched after" in remedy.why


def test_a_pythonpath_that_a_file_sets_wins_over_any_drop_in():
    variable = VariableFact("PYTHONPATH", "/etc/app.env:4", in_unit=False)
    entries = (OWN, PathEntry("/srv/a", "PYTHONPATH"), LIBRARY)
    (remedy,) = offered("IMPORT101", broken(variables=(variable,), resolves_with="/srv/b", path=entries))
    assert not remedy.is_offered
    assert "/etc/app.env:4" in remedy.title
    assert "write /srv/b:/srv/a there" in remedy.by_hand


def test_a_pythonpath_of_which_a_part_is_not_known_is_not_written_anew():
    entries = (OWN, PathEntry("? (%i of a template)", "PYTHONPATH"), LIBRARY)
    (remedy,) = offered("IMPORT101", broken(resolves_with="/srv/b", path=entries))
    assert (remedy.is_offered, remedy.changes) == (False, ())


def test_semicolons_that_were_meant_as_colons_are_replaced_as_a_whole():
    entries = (OWN, PathEntry("/srv/a;/srv/b", "PYTHONPATH"), LIBRARY)
    (remedy,) = offered("IMPORT101", broken(resolves_with="/srv/a:/srv/b", path=entries))
    assert remedy.changes[0].lines == ('Environment="PYTHONPATH=/srv/a:/srv/b"',)


def test_an_interpreter_that_ignores_pythonpath_is_left_to_a_person():
    service = broken(ignores="-I", variables=(VariableFact("PYTHONPATH", "app.service:3", in_unit=True),))
    (remedy,) = offered("IMPORT101", service)
    assert named((remedy,)) == [("start-without-flag", False)]


def test_an_edit_that_breaks_it_under_any_flag_goes_all_the_same():
    (remedy,) = offered("IMPORT101", broken("shadowed", ignores="-E", **EDITED))
    assert remedy.name == "remove-path-edit"


def test_what_pythonpath_itself_puts_first_is_outvoted_from_further_in_front():
    won = PathEntry("/srv/old", "PYTHONPATH")
    path = (OWN, won, PathEntry("/srv/new", "PYTHONPATH"), LIBRARY)
    service = broken("shadowed", **EDITED, module="lib", won_by=won, path=path, shadowed=("/srv/new/lib.py",))
    _, second = offered("IMPORT101", service)
    assert second.changes[0].lines == ('Environment="PYTHONPATH=/srv/new:/srv/old"',)


def test_a_file_that_shadows_is_renamed_by_a_person_alone():
    shadowed = {"module": "queue", "resolved_to": "/srv/app/my queue.py", "shadowed": ("/usr/lib/python3.11/queue.py",)}
    (remedy,) = offered("IMPORT101", broken("shadowed", **shadowed))
    assert named((remedy,)) == [("rename-shadowing-file", False)]
    assert "git mv '/srv/app/my queue.py' '/srv/app/my queue_own.py'" in remedy.title


def test_of_a_package_that_shadows_the_folder_is_named():
    (remedy,) = offered("IMPORT101", broken("shadowed", resolved_to="/srv/app/lib/__init__.py", shadowed=("/srv/lib/__init__.py",)))
    assert "git mv /srv/app/lib /srv/app/lib_own" in remedy.title


@pytest.mark.parametrize(
    "edit",
    [
        "/usr/lib/python3/dist-packages/acme/path.py:3", "/opt/venv/lib/python3.11/site-packages/acme.py:3",
        "/opt/venv/lib/python3.11/site-packages/acme.pth:1", "/srv/app/paths.pth:1", "main.py:3", f"{MAIN}:?",
    ],
)  # fmt: skip
def test_an_edit_that_is_not_the_project_s_own_source_is_left_alone(edit):
    (remedy,) = offered("IMPORT101", broken("shadowed", resolves_without=edit))
    assert named((remedy,)) == [("remove-path-edit", False)]
    assert remedy.changes == ()


def test_what_only_its_author_knows_is_told_with_the_finding_s_own_advice():
    (remedy,) = offered("IMPORT101", broken("name_missing", name="LIMIT", resolved_to="/srv/app/lib.py"))
    assert named((remedy,)) == [("correct-the-import", False)]
    assert "binds no LIMIT" in remedy.title


def test_a_finding_whose_fact_is_gone_yields_nothing():
    (finding,) = found("IMPORT101", broken("shadowed", **EDITED))
    well = replace(down(), start=imports())
    assert remedies(diagnosed(finding), well, host(well)) == ((),)
