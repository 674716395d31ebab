"""Updates stall now and then.

What it is: the median interval is as declared, yet the slowest ones, or the one in progress, are more than three times as long.

Why it matters: an average hides it, and so does every look that happens between two stalls. Readers meet data that are far older
than usual, and limits trip for no visible reason.

What to do: look at what the writer waits for in those moments: a call without a time limit, a full disk, a pause of its host or
of Redis (`SLOWLOG GET`, `LATENCY LATEST`), another job on the same minute.
"""

from collections.abc import Iterator

from qtops.checks.cadence.measure import ENOUGH, Measured
from qtops.checks.cadence.told import precise, rows, told
from qtops.facts.cadence import CadenceFacts, Series
from qtops.findings import Check, Doubt, Finding, Severity
from qtops.settings import Settings

CHECK = Check("CADENCE103", "Updates stall now and then", Severity.WARNING, ("redis",), role="symptom")
STALL = 3.0  # times the median, and the declared interval: what comes by chance stays below
REMEDY = "Look at what the writer waits for in those moments: its log, `SLOWLOG GET`, `LATENCY LATEST`"


def check(facts: CadenceFacts, settings: Settings) -> Iterator[Finding | Doubt]:  # noqa: ARG001
    """One finding per series with a declared interval that is kept as a rule. A gap of the looker's own is none."""
    for series, measured in rows(facts):
        if series.declared_s is None or measured.n < ENOUGH or not measured.keeps(series.declared_s):
            continue
        if summary := _stall(series, measured, series.declared_s):
            yield CHECK.finding(series.name, summary, (told(measured),), REMEDY)


def _stall(series: Series, measured: Measured, declared_s: float) -> str:
    usual_s = max(measured.p50_s or 0.0, declared_s)
    bearable_s = STALL * usual_s + series.blind_s
    if measured.open_s > bearable_s:
        return f"no update for {precise(measured.open_s)}, though every {precise(usual_s)} is usual"
    if measured.max_s is not None and measured.max_s > bearable_s:
        return f"once no update for {precise(measured.max_s)}, though every {precise(usual_s)} is usual"
    return ""
