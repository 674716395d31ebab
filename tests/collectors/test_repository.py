"""What a checkout has of a deployed file, asked of real repositories that belong to somebody else."""

import os
from pathlib import Path

import pytest

from qtops.collectors import git as asking
from qtops.collectors.repository import repository_of
from tests.collectors.checkouts import APP, Checkout, facts, make_checkout, make_place, untold  # noqa: F401  (two are fixtures)

pytestmark = pytest.mark.slow


class TestInPlace:
    """The deployed file is one of the working tree."""

    def test_a_clean_checkout(self, checkout):
        found = facts(checkout.top / "main.py")
        assert (found.top, found.relative, found.branch) == (str(checkout.top), "main.py", "main")
        assert found.head == checkout.git("rev-parse", "HEAD").strip()
        assert (found.in_head, found.in_index, found.in_tree, found.mirrors) == ("same", "same", "same", False)
        assert (found.dirty, found.dirty_total, found.dirty_is_all) == ((), 0, True)
        assert found.owner == str(APP) or os.geteuid()

    def test_what_is_changed_is_named(self, checkout):
        checkout.write("main.py", "import sys\nx\n")
        checkout.write("new file.py", "")
        checkout.write("lib.py", "x = 2\n")
        checkout.git("add", "lib.py")
        found = facts(checkout.top / "main.py")
        assert (found.in_head, found.in_index) == ("differs", "differs")
        assert sorted(found.dirty) == ["lib.py", "main.py", "new file.py"]
        staged = facts(checkout.top / "lib.py")
        assert (staged.in_head, staged.in_index) == ("differs", "same")

    def test_a_file_that_is_not_tracked(self, checkout):
        checkout.write("deep/new.py", "")
        found = facts(checkout.top / "deep" / "new.py")
        assert (found.relative, found.in_head, found.in_index, found.dirty) == ("deep/new.py", "absent", "absent", ("deep/",))

    def test_a_link_to_the_checkout_leads_to_it(self, checkout, place):
        (place / "current").symlink_to(checkout.top)
        assert facts(place / "current" / "main.py").relative == "main.py"

    def test_line_ends_that_git_converts_are_no_change(self, checkout):
        checkout.git("config", "core.autocrlf", "true")
        checkout.write("main.py", "import sys\r\n")
        checkout.git("add", "main.py")
        found = facts(checkout.top / "main.py")
        assert (found.in_head, found.in_index, found.dirty) == ("same", "same", ())

    def test_line_ends_that_git_keeps_are_a_change(self, checkout):
        checkout.git("config", "core.autocrlf", "false")
        checkout.write("main.py", "import sys\r\n")
        assert facts(checkout.top / "main.py").in_head == "differs"

    @pytest.mark.parametrize(
        "name", ["with blank.py", "-rf", "ü.py", "a\nb.py", "tab\t.py", "*.py", ":(top)x", '"q".py', "\x1b[2J.py"]
    )
    def test_odd_names(self, checkout, name):
        checkout.write("odd dir/a.py", "2\n")  # which a pattern would match as well
        checkout.git("add", "-A")
        path = checkout.write(f"odd dir/{name}", "1\n")
        assert facts(path).in_head == "absent"
        checkout.git("add", "-A")
        checkout.git("commit", "-q", "-m", "y")
        checkout.write(f"odd dir/{name}", "2\n")
        found = facts(path)
        assert (found.relative, found.in_head, found.in_index) == (f"odd dir/{name}", "differs", "differs")
        assert found.dirty_total == 1
        assert found.dirty[0].isprintable()

    def test_a_name_that_is_no_text(self, checkout):
        path = checkout.write(os.fsdecode(b"\xff.py"), "1\n")
        found = facts(path)
        assert (found.relative, found.dirty) == (os.fsdecode(b"\xff.py"), ("\\xff.py",))

    def test_a_detached_head(self, checkout):
        checkout.git("checkout", "-q", "--detach")
        found = facts(checkout.top / "main.py")
        assert (found.branch, bool(found.head), found.in_head) == ("", True, "same")

    def test_before_the_first_commit(self, place):
        empty = Checkout(place / "empty")
        empty.git("init", "-q")
        path = empty.write("main.py", "")
        found = facts(path)
        assert (found.head, found.branch, found.in_head, found.in_index, found.dirty) == (
            "",
            "main",
            "absent",
            "absent",
            ("main.py",),
        )

    def test_a_linked_work_tree(self, checkout, place):
        checkout.make(place / "tree")
        checkout.git("worktree", "add", "-q", "-b", "fix", str(place / "tree"))
        found = facts(place / "tree" / "main.py")
        assert (found.top, found.branch, found.in_head) == (str(place / "tree"), "fix", "same")

    def test_a_submodule(self, checkout, place):
        outer = Checkout(place / "outer").commit(main_py="1\n")
        outer.git("submodule", "--quiet", "add", str(checkout.top), "sub")
        outer.git("commit", "-q", "-m", "sub")
        found = facts(outer.top / "sub" / "main.py")
        assert (found.top, found.relative, found.in_head) == (str(outer.top / "sub"), "main.py", "same")
        (outer.top / "sub" / "main.py").write_text("2\n")
        assert facts(outer.top / "sub" / "main.py").in_head == "differs"
        assert facts(outer.top / "main.py").dirty == ()  # what is changed inside a submodule is the submodule's

    def test_a_conflict(self, checkout):
        checkout.git("checkout", "-q", "-b", "other")
        checkout.commit(main_py="other\n")
        checkout.git("checkout", "-q", "main")
        checkout.commit(main_py="mine\n")
        checkout.run("sh", "-c", "git merge -q other || true")
        found = facts(checkout.top / "main.py")
        assert (found.in_head, found.in_index, found.dirty) == ("differs", "differs", ("main.py",))

    def test_of_a_rename_both_names_are_told(self, checkout):
        checkout.git("mv", "lib.py", "moved.py")
        assert facts(checkout.top / "main.py").dirty == ("lib.py", "moved.py")

    def test_many_changes_are_counted_and_a_few_named(self, checkout):
        for number in range(50):
            checkout.write(f"{number}.py", "")
        found = facts(checkout.top / "main.py")
        assert (len(found.dirty), found.dirty_total, found.dirty_is_all) == (20, 50, True)

    def test_of_endless_changes_only_so_much_is_read(self, checkout, monkeypatch):
        monkeypatch.setattr(asking, "MOST_OUTPUT", 1 << 10)
        monkeypatch.setattr(asking, "_CHUNK", 1 << 9)
        monkeypatch.setattr("qtops.collectors.repository.MOST_OUTPUT", 1 << 10)
        for number in range(300):
            checkout.write(f"{number:050}.py", "")
        found = facts(checkout.top / "main.py")
        assert not found.dirty_is_all
        assert 10 < found.dirty_total < 30


class TestCopy:
    """The deployed file lies elsewhere: the settings say of which checkout its folder is a copy."""

    @pytest.fixture
    def deployed(self, place) -> Path:
        (place / "opt").mkdir()
        (place / "opt" / "main.py").write_text("import sys\n")
        return place / "opt"

    def test_the_same_as_in_the_checkout(self, checkout, deployed):
        found = facts(deployed / "main.py", deployed, checkout.top)
        assert (found.top, found.relative, found.mirrors) == (str(checkout.top), "main.py", True)
        assert (found.in_head, found.in_index, found.in_tree) == ("same", "same", "same")

    def test_another_than_in_the_checkout(self, checkout, deployed):
        (deployed / "main.py").write_text("edited on the host\n")
        found = facts(deployed / "main.py", deployed, checkout.top)
        assert (found.in_head, found.in_index, found.in_tree, found.dirty) == ("differs", "differs", "differs", ())

    def test_the_checkout_went_on(self, checkout, deployed):
        checkout.write("main.py", "not yet committed\n")
        found = facts(deployed / "main.py", deployed, checkout.top)
        assert (found.in_head, found.in_index, found.in_tree, found.dirty) == ("same", "same", "differs", ("main.py",))

    def test_line_ends_tell_copies_apart_byte_for_byte(self, checkout, deployed):
        checkout.git("config", "core.autocrlf", "true")
        (deployed / "main.py").write_bytes(b"import sys\r\n")
        found = facts(deployed / "main.py", deployed, checkout.top)
        assert (found.in_head, found.in_tree) == ("same", "differs")

    def test_what_the_checkout_does_not_have(self, checkout, deployed):
        (deployed / "sub").mkdir()
        (deployed / "sub" / "only.py").write_text("")
        found = facts(deployed / "sub" / "only.py", deployed, checkout.top)
        assert (found.relative, found.in_head, found.in_index, found.in_tree) == ("sub/only.py", "absent", "absent", "absent")

    def test_a_folder_of_a_checkout(self, checkout, deployed):
        checkout.write("services/acme/main.py", "import sys\n")
        found = facts(deployed / "main.py", f"{deployed}/", checkout.top / "services" / "acme")
        assert (found.relative, found.in_tree, found.in_head) == ("services/acme/main.py", "same", "absent")

    def test_files_outside_the_deployed_folder_are_looked_at_where_they_are(self, checkout, deployed, place):
        (place / "optional").mkdir()
        (place / "optional" / "x.py").touch()
        assert repository_of(str(place / "optional" / "x.py"), str(deployed), str(checkout.top)) is None
        assert not facts(checkout.top / "main.py", deployed, checkout.top).mirrors

    @pytest.mark.parametrize("name", ["", "none"])
    def test_a_repository_that_is_none(self, deployed, place, name):
        (place / "empty").mkdir()
        assert "is in no git checkout" in untold(deployed / "main.py", deployed, place / "empty" / name).why
