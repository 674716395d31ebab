"""``qtops preflight UNIT_FILE…``: the founding incident through its unit file, and what the command says of many."""

import json

from tests.cli.running import qtops
from tests.preflight_trees import EDIT, FOUNDING, FOUNDING_UNIT, MAIN, PROJECT, REAL, SHADOW, host

UNIT = "/etc/systemd/system/quantum-risk-proposal.service"


def looked(root, *options, unit=UNIT):
    result = qtops("preflight", "--root", root, f"{root}{unit}", *options, "-o", "json")
    assert result.stderr == ""
    document = json.loads(result.stdout)
    return result.returncode, document["results"][0]


def test_the_founding_incident_through_its_unit(tmp_path):
    code, result = looked(host(tmp_path, {**FOUNDING, UNIT: FOUNDING_UNIT}))
    assert (code, result["verdict"], result["subject"], result["script"]) == (2, "finding", "quantum-risk-proposal.service", MAIN)
    assert (result["imports"]["verdict"], result["imports"]["resolves_without"]) == ("shadowed", f"{MAIN}:29")
    assert (result["imports"]["resolved_to"], result["imports"]["shadowed"]) == (SHADOW, [REAL])
    first = result["findings"][0]
    assert (first["code"], first["remedy"]) == ("IMPORT101", f"Remove the edit of sys.path at {MAIN}:29: {EDIT}")
    assert f"PYTHONPATH ({PROJECT}) is right, and overridden" in " ".join(first["evidence"])
    assert [finding["severity"] for finding in result["findings"][1:]] == ["info"]  # it gives up, and nobody is told


def test_the_same_unit_with_namespace_portions_is_in_order(tmp_path):
    tree = {path: text for path, text in FOUNDING.items() if not path.endswith("__init__.py")}
    code, result = looked(host(tmp_path, {**tree, f"{PROJECT}/microservices/ai_engine/notes.txt": "", UNIT: FOUNDING_UNIT}))
    assert (code, result["verdict"], result["imports"]["verdict"], result["imports"]["resolves_without"]) == (0, "ok", "ok", None)
