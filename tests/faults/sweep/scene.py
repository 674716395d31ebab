"""A recovery of three files that was struck: how it stood before, what is there now, and what the next run makes of it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Final, Literal

import msgspec

from qtops.actions.ledger import Entry
from qtops.actions.ledger_opening import look_into
from qtops.errors import QtopsError
from qtops.steps import Replace
from tests.actions.patching_run import ID, Kept, do, make
from tests.faults.sweep.strace import Call, calls, python, struck

Action = Literal["apply", "resume", "undo"]
ACTIONS: Final[tuple[Action, ...]] = ("apply", "resume", "undo")
RUN: Final = "tests.actions.patching_run"


@dataclass(frozen=True)
class File:
    """All of a file that an undo has to bring back."""

    content: bytes
    mode: int
    uid: int
    gid: int
    xattrs: tuple[tuple[str, bytes], ...]
    mtime_ns: int


Tree = dict[str, File | int]  # a directory is its mode


@dataclass(frozen=True)
class Place:
    """A folder in which one run after the other takes place, always at the same path: ``now``. The rest are copies of it."""

    root: Path

    @property
    def now(self) -> Path:
        return self.root / "now"

    @property
    def tree(self) -> Path:
        return self.now / "tree"

    @property
    def state(self) -> Path:
        return self.now / "state"

    def command(self, action: str) -> list[str]:
        """The run in a process of its own."""
        return python(RUN, str(self.state), str(self.now / "plan"), action)

    def kept(self) -> Kept:
        return msgspec.json.decode((self.now / "plan").read_bytes(), type=Kept)

    def copy_to(self, name: str) -> None:
        subprocess.run(["cp", "-a", self.now, self.root / name], check=True)

    def copy_from(self, name: str) -> None:
        shutil.rmtree(self.now, ignore_errors=True)
        subprocess.run(["cp", "-a", self.root / name, self.now], check=True)

    def discard(self, name: str) -> None:
        shutil.rmtree(self.root / name)

    def do(self, what: str) -> str:
        """Do it right here; why it failed, if it did."""
        try:
            with redirect_stdout(StringIO()):
                do(str(self.state), self.kept(), what)
        except QtopsError as error:
            return str(error)
        return ""

    def look(self) -> Tree:
        """Everything in the tree."""
        return {str(path.relative_to(self.tree)): _file(path) for path in self.tree.rglob("*")}

    def entries(self) -> tuple[Entry, ...]:
        """What the ledger says, as one reads it who changes nothing."""
        with look_into(str(self.state)) as ledger:
            return () if ledger is None else ledger.entries(ID)


@dataclass(frozen=True)
class Scene:
    """A place with how it is before each action, and the two trees that are right."""

    place: Place
    old: Tree
    new: Tree

    def left(self) -> Iterator[str]:
        """What must never be there, however a run ended: half a file, half a backup, a ledger that relies on what is not kept."""
        now = self.place.look()
        for name in sorted({*self.old, *self.new, *now}):
            known = self.old.get(name), self.new.get(name)
            if not _is_temporary(name) and not any(_is_same(now.get(name), one) for one in known):
                yield f"{name} is neither old nor new"
        folder = self.place.state / "recoveries" / ID
        kept = {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.glob("*") if len(path.name) == 64}
        yield from (f"backup {name[:8]} is torn" for name, digest in kept.items() if name != digest)
        if self.place.entries() or (folder / "plan.json").exists():
            yield from (f"no backup of {path}" for path, digest in _befores(self.place.kept()) if digest not in kept)

    def is_at(self, tree: Tree) -> bool:
        """Whether all is as in that tree, and nothing else is there."""
        now = self.place.look()
        return now.keys() == tree.keys() and all(_is_same(now[name], tree[name]) for name in now)


def prepared(root: Path) -> Scene:
    """Make a place. ``apply`` begins with nothing, ``undo`` with what was verified, ``resume`` with two names of a new file."""
    place = Place(root)
    place.now.mkdir(parents=True)
    kept = make(place.tree)
    (place.now / "plan").write_bytes(msgspec.json.encode(kept))
    place.copy_to("apply")
    old = place.look()
    recorded = calls(place.command("apply"), place.now)
    place.copy_to("undo")
    new = {name: replace(file, mtime_ns=0) if isinstance(file, File) else file for name, file in place.look().items()}
    place.copy_from("apply")
    struck(place.command("apply"), place.now, after_the_link(recorded), "KILL")
    place.copy_to("resume")
    return Scene(place, old, new)


def after_the_link(recorded: list[Call]) -> Call:
    """The call that takes the second of its names from a file that was put where none was."""
    position = next(number for number, call in enumerate(recorded) if call.name in {"link", "linkat"})
    return recorded[position + 1]


def _file(path: Path) -> File | int:
    found = path.lstat()
    mode = found.st_mode & 0o7777
    if path.is_dir():
        return mode
    xattrs = tuple((name, os.getxattr(path, name)) for name in sorted(os.listxattr(path)))
    return File(path.read_bytes(), mode, found.st_uid, found.st_gid, xattrs, found.st_mtime_ns)


def _is_same(found: File | int | None, wanted: File | int | None) -> bool:
    """The time of a new file is that of its writing, which is nothing to be compared."""
    if isinstance(found, File) and isinstance(wanted, File) and not wanted.mtime_ns:
        found = replace(found, mtime_ns=0)
    return found == wanted


def _befores(kept: Kept) -> list[tuple[str, str]]:
    actions = [step.action for step in kept.plan.steps]
    return [(action.path, action.before.sha256) for action in actions if isinstance(action, Replace) and action.before]


def _is_temporary(name: str) -> bool:
    file = name.rpartition("/")[2]
    return file.startswith(".qtops-") and file.endswith(".tmp")
