"""Read units in the box: ``python -m … WAY SECONDS USER NAME…`` prints the states, the time, and the processes that it took."""

import os
import sys
import time

import msgspec

from qtops.collectors.systemd.reading import NoManager, open_manager
from qtops.facts.service import Missing
from qtops.facts.unit import UnitState
from qtops.unitfile.directives import known


class Told(msgspec.Struct):
    """What one look told. ``children``: the commands that were run."""

    via: str = ""
    version: str = ""
    units: list[str] = []
    states: dict[str, UnitState] = {}
    missing: dict[str, Missing] = {}
    children: list[str] = []
    seconds: float = 0.0
    refused: str = ""


def main(way: str, limit_s: str, user: str, *names: str) -> None:
    told = Told()
    sys.addaudithook(lambda event, given: told.children.append(str(given[1][3])) if event == "subprocess.Popen" else None)
    try:
        import pystemd.dbusexc
        import pystemd.dbuslib  # noqa: F401
    except ImportError:
        pass
    known()  # both before the rights are gone: the interpreter may lie where only root may look
    if user != "root":
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    began = time.perf_counter()
    try:
        with open_manager(float(limit_s), way) as manager:
            told.via, told.version = manager.via, manager.version
            asked = [name for name in names if "*" not in name]
            if patterns := [name for name in names if "*" in name]:
                told.units = manager.units(patterns)
            for name, state in manager.read([*asked, *told.units]).items():
                (told.missing if isinstance(state, Missing) else told.states)[name] = state
    except NoManager as why:
        told.refused = str(why)
    told.seconds = time.perf_counter() - began
    sys.stdout.buffer.write(msgspec.json.encode(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
