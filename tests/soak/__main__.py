"""``python -m tests.soak [NAME …]``: run the scenarios, and print what was promised beside what was counted.

Exits with 0 when every promise was kept, 1 when one was broken, 3 where no systemd can be booted.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from tests.bench.results import Result, exit_code
from tests.bench.table import show
from tests.box.box import obstacle
from tests.soak.frozen import a_frozen_publisher_is_noticed
from tests.soak.ground import say
from tests.soak.idle import nothing_is_done_while_all_is_well
from tests.soak.latency import a_death_is_on_record_at_once
from tests.soak.operators import what_people_want_is_left_alone
from tests.soak.survival import whatever_goes_away_is_survived
from tests.soak.thousand import a_thousand_deaths_are_all_on_record, kills_of_the_supervisor_lose_nothing

SCENARIOS: Final[dict[str, Callable[[Path], Iterator[Result]]]] = {
    "latency": a_death_is_on_record_at_once,
    "frozen": a_frozen_publisher_is_noticed,
    "deaths": a_thousand_deaths_are_all_on_record,
    "kills": kills_of_the_supervisor_lose_nothing,
    "people": what_people_want_is_left_alone,
    "survival": whatever_goes_away_is_survived,
    "idle": nothing_is_done_while_all_is_well,
}
NOT_HERE: Final = 3
_PRIVATE: Final = "QTOPS_SOAK_MOUNTS"  # set in the process that has mounts of its own


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*SCENARIOS, []], help=f"{', '.join(SCENARIOS)}; default all")
    names = parser.parse_args(arguments).names or [*SCENARIOS]
    if why := obstacle():
        say(f"no booted systemd to try this on: {why}")
        return NOT_HERE
    if _PRIVATE not in os.environ:  # for a file system that can be filled, without a trace of it on the host
        command = ["unshare", "--mount", "--propagation", "private", sys.executable, "-m", "tests.soak", *names]
        os.execvpe(command[0], command, {**os.environ, _PRIVATE: "1"})
    results: list[Result] = []
    for name in names:
        began_s = time.monotonic()
        say(f"{name}: {SCENARIOS[name].__name__.replace('_', ' ')}")
        with tempfile.TemporaryDirectory(prefix="qtops-soak-") as folder:
            results += SCENARIOS[name](Path(folder))
        say(f"{name}: {time.monotonic() - began_s:.0f} s")
    show(Console(width=None if sys.stdout.isatty() else 160), results)
    return exit_code(results)


if __name__ == "__main__":
    sys.exit(main())
