"""Updated less often than declared.

What it is: the measured interval of a time field, or of a stream, is more than one and a half times the declared one; or the
field that ought to move that often is not there, and nothing else in its key does.

Why it matters: whoever reads it acts on data that are older than everybody believes, and every limit that was chosen by the
declared interval is wrong. Two samples that lie a minute apart look like any interval of up to a minute.

What to do: find out what holds the writer back: a rate limit, a cycle that takes longer than its interval, entities asked one
after the other. If it cannot be faster, declare what it does, in the configuration and in the documents.
"""

from collections.abc import Iterator

from qtops.checks.cadence.measure import ENOUGH, Measured
from qtops.checks.cadence.told import Row, by_key, precise, told
from qtops.facts.cadence import CadenceFacts, Series
from qtops.facts.times import span
from qtops.findings import Check, Doubt, Finding, Severity
from qtops.settings import Settings

CHECK = Check("CADENCE101", "Updated less often than declared", Severity.WARNING, ("redis",), role="symptom")
CRITICAL = 3.0  # times the declared interval: the usual limits call a key stale after three beats
REMEDY = "Find what holds its writer back (a rate limit, a cycle longer than its interval), or declare what it does"
UPDATES = 2  # intervals that keep what is declared: one may be the exception


def check(facts: CadenceFacts, settings: Settings) -> Iterator[Finding | Doubt]:  # noqa: ARG001
    """One answer per series with a declared interval, and one per field that ought to move and is not there."""
    keys = by_key(facts)
    for found in keys.values():
        for series, measured in found:
            yield from _series(series, measured)
    for series in facts.series:
        if series.declared_s and series.field and not series.texts and not series.trouble:
            yield from _absent(series, keys.get((series.family, series.subject), []))


def _series(series: Series, measured: Measured) -> Iterator[Finding | Doubt]:
    declared_s = series.declared_s
    if declared_s is None:
        return
    if measured.n and measured.slower_than(declared_s):
        yield _slow(series, measured, declared_s)
    elif measured.n and not measured.keeps(declared_s) and not measured.proven:
        yield from _sampled_too_rarely(series, measured, declared_s)
    elif not measured.n and not series.texts:
        yield CHECK.doubt(series.name, "it holds one entry only, or one cycle of entries: no interval to measure")
    elif measured.n < UPDATES and series.watched_s and measured.open_s <= 2 * declared_s:
        why = f"watched for {span(series.watched_s)}, declared every {declared_s:g} s: {told(measured)}"
        yield CHECK.doubt(series.name, why, f"--for {4 * declared_s:g}s")


def _sampled_too_rarely(series: Series, measured: Measured, declared_s: float) -> Iterator[Finding | Doubt]:
    """What is seen is not what is declared, and proves nothing else either."""
    took_s = measured.p50_s or 0.0
    summary = f"declared every {declared_s:g} s, and the updates that were seen lie {precise(took_s)} apart: not proven"
    evidence = (
        f"{told(measured)}; looked at every {precise(series.sampled_every_s)}",
        f"{took_s / declared_s:.0f} updates of {declared_s:g} s explain that as well as one of {precise(took_s)}",
    )
    remedy = f"Look at least every {precise(declared_s / 2)}, for {span(3 * max(declared_s, took_s))}: `qtops verify cadence`"
    yield CHECK.finding(series.name, summary, evidence, remedy, severity=Severity.INFO)
    yield CHECK.doubt(series.name, "updates between two looks were not seen", f"--for {3 * max(declared_s, took_s):.0f}s")


def _slow(series: Series, measured: Measured, declared_s: float) -> Finding:
    few = measured.n < ENOUGH or measured.p50_s is None
    took_s = measured.at_least_s if few or measured.p50_s is None else measured.p50_s
    summary = f"declared every {declared_s:g} s, updated every {precise(took_s)}" + (" at least" if few else "")
    how = "by the ids of its entries" if not series.texts else f"sampled every {precise(series.sampled_every_s)}"
    severity = Severity.CRITICAL if took_s > CRITICAL * declared_s and not few else Severity.WARNING
    return CHECK.finding(series.name, summary, (f"{told(measured)}, {how}",), REMEDY, severity=severity)


def _absent(series: Series, others: list[Row]) -> Iterator[Finding]:
    """A field that is not there is no trouble as long as another one of its key moves as often."""
    moving = [(measured.p50_s, other, measured) for other, measured in others if measured.p50_s is not None and other.field]
    declared_s = series.declared_s
    if declared_s is None or not moving:
        return
    p50_s, fastest, measured = min(moving, key=lambda found: found[0])
    as_declared = fastest.declared_s is not None and fastest.declared_s > declared_s and not p50_s < fastest.declared_s / 1.5
    if measured.slower_than(declared_s) or (as_declared and not measured.keeps(declared_s)):
        summary = f"declared every {declared_s:g} s, and nothing in the key is updated that often: {precise(p50_s)}"
        evidence = (f"{series.field} is not there; {fastest.field}: {told(measured)}",)
        remedy = f"Let the writer state {series.field} in every cycle, or declare what it does"
        yield CHECK.finding(series.name, summary, evidence, remedy)
