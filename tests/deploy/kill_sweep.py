"""Kill `qtops install` at every call that changes something, before it and after it, and see that the next run ends it.

    python -m tests.deploy.kill_sweep FOLDER ACTION NEXT EVERY

ACTION is what is killed (first: the first --apply; upgrade: one over an older version; remove), NEXT what is run then (apply,
remove), EVERY the way from point to point. Each run is a process of its own that kills itself (SIGKILL, so that nothing is tidied
up) at its point. Prints a line per point that left the wrong thing, and the number of points.
"""

import os
import shutil
import signal
import sys
import traceback
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import FrameType

from qtops.cli.install_run import run as _loaded  # noqa: F401  # before anything is forked
from qtops.cli.main import qtops
from tests.actions.kill_sweep import CHANGING

OLD = "/opt/older/bin/python"
NEW = "/opt/qtops/bin/python"
Tree = dict[str, tuple[bytes, int]]


def do(place: Path, action: str) -> None:
    """One run of the command, from beginning to end."""
    words = ["--remove"] if action == "remove" else ["--apply", "--python", OLD if action == "older" else NEW]
    qtops(["install", "--prefix", str(place), *words], standalone_mode=False)


def run(point: int | None, place: Path, action: str) -> int:
    """The same in a process of its own, killed at its ``point``-th event; how that ended (0, or minus the signal)."""
    sys.stdout.flush()
    child = os.fork()
    if not child:
        seen = 0

        def watch(_frame: FrameType, event: str, called: object) -> None:
            nonlocal seen
            if event in {"c_call", "c_return"} and getattr(called, "__name__", "") in CHANGING:
                seen += 1
                if seen == point:
                    os.kill(os.getpid(), signal.SIGKILL)

        code = 70
        try:
            with redirect_stdout(StringIO()):
                if point is not None:
                    sys.setprofile(watch)
                do(place, action)
                sys.setprofile(None)
            code = 0
        finally:
            if code:
                traceback.print_exc()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def found(place: Path) -> Tree:
    """Every file and folder of the tree with content and mode."""
    every = sorted(place.rglob("*"))
    return {str(file.relative_to(place)): (b"" if file.is_dir() else file.read_bytes(), file.stat().st_mode) for file in every}


def expected(place: Path, action: str) -> Tree:
    """What a run that nobody kills leaves."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o755)
    assert run(None, place, action) == 0
    return {name: it for name, it in found(place).items() if name != "var/lib/qtops/installed.json"}


def torn(place: Path, old: Tree, new: Tree) -> str:
    """Which file is neither whole and old nor whole and new, right after a kill."""
    now = {name: it for name, it in found(place).items() if name in old or name in new}
    return ", ".join(name for name, it in now.items() if it not in (old.get(name), new.get(name)))


def attempt(place: Path, action: str, following: str, point: int, old: Tree, new: Tree) -> str | None:
    """Kill the action at this point and do what follows: what is wrong then, and None where the action ended before that point."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o755)
    if action != "first":
        assert run(None, place, "older" if action == "upgrade" else "apply") == 0
    if (ended := run(point, place, action)) == 0:
        return None
    assert ended == -signal.SIGKILL
    if complaint := torn(place, old, new):
        return f"torn: {complaint}"
    if after := run(None, place, following):
        return f"exit {after}"
    now = {name: it for name, it in found(place).items() if name != "var/lib/qtops/installed.json"}
    wanted = new if following == "apply" else {}
    left = [name for name in now if name not in wanted and not (place / name).is_dir()]
    return ", ".join([*(name for name in wanted if now.get(name) != wanted[name]), *left])


def sweep(place: Path, action: str, following: str, every: int) -> int:
    """Try all points; the number of those that left something wrong."""
    old, new = expected(place, "older"), expected(place, "apply")
    points = bad = 0
    while (complaint := attempt(place, action, following, 1 + points * every, old, new)) is not None:
        if complaint:
            bad += 1
            print(f"{action} killed at {1 + points * every}, then {following}: {complaint}")
        points += 1
    print(f"points {points} wrong {bad}")
    return bad


if __name__ == "__main__":
    folder, what, then, step = sys.argv[1:]
    sys.exit(1 if sweep(Path(folder), what, then, int(step)) else 0)
