"""What is shipped to servers: the configuration says what holds anyway, the unit is hardened, the options are those that exist."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from publisher.cli import cli as publisher
from qtops.config import load
from qtops.settings import Settings

DEPLOY = Path(__file__).parents[1] / "deploy"
UNIT = DEPLOY / "quantum-risk-proposal.service"
OPTIONS = DEPLOY / "risk-proposal.env"
needs_systemd_analyze = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


def uncommented(file: Path) -> str:
    """Its text with every setting in force; prose has a blank after its #."""
    return re.sub(r"^#(?=[A-Za-z\[\]\"])", "", file.read_text("utf-8"), flags=re.MULTILINE)


def test_the_shipped_configuration_changes_nothing(tmp_path):
    file = tmp_path / "qtops.toml"  # a copy: root would refuse a file of whoever checked this out
    file.write_bytes((DEPLOY / "qtops.toml").read_bytes())
    assert set(load(file, environ={}).origins.values()) == {"default"}


def test_the_shipped_configuration_shows_every_setting_with_its_default(tmp_path):
    file = tmp_path / "qtops.toml"
    file.write_text(uncommented(DEPLOY / "qtops.toml"), "utf-8")
    shown = load(file, environ={})
    assert shown.settings == Settings()
    assert set(shown.origins.values()) == {str(file)}


def variables(text: str) -> dict[str, str]:
    """NAME=value lines, as systemd reads them where nothing is quoted."""
    return dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))


def test_the_shipped_options_are_those_of_the_publisher():
    read = {option.envvar for option in publisher.params if isinstance(option, click.Option) and option.envvar}
    shown = variables(uncommented(OPTIONS))
    assert set(shown) <= read
    assert set(shown) == {
        "REDIS_URL", "REDIS_PASSWORD_FILE", "SYMBOLS", "PUBLISH_INTERVAL_SEC", "POSITION_SOURCE",
        "ENABLE_STREAM", "LOG_LEVEL", "SHARD", "PUBLISHER_ID",
    }  # fmt: skip


def test_the_shipped_options_change_nothing(monkeypatch):
    for option in publisher.params:
        if isinstance(option, click.Option) and isinstance(option.envvar, str):
            monkeypatch.delenv(option.envvar, raising=False)
    without = publisher.make_context("publisher", []).params
    for name, value in variables(uncommented(OPTIONS)).items():
        monkeypatch.setenv(name, value)
    assert publisher.make_context("publisher", []).params == without


def test_no_value_of_the_options_carries_a_comment_or_quotes():
    for value in variables(uncommented(OPTIONS)).values():
        assert not set(value) & set("#'\" \\")


@needs_systemd_analyze
def test_the_unit_is_exposed_no_more_than_it_must_be():
    result = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", UNIT],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stdout.splitlines()[-1]


@needs_systemd_analyze
def test_systemd_understands_every_line_of_the_unit(tmp_path):
    installed = tmp_path / UNIT.name
    installed.write_text(UNIT.read_text("utf-8").replace("/opt/qtops/bin/python", sys.executable), "utf-8")
    result = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", installed], capture_output=True, encoding="utf-8", check=False
    )
    assert [line for line in result.stderr.splitlines() if UNIT.name in line] == []


def test_the_unit_never_gives_up_and_shows_a_wrong_option():
    lines = UNIT.read_text("utf-8").splitlines()
    assert lines.index("StartLimitIntervalSec=0") < lines.index("[Service]")
    assert {"Type=notify", "Restart=always", "RestartPreventExitStatus=64 78", "DynamicUser=yes"} <= set(lines)
    assert "ExecStart=/opt/qtops/bin/python -P -m publisher" in lines


def test_the_watchdog_waits_longer_than_a_healthy_publisher_ever_takes():
    watchdog_s = float(re.search(r"^WatchdogSec=(\d+)$", UNIT.read_text("utf-8"), re.MULTILINE)[1])
    assert watchdog_s >= 3 * float(variables(OPTIONS.read_text("utf-8"))["PUBLISH_INTERVAL_SEC"])
