"""A sandbox that hides what is needed, on disk."""

from tests.collectors.units import unit

from .offers import mended, named, offered, sick

HOME = {"/home/qt/app/main.py": "while True: ...\n"}
STARTED = {"WorkingDirectory": "/home/qt/app", "ExecStart": "/opt/quantum/venvs/ai-engine/bin/python3 /home/qt/app/main.py"}


def test_homes_are_shown_read_only(tmp_path):
    for value in ("yes", "tmpfs"):
        root = tmp_path / value
        (remedy,) = offered("UNIT109", sick(root, unit(f"ProtectHome={value}", **STARTED), HOME))
        assert remedy.changes[0].lines == ("ProtectHome=read-only",)
        assert mended(root, remedy) == []


def test_what_somebody_hid_by_its_path_stays_hidden(tmp_path):
    service = sick(tmp_path, unit("InaccessiblePaths=/home/qt", **STARTED), HOME)
    assert named(offered("UNIT109", service)) == [("show-path", False)]
