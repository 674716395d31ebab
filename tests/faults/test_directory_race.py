"""Root replaces a file while the owner of its folder exchanges what is there, as fast as it can: nothing outside is ever written.

What lies outside looks just like what the plan was made for, by content, owner and mode: nothing but the way to it protects it.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree

import pytest

from qtops.actions.errors import Drift, Refused
from qtops.actions.files import replace
from qtops.steps import Replace
from tests.actions.app_folder import APP, NEW, OLD, TEMPORARY, make, needs_root, own, state

pytestmark = needs_root

MEMORY = Path("/dev/shm")  # syncs at once: ten times the tries
MODE = 0o644
TRIES = [pytest.param(500), pytest.param(20_000, marks=pytest.mark.heavy)]

Scene = Callable[[Path, Path], tuple[str, ...]]
"""Lays what is exchanged into the application's folder, beside ``pkg/main.py``; gives what its owner then does."""


def directory_and_link(app: Path, outside: Path) -> tuple[str, ...]:
    (app / "link").symlink_to(outside)
    return "exchange", f"{app}/pkg", f"{app}/link"


def file_and_link(app: Path, outside: Path) -> tuple[str, ...]:
    (app / "pkg" / "link").symlink_to(outside / "main.py")
    return "exchange", f"{app}/pkg/main.py", f"{app}/pkg/link"


def file_and_hard_link(app: Path, outside: Path) -> tuple[str, ...]:
    (app / "pkg" / "link").hardlink_to(outside / "main.py")
    return "exchange", f"{app}/pkg/main.py", f"{app}/pkg/link"


def temporary_and_link(app: Path, outside: Path) -> tuple[str, ...]:
    (app / "pkg" / "link").symlink_to(outside / "main.py")
    return "exchange", f"{app}/pkg/{TEMPORARY}", f"{app}/pkg/link"


def another_directory_in_its_place(app: Path, outside: Path) -> tuple[str, ...]:
    (app / "other").mkdir()
    own(app / "other")
    (app / "other" / "main.py").symlink_to(outside / "main.py")
    return "turns", f"{app}/pkg", f"{app}/other", f"{app}/aside"


SCENES = (directory_and_link, file_and_link, file_and_hard_link, temporary_and_link, another_directory_in_its_place)


@pytest.fixture
def place() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="qtops-race-", dir=MEMORY if MEMORY.is_dir() else None)).resolve()
    folder.chmod(0o755)
    (folder / "outside").mkdir()
    make(folder / "outside" / "main.py", OLD, MODE)
    yield folder
    rmtree(folder)


def lay(place: Path, scene: Scene) -> tuple[str, ...]:
    """The application's folder as it is at the beginning."""
    app = place / "app"
    if app.exists():
        rmtree(app)
    for folder in (app, app / "pkg"):
        folder.mkdir()
        own(folder)
    make(app / "pkg" / "main.py", OLD, MODE)
    return scene(app, place / "outside")


@contextmanager
def apart() -> Iterator[None]:
    """The body on another processor than what it starts: on the same one they would take turns, and hardly ever meet."""
    processors = os.sched_getaffinity(0)
    mine = {min(processors)}
    os.sched_setaffinity(0, mine)
    try:
        yield
    finally:
        os.sched_setaffinity(0, processors)


@contextmanager
def attacked(place: Path, scene: Scene) -> Iterator[Callable[[], None]]:
    """The body while the owner of the folder is at work; yields what lays all anew, with the owner held meanwhile."""
    command = [sys.executable, "-m", "tests.faults.exchanging", str(APP), *lay(place, scene)]
    with apart(), subprocess.Popen(command, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None

        def anew() -> None:
            owner.send_signal(signal.SIGSTOP)
            os.waitpid(owner.pid, os.WUNTRACED)
            lay(place, scene)
            owner.send_signal(signal.SIGCONT)

        try:
            assert owner.stdout.readline() == b"ready\n"
            yield anew
            assert owner.poll() is None, "at work to the end"
        finally:
            owner.kill()


def looks(outside: Path) -> tuple[object, ...]:
    """All that a write would change."""
    file = (outside / "main.py").lstat()
    return file.st_ino, file.st_mode, file.st_uid, file.st_size, file.st_mtime_ns, outside.stat().st_mtime_ns


def compiling() -> None:
    """Far shorter than it takes in truth, and long enough to be met in it."""
    time.sleep(0.00002)


def attempt(step: Replace) -> str:
    """How one replacement ended."""
    try:
        replace(step, NEW, TEMPORARY, compiling)
    except Refused:
        return "refused"
    except Drift:
        return "drifted"
    return "done"


@pytest.mark.parametrize("tries", TRIES)
@pytest.mark.parametrize("scene", SCENES)
def test_nothing_outside_is_written(place: Path, scene: Scene, tries: int) -> None:
    outside = place / "outside"
    before = state(OLD, mode=MODE)
    step = Replace(path=f"{place}/app/pkg/main.py", before=before, after=state(NEW, mode=MODE))
    ended: Counter[str] = Counter()
    written = 0
    as_it_was = looks(outside)
    with attacked(place, scene) as anew:
        for _ in range(tries):
            how = attempt(step)
            ended[how] += 1
            written += looks(outside) != as_it_was
            if how != "refused":
                anew()
    counts = ", ".join(f"{ended[how]} {how}" for how in ("done", "refused", "drifted"))
    print(f"\n{scene.__name__}: {tries} tries: {counts}; {written} written outside")
    assert (outside / "main.py").read_bytes() == OLD
    assert written == 0
    assert ended.total() == tries
    assert ended["refused"] + ended["drifted"] > 0, "the attack was seen"


def check_then_write(path: Path) -> None:
    """What a tool does that means well: it looks whether a link leads elsewhere, and then writes."""
    if path.resolve() == path and path.stat().st_nlink == 1:
        path.write_bytes(NEW)


@pytest.mark.parametrize("scene", [each for each in SCENES if each is not temporary_and_link])
def test_the_attack_hits_whoever_checks_before_writing(place: Path, scene: Scene) -> None:
    path, victim = place / "app" / "pkg" / "main.py", place / "outside" / "main.py"
    with attacked(place, scene):
        tries = 0
        while victim.read_bytes() == OLD and tries < 100_000:
            tries += 1
            with suppress(OSError):
                check_then_write(path)
    print(f"\n{scene.__name__}: written outside by try {tries}")
    assert victim.read_bytes() != OLD
