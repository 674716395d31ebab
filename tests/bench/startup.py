"""How long commands take to say what they are, against a Python that does nothing."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from tests.bench.measuring import ROOT, Arm, Effort, interleave, ratio
from tests.bench.results import Result

LIMIT = 6.0
BARE = "python -c pass"


def commands() -> dict[str, list[str]]:
    """What is started. ``qtops`` is the installed script where there is one next to this Python."""
    script = Path(sys.executable).with_name("qtops")
    qtops = [str(script)] if script.exists() else [sys.executable, "-m", "qtops"]
    return {
        BARE: [sys.executable, "-c", "pass"],
        "qtops --version": [*qtops, "--version"],
        "qtops --help": [*qtops, "--help"],
        "python -m publisher --help": [sys.executable, "-m", "publisher", "--help"],
    }


def measure(effort: Effort) -> Iterator[Result]:
    """Each command as often as the rounds ask."""
    arms = [Arm(name, partial(_start, command)) for name, command in commands().items()]
    times = interleave(arms, 2 * effort.rounds)
    for name in list(times)[1:]:
        yield Result(
            name,
            ratio(times[name], times[BARE]),
            f"× {BARE}",
            LIMIT if name.startswith("qtops") else None,
            spread=max(times[name].spread, times[BARE].spread),
            how=f"{times[name]}; {BARE} {times[BARE]}",
        )


def _start(command: Sequence[str]) -> None:
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
