"""Look at output in the box: ``python -m … SETTINGS USER``.

For each line ``UNIT PID INVOCATION`` of its input it prints what one look says.
"""

import os
import sys
import time
from queue import SimpleQueue

import msgspec

from qtops.incidents import Stands
from qtops.settings import Settings
from qtops.supervisor.output import OutputWatch


def main(settings: str, user: str) -> None:
    given = msgspec.json.decode(settings, type=Settings)
    if user != "root":
        OutputWatch(given, SimpleQueue(), wake=lambda: None).look_once()  # imports all: the interpreter is where only root may look
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    watch = OutputWatch(given, SimpleQueue(), wake=lambda: None)
    for line in sys.stdin:
        unit, pid, invocation = line.split()
        watch.know({unit: Stands(unit=unit, at_s=time.time(), main_pid=int(pid), invocation=invocation)})
        print(msgspec.json.encode(watch.look_once()).decode(), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
