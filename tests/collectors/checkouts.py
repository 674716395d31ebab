"""Real git checkouts of an account that is not the one who looks."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtops.collectors.repository import repository_of
from qtops.facts.repository import RepositoryFacts, RepositoryUntold
from tests.collectors.people import folder

APP = 41000 if os.geteuid() == 0 else os.geteuid()
IDENTITY = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@x", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@x"}
PLAIN = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", **IDENTITY}


class Checkout:
    """A working tree of an account, made by that account."""

    def __init__(self, top: Path, uid: int = APP) -> None:
        self.top, self.uid = top, uid
        self.make(top)

    def make(self, place: Path) -> None:
        place.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            os.chown(place, self.uid, self.uid)

    def run(self, *argv: str) -> str:
        drop = {"user": self.uid, "group": self.uid, "extra_groups": []} if os.geteuid() == 0 else {}
        done = subprocess.run(argv, cwd=self.top, env=PLAIN, capture_output=True, check=False, **drop)
        assert not done.returncode, done.stderr
        return done.stdout.decode()

    def git(self, *arguments: str) -> str:
        return self.run("git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments)

    def write(self, name: str, content: bytes | str, mode: int = 0o644) -> Path:
        path = self.top / name
        for parent in reversed(path.relative_to(self.top).parents[:-1]):
            self.make(self.top / parent)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.uid)
        return path

    def commit(self, **files: bytes | str) -> "Checkout":
        self.git("init", "-q")
        for name, content in files.items():
            self.write(name.replace("_py", ".py"), content)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")
        return self


@pytest.fixture(name="place")
def make_place() -> Iterator[Path]:
    """A folder that everybody may enter."""
    with folder() as made:
        yield made.resolve()


@pytest.fixture(name="checkout")
def make_checkout(place: Path) -> Checkout:
    """Clean: ``main.py`` is as committed."""
    return Checkout(place / "acme").commit(main_py="import sys\n", lib_py="x = 1\n")


def facts(path: Path, *settings: object) -> RepositoryFacts:
    found = repository_of(str(path), *map(str, settings))
    assert isinstance(found, RepositoryFacts), found
    return found


def untold(path: Path, *settings: object) -> RepositoryUntold:
    found = repository_of(str(path), *map(str, settings))
    assert isinstance(found, RepositoryUntold), found
    return found
