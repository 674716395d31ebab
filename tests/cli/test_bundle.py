"""``qtops bundle``: what a recorded look holds, and what changed between two of them."""

import json
from pathlib import Path

import pytest

from qtops.bundle import save
from tests.bundle.looks import NOW_S, facts, service, unit
from tests.cli.running import qtops


@pytest.fixture
def before(tmp_path):
    """A look at a service that restarted twice."""
    path = tmp_path / "before.json.gz"
    save(facts(unit(n_restarts=2)), path)
    return str(path)


@pytest.fixture
def after(tmp_path):
    """The same service a minute later, restarted thrice."""
    path = tmp_path / "after.json"
    save(facts(unit(n_restarts=3), taken_at_s=NOW_S + 60), path)
    return str(path)


def test_show_says_from_where_and_when_and_what(before):
    result = qtops("bundle", "show", before)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("2026-02-17 23:11:32 UTC on risk-1: 1 service\n")
    assert "  app.service: active (running), " in result.stdout


def test_show_prints_the_whole_of_it_as_json(before, after):
    shown = json.loads(qtops("bundle", "show", before, "-o", "json").stdout)
    assert (shown["schema"], shown["services"][0]["unit"]["n_restarts"]) == ("qtops.bundle/1", 2)
    assert json.loads(qtops("bundle", "show", after, "-o", "json").stdout) == json.loads(Path(after).read_text("utf-8"))


def test_diff_says_what_changed(before, after):
    result = qtops("bundle", "diff", before, after)
    assert (result.returncode, result.stderr) == (0, "")
    assert "risk-1 2026-02-17 23:11:32 UTC → risk-1 2026-02-17 23:12:32 UTC (1 min later)" in result.stdout
    assert "  NRestarts: 2 → 3\n" in result.stdout


def test_diff_speaks_json(before, after):
    found = json.loads(qtops("bundle", "diff", before, after, "-o", "json").stdout)
    assert found["schema"] == "qtops.bundle.diff/1"
    assert {"what": "NRestarts", "before": "2", "after": "3"} in found["services"][0]["changes"]
    assert set(json.loads(qtops("schema", "bundle.diff").stdout)["$defs"]["Difference"]["required"]) <= set(found)


def test_two_looks_at_the_same_are_as_before(before):
    assert qtops("bundle", "diff", before, before).stdout.splitlines()[1:] == ["as before: app.service"]


def test_what_is_no_bundle_is_named_on_standard_error(tmp_path, before):
    other = tmp_path / "other\x1b.json"
    other.write_text("[1, 2")
    result = qtops("bundle", "diff", before, str(other))
    assert (result.returncode, result.stdout) == (64, "")
    assert result.stderr.startswith(
        f"qtops: error: {tmp_path}/other\\x1b.json: is no JSON that can be read: Input data was truncated"
    )
    assert qtops("bundle", "show", str(tmp_path / "none")).returncode == 64


def test_hostile_text_of_a_stranger_is_harmless(tmp_path):
    path = tmp_path / "a"
    save(facts(service(subject="app.service")), path)
    path.write_text(path.read_text("utf-8").replace("risk-1", r"\u001b[31m[red]\u202e"), "utf-8")
    for arguments in (("show", path), ("diff", path, path)):
        result = qtops("bundle", *map(str, arguments))
        assert result.returncode == 0
        assert r"\x1b[31m[red]\u202e" in result.stdout


def test_schemas_of_doctor_and_bundle_are_shipped():
    assert '"qtops.doctor/1"' in qtops("schema", "doctor").stdout
    assert '"qtops.bundle/1"' in qtops("schema", "bundle").stdout
