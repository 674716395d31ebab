"""Diffs for people are printable and bounded; diffs for git are applied by git, to the byte."""

import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from qtops.patching import CannotPatch
from qtops.patching.diff import LONGEST_LINE, MOST_LINES, patch, unified

GIT = shutil.which("git")
needs_git = pytest.mark.skipif(GIT is None, reason="git is not installed")
TEN = b"".join(b"line %d\n" % n for n in range(10))


def test_a_removed_line_is_shown_with_its_surroundings():
    shown = unified(b"import sys\nsys.path.insert(0, '.')\nimport app\n", b"import sys\nimport app\n", "/srv/app/main.py")
    assert shown == (
        "--- /srv/app/main.py\n+++ /srv/app/main.py\n@@ -1,3 +1,2 @@\n import sys\n-sys.path.insert(0, '.')\n import app\n"
    )


def test_a_new_file_is_shown_as_such():
    assert unified(None, b"[Unit]\n", "/etc/x.conf") == "--- /dev/null\n+++ /etc/x.conf\n@@ -0,0 +1 @@\n+[Unit]\n"


def test_carriage_returns_are_seen():
    assert unified(b"a\r\n", b"a\n", "x").endswith("@@ -1 +1 @@\n-a\\r\n+a\n")


def test_control_characters_and_other_encodings_do_not_reach_a_terminal():
    shown = unified(b"", b"a\x1b]0;owned\x07\tb\xe9\xe2\x80\xae\x9b\n", "/srv/\x1b[2J")
    assert shown == "--- /srv/\\x1b[2J\n+++ /srv/\\x1b[2J\n@@ -0,0 +1 @@\n+a\\x1b]0;owned\\x07\tb\\xe9\\u202e\\x9b\n"


def test_a_missing_end_of_the_last_line_is_said():
    assert unified(b"a", b"b\n", "x").endswith("-a\n\\ No newline at end of file\n+b\n")


def test_long_diffs_and_long_lines_are_cut():
    shown = unified(b"x\n" * 5_000, b"x\r\n" * 5_000 + b"y" * 9_999, "x").splitlines()
    assert len(shown) == MOST_LINES + 3
    assert shown[-1] == "… 9,603 lines more"
    assert max(map(len, unified(b"", b"y" * 9_999, "x").splitlines())) == LONGEST_LINE + 1


def test_no_change_is_no_diff():
    assert unified(TEN, TEN, "x") == ""
    assert patch(TEN, TEN, "x", 0o644, 0o644) == b""


def applied(
    folder: Path, before: bytes | None, after: bytes, name: str, mode: int | None = None, old_mode: int | None = None
) -> Path:
    """The file after git has applied the patch in a repository that held ``before``, with and without having committed it."""
    assert GIT is not None
    file = folder / "repository" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    if before is not None:
        file.write_bytes(before)
        file.chmod(old_mode or mode or 0o644)
    environment = {"HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "PATH": "/usr/bin:/bin"}
    for arguments in (["init", "-q"], ["apply", "--check", "-"], ["apply", "--whitespace=nowarn", "-"]):
        given = patch(before, after, name, mode, old_mode) if arguments[0] == "apply" else b""
        ran = subprocess.run(
            [GIT, *arguments], cwd=folder / "repository", input=given, env=environment, capture_output=True, check=False
        )
        assert ran.returncode == 0, ran.stderr.decode(errors="replace")[:500] + given.decode("latin-1")[:500]
    return file


CHANGES = {
    "one line out": (TEN, TEN.replace(b"line 4\n", b"")),
    "first line out": (TEN, TEN[7:]),
    "last line out": (TEN, TEN[:-7]),
    "two places": (b"".join(b"%d\n" % n for n in range(50)), b"".join(b"%d\n" % n for n in range(50) if n not in {3, 40})),
    "CRLF stays": (TEN.replace(b"\n", b"\r\n"), TEN.replace(b"\n", b"\r\n").replace(b"line 4\r\n", b"")),
    "CRLF to LF": (TEN.replace(b"\n", b"\r\n"), TEN),
    "mixed line ends": (b"a\r\nb\nc\rd\r\n\n", b"a\nb\nc\rd\n\n"),
    "no newline at the end": (b"a\nb\nc", b"a\nc"),
    "the end goes": (b"a\nb\n", b"a\nb"),
    "the end comes": (b"a\nb", b"a\nb\n"),
    "all goes": (b"a\n", b""),
    "out of nothing": (b"", b"a\n"),
    "new": (None, b"a\nb\n"),
    "new without newline": (None, b"a"),
    "new and empty": (None, b""),
    "latin-1": (b"# caf\xe9\nx = 1\n# \xff\n", b"# caf\xe9\n# \xff\n"),
    "lines like a diff": (b"--- a\n+++ b\n@@ -1 +1 @@\n", b"--- a\n-- c\n+++ b\n\\ No newline at end of file\n"),
    "trailing blanks": (b"a  \n \t\nb\n", b"a  \n \t\n"),
    "form feed and NEL": (b"a\n\x0c\n\xc2\x85\xe2\x80\xa8\nb\n", b"a\n\x0c\n\xc2\x85\xe2\x80\xa8\n"),
}


@needs_git
@pytest.mark.parametrize("name", CHANGES)
def test_git_applies_it_to_the_byte(tmp_path, name):
    before, after = CHANGES[name]
    assert applied(tmp_path, before, after, "main.py").read_bytes() == after


@needs_git
@pytest.mark.parametrize(
    "name",
    ["with space.py", "a b/c d.py", 'quo"te.py', "back\\slash.py", "tab\there.py", "newline\nin.py", "café.py", "日本/語.py",
     "\udcff.py", "'single'.py", "$HOME.py", "-dash.py", "b/b.py", " lead and trail ", "a => b", "{x}"],
)  # fmt: skip
def test_git_finds_any_name(tmp_path, name):
    assert applied(tmp_path, TEN, TEN[7:], name).read_bytes() == TEN[7:]
    assert applied(tmp_path / "other", None, TEN, name).read_bytes() == TEN
    assert applied(tmp_path / "mode", b"a\n", b"a\n", name, 0o755, 0o644).stat().st_mode & stat.S_IXUSR


@needs_git
@pytest.mark.parametrize(
    ("old", "new", "after"),
    [(0o644, 0o755, b"a\n"), (0o755, 0o640, b"a\n"), (0o600, 0o500, b"b\n"), (0o755, 0o644, b"b\n"), (0o755, 0o755, b"b\n")],
)
def test_git_sets_the_mode(tmp_path, old, new, after):
    file = applied(tmp_path, b"a\n", after, "run.py", new, old)
    assert file.read_bytes() == after
    assert bool(file.stat().st_mode & stat.S_IXUSR) == bool(new & stat.S_IXUSR)


@needs_git
def test_a_new_file_may_be_executable(tmp_path):
    assert applied(tmp_path, None, b"#!/bin/sh\n", "run.sh", 0o755).stat().st_mode & stat.S_IXUSR


@needs_git
def test_it_applies_by_its_blobs_to_a_tree_that_has_gone_on(tmp_path):
    before = b"".join(b"%d\n" % n for n in range(20))
    gone_on = before.replace(b"8\n", b"eight\n", 1)
    given = patch(before, before.replace(b"\n10\n", b"\n"), "main.py", 0o644, 0o644)
    run = lambda *arguments: subprocess.run(  # noqa: E731
        [str(GIT), "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments],
        cwd=tmp_path, input=given, capture_output=True, check=False, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    run("init", "-q")
    for content in (before, gone_on):
        (tmp_path / "main.py").write_bytes(content)
        run("add", "main.py")
        run("commit", "-qm", "as it was")
    assert run("apply", "-").returncode != 0
    assert run("apply", "--3way", "-").returncode == 0
    assert (tmp_path / "main.py").read_bytes() == gone_on.replace(b"\n10\n", b"\n")


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../x", "a/../../x", "a//b", "./a", "a/", "x\0y", ".git/hooks/pre-commit", "a/.GIT/x"]
)
def test_a_path_out_of_the_repository_is_refused(path):
    with pytest.raises(CannotPatch, match="not the path of a file in a repository"):
        patch(b"a\n", b"b\n", path)


def test_what_is_no_text_is_refused():
    with pytest.raises(CannotPatch, match="NUL"):
        patch(b"a\0\n", b"b\n", "x")


LINES = st.lists(st.sampled_from([b"a", b"b", b"", b"\r", b"-a", b"+", b" ", b"@@", b"\\", b"\xff"]), max_size=14)
CONTENT = st.builds(lambda lines, end: b"\n".join(lines) + end, LINES, st.sampled_from([b"", b"\n"]))


@needs_git
@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.none() | CONTENT, after=CONTENT)
@example(before=b"a\na\na\nb\na\n", after=b"a\na\na\na\nb\na\n")  # the line before the change and after it are alike
@example(
    before=b"u\ns\nt\nv\nend\nof\nit\n", after=b"x\ns\nt\nv\nw\ns\nt\nv\nend\nof\nit\n"
)  # what follows it stands before it as well
def test_git_applies_any_change(tmp_path, before, after):
    shutil.rmtree(tmp_path / "repository", ignore_errors=True)
    if before != after:
        assert applied(tmp_path, before, after, "main.py").read_bytes() == after


@given(before=st.none() | st.binary(max_size=200), after=st.binary(max_size=200), path=st.text(max_size=20))
def test_what_is_shown_is_always_printable(before, after, path):
    lines = unified(before, after, path).split("\n")
    assert all(part.isprintable() for line in lines for part in line.split("\t"))
