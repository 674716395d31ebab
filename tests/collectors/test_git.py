"""Asking git about somebody else's checkout: why there is no answer where there is none, and that no checkout is obeyed."""

import os
import time
from pathlib import Path

import pytest

from qtops.collectors import git as asking
from qtops.collectors.repository import repository_of
from qtops.facts.repository import RepositoryUntold
from tests.collectors.checkouts import Checkout, facts, make_checkout, make_place, untold  # noqa: F401  (two are fixtures)
from tests.collectors.people import as_root


class TestCouldNotTell:
    """Why, instead of a guess."""

    def test_no_checkout_at_all(self, place):
        (place / "main.py").touch()
        assert repository_of(str(place / "main.py")) is None

    def test_without_git(self, checkout, monkeypatch):
        monkeypatch.setattr(asking, "_PATH", "/nonexistent")
        assert untold(checkout.top / "main.py").why == "git is not installed"

    def test_a_bare_repository(self, checkout):
        checkout.git("config", "core.bare", "true")
        assert untold(checkout.top / "main.py").why == "this operation must be run in a work tree"

    @pytest.mark.parametrize("content", [b"", b"gitdir: /nowhere\n", b"\x1b[2J"])
    def test_a_git_file_that_leads_nowhere(self, place, content):
        broken = Checkout(place / "broken")
        broken.write(".git", content)
        found = untold(broken.write("main.py", ""))
        assert found.top == str(broken.top)
        assert found.why
        assert found.why.isprintable()

    def test_an_empty_git_folder_is_no_reason_to_ask_the_folders_above(self, checkout):
        checkout.make(checkout.top / "sub")
        checkout.make(checkout.top / "sub" / ".git")
        found = untold(checkout.write("sub/main.py", ""))
        assert (found.top, "not a git repository" in found.why) == (str(checkout.top / "sub"), True)

    def test_a_damaged_checkout(self, checkout):
        (checkout.top / ".git" / "index").write_bytes(b"\0" * 100)
        assert "index" in untold(checkout.top / "main.py").why
        (checkout.top / ".git" / "HEAD").write_text("nonsense")
        assert untold(checkout.top / "main.py").why

    def test_a_work_tree_that_is_said_to_be_elsewhere(self, checkout, place):
        checkout.git("config", "core.worktree", str(place))
        assert untold(checkout.top / "main.py").why == f"its configuration says that its work tree is {place}"

    def test_a_file_that_is_none(self, checkout):
        assert untold(checkout.top / "gone.py").why == f"{checkout.top}/gone.py: No such file or directory"
        os.mkfifo(checkout.top / "pipe.py")
        assert "is no regular file" in untold(checkout.top / "pipe.py").why

    def test_a_git_folder_that_is_a_link(self, checkout):
        (checkout.top / ".git").rename(checkout.top / "kept")
        (checkout.top / ".git").symlink_to("kept")
        assert untold(checkout.top / "main.py").why == "its .git is a link"

    @as_root
    def test_whoever_is_neither_root_nor_the_owner_does_not_ask(self, checkout, monkeypatch):
        monkeypatch.setattr(os, "geteuid", lambda: 41001)
        assert untold(checkout.top / "main.py").why == "it belongs to 41000"

    @as_root
    def test_a_checkout_of_two_owners(self, checkout):
        os.chown(checkout.top, 41001, 41001)
        found = untold(checkout.top / "main.py")
        assert "dubious ownership" in found.why
        assert found.enable == f"its owner may say: git config --global --add safe.directory {checkout.top}"


def is_gone(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"


EVIL = "#!/bin/sh\nid -u >> {told}\nexec cat\n"


class TestHostile:
    """A checkout that would have git run programs: never as root."""

    @pytest.fixture
    def evil(self, checkout) -> Checkout:
        told = checkout.top / "told"
        script = checkout.write("evil.sh", EVIL.format(told=told), 0o755)
        for hook in ("post-index-change", "pre-commit", "reference-transaction", "post-checkout"):
            checkout.write(f".git/hooks/{hook}", EVIL.format(told=told), 0o755)
        for name in ("core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "diff.external", "core.askPass"):
            checkout.git("config", name, str(script))
        checkout.write("main.py", "import sys\nchanged\n")
        return checkout

    def test_neither_monitor_nor_hooks_are_run(self, evil):
        os.utime(evil.top / "lib.py")  # an index that wants to be refreshed
        before = (evil.top / ".git" / "index").stat().st_mtime_ns
        assert facts(evil.top / "main.py").in_head == "differs"
        assert not (evil.top / "told").exists()
        assert (evil.top / ".git" / "index").stat().st_mtime_ns == before

    @as_root
    def test_a_filter_runs_as_the_owner_and_never_as_root(self, evil):
        evil.git("config", "filter.evil.clean", str(evil.top / "evil.sh"))
        evil.git("config", "filter.evil.process", str(evil.top / "evil.sh"))
        evil.write(".gitattributes", "* filter=evil\n")
        repository_of(str(evil.top / "main.py"))
        assert set((evil.top / "told").read_text().split()) == {"41000"}

    def test_a_filter_that_hangs_is_given_up_with_all_it_started(self, evil, monkeypatch):
        evil.git("config", "filter.evil.clean", f"echo $$ > {evil.top}/pid; exec sleep 60")
        evil.write(".gitattributes", "main.py filter=evil\n")
        monkeypatch.setattr("qtops.collectors.repository.LIMIT_S", 0.5)
        begun = time.monotonic()
        assert "had not answered" in untold(evil.top / "main.py").why
        assert time.monotonic() - begun < 4
        pid = int((evil.top / "pid").read_text())
        deadline = time.monotonic() + 5
        while not is_gone(pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert is_gone(pid)

    @as_root
    def test_root_asks_only_what_is_roots_alone(self, place):
        roots = Checkout(place / "roots", uid=0).commit(main_py="1\n")
        assert facts(roots.top / "main.py").owner == "root"
        for path in (".git/config", ".git", "."):
            os.chown(roots.top / path, 41000, 41000)
            found = repository_of(str(roots.top / "main.py"))
            assert isinstance(found, RepositoryUntold)
            assert "is not root's alone" in found.why or "dubious ownership" in found.why
            os.chown(roots.top / path, 0, 0)
        roots.top.chmod(0o775)
        assert "is not root's alone" in untold(roots.top / "main.py").why
        roots.top.chmod(0o755)
        (place / "home").mkdir()
        roots.top.rename(place / "home" / "roots")
        os.chown(place / "home", 41000, 41000)
        assert f"{place}/home is not root's alone" in untold(place / "home" / "roots" / "main.py").why

    @as_root
    def test_in_a_linked_work_tree_of_roots_git_is_not_run(self, place):
        roots = Checkout(place / "roots", uid=0).commit(main_py="1\n")
        roots.git("worktree", "add", "-q", str(place / "tree"))
        assert "linked work tree of root's" in untold(place / "tree" / "main.py").why

    @as_root
    def test_a_secret_that_only_root_may_read_is_not_compared_for_a_user(self, checkout, place):
        (place / "opt").mkdir()
        (place / "secret").write_text("hunter2\n")
        (place / "secret").chmod(0o600)
        (place / "opt" / "lib.py").write_text("hunter2\n")
        (checkout.top / "lib.py").unlink()
        (checkout.top / "lib.py").symlink_to(place / "secret")
        assert "Permission denied" in untold(place / "opt" / "lib.py", place / "opt", checkout.top).why
