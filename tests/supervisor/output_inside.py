"""Look at output in the box: ``python -m … SETTINGS`` prints what a look says for each line ``UNIT PID INVOCATION`` it is given."""

import sys
import time
from queue import SimpleQueue

import msgspec

from qtops.incidents import Stands
from qtops.settings import Settings
from qtops.supervisor.output import OutputWatch


def main(settings: str) -> None:
    watch = OutputWatch(msgspec.json.decode(settings, type=Settings), SimpleQueue(), wake=lambda: None)
    for line in sys.stdin:
        unit, pid, invocation = line.split()
        watch.know({unit: Stands(unit=unit, at_s=time.time(), main_pid=int(pid), invocation=invocation)})
        print(msgspec.json.encode(watch.look_once()).decode(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
