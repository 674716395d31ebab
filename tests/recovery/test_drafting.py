"""Remedies carried out in memory: one step per file, whatever asks for it, and no file that a link of a stranger leads to."""

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from qtops.collectors.doctor import Request
from qtops.facts.service import Facts
from qtops.findings import Diagnosis, Verdict
from qtops.recovery.drafting import CannotDraft, draft, real
from qtops.recovery.looking import Looked
from qtops.steps import DropIn, MakeExecutable, Remedy, RemoveStatement, Replace, Shebang, UnixLineEnds
from tests.checks.services import UNIT, down

SOURCE = b"#!/usr/bin/python3\r\nimport sys\r\nsys.path.insert(0, '/x')\r\nprint(1)\r\n"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="gives files to others")


@pytest.fixture
def looked() -> Looked:
    facts = Facts(host="h", taken_at_s=0.0, services=(replace(down(), unit=UNIT),))
    return Looked(Request(), facts, Diagnosis(subject=UNIT.name, verdict=Verdict.CRITICAL, condition="failed", state="failed"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "main.py"
    file.write_bytes(SOURCE)
    file.chmod(0o640)
    return file


def remedy(*changes, code: str = "IMPORT101", name: str = "remedy") -> Remedy:
    return Remedy(name=name, code=code, title="a remedy", why="so", changes=changes)


def test_changes_of_one_file_make_one_step_from_what_is_there_to_what_is_to_be(looked, file):
    made = draft(looked, [remedy(RemoveStatement(str(file), 3), name="a"), remedy(MakeExecutable(str(file)), name="b")])
    (step,) = made.steps
    assert isinstance(step.action, Replace)
    assert (step.action.before.mode, step.action.after.mode) == (0o640, 0o750)
    assert made.contents[step.action.before.sha256] == SOURCE
    assert made.contents[step.action.after.sha256] == SOURCE.replace(b"sys.path.insert(0, '/x')\r\n", b"")
    assert file.read_bytes() == SOURCE


def test_imports_left_unused_are_told(looked, file):
    assert draft(looked, [remedy(RemoveStatement(str(file), 3))]).notes == [
        f"{file}: `sys` is imported and no longer used; it was left alone"
    ]


def test_lines_of_an_environment_file_are_counted_and_never_shown(looked, tmp_path):
    secrets = tmp_path / "app.env"
    secrets.write_bytes(b"TOKEN=hunter2hunter2\r\nLEVEL=INFO\r\n")
    (step,) = draft(looked, [remedy(UnixLineEnds(str(secrets)))]).steps
    assert step.diff == ""
    assert "2 lines lose their carriage return" in step.effect


def test_a_password_beside_the_change_is_not_shown(looked, file):
    file.write_bytes(b"import sys\nREDIS_PASSWORD = 'hunter2hunter2'\nsys.path.insert(0, '/x')\n")
    (step,) = draft(looked, [remedy(RemoveStatement(str(file), 3))]).steps
    assert "-sys.path.insert" in step.diff
    assert "hunter2" not in step.diff


def test_a_first_line_and_line_ends_are_mended_together(looked, file):
    made = draft(looked, [remedy(Shebang(str(file), "/usr/bin/python3.11"), UnixLineEnds(str(file)))])
    assert made.new[str(file)] == SOURCE.replace(b"\r\n", b"\n").replace(b"python3\n", b"python3.11\n")


def test_a_drop_in_is_a_new_file_of_roots(looked):
    made = draft(
        looked, [remedy(DropIn("qtops-test-nosuch.service", "Service", ("Environment=PYTHONPATH=/srv/app",)), code="IMPORT101")]
    )
    (step,) = made.steps
    path = "/etc/systemd/system/qtops-test-nosuch.service.d/90-qtops-IMPORT101.conf"
    assert isinstance(step.action, Replace)
    assert (step.action.path, step.action.before, step.action.makes) == (path, None, (str(Path(path).parent),))
    assert (step.action.after.mode, step.action.after.uid) == (0o644, 0)
    assert made.drop_ins == {path}
    assert b"[Service]\nEnvironment=PYTHONPATH=/srv/app\n" in made.new[path]
    assert step.way_back == f"remove {path}"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda file: RemoveStatement(f"{file}.gone", 3), "is not there any more"),
        (lambda file: RemoveStatement("main.py", 3), "no absolute path"),
        (lambda file: RemoveStatement(str(file), 2), "main.py: "),
    ],
)
def test_what_cannot_be_done_names_the_remedy_and_the_reason(looked, file, change, says):
    with pytest.raises(CannotDraft, match=says) as caught:
        draft(looked, [remedy(change(file), name="this-one")])
    assert caught.value.remedy == "this-one"


def test_links_are_followed_before_anything_is_planned(looked, file, tmp_path):
    (tmp_path / "releases").mkdir()
    file.rename(tmp_path / "releases" / "main.py")
    (tmp_path / "current").symlink_to("releases")
    assert real(str(tmp_path / "current" / "main.py"), "r") == str(tmp_path / "releases" / "main.py")
    (step,) = draft(looked, [remedy(RemoveStatement(str(tmp_path / "current" / "main.py"), 3))]).steps
    assert isinstance(step.action, Replace)
    assert step.action.path == str(tmp_path / "releases" / "main.py")


def test_links_in_a_circle_lead_nowhere(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(CannotDraft, match="too many links"):
        real(str(tmp_path / "a"), "r")


@needs_root
def test_a_strangers_link_leads_to_no_file_but_its_owners(file, tmp_path):
    link = tmp_path / "link.py"
    link.symlink_to(file)
    os.chown(link, 65534, 65534, follow_symlinks=False)
    with pytest.raises(CannotDraft, match="a link on the way belongs to user 65534"):
        real(str(link), "r")
    os.chown(file, 65534, 65534)
    assert real(str(link), "r") == str(file)
