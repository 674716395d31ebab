"""``qtops preflight --script``: a script that no unit starts."""

import json

import pytest

from tests.cli.running import qtops
from tests.preflight_trees import EDIT, FOUNDING, MAIN, PROJECT, PYTHON, REAL, SHADOW, host, plant

pytestmark = pytest.mark.slow

SCRIPT = ("--script", MAIN, "--pythonpath", PROJECT, "--workdir", PROJECT, "--python", PYTHON)
NOT_SHADOWED = {path: text for path, text in FOUNDING.items() if path != SHADOW}


def looked(root, *options):
    result = qtops("preflight", "--root", root, *options, "-o", "json")
    assert result.stderr == ""
    document = json.loads(result.stdout)
    return result.returncode, document["results"][0]


def test_the_founding_incident_is_predicted_with_winner_loser_and_the_edit_to_remove(tmp_path):
    code, result = looked(host(tmp_path, FOUNDING), *SCRIPT)
    assert (code, result["verdict"]) == (2, "finding")
    imports = result["imports"]
    assert (imports["verdict"], imports["module"]) == ("shadowed", "ai_engine.risk_kernel_stops")
    assert (imports["importer"], imports["line"]) == (MAIN, 31)
    assert (imports["resolved_to"], imports["shadowed"]) == (SHADOW, [REAL])
    assert imports["resolves_without"] == f"{MAIN}:29"
    assert imports["sys_path"][:3] == [
        {"entry": f"{PROJECT}/microservices", "origin": f"edit {MAIN}:29"},
        {"entry": f"{PROJECT}/microservices/risk_proposal_publisher", "origin": "script directory"},
        {"entry": PROJECT, "origin": "PYTHONPATH"},
    ]
    (finding,) = result["findings"]
    assert (finding["code"], finding["severity"]) == ("IMPORT101", "critical")
    assert finding["remedy"] == f"Remove the edit of sys.path at {MAIN}:29: {EDIT}"
    assert any("is right, and overridden" in line for line in finding["evidence"])


def test_without_the_regular_package_the_portions_merge_and_all_is_well(tmp_path):
    tree = {**NOT_SHADOWED, f"{PROJECT}/microservices/ai_engine/README.md": "a namespace portion\n"}
    code, result = looked(host(tmp_path, tree, without=(f"{PROJECT}/ai_engine/__init__.py",)), *SCRIPT)
    assert (code, result["verdict"], result["imports"]["verdict"], result["findings"]) == (0, "ok", "ok", [])


def test_where_an_edit_shadows_and_pythonpath_is_not_set_both_are_to_be_changed(tmp_path):
    _, result = looked(host(tmp_path, FOUNDING), "--script", MAIN, "--workdir", "/", "--python", PYTHON)
    assert result["imports"]["resolves_without"] == f"{MAIN}:29"
    assert result["imports"]["resolves_with"] == PROJECT
    assert result["findings"][0]["remedy"].endswith(f"; and set PYTHONPATH={PROJECT} in the unit")


def test_pythonpath_alone_is_the_remedy_where_nothing_shadows(tmp_path):
    _, result = looked(host(tmp_path, NOT_SHADOWED), "--script", MAIN, "--workdir", "/", "--python", PYTHON)
    assert result["imports"]["verdict"] == "missing"
    assert result["findings"][0]["remedy"] == f"Set PYTHONPATH={PROJECT} in the unit"


@pytest.mark.parametrize("shadowed", [True, False])
def test_on_a_laptop_without_the_interpreter_distributions_can_be_assumed(tmp_path, shadowed):
    root = plant(tmp_path, FOUNDING if shadowed else NOT_SHADOWED)
    code, result = looked(root, *SCRIPT, "--assume-third-party")
    assert (code, result["verdict"]) == ((2, "finding") if shadowed else (0, "ok"))
    assert result["imports"]["assumed"] == ["redis"]


def test_without_that_assumption_it_cannot_be_told_unless_something_breaks_anyway(tmp_path):
    code, result = looked(plant(tmp_path, NOT_SHADOWED), *SCRIPT)
    assert (code, result["verdict"], result["imports"]["verdict"]) == (3, "unknown", "unknown")
    assert "redis" in result["unknown"][0]


def test_what_an_assumption_cannot_excuse_is_the_projects_own_module(tmp_path):
    root = plant(tmp_path, NOT_SHADOWED)
    _, result = looked(root, "--script", MAIN, "--workdir", "/", "--python", PYTHON, "--assume-third-party")
    assert (result["imports"]["verdict"], result["imports"]["module"]) == ("missing", "ai_engine")


def test_every_missing_distribution_is_listed_not_only_the_first(tmp_path):
    main = "import redis\nimport fastapi\nimport prometheus_client.core\nimport json\n"
    code, result = looked(host(tmp_path, {**FOUNDING, MAIN: main}), *SCRIPT)
    assert code == 2
    assert result["imports"]["third_party_missing"] == ["fastapi", "prometheus_client"]
    assert result["imports"]["verdict"] == "missing"
    assert [finding["code"] for finding in result["findings"]] == ["IMPORT103"]


def test_faults_are_stacked_the_first_is_the_traceback_and_the_others_are_said_too(tmp_path):
    _, result = looked(
        host(tmp_path, FOUNDING, without=("/opt/quantum/venvs/ai-engine/lib/python3.11/site-packages/redis/__init__.py",)), *SCRIPT
    )
    assert result["imports"]["module"] == "redis"
    assert [finding["code"] for finding in result["findings"]] == ["IMPORT103", "IMPORT101"]


def test_a_relative_script_is_looked_for_in_the_working_directory_and_here(tmp_path):
    root = host(tmp_path, FOUNDING)
    here = (
        "--script",
        "microservices/risk_proposal_publisher/main.py",
        "--pythonpath",
        PROJECT,
        "--python",
        PYTHON,
        "--workdir",
        PROJECT,
    )
    assert looked(root, *here)[1]["script"] == MAIN
    host_path = ("--script", f"{root}{MAIN}", "--pythonpath", f"{root}{PROJECT}", "--python", PYTHON)
    _, result = looked(root, *host_path)
    assert (result["script"], result["imports"]["verdict"]) == (MAIN, "shadowed")


def test_a_script_that_is_not_there(tmp_path):
    code, result = looked(host(tmp_path, FOUNDING, without=(MAIN,)), *SCRIPT)
    assert (code, result["imports"]["verdict"]) == (2, "script_missing")
    assert [finding["code"] for finding in result["findings"]] == ["UNIT103"]


@pytest.mark.parametrize("broken", ["def f(:\n", "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> other\n"])
def test_a_syntax_error_in_what_is_imported(tmp_path, broken):
    code, result = looked(host(tmp_path, {**NOT_SHADOWED, REAL: broken}), *SCRIPT)
    assert (code, result["imports"]["verdict"]) == (2, "syntax_error")
    assert [(finding["code"], finding["where"]) for finding in result["findings"]] == [("CODE101", f"{REAL}:1")]


@pytest.mark.parametrize(
    "arguments",
    [(), ("--python", "/usr/bin/python3"), ("--script", "x.py", "--root", "/nonexistent")],
)
def test_what_makes_no_sense_is_a_usage_error(arguments):
    assert qtops("preflight", *arguments).returncode == 64
