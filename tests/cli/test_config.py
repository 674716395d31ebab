"""``qtops config``: what is in force, and why."""

import json

import pytest

from qtops.config import ETC
from tests.cli.running import qtops

pytestmark = pytest.mark.skipif(ETC.exists(), reason=f"{ETC} is configured on this machine")


def test_show_prints_the_settings():
    result = qtops("config", "show")
    assert (result.returncode, result.stderr) == (0, "")
    assert 'symbols = ["BTCUSDT", "ETHUSDT", "SOLUSDT"]\n' in result.stdout


def test_show_names_origins_of_files_variables_and_options(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text("clock_skew_warn_s = 7")
    result = qtops("--config", str(file), "--redis", "unix:///o", "config", "show", "--origin", QTOPS_SYMBOLS="A")
    assert f"clock_skew_warn_s = 7.0  # {file}\n" in result.stdout
    assert 'symbols = ["A"]  # QTOPS_SYMBOLS\n' in result.stdout
    assert 'url = "unix:///o"  # --redis\n' in result.stdout


def test_show_speaks_json_and_masks_passwords():
    result = qtops("--redis", "redis://u:hunter2@h", "config", "show", "-o", "json")
    assert json.loads(result.stdout)["settings"]["redis"]["url"] == "redis://u:***@h"
    assert "hunter2" not in result.stdout + result.stderr


def test_a_wrong_file_is_named(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text("symbol = []")
    result = qtops("--config", str(file), "config", "show")
    assert (result.returncode, result.stdout) == (78, "")
    assert result.stderr == f"qtops: error: {file}: symbol: unknown key; did you mean symbols?\n"


def test_path_lists_the_files_even_when_one_is_wrong(tmp_path):
    file = tmp_path / "qtops" / "qtops.toml"
    file.parent.mkdir()
    file.write_text("symbol = []")
    result = qtops("config", "path", XDG_CONFIG_HOME=str(tmp_path))
    assert result.stdout == f"absent   {ETC / 'qtops.toml'}\npresent  {file}\nabsent   qtops.toml\n"
    assert qtops("--config", str(file), "config", "path").stdout == f"present  {file}\n"


def test_schema_describes_what_show_prints():
    assert "config" in qtops("schema").stdout.split()
    schema = json.loads(qtops("schema", "config").stdout)
    shown = json.loads(qtops("config", "show", "-o", "json").stdout)
    assert list(shown) == list(schema["$defs"]["Configuration"]["properties"])
