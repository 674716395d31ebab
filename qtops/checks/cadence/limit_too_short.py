"""A limit is shorter than the data can be.

What it is: somebody lets data be only so old, or waits only so long, and that is less than twice the interval at which they are
really updated; for a warning that stops nothing, less than one and a quarter.

Why it matters: the limit trips by construction. Whoever obeys it refuses good data, and whoever is alarmed by it learns to look
away. It is the limit that is wrong, not the data.

What to do: set the limit to three times the 95th percentile of the measured intervals; or, where the data have to be younger than
that, make the writer faster first.
"""

from collections.abc import Iterator

from qtops.checks.cadence.measure import ENOUGH
from qtops.checks.cadence.told import precise, rows, told
from qtops.facts.cadence import CadenceFacts
from qtops.findings import Check, Doubt, Finding, Severity
from qtops.settings import Settings

CHECK = Check("CADENCE102", "A limit is shorter than the data can be", Severity.WARNING, ("redis",), role="note")
FACTORS = {"age": 2.0, "timeout": 2.0, "warning": 1.25}  # one update may be missed; a warning has to outlast an ordinary one
SUGGESTED = 3  # times p95


def check(facts: CadenceFacts, settings: Settings) -> Iterator[Finding | Doubt]:  # noqa: ARG001
    """One finding per limit. Where data are slower than declared, limits that fit what is declared are not to blame."""
    for series, measured in rows(facts):
        if measured.p50_s is None or measured.p95_s is None or not measured.proven:
            continue
        late = series.declared_s is not None and measured.slower_than(series.declared_s)
        for limit in series.limits:
            factor = FACTORS.get(limit.kind)
            if factor is None or limit.limit_s >= factor * measured.p50_s:
                continue
            if late and series.declared_s is not None and limit.limit_s >= factor * series.declared_s:
                continue
            where = limit.where if ":" in limit.where else ""
            told_limit = f"{limit.name} is {precise(limit.limit_s)}"
            evidence = (told(measured), *((f"set in {limit.where}",) if limit.where else ()))
            if measured.n < ENOUGH:
                evidence = (*evidence, f"of {measured.n} only: watch longer to be sure")
            wanted = f"Set {limit.name} to {precise(SUGGESTED * measured.p95_s)}, three times p95: the limit is wrong, not the data"
            yield CHECK.finding(
                series.name,
                f"{told_limit}, and an update takes {precise(measured.p50_s)}",
                evidence,
                wanted,
                where=where,
            )
