"""Names of units in the paths of D-Bus, and sources that cannot be opened."""

import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.collectors.watching.channel import unit_name
from qtops.collectors.watching.units import UnitSignals

ROOT = b"/org/freedesktop/systemd1/unit"
NAMES = st.text("abcXYZ0189:_.\\-@", min_size=1, max_size=60)


@given(NAMES)
def test_a_name_is_read_back_from_its_path(name):
    dbuslib = pytest.importorskip("pystemd.dbuslib")
    assert unit_name(bytes(dbuslib.path_encode(ROOT, f"{name}.service".encode()))) == f"{name}.service"


@given(st.binary(max_size=60))
def test_what_is_no_path_of_a_unit_is_some_name(path):
    assert isinstance(unit_name(path), str)


def test_where_systemd_cannot_be_asked_that_is_told_once_and_tried_again(monkeypatch, tmp_path):
    pytest.importorskip("pystemd")
    monkeypatch.setattr("qtops.collectors.systemd.connection.PRIVATE", str(tmp_path / "none"))
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    signals = UnitSignals(["x.service"])
    (lost,) = signals.read()
    assert (lost.source, signals.fileno(), signals.why_not) == ("systemd", None, "")
    assert lost.advice
    first_s = signals.reopen_s()
    assert 0 < first_s - time.monotonic() < 1
    time.sleep(0.12)
    assert signals.read() == signals.look() == []
    assert signals.reopen_s() > first_s
    signals.close()
    signals.close()
    assert signals.reopen_s() is None


def test_without_systemctl_either_there_is_nothing_to_ask(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pystemd.dbuslib", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    signals = UnitSignals(["x.service"])
    (lost,) = signals.look()
    assert "pip install" in lost.advice
    assert "looks" in signals.why_not
    signals.close()
