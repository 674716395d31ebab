"""``python -m tests.bench [NAME …] [-o table|json] [--tiny]``: measure, and compare with what is promised.

Exits with 0 when every bar is met, 1 when one is missed, 3 when the machine was too busy to tell.
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from rich.console import Console

from tests.bench import (
    counts,
    cycle,
    doctor,
    freshness,
    kernel,
    preflight,
    proposals,
    redaction,
    reporting,
    running,
    startup,
    supervisor,
    walk,
    wiring,
)
from tests.bench.measuring import FULL, MOST_FOREIGN_CPUS, MOST_SPREAD, TINY, Effort, Neighbours
from tests.bench.results import Result, exit_code
from tests.bench.table import document, show

BARS: dict[str, Callable[[Effort], Iterator[Result]]] = {
    "cycle": cycle.measure,
    "kernel": kernel.measure,
    "freshness": freshness.measure,
    "proposals": proposals.measure,
    "running": running.measure,
    "counts": counts.measure,
    "startup": startup.measure,
    "walk": walk.measure,
    "doctor": doctor.measure,
    "preflight": preflight.measure,
    "wiring": wiring.measure,
    "redaction": redaction.measure,
    "reporting": reporting.measure,
    "supervisor": supervisor.measure,
}


def run(name: str, effort: Effort) -> list[Result]:
    """Measure one bar; where the run was noisy a second time, and then say so."""
    results = _once(name, effort)
    return _once(name, effort) if any(result.noise for result in results) else results


def _once(name: str, effort: Effort) -> list[Result]:
    with Neighbours() as neighbours:
        results = list(BARS[name](effort))
    return [replace(result, noise=_noise(result, neighbours.cpus)) for result in results]


def _noise(result: Result, foreign_cpus: float) -> str:
    if not result.timed:
        return ""
    reasons = []
    if result.spread is not None and result.spread > MOST_SPREAD:
        reasons.append(f"slowest to fastest round {result.spread:.1f}, more than {MOST_SPREAD:g}")
    if foreign_cpus > MOST_FOREIGN_CPUS:
        reasons.append(f"others used {foreign_cpus:.2f} CPUs, more than {MOST_FOREIGN_CPUS:g}")
    return "; ".join(reasons)


def machine() -> dict[str, Any]:
    """Where this was measured."""
    return {"python": platform.python_version(), "system": platform.platform(), "cpus": len(os.sched_getaffinity(0))}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for, print it, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure, and compare with what is promised.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", choices=[*BARS, []], help=f"what to measure: {', '.join(BARS)}; default all"
    )
    parser.add_argument("-o", "--output", choices=("table", "json"), default="table")
    parser.add_argument("--tiny", action="store_true", help="small sizes: shows that it works, proves nothing")
    options = parser.parse_args(arguments)
    talk = Console(stderr=True)
    results: list[Result] = []
    for name in options.names or BARS:
        talk.print(f"measuring {name} …", style="dim")
        results += run(name, TINY if options.tiny else FULL)
    if options.output == "json":
        sys.stdout.write(document(results, machine()) + "\n")
    else:
        show(Console(width=None if sys.stdout.isatty() else 160), results)
    return exit_code(results)


if __name__ == "__main__":
    sys.exit(main())
