"""Folders to change files in."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import pytest

from tests.actions.app_folder import make, own


@pytest.fixture
def outside() -> Iterator[Path]:
    """A folder of root's that everybody may enter; pytest's own ones may be entered by root only."""
    folder = Path(tempfile.mkdtemp(prefix="qtops-actions-")).resolve()
    folder.chmod(0o755)
    yield folder
    rmtree(folder)


@pytest.fixture
def app(outside: Path) -> Path:
    """The folder of the application, with one file: main.py, which holds OLD."""
    folder = outside / "app"
    folder.mkdir(0o755)
    own(folder)
    make(folder / "main.py")
    return folder
