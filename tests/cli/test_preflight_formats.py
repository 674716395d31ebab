"""The four formats of ``qtops preflight``: what each must hold, hostile text that stays text, and no secret in any of them."""

import json

import pytest

from tests.cli.running import qtops
from tests.collectors.units import APP, FOLDER, lay, unit
from tests.preflight_trees import PYTHON

pytestmark = pytest.mark.slow

FORMATS = ("human", "json", "github", "sarif")
CANARY = "c4n4ry-s3cret"
HOSTILE = "\x1b]0;owned\x07[red]x[/red]|::error::@user```\u202e"


def printed(root, form, *options, name="app.service"):
    result = qtops("preflight", "--root", root, f"{root}{FOLDER}/{name}", "-o", form, *options)
    assert result.stderr == ""
    return result


@pytest.mark.parametrize("form", FORMATS)
def test_no_value_of_a_variable_is_ever_printed(tmp_path, form):
    text = unit(
        f"Environment=REDIS_URL=redis://:{CANARY}@db/0",
        f'Environment="API_KEY={CANARY}" "TWO={CANARY}',
        f"Environment=MODE={CANARY} # {CANARY}",
        f"Environment=BAD-NAME={CANARY}",
        f"Environmnet=TOKEN={CANARY}",
        "Environment=FOLDER_TOKEN=/srv/" + CANARY,
        f"ExecStartPre=/opt/none/tool --password={CANARY}",
        ExecStart=f"{PYTHON} {APP}/main.py --password {CANARY}",
    )
    files = {
        "/etc/quantum/risk-proposal.env": f"API_KEY='{CANARY}'x # {CANARY}\nexport B={CANARY}\nno equals {CANARY}\n",
        f"{APP}/main.py": "import os\nimport sys\nsys.path.insert(0, os.environ['FOLDER_TOKEN'])\nimport lib.none\n",
    }
    out = printed(lay(tmp_path, text, files), form).stdout
    assert "IMPORT101" in out
    assert CANARY not in out


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_names_are_harmless(tmp_path, form):
    files = {f"{APP}/main.py": "import lib.none\n"}
    text = unit(f"Unknown{HOSTILE}=1", WorkingDirectory=f"/srv/{HOSTILE}", ExecStart=f"{PYTHON} '{APP}/{HOSTILE}.py'")
    out = printed(lay(tmp_path, text, files), form).stdout
    assert not set("\x1b\x07\u202e") & set(out)
    if form == "github":
        assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in out.splitlines()[:-1])
        assert "\\x1b" in out
    if form == "human":
        assert "[red]x[/red]" in out.replace("\n", "")


def test_json_is_what_its_schema_says(tmp_path):
    out = printed(lay(tmp_path, unit(), {f"{APP}/main.py": "import fastapi\nfastapi.run()\n"}), "json").stdout
    document = json.loads(out)
    assert document["schema"] == "qtops.preflight/1"
    assert set(document) >= {"schema", "host", "time", "summary", "results"}
    (result,) = document["results"]
    assert set(result) >= {"subject", "script", "verdict", "imports", "findings"}
    imports = {
        "verdict",
        "module",
        "importer",
        "line",
        "resolved_to",
        "shadowed",
        "sys_path",
        "third_party_missing",
        "resolves_without",
    }
    assert set(result["imports"]) >= imports
    assert set(result["findings"][0]) >= {"code", "severity", "subject", "summary", "evidence", "remedy"}
    required = json.loads(qtops("schema", "preflight").stdout)["$defs"]
    assert set(required["Result"]["required"]) <= set(result)
    assert set(required["Imports"]["required"]) <= set(result["imports"])


def test_github_points_at_the_line(tmp_path):
    root = lay(tmp_path, unit(User="none-here"), {f"{APP}/main.py": "import lib.none\n"})
    lines = printed(root, "github").stdout.splitlines()
    assert any(line.startswith("::error file=") and "app.service,line=7,title=UNIT105 app.service::" in line for line in lines)
    assert any(f"{APP}/main.py,line=1,title=IMPORT101" in line for line in lines)
    assert lines[-1] == "1 starts: 1 finding, 0 unknown, 0 ok: critical"


def test_sarif_has_a_rule_for_each_check_and_a_place_for_each_result(tmp_path):
    root = lay(tmp_path, unit(), {f"{APP}/main.py": "import lib.none\n"})
    log = json.loads(printed(root, "sarif").stdout)
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    rules = [rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]]
    (result,) = log["runs"][0]["results"]
    assert (result["ruleId"], rules[result["ruleIndex"]], result["level"]) == ("IMPORT101", "IMPORT101", "error")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith(f"{APP}/main.py")
    assert place["region"]["startLine"] == 1


def test_a_human_reads_the_worst_first_and_what_could_not_be_told(tmp_path):
    files = {
        f"{FOLDER}/bad.service": unit(User="none-here"),
        f"{FOLDER}/doubt.service": unit(ExecStart=f"{PYTHON} -"),
    }
    root = lay(tmp_path, unit(), files)
    result = qtops("preflight", "--root", root, f"{root}{FOLDER}")
    out = result.stdout
    assert result.returncode == 2
    assert out.index("CRITICAL bad.service") < out.index("UNKNOWN doubt.service") < out.index("OK app.service")
    assert "could not tell: " in out
    assert "4 starts: 1 finding, 1 unknown, 2 ok: critical" in out


def test_quiet_says_nothing_where_all_is_well(tmp_path):
    result = printed(lay(tmp_path, unit()), "human", "--quiet")
    assert (result.returncode, result.stdout) == (0, "")


@pytest.mark.parametrize(("change", "code"), [({}, 0), ({"Environment": "API_KEY=x"}, 1), ({"User": "none-here"}, 2)])
def test_the_exit_code_is_that_of_the_worst_finding(tmp_path, change, code):
    assert printed(lay(tmp_path, unit(**change)), "json").returncode == code


def test_could_not_tell_is_three_and_never_hides_a_finding(tmp_path):
    doubt = {"ExecStart": f"{PYTHON} -"}
    assert printed(lay(tmp_path / "a", unit(**doubt)), "json").returncode == 3
    assert printed(lay(tmp_path / "b", unit(User="none-here", **doubt)), "json").returncode == 2
