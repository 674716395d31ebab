"""The dashboard and the alert rules that are shipped: everything that they ask for exists, and rings when it should."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from qtops.cli.commands import BY_NAME
from qtops.incidents import Outcome
from qtops.supervisor.exposition import render
from tests.supervisor.snapshots import NOW_S, UNIT, finding, healthy, incident

DEPLOY = Path(__file__).parents[1] / "deploy"
RULES = DEPLOY / "prometheus/qtops.rules.yml"
RULE_TESTS = DEPLOY / "prometheus/qtops.rules.test.yml"
DASHBOARD = DEPLOY / "grafana/qtops.json"
METRIC = re.compile(r"\bqtops_\w+")
SELECTED = re.compile(r"\b(qtops_\w+)\{([^}]*)\}")
FILLED = re.compile(r"\{\{ ?\$labels\.(\w+) ?\}\}|\{\{(\w+)\}\}")
EVERYWHERE = {"instance", "job"}  # labels that Prometheus adds
needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")


def shown() -> dict[str, set[str]]:
    """Every metric that a busy supervisor shows, with its labels."""
    outcome = Outcome(unit=UNIT, at_s=NOW_S, findings=(finding(),))
    text = render(healthy(outcomes=(outcome,), incidents=(incident(),), holds=(UNIT,))).decode()
    found: dict[str, set[str]] = {}
    for name, labels in re.findall(r"^(qtops_\w+)(?:\{(.*)\})? ", text, re.MULTILINE):
        found.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
    return found


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    return list(json.loads(DASHBOARD.read_text("utf-8"))["panels"])


def queries() -> Iterator[tuple[str, str, str]]:
    """Where it stands, the expression, and the text that is filled with its labels."""
    for rule in rules():
        yield rule["alert"], rule["expr"], " ".join(rule["annotations"].values())
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"], target["legendFormat"]


@pytest.mark.parametrize(("where", "expression", "text"), list(queries()))
def test_what_is_asked_for_exists(where, expression, text):
    known = shown()
    names = METRIC.findall(expression)
    assert names
    assert set(names) <= known.keys()
    for name, selected in SELECTED.findall(expression):
        assert set(re.findall(r"(\w+)[=!]", selected)) <= known[name] | EVERYWHERE
    labels = {label for label in (one or other for one, other in FILLED.findall(text)) if label}
    assert labels <= set().union(*(known[name] for name in names)) | EVERYWHERE


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_says_what_it_is_and_which_command_helps(rule):
    assert rule["alert"].startswith("Qtops")
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert set(rule["annotations"]) == {"summary", "description", "runbook"}
    for name in re.findall(r"\bqtops ([a-z]+)", rule["annotations"]["runbook"]):
        assert name in BY_NAME


def test_every_alert_is_tested():
    tested = {
        one["alertname"] for test in yaml.safe_load(RULE_TESTS.read_text("utf-8"))["tests"] for one in test["alert_rule_test"]
    }
    assert tested == {rule["alert"] for rule in rules()}


@needs_promtool
@pytest.mark.parametrize("words", [("check", "rules", RULES.name), ("test", "rules", RULE_TESTS.name)], ids=" ".join)
def test_promtool_agrees(words):
    ran = subprocess.run(["promtool", *words], cwd=RULES.parent, capture_output=True, encoding="utf-8", check=False, timeout=60)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_dashboard_is_one_that_grafana_can_take_and_that_asks_any_data_source():
    found = json.loads(DASHBOARD.read_text("utf-8"))
    assert (found["uid"], found["title"]) == ("qtops", "qtops")
    assert found["schemaVersion"] >= 39
    assert [variable["name"] for variable in found["templating"]["list"]] == ["datasource", "instance"]
    places = set(re.findall(r'"uid": "([^"]*)"', DASHBOARD.read_text("utf-8")))
    assert places == {"qtops", "${datasource}"}


def test_panels_have_numbers_of_their_own_and_do_not_lie_on_each_other():
    found = panels()
    assert len({panel["id"] for panel in found}) == len(found)
    taken = [
        (panel["gridPos"]["x"] + column, panel["gridPos"]["y"] + line)
        for panel in found
        for column in range(panel["gridPos"]["w"])
        for line in range(panel["gridPos"]["h"])
    ]
    assert len(set(taken)) == len(taken)
    assert max(column for column, _ in taken) < 24
    assert all(panel["description"].endswith(".") for panel in found)
