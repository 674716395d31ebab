"""Files below a root: why a path leads nowhere, links that stay inside, and reads that are bounded."""

from pathlib import Path

import pytest

from qtops.collectors import tree as module
from qtops.collectors.tree import RootedTree


@pytest.fixture
def root(tmp_path):
    (tmp_path / "srv/app").mkdir(parents=True)
    (tmp_path / "srv/app/main.py").write_text("x")
    (tmp_path / "srv/app/run.sh").write_bytes(b"#!/bin/none -x\nexit\n")
    return tmp_path


def state(root, path):
    return RootedTree(str(root)).fact("ExecStart", "u:1", path)


def test_what_is_there(root):
    assert (state(root, "/srv/app/main.py").state, state(root, "/srv//app/./").state) == ("file", "directory")
    assert not state(root, "/srv/app/main.py").executable


def test_what_is_missing_names_the_first_folder_that_is_not_there_and_what_may_have_been_meant(root):
    missing = state(root, "/srv/ap/none/main.py")
    assert (missing.state, missing.detail) == ("missing", "/srv/ap does not exist")
    assert state(root, "/srv/app/mian.py").near == "/srv/app/main.py"


def test_of_a_part_that_the_tree_does_not_hold_nothing_is_claimed(root):
    assert state(root, "/opt/venv/bin/python").state == "outside"
    assert RootedTree("/").fact("x", "", "/nonexistent/python").state == "missing"


def test_a_broken_link_is_named_with_its_target(root):
    (root / "srv/a").symlink_to("b")
    (root / "srv/b").symlink_to("/srv/c")
    (root / "srv/loop").symlink_to("loop")
    assert (state(root, "/srv/a").state, state(root, "/srv/a").detail) == ("broken_link", "/srv/b -> /srv/c")
    assert state(root, "/srv/a/python").detail == "/srv/b -> /srv/c"
    assert state(root, "/srv/loop").state == "broken_link"


def test_a_link_is_followed_inside_the_root_alone(root, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secret.py"
    outside.write_text("x")
    (root / "srv/link.py").symlink_to(outside)
    assert state(root, "/srv/link.py").state == "broken_link"


def test_what_depends_on_the_start_is_not_known(root):
    assert {state(root, path).state for path in ("/srv/%i", "/srv/$HOME", "relative")} == {"unknown"}


def test_no_more_is_read_than_a_source_can_have(root, monkeypatch):
    monkeypatch.setattr(module, "LARGEST_FILE", 4)
    with pytest.raises(OSError, match="larger than"):
        RootedTree(str(root)).read("/srv/app/run.sh")


def test_a_first_line_is_followed(root):
    (root / "bin").mkdir()
    command = RootedTree(str(root)).command("ExecStart", "u:1", "/srv/app/run.sh", ignore_failure=False)
    assert command.shebang is not None
    assert (command.shebang.path, command.shebang.state, command.format_known) == ("/bin/none", "missing", True)
    Path(root / "srv/app/run.sh").write_bytes(b"\x7fELF\0")
    assert RootedTree(str(root)).command("ExecStart", "u:1", "/srv/app/run.sh", ignore_failure=False).shebang is None
