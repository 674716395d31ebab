"""``qtops doctor`` as a process of its own, inside a box: how it ends, what it says, and how long that takes."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.box.box import Box, booted
from tests.box.fixture import unseen

ENDS: Final = (0, 1, 2, 3, 64, 77, 78)  # what doctor may end with, whatever it is given
FORMATS: Final = ("human", "json", "markdown", "junit", "nagios")
NOBODY: Final = ("setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--")
DOCTOR: Final = (sys.executable, "-m", "qtops", "doctor")
PROJECT: Final = Path(__file__).parents[2]
_QUIET: Final = {"PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8", "HOME": "/nonexistent", "PYTHONPATH": str(PROJECT)}
PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Told:
    """One run: its exit code, both streams, and the seconds that it took, those of starting Python included."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def document(self) -> Any:
        """What ``-o json`` printed."""
        return json.loads(self.out)

    @property
    def results(self) -> dict[str, Any]:
        """The results of ``-o json`` by the unit's name."""
        return {result["subject"]: result for result in self.document["results"]}


def environment(**changes: str) -> dict[str, str]:
    """What doctor is started with: the tests' own variables would be read by it."""
    return {**_QUIET, "PATH": PATH, **changes}


def ask(
    box: Box, *arguments: str, before: Sequence[str] = (), command: Sequence[str] = DOCTOR, within_s: float = 30, **variables: str
) -> Told:
    """Run doctor in a box; ``before`` goes before the command. It ends as it should, and a traceback is shown only to who asks."""
    began = time.monotonic()
    done = box.run(
        *before,
        *command,
        *arguments,
        check=False,
        timeout=within_s,
        env=environment(**variables),
        cwd="/",
        stdin=subprocess.DEVNULL,
    )
    told = Told(
        done.returncode, *(part.decode("utf-8", "surrogateescape") for part in (done.stdout, done.stderr)), time.monotonic() - began
    )
    assert told.code in ENDS, (arguments, told)
    assert "QTOPS_DEBUG" in variables or "Traceback (most recent call last)" not in told.err, told.err
    return told


@contextmanager
def prepared(units: Mapping[str, str | bytes], files: Mapping[str, str | bytes] | None = None) -> Iterator[Box]:
    """A box with these units, loaded and not started, and these files; nobody in it is kept from running doctor."""
    with booted(binds=unseen()) as box:
        for path, content in (files or {}).items():
            box.write(path, content)
        for name, content in units.items():
            box.unit(name, content)
        box.reload()
        let_anybody_run(box)
        yield box


def let_anybody_run(box: Box) -> None:
    """Open the way to doctor and its Python, which may lie below somebody's home: to the box alone."""
    places = [Path(place).resolve() for place in (PROJECT, sys.prefix, sys.base_prefix)]
    box.run("chmod", "o+x", *{str(folder) for place in places for folder in place.parents})


def settled(box: Box, *names: str, within_s: float = 10) -> None:
    """Wait until none of these units is about to change."""
    deadline = time.monotonic() + within_s
    while True:
        shown = box.show(*names, properties=["ActiveState", "SubState", "Job"])
        moving = [name for name, it in shown.items() if it["ActiveState"] in {"activating", "deactivating"} or it["Job"]]
        if not moving:
            return
        assert time.monotonic() < deadline, f"still on their way: {moving}"
        time.sleep(0.05)
