"""A booted host with qtops where a server has it, /opt/qtops: everybody may execute it, and the units name it."""

import json
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, Final

import pytest

from tests.box.box import PYTHON, Box, booted

VENV: Final = "/opt/qtops"
INTERPRETER: Final = f"{VENV}/bin/python"
PROJECT: Final = Path(__file__).parents[2]
ENVIRONMENT: Final = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/root",
    "PYTHONDONTWRITEBYTECODE": "1",
}
AS_QTOPS: Final = ("setpriv", "--reuid=qtops", "--regid=qtops", "--init-groups", "--", "env", "HOME=/nonexistent")


@dataclass(frozen=True)
class Host:
    """The box, and qtops in it."""

    box: Box

    def qtops(self, *words: str, before: tuple[str, ...] = (), python: str = INTERPRETER) -> CompletedProcess[bytes]:
        """A command of qtops, as root unless ``before`` makes it somebody else."""
        command = (*before, python, "-P", "-m", "qtops", *words)
        return self.box.run(*command, check=False, timeout=120, env=ENVIRONMENT, cwd="/")

    def install(self, *words: str, expect: int = 0, python: str = INTERPRETER) -> dict[str, Any]:
        """What ``qtops install … -o json`` printed."""
        done = self.qtops("install", *words, "-o", "json", python=python)
        assert done.returncode == expect, (done.returncode, done.stderr.decode(), done.stdout.decode()[:3000])
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def as_qtops(self, *command: str) -> CompletedProcess[bytes]:
        """A command as the supervisor's user."""
        return self.box.run(*AS_QTOPS, *command, check=False)


@contextmanager
def host() -> Iterator[Host]:
    """A host on which nothing of qtops is installed but its virtual environment. polkit runs."""
    packages = sysconfig.get_path("purelib")
    with booted(binds=[f"{packages}:/srv/packages", f"{PROJECT}:/srv/qtops"], units=["polkit.service"]) as box:
        box.run(PYTHON, "-m", "venv", "--without-pip", VENV)
        version = box.text(PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()
        if version != f"{sys.version_info[0]}.{sys.version_info[1]}":
            pytest.skip(f"{PYTHON} is {version}: what is installed for these tests cannot be imported by it")
        site = f"{VENV}/lib/python{version}/site-packages"
        box.write(f"{site}/qtops.pth", "/srv/qtops\n/srv/packages\n")
        box.write(f"{site}/async_timeout.py", "from asyncio import timeout\n")  # redis-py wants it before Python 3.11.3
        yield Host(box)
