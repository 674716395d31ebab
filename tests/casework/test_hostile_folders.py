"""The folder of a report may be anybody's: nothing but files is opened, no more is read than a report has, errors are words."""

import os
import stat
import time

import pytest

from qtops.bundle.writing import BundleError
from qtops.casework.checking import examine
from qtops.casework.recorded import read_case
from qtops.casework.writing import RENDERINGS, compose, put
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
