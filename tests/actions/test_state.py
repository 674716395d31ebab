import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from qtops.actions.state import ROOT_HOME, StateFolder, open_state, state_path
from qtops.errors import NotPermitted, UsageError

ROOT = os.geteuid() == 0


def mode(path: str | Path) -> int:
    return Path(path).stat().st_mode & 0o7777


def test_a_state_folder_is_made_and_open_to_its_owner_alone(tmp_path):
    state = open_state(str(tmp_path / "deep" / "state"))
    assert [mode(path) for path in (state.path, state.recoveries, f"{state.path}/locks")] == [0o700] * 3


def test_a_folder_that_was_opened_to_others_is_closed_again(tmp_path):
    state = open_state(str(tmp_path / "state"))
    for path in (state.path, state.recoveries):
        Path(path).chmod(0o777)
    open_state(state.path)
    assert (mode(state.path), mode(state.recoveries)) == (0o700, 0o700)


@pytest.mark.parametrize("name", ["state", "state/recoveries", "state/locks"])
def test_a_link_is_refused_wherever_it_leads(tmp_path, name):
    open_state(str(tmp_path / "state"))
    (tmp_path / "elsewhere").mkdir(0o700)
    shutil.rmtree(tmp_path / name)
    (tmp_path / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotPermitted, match=f"{name}: is a link.*remove the link"):
        open_state(str(tmp_path / "state"))
    assert not any((tmp_path / "elsewhere").iterdir())


def test_a_file_in_its_place_is_refused(tmp_path):
    (tmp_path / "state").write_text("")
    with pytest.raises(NotPermitted, match="state: is no folder: move it away"):
        open_state(str(tmp_path / "state"))


@pytest.mark.skipif(not ROOT, reason="gives folders to other users")
def test_a_folder_of_somebody_else_is_refused_with_both_ways_out(tmp_path):
    (tmp_path / "state").mkdir()
    os.chown(tmp_path / "state", 65534, 65534)
    with pytest.raises(NotPermitted, match="belongs to nobody, not to root: run as nobody, or `chown root "):
        open_state(str(tmp_path / "state"))


@pytest.mark.parametrize("depth", ["", "inner"])
def test_a_way_that_others_may_change_is_refused(tmp_path, depth):
    shared = tmp_path / "shared"
    (shared / depth).mkdir(parents=True)
    shared.chmod(0o777)
    with pytest.raises(NotPermitted, match=r"shared: can be written by others.*chmod go-w"):
        open_state(str(shared / depth / "state"))
    assert not any((shared / depth).rglob("state"))


def test_a_sticky_folder_such_as_tmp_is_no_danger(tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o1777)
    assert mode(open_state(str(tmp_path / "shared" / "state")).path) == 0o700


@pytest.mark.skipif(not ROOT, reason="mounts")
def test_a_read_only_file_system_is_said_before_anything_is_touched(tmp_path):
    open_state(str(tmp_path / "state"))
    look = f"from qtops.actions.state import open_state; open_state({str(tmp_path / 'state')!r})"
    mounts = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", mounts, "sh", str(tmp_path), sys.executable, "-c", look]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "NotPermitted" in done.stderr
    assert "read-only" in done.stderr


def test_the_usual_places(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert state_path() == ROOT_HOME
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_STATE_HOME", "/home/op/state")
    assert state_path() == "/home/op/state/qtops"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")  # to be ignored, by the XDG base directory specification
    monkeypatch.setenv("HOME", "/home/op")
    assert state_path() == "/home/op/.local/state/qtops"
    assert state_path("/srv/state") == "/srv/state"


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".hidden", "a\nb"])
def test_what_is_no_name_leads_nowhere(name):
    with pytest.raises(UsageError, match="is no name of a unit or of a recovery"):
        StateFolder("/srv/state").recovery(name)
    with pytest.raises(UsageError):
        StateFolder("/srv/state").lock(name)
