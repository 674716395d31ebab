"""Hold the lock of a unit in a process of its own: ``python -m tests.actions.lock_run STATE hold|race TURNS``.

``hold`` says so, and holds it until its standard input is closed. ``race`` takes it TURNS times, makes a marker file inside that
must not be there yet, and prints what became of each turn: "inside", "both inside", or the exit code and the text of the refusal.
"""

import os
import sys
import time
from pathlib import Path

from qtops.actions.lock import hold
from qtops.actions.state import open_state
from qtops.errors import Unavailable

UNIT = "risk-proposal.service"


def turn(marker: Path) -> str:
    state = open_state(str(marker.parent))
    try:
        with hold(state, UNIT, "qtops recover risk-proposal --apply"):
            try:
                os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                return "both inside"
            time.sleep(0.002)
            marker.unlink()
            return "inside"
    except Unavailable as error:
        return f"{int(error.exit_code)} {error}"


if __name__ == "__main__":
    place, what, *turns = sys.argv[1:]
    if what == "hold":
        with hold(open_state(place), UNIT, "qtops recover risk-proposal --apply"):
            print("held", flush=True)
            sys.stdin.read()
    else:
        print("ready", flush=True)
        sys.stdin.readline()
        for _ in range(int(*turns)):
            print(turn(Path(place, "marker")))
            time.sleep(0.001)
