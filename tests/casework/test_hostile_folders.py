"""The folder of a report may be anybody's: nothing but files is opened, no more is read than a report has, errors are words."""

import os
import stat
import threading
import time
from contextlib import suppress

import pytest

from qtops.bundle.writing import BundleError
from qtops.casework.checking import examine
from qtops.casework.recorded import read_case
from qtops.casework.writing import RENDERINGS, compose, put
from qtops.errors import NotPermitted, QtopsError, UsageError
from qtops.reports.written.templates import load
from qtops.settings import Settings
from tests.evidence.cases import founding_case

TEMPLATES = load(None)
REPORT = compose(founding_case(), TEMPLATES)


@pytest.fixture
def report(tmp_path):
    return put(REPORT, tmp_path / "report")


@pytest.mark.parametrize("kind", ["link", "fifo", "folder", "device"])
@pytest.mark.parametrize("name", RENDERINGS)
def test_nothing_but_files_is_opened(report, name, kind):
    path = report / name
    path.unlink()
    match kind:
        case "link":
            path.symlink_to("/etc/passwd")
        case "fifo":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "device":
            if os.geteuid() != 0:
                pytest.skip("root makes devices")
            os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 5))
    with pytest.raises(BundleError, match="is a link" if kind == "link" else "no regular file"):
        examine(report, TEMPLATES)


def test_holes_are_not_read(report):
    for path in (report / "evidence").glob("E*"):
        os.truncate(path, 10 << 30)
    began = time.perf_counter()
    assert {one.kind for one in examine(report, TEMPLATES).objections} == {"missing"}
    os.truncate(report / "report.md", 10 << 30)
    with pytest.raises(BundleError, match="larger than 64 MiB"):
        examine(report, TEMPLATES)
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("path", ["a" * 5000, "report.json/x"])
def test_what_nobody_can_name_is_refused_in_words(report, path):
    for read in (lambda: examine(report / path, TEMPLATES), lambda: read_case([report / path], "incident", Settings())):
        with pytest.raises(BundleError, match="cannot be read"):
            read()


@pytest.mark.skipif(os.geteuid() != 0, reason="root becomes somebody else")
def test_what_this_user_may_not_read_is_told(report):
    for read in (lambda: examine(report, TEMPLATES), lambda: read_case([report], "incident", Settings())):
        os.seteuid(65534)
        try:
            with pytest.raises(NotPermitted, match="cannot be read: Permission denied"):
                read()
        finally:
            os.seteuid(0)


@pytest.mark.skipif(os.geteuid() != 0, reason="root gives folders away")
def test_nothing_is_written_into_a_folder_of_somebody_else(tmp_path):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    os.chown(theirs, 65534, 65534)
    with pytest.raises(UsageError, match="belongs to user 65534"):
        put(REPORT, theirs)
    assert list(theirs.iterdir()) == []


def test_a_folder_that_changes_while_it_is_read_is_read_or_refused(report, tmp_path):
    """Renamed, emptied, put back: whoever owns it may do all of that meanwhile."""
    ended = threading.Event()

    def meddle() -> None:
        away = tmp_path / "away"
        while not ended.is_set():
            report.rename(away)
            away.rename(report)
            (report / "evidence").rename(report / "gone")
            (report / "gone").rename(report / "evidence")
            (report / "report.md").rename(report / "x")
            (report / "x").rename(report / "report.md")

    meddler = threading.Thread(target=meddle)
    meddler.start()
    try:
        for _ in range(30):
            with suppress(QtopsError):
                assert {one.kind for one in examine(report, TEMPLATES).objections} <= {"missing", "extra"}
    finally:
        ended.set()
        meddler.join()
    assert examine(report, TEMPLATES).objections == ()
