"""Folders to change files in."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import pytest

from tests.actions.app_folder import make, own


@pytest.fixture
def outside() -> Iterator[Path]:
    """A folder of root's that everybody may enter, which pytest's own ones are not. Whoever uses it leaves no descriptor open."""
    before = descriptors()
    folder = Path(tempfile.mkdtemp(prefix="qtops-actions-")).resolve()
    folder.chmod(0o755)
    yield folder
    rmtree(folder)
    assert descriptors() == before


@pytest.fixture
def app(outside: Path) -> Path:
    """The folder of the application, with one file: main.py, which holds OLD."""
    folder = outside / "app"
    folder.mkdir(0o755)
    own(folder)
    make(folder / "main.py")
    return folder


def descriptors() -> int:
    """How many this process has open."""
    return len([*Path("/proc/self/fd").iterdir()])
