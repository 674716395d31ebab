"""Accounts of a host with numbers that no other host uses, and a folder that all of them may enter."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: only root can act as others")
PASSWD = "root:x:0:0::/root:/bin/sh\nqt:x:41000:41000::/home/qt:/bin/sh\nother:x:41001:41001::/:/bin/sh\nbroken:x\n"
GROUP = "root:x:0:\nqt:x:41000:\nshared:x:42000:other,qt\nextra:x:43000:\nother:x:41001:\n"


@contextmanager
def folder() -> Iterator[Path]:
    """One that everybody may enter; pytest's own are closed."""
    with tempfile.TemporaryDirectory(dir="/tmp") as made:
        Path(made).chmod(0o755)
        yield Path(made)
