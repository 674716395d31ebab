"""What is shipped to servers: the configuration says what holds anyway, the unit is hardened, the options are those that exist."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from publisher.cli import cli as publisher
from qtops.config import load
from qtops.installation.shipped import SHIPPED
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


EXPOSURE = {  # tenths that `systemd-analyze security` may come to
    "quantum-risk-proposal.service": 15,
    "risk-proposal@.service": 15,
    "qtops-freshness.service": 15,
    "qtops-supervisor.service": 20,
    "qtops-recover@.service": 32,  # root, and the owner of what it mends
}
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])


@needs_systemd_analyze
@pytest.mark.parametrize("name", EXPOSURE)
def test_a_unit_is_exposed_no_more_than_it_must_be(name):
    result = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE[name]}", "--no-pager", DEPLOY / name],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stdout.splitlines()[-1]


def test_every_service_has_a_limit_of_its_exposure():
    assert {unit.name for unit in UNITS if unit.suffix == ".service"} == {*EXPOSURE}


@needs_systemd_analyze
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_every_line_of_a_unit(tmp_path, unit):
    for shipped in UNITS:
        text = shipped.read_text("utf-8").replace("/opt/qtops/bin/python", sys.executable)
        (tmp_path / shipped.name).write_text(text, "utf-8")
    asked = tmp_path / unit.name.replace("@.", "@one.")
    if asked.name != unit.name:
        asked.symlink_to(unit.name)
    result = subprocess.run(["systemd-analyze", "verify", "--man=no", asked], capture_output=True, encoding="utf-8", check=False)
    assert [line for line in result.stderr.splitlines() if str(tmp_path) in line or unit.name in line] == []


def settings_of(name):
    """The lines of a unit that say something, without what they mean for people."""
    lines = (DEPLOY / name).read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#") and not line.startswith("Description=")]


def test_one_of_several_publishers_is_the_publisher_with_options_of_its_own():
    alone = [line.replace("risk-proposal.env", "risk-proposal-%i.env") for line in settings_of("quantum-risk-proposal.service")]
    assert settings_of("risk-proposal@.service") == alone


def test_the_supervisor_never_gives_up_and_is_watched_itself():
    lines = settings_of("qtops-supervisor.service")
    assert lines.index("StartLimitIntervalSec=0") < lines.index("[Service]")
    wanted = {
        "Type=notify",
        "NotifyAccess=main",
        "WatchdogSec=30",
        "Restart=always",
        "RestartPreventExitStatus=64 78",
        "User=qtops",
        "SuccessExitStatus=143",
    }
    assert wanted <= {*lines}


def test_a_recovery_is_never_enabled_and_reads_nothing_from_its_environment():
    lines = settings_of("qtops-recover@.service")
    assert "[Install]" not in lines
    assert "ExecStart=/opt/qtops/bin/python -I -m qtops recover --apply --automatic -- %i" in lines


def test_what_is_stale_or_unknown_is_a_failure_of_the_look_and_what_is_late_is_none():
    assert "SuccessExitStatus=1" in settings_of("qtops-freshness.service")


def test_everything_that_is_shipped_is_put_in_place_or_is_for_other_programs():
    shipped = {str(file.relative_to(DEPLOY)) for file in DEPLOY.rglob("*") if file.is_file()}
    others = {name for name in shipped if name.startswith(("grafana/", "prometheus/"))}
    assert {one.name for one in SHIPPED} == shipped - others


def test_the_wheel_carries_what_is_shipped():
    build = tomllib.loads((DEPLOY.parent / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    assert build["targets"]["wheel"]["force-include"]["deploy"] == "qtops/deploy"


def test_the_unit_never_gives_up_and_shows_a_wrong_option():
    lines = UNIT.read_text("utf-8").splitlines()
    assert lines.index("StartLimitIntervalSec=0") < lines.index("[Service]")
    assert {"Type=notify", "Restart=always", "RestartPreventExitStatus=64 78", "DynamicUser=yes"} <= set(lines)
    assert "ExecStart=/opt/qtops/bin/python -P -m publisher" in lines


def test_the_watchdog_waits_longer_than_a_healthy_publisher_ever_takes():
    watchdog_s = float(re.search(r"^WatchdogSec=(\d+)$", UNIT.read_text("utf-8"), re.MULTILINE)[1])
    assert watchdog_s >= 3 * float(variables(OPTIONS.read_text("utf-8"))["PUBLISH_INTERVAL_SEC"])
