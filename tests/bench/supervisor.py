"""``qtops supervise`` on a real systemd: how soon a death is on record. ``make soak`` measures everything else of it."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.measuring import Effort
from tests.bench.results import Result
from tests.box.box import NoBox
from tests.soak.latency import a_death_is_on_record_at_once


def measure(effort: Effort) -> Iterator[Result]:
    """As many crashes as there are cycles; where no box can be booted, a row that says why."""
    try:
        with TemporaryDirectory(prefix="qtops-bench-") as folder:
            yield from a_death_is_on_record_at_once(Path(folder), effort.cycles)
    except NoBox as why:
        yield Result("qtops supervise", 0, "measured", how=f"not measured: {why}", timed=False)
