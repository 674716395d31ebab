"""How long a report takes from recorded evidence, as a whole command, and its check."""

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from qtops.casework.writing import compose, put
from qtops.reports.written.templates import load
from tests.bench.measuring import ROOT, Arm, Effort, interleave
from tests.bench.results import Result
from tests.evidence.cases import founding_case

MOST_S = 2.0


def measure(effort: Effort) -> Iterator[Result]:
    """Write the report on the founding incident from its evidence, and check it."""
    with TemporaryDirectory() as name:
        evidence, made = put(compose(founding_case(), load(None)), Path(name, "evidence")), Path(name, "made")
        arms = (
            Arm("report", partial(_run, "incident", "--from", str(evidence), "--to", str(made), "-q"), partial(rmtree, made, True)),
            Arm("check", partial(_run, "check", str(evidence))),
        )
        times = interleave(arms, effort.rounds)
        size = sum(path.stat().st_size for path in made.rglob("*"))
    report, check = times["report"], times["check"]
    how = f"{report}; {len(founding_case().entries)} entries of the ledger, {size >> 10} KiB written in three forms"
    yield Result(
        "qtops report incident, the founding incident from its evidence", report.median, "s", MOST_S, spread=report.spread, how=how
    )
    yield Result("qtops report check of it", check.median, "s", MOST_S, spread=check.spread, how=f"{check}")


def _run(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "qtops", "report", *words], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
