"""Kill a transaction at every call that changes something, before it and after it, and see that the next run ends or undoes it.

    python -m tests.actions.kill_sweep FOLDER ACTION NEXT EVERY

ACTION is what is killed (apply, undo, resume), NEXT what is run then (end, undo), EVERY the way from point to point. Each run is a
process of its own that kills itself (SIGKILL, so that nothing is tidied up) at its point: a call into the kernel, of a file's
``write``, or of SQLite's ``execute``. Prints a line per point that left the wrong thing, and the number of points.
"""

import os
import shutil
import signal
import sys
import traceback
from contextlib import redirect_stdout
from hashlib import sha256
from io import StringIO
from pathlib import Path
from types import FrameType

from qtops.actions.ledger_opening import look_into
from qtops.errors import QtopsError
from tests.actions.patching_run import DROP_IN, ID, NEW_SOURCE, OLD_SOURCE, SCRIPT, Kept, do, make

CHANGING = frozenset(
    name
    for line in (
        "open write pwrite rename replace link symlink unlink mkdir rmdir fsync fdatasync chmod fchmod chown fchown",
        "setxattr removexattr utime truncate ftruncate execute executemany close flock",
    )
    for name in line.split()
)
OLD = {"main.py": (OLD_SOURCE, 0o640), "start.sh": (SCRIPT, 0o644)}
NEW = {"main.py": (NEW_SOURCE, 0o640), "demo.service.d/50-qtops.conf": (DROP_IN, 0o644), "start.sh": (SCRIPT, 0o755)}


def run(point: int | None, state: Path, kept: Kept, action: str) -> int:
    """An action in a process of its own, killed at its ``point``-th event; how that process ended (0, or minus the signal)."""
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
                do(str(state), kept, action)
                sys.setprofile(None)
            code = 0
        except QtopsError as error:
            code = int(error.exit_code)
            print(f"  {error}", file=sys.stderr)
        finally:
            if code == 70:
                traceback.print_exc()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def found(tree: Path) -> dict[str, tuple[bytes, int]]:
    """Every file of the tree with content and mode."""
    files = [file for file in tree.rglob("*") if not file.is_dir()]
    return {str(file.relative_to(tree)): (file.read_bytes(), file.stat().st_mode & 0o7777) for file in files}


def torn(tree: Path, state: Path) -> str:
    """What is neither whole and old nor whole and new, right after a kill; empty where nothing is."""
    now = found(tree)
    wrong = [name for name in {*OLD, *NEW} if now.get(name) not in (OLD.get(name), NEW.get(name))]
    folder = state / "recoveries" / ID
    contents = [file for file in folder.glob("*") if len(file.name) == 64] if folder.exists() else []
    wrong += [file.name for file in contents if sha256(file.read_bytes()).hexdigest() != file.name]
    if (folder / "plan.json").exists() and len(contents) != 4:
        wrong.append("a plan without its contents")
    return ", ".join(wrong)


def left(tree: Path, state: Path, action: str, following: str) -> str:
    """What is not as the next run has to leave it; empty where all is."""
    now = found(tree)
    with look_into(str(state)) as ledger:
        told = ledger.records()[0].state if ledger is not None and ledger.records() else "nothing"
    if following == "undo" and told == "nothing":  # killed before anything was begun
        return "" if now == OLD else "changed by what was never begun"
    is_back = following == "undo" or (action == "undo" and told == "undone")  # else killed before its undo was begun
    wanted, ends = (OLD, "undone") if is_back else (NEW, "verified")
    wrong = [name for name in {*wanted, *now} if now.get(name) != wanted.get(name)]
    wrong += ["the directory"] if is_back and (tree / "demo.service.d").exists() else []
    wrong += [f"ledger: {told}"] if told != ends else []
    return ", ".join(wrong + [file.name for file in state.rglob("*.tmp")])


def attempt(place: Path, action: str, following: str, point: int) -> str | None:
    """Kill the action at this point and do what follows: what is wrong then, and None where the action ended before that point."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o755)
    tree, state = place / "tree", place / "state"
    kept = make(tree)
    if action != "apply":
        assert run(None, state, kept, "apply" if action == "undo" else "begin") == 0
    if (ended := run(point, state, kept, action)) == 0:
        return None
    assert ended == -signal.SIGKILL
    complaint = torn(tree, state)
    after = run(None, state, kept, following)
    return complaint or (f"exit {after}" if after else left(tree, state, action, following))


def sweep(place: Path, action: str, following: str, every: int) -> int:
    """Try all points; the number of those that left something wrong."""
    points = bad = 0
    while (complaint := attempt(place, action, following, 1 + points * every)) is not None:
        if complaint:
            bad += 1
            print(f"{action} killed at {1 + points * every}, then {following}: {complaint}")
        points += 1
    print(f"points {points} torn {bad}")
    return bad


if __name__ == "__main__":
    folder, what, then, step = sys.argv[1:]
    sys.exit(1 if sweep(Path(folder), what, then, int(step)) else 0)
