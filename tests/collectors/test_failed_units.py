"""All failed units of a host, the same from both ways of asking systemd."""

import sys
import time
from pathlib import Path

import msgspec
import pytest

from qtops.collectors.failed_units import read_failed_units
from qtops.collectors.systemd.properties import failed_unit
from qtops.collectors.systemd.show import blocks
from qtops.facts.host import FailedUnit
from qtops.facts.service import Missing
from tests.box import box as boxes

ROOT = str(Path(__file__).parents[2])
RECORDED = """Result=exit-code
Id=zz-bad.service
Description=Bad \x1b one
ActiveState=failed
StateChangeTimestamp=Mon 2026-11-23 13:07:02.429400 UTC

Id=zz.device
Description=A device
ActiveState=failed
StateChangeTimestamp=
"""
ASK = (
    "import sys, msgspec; from qtops.collectors.failed_units import read_failed_units; "
    "sys.stdout.buffer.write(msgspec.json.encode(read_failed_units(5.0, sys.argv[1])))"
)


def test_what_systemctl_shows_of_one_is_read_and_printable():
    service, device = map(failed_unit, blocks(RECORDED))
    assert service == FailedUnit("zz-bad.service", r"Bad \x1b one", "exit-code", 1795439222.4294)
    assert device == FailedUnit("zz.device", "A device")


def test_where_systemd_cannot_be_asked_that_is_said(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    found = read_failed_units(via="systemctl")
    assert isinstance(found, Missing)
    assert "systemctl" in found.why


def ask(box, way):
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": ROOT, "PYTHONDONTWRITEBYTECODE": "1"}
    done = box.run(sys.executable, "-c", ASK, way, env=environ)
    return msgspec.json.decode(done.stdout, type=tuple[FailedUnit, ...])


@pytest.mark.systemd
def test_both_ways_tell_of_every_failed_unit_of_any_type_and_of_no_other(box):
    pytest.importorskip("pystemd")
    texts = {
        "fu-bad.service": "[Unit]\nDescription=password=hunter2hunter2\n[Service]\nExecStart=/bin/false\n",
        "fu-gone.service": "[Service]\nExecStart=/bin/kill -9 $$$$\nExecStart=/bin/sh -c 'kill -9 $$$$'\nType=oneshot\n",
        "fu-good.service": "[Service]\nExecStart=/bin/sleep 1000\n",
        "fu-up.service": "[Service]\nExecStart=/bin/sleep 1000\n",
        "fu-up.socket": "[Socket]\nListenStream=/proc/nowhere/at/all\n",
    }
    for name, text in texts.items():
        box.unit(name, text)
    box.reload()
    try:
        for name in texts.keys() - {"fu-up.service"}:
            box.systemctl("start", name, check=False)
        box.remove([f"{boxes.UNITS}/fu-gone.service"])  # it is failed all the same
        box.reload()
        first, second = ([unit for unit in ask(box, way) if unit.name.startswith("fu-")] for way in ("pystemd", "systemctl"))
    finally:
        box.systemctl("stop", "fu-good.service")
        box.run("systemctl", "reset-failed", *texts, check=False)
        box.remove(f"{boxes.UNITS}/{name}" for name in texts if name != "fu-gone.service")
        box.reload()
    assert first == second
    assert [unit.name for unit in first] == ["fu-bad.service", "fu-gone.service", "fu-up.socket"]
    assert all(unit.result in {"exit-code", "signal", "resources"} for unit in first)
    assert all(abs(unit.since_s - time.time()) < 60 for unit in first)
    assert first[0].description == "password=***"
