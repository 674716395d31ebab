"""How phases stood is remembered from one report to the next, and what cannot be read is said."""

import os

import pytest

from qtops.casework.keeping import LARGEST, STOOD, Remembered, remember, stood
from qtops.errors import QtopsError
from qtops.evidence.case import Stood
from qtops.settings import Settings

PARTIAL = Stood(number=3, state="PARTIAL", reported_s=100.0)
COMPLETE = Stood(number=3, state="COMPLETE", reported_s=200.0)
FIRST = Stood(number=1, state="UNVERIFIED", reported_s=150.0)


@pytest.fixture
def settings(tmp_path):
    return Settings(state=str(tmp_path / "state"))


@pytest.fixture
def file(settings, tmp_path):
    remember(settings, PARTIAL)
    return tmp_path / "state" / STOOD


def test_before_the_first_report_nothing_is_known_and_nothing_is_lacking(settings):
    assert stood(settings) == Remembered()


def test_the_last_report_on_a_phase_counts_and_others_stay(settings):
    remember(settings, PARTIAL)
    remember(settings, FIRST)
    remember(settings, COMPLETE)
    assert stood(settings) == Remembered((FIRST, COMPLETE))


def test_only_its_owner_may_read_it(file):
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"schema": "qtops.stood/2", "stood": []}', b"[" * 100_000])
def test_a_damaged_one_is_said_and_written_anew(settings, file, content):
    file.write_bytes(content)
    found = stood(settings)
    assert found.stood == ()
    assert (str(file) in "".join(found.lacking)) == bool(content)
    remember(settings, FIRST)
    assert stood(settings) == Remembered((FIRST,))


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "large"])
def test_nothing_but_a_small_file_is_read(settings, file, tmp_path, kind):
    content = file.read_bytes()
    file.unlink()
    match kind:
        case "link":
            (tmp_path / "elsewhere").write_bytes(content)
            file.symlink_to(tmp_path / "elsewhere")
        case "pipe":
            os.mkfifo(file)
        case "folder":
            file.mkdir()
        case "large":
            file.write_bytes(b" " * LARGEST + content)
    found = stood(settings)
    assert found.stood == ()
    assert len(found.lacking) == 1


def test_a_link_is_not_written_through(settings, file, tmp_path):
    file.unlink()
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(QtopsError, match="is a link"):
        remember(settings, PARTIAL)
    assert not (tmp_path / "elsewhere").exists()
