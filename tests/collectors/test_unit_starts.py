"""What a unit's own tree tells of a start that breaks: what was meant, who says so, and what the sandbox takes away."""

import pytest

from tests.preflight_trees import PYTHON, VENV

from .people import as_root, folder
from .test_rights_of_units import ACCOUNTS
from .units import APP, FOLDER, lay, looked, start, unit

SITE = f"{VENV}/lib/python3.11/site-packages"
SERVED = {
    f"{SITE}/uvicorn/__init__.py": "",
    f"{SITE}/uvicorn/__main__.py": "",
    f"{APP}/web.py": "async def app(scope, receive, send): ...\n",
}
BUS = {"/opt/libs/acme/__init__.py": "", "/opt/libs/acme/bus.py": "", f"{APP}/main.py": "import acme.bus\n"}
ENCODINGS = {"/usr/lib/python3.11/encodings/__init__.py": ""}


def failure(tmp_path, text, files):
    """The import that fails."""
    return start(lay(tmp_path, text, files)).imports.failures[0]


def test_an_application_that_only_defines_things_is_no_library_started_as_a_daemon(tmp_path):
    assert looked(tmp_path, unit(ExecStart=f"{PYTHON} -m uvicorn --port 8000 web:app"), SERVED) == []


def test_what_a_server_is_told_to_import_is_the_project_s_own(tmp_path):
    (finding,) = looked(tmp_path, unit(ExecStart=f"{PYTHON} -m uvicorn --port 8000 wbe:app"), SERVED)
    assert (finding.code, finding.summary) == (
        "IMPORT101", 'ERROR:    Error loading ASGI app. Could not import module "wbe". at the start'
    )  # fmt: skip


@pytest.mark.parametrize(
    ("source", "files", "near"),
    [
        ("import Orders\n", {f"{APP}/orders/core.py": ""}, f"{APP}/orders"),
        ("import engine\n", {f"{APP}/__pycache__/engine.cpython-311.pyc": ""}, f"{APP}/__pycache__/engine.cpython-311.pyc"),
        ("import lib.ruls\n", {}, f"{APP}/lib/rules.py"),
    ],
    ids=["another case", "its source is gone", "a letter is missing"],
)
def test_what_may_have_been_meant_is_named_and_nothing_is_to_be_installed(tmp_path, source, files, near):
    found = failure(tmp_path, unit(), {f"{APP}/main.py": source, **files})
    assert (found.near, found.distribution) == ((near,), False)


@pytest.mark.parametrize("source", ["import Redis_cache\n", "import rule\n"])
def test_a_name_at_the_top_that_is_only_alike_is_a_distribution_all_the_same(tmp_path, source):
    assert failure(tmp_path, unit(), {f"{APP}/main.py": source, f"{APP}/rules.py": ""}).distribution


def test_a_distribution_that_is_imported_on_a_way_that_may_not_be_taken_is_not_said_to_be_missing(tmp_path):
    source = "import json\nif json.loads('1') == 2:\n    import marketfeed\nwhile True: ...\n"
    facts = start(lay(tmp_path, unit(), {f"{APP}/main.py": source})).imports
    assert (facts.failures, "is not known" in facts.unknown) == ((), True)


@pytest.mark.parametrize(
    "condition", ["sys.platform.startswith('win')", "platform.system() == 'Windows'", "hasattr(sys, 'getwindowsversion')"]
)
def test_what_is_only_for_another_platform_is_not_imported(tmp_path, condition):
    source = f"import platform\nimport sys\nif {condition}:\n    import winreg_of_nobody\nwhile True: ...\n"
    files = {f"{APP}/main.py": source, "/usr/lib/python3.11/platform.py": ""}
    facts = start(lay(tmp_path, unit(), files)).imports
    assert (facts.failures, facts.unknown) == ((), "")


def test_a_python_that_is_started_by_its_name_is_the_one_that_it_finds_on_path(tmp_path):
    named = unit(Environment=f"PATH={VENV}/bin:/usr/bin", ExecStart=f"python3 {APP}/main.py")
    assert looked(tmp_path, named) == []
    assert [finding.code for finding in looked(tmp_path / "other", unit(ExecStart=f"python3 {APP}/main.py"))] == ["IMPORT103"]


def test_packages_that_root_has_for_itself_are_those_of_a_service_without_user(tmp_path):
    files = {"/root/.local/lib/python3.11/site-packages/acme.py": "", f"{APP}/main.py": "import acme\nwhile True: ...\n"}
    text = unit(without=("User", "Group"), ExecStart=f"/usr/bin/python3.11 {APP}/main.py")
    assert looked(tmp_path, text, files) == []
    assert [finding.code for finding in looked(tmp_path / "qt", unit(ExecStart=f"/usr/bin/python3.11 {APP}/main.py"), files)] == [
        "IMPORT103"
    ]


def test_a_variable_in_a_path_that_systemd_does_not_expand_is_told(tmp_path):
    (finding,) = looked(tmp_path, unit("Environment=LD_LIBRARY_PATH=$HOME/lib"))
    assert (finding.code, finding.summary) == ("ENV102", "the value of LD_LIBRARY_PATH holds unexpanded variable")


def test_a_word_of_a_shell_is_no_program(tmp_path):
    finding = looked(tmp_path, unit(ExecStart=f"cd {APP} && python3 main.py"))[0]
    assert (finding.code, finding.remedy.split(":")[0]) == ("UNIT101", "ExecStart= is read by no shell")


def test_a_letter_of_pythonpath_is_found_and_the_remedy_tried(tmp_path):
    found = failure(tmp_path, unit(Environment="PYTHONPATH=/opt/lib"), BUS)
    assert (found.elsewhere, found.resolves_with) == (("/opt/libs/acme/__init__.py",), "/opt/libs")


def test_directories_of_pythonpath_that_a_semicolon_parts_are_found(tmp_path):
    files = {"/opt/a/one.py": "", "/opt/b/two.py": "", f"{APP}/main.py": "import one, two\n"}
    assert failure(tmp_path, unit(Environment="PYTHONPATH=/opt/a;/opt/b"), files).resolves_with == "/opt/a:/opt/b"


def test_a_flag_by_which_pythonpath_is_ignored_is_named_where_all_is_well_without_it(tmp_path):
    flagged = unit(Environment="PYTHONPATH=/opt/libs", ExecStart=f"{PYTHON} -I {APP}/main.py")
    assert start(lay(tmp_path, flagged, BUS)).imports.ignores_pythonpath == "-I"
    other = {**BUS, f"{APP}/main.py": "import acme.none\n"}
    assert start(lay(tmp_path / "other", flagged, other)).imports.ignores_pythonpath == ""


def test_a_pythonhome_without_a_standard_library_ends_the_interpreter(tmp_path):
    (finding,) = looked(tmp_path, unit(Environment="PYTHONHOME=/opt/none"), ENCODINGS)
    assert finding.summary == "ModuleNotFoundError: No module named 'encodings' at the start"
    assert looked(tmp_path / "right", unit(Environment="PYTHONHOME=/usr", ExecStart=f"/usr/bin/python3.11 {APP}/x.py"),
                  {**ENCODINGS, f"{APP}/x.py": "while True: ...\n"}) == []  # fmt: skip


@pytest.mark.parametrize(
    ("setting", "files"),
    [
        ("PrivateTmp=yes", {}),
        ("TemporaryFileSystem=/tmp:mode=755", {}),
        ("InaccessiblePaths=/tmp/lib", {f"{APP}/main.py": "while True: ...\n"}),
    ],
)
def test_what_the_sandbox_empties_is_missing_in_it(tmp_path, setting, files):
    tree = {"/tmp/lib/acme.py": "", "/tmp/lib/main.py": "import acme\nwhile True: ...\n", **files}
    (finding,) = looked(tmp_path, unit(setting, ExecStart=f"{PYTHON} /tmp/lib/main.py"), tree)
    assert (finding.code, finding.where) == ("UNIT109", f"{tmp_path}{FOLDER}/app.service:16")


@pytest.mark.parametrize(
    ("lines", "log"),
    [
        (("StandardError=append:/var/log/app.err",), ("/var/log/app.err", "")),
        (("StandardError=inherit", "StandardOutput=truncate:/var/log/app.log"), ("/var/log/app.log", "")),
        (("StandardError=null",), ("", "StandardError=null")),
        (("StandardError=journal", "StandardOutput=null"), ("", "")),
    ],
)
def test_where_it_says_what_is_wrong_is_known(tmp_path, lines, log):
    facts = start(lay(tmp_path, unit(*lines, without=("StandardOutput",))))
    assert (facts.log_file, facts.log_silent) == log


def test_lines_of_an_environment_file_that_set_nothing_are_named_without_what_they_hold(tmp_path):
    lines = "export API_URL=https://secret\nTOKEN : secret\nMODE=paper\n" + "c2VjcmV0\n" * 99
    found = looked(tmp_path, unit(), {"/etc/quantum/risk-proposal.env": lines})
    told = [finding.summary for finding in found if finding.code == "UNIT112"]
    assert told[:3] == [
        "API_URL is not set: `export` is shell, systemd takes it for part of the name",
        "TOKEN is not set: a line without =",
        "a line without =",
    ]
    assert len(told) == 50
    assert "secret" not in repr(found)


@as_root
@pytest.mark.parametrize("closed", [f"{APP}/lib", f"{APP}/lib/rules.py", f"{SITE}/redis"])
def test_code_that_the_account_may_not_read_is_found_and_where_root_alone_may_it_is_not(closed):
    with folder() as root:
        lay(root, unit(), ACCOUNTS)
        (root / closed[1:]).chmod(0o700)
        (found,) = [path for path in start(str(root)).paths if path.setting == "import"]
        assert found.denied == f"{closed} is {'d' if '.' not in closed[-4:] else '-'}rwx------ root:root: qt may not read it"
        (root / f"{FOLDER[1:]}/app.service").write_text(unit(User="root", Group="root"))
        assert [path for path in start(str(root)).paths if path.setting == "import"] == []
