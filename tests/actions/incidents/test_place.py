"""Which folder the records of the supervisor are in."""

import os
from pathlib import Path

import pytest

from qtops.actions.incidents import place
from qtops.actions.incidents.place import HOME, store_path
from qtops.settings import Settings, Supervision


@pytest.fixture(autouse=True)
def nothing_is_said(monkeypatch, tmp_path):
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("HOME", "/home/alice")
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr(place, "HOME", str(tmp_path / "supervisor"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


def test_the_usual_one_is_where_the_unit_has_it():
    assert HOME == "/var/lib/qtops-supervisor"


def test_the_configuration_has_the_first_word(monkeypatch):
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/x")
    assert store_path(Settings(supervise=Supervision(state="/srv/state"))) == "/srv/state"
    assert store_path(Settings(supervise=Supervision(state="~/state"))) == "/home/alice/state"


@pytest.mark.parametrize("given", ["/var/lib/x", "/var/lib/x:/var/lib/y"])
def test_then_systemd(monkeypatch, given):
    monkeypatch.setenv("STATE_DIRECTORY", given)
    assert store_path(Settings()) == "/var/lib/x"


def test_then_the_supervisors_own_where_it_is_there_or_root_asks(monkeypatch, tmp_path):
    own = tmp_path / "supervisor"
    assert store_path(Settings()) != str(own)
    own.mkdir()
    assert store_path(Settings()) == str(own)
    own.rmdir()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert store_path(Settings()) == str(own)


def test_then_the_users(monkeypatch):
    assert store_path(Settings()) == "/home/alice/.local/state/qtops/supervisor"
    monkeypatch.setenv("XDG_STATE_HOME", "/home/alice/s")
    assert store_path(Settings()) == "/home/alice/s/qtops/supervisor"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert Path(store_path(Settings())) == Path("/home/alice/.local/state/qtops/supervisor")
