"""What to do about a start limit that can never be reached: an interval that is longer than its starts take.

systemd.unit(5), "StartLimitIntervalSec=": a unit that is started more than burst times within the interval is not started any
more. Between two starts lie RestartSec= and the run itself, so that burst × (RestartSec + run) has to be shorter than the interval.
"""

import math
from collections.abc import Iterator
from statistics import median
from typing import Final

from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import span
from qtops.findings import Finding
from qtops.steps import DropIn, Remedy

MARGIN: Final = 2  # times burst × (pause + run): a run is not always of one length
LEAST_S: Final = 10  # systemd's own DefaultStartLimitIntervalSec=
LOOP_RUN_S: Final = 60.0  # who runs longer than that before it fails is in no loop that a limit is meant for


def remedies(finding: Finding, service: ServiceFacts, _: Facts) -> Iterator[Remedy]:
    """UNIT110. systemd reads the limit at daemon-reload: the process goes on."""
    limits = service.start.restart if service.start else None
    if limits is None or not limits.burst or limits.restart_s is None:
        return
    run_s = _run_s(service)
    took_s = limits.burst * (limits.restart_s + run_s)
    interval_s = max(math.ceil(MARGIN * took_s), math.ceil(limits.interval_s or 0), LEAST_S)
    told = f"{limits.burst} starts × (pause {span(limits.restart_s)} + run {span(run_s)}) = {span(took_s)}"
    place = f"; the limit at {limits.misplaced} is not read, since it stands in [Service]" if limits.misplaced else ""
    yield Remedy(
        name="correct-start-limit",
        code=finding.code,
        title=f"StartLimitIntervalSec={interval_s}, StartLimitBurst={limits.burst} in [Unit], for {limits.where}",
        why=f"{told}, which has to be shorter than the interval (systemd.unit(5)): {interval_s} s leaves room{place}",
        changes=(DropIn(service.subject, "Unit", (f"StartLimitIntervalSec={interval_s}", f"StartLimitBurst={limits.burst}")),),
        verb="",
    )


def _run_s(service: ServiceFacts) -> float:
    """How long a run that fails lasts, as far as such runs were seen."""
    runs = service.journal.runs if service.journal else ()
    lasted = [run.ended_s - run.began_s for run in runs if run.began_s is not None and run.ended_s is not None]
    return min(max(median(lasted), 0.0), LOOP_RUN_S) if lasted else 0.0
