"""Who may write a runbook decides what root runs: a file, or a folder, of somebody else is refused."""

import os
from pathlib import Path

import pytest

from qtops.collectors.guide_files import read
from qtops.errors import NotPermitted
from qtops.guides.parsing import LARGEST
from qtops.guides.values import RunbookError

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="gives files away: root only")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    folder = tmp_path / "runbooks"
    folder.mkdir(mode=0o755)
    (folder / "page.md").write_text("# A page\n")
    (folder / "page.md").chmod(0o644)
    return folder / "page.md"


def test_a_file_of_ones_own_is_read(page, monkeypatch):
    assert read(page) == b"# A page\n"
    monkeypatch.chdir(page.parent)
    assert read(Path("page.md")) == b"# A page\n"


@as_root
def test_a_file_of_somebody_else_is_refused(page):
    os.chown(page, NOBODY, 0)
    with pytest.raises(NotPermitted, match="belongs to nobody"):
        read(page)


@as_root
@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_a_file_that_others_may_write_is_refused(page, mode):
    page.chmod(mode)
    with pytest.raises(NotPermitted, match="others than root may write it"):
        read(page)


@as_root
def test_a_folder_of_somebody_else_is_refused(page):
    os.chown(page.parent, NOBODY, 0)
    with pytest.raises(NotPermitted, match="belongs to nobody, who could put another one there"):
        read(page)


@as_root
@pytest.mark.parametrize("mode", [0o775, 0o757, 0o777])
def test_a_folder_that_others_may_write_is_refused(page, mode):
    page.parent.chmod(mode)
    with pytest.raises(NotPermitted, match="others than root may write this folder"):
        read(page)


@as_root
def test_a_folder_where_nobody_can_replace_what_is_anothers_is_taken(page):
    page.parent.chmod(0o1777)
    assert read(page) == b"# A page\n"


def as_nobody(do) -> str:
    """What it says when the effective user is nobody."""
    os.seteuid(NOBODY)
    try:
        return do().decode()
    except (NotPermitted, RunbookError) as error:
        return str(error)
    finally:
        os.seteuid(0)


@as_root
def test_another_user_than_root_runs_what_is_roots_or_the_own(page):
    for folder in (page.parent, *page.parent.parents):
        if str(folder).startswith("/tmp/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    assert as_nobody(lambda: read(page)) == "# A page\n"
    os.chown(page, NOBODY, NOBODY)
    assert as_nobody(lambda: read(page)) == "# A page\n"
    os.chown(page, 1, 1)
    assert "belongs to daemon" in as_nobody(lambda: read(page))
    page.chmod(0o600)
    assert "this user may not read it" in as_nobody(lambda: read(page))


def test_a_link_is_not_followed(page):
    link = page.with_name("link.md")
    link.symlink_to(page)
    with pytest.raises(RunbookError, match="is a link; name the file itself"):
        read(link)


@pytest.mark.parametrize("name", ["absent.md", "absent/page.md", "x" * 300, "a\0b", "."])
def test_what_is_not_there_is_told(page, name):
    with pytest.raises(RunbookError):
        read(page.parent / name)


def test_what_is_no_file_is_refused_at_once(page):
    fifo = page.with_name("fifo.md")
    os.mkfifo(fifo)
    for place in (fifo, page.parent, Path("/dev/zero")):
        with pytest.raises(RunbookError):
            read(place)


def test_a_file_without_end_is_not_read_to_its_end(page):
    with page.open("wb") as file:
        file.truncate(1 << 33)
    assert len(read(page)) == LARGEST + 1
