"""The report of ``qtops verify cadence``: one row per series, with the verdict of what was found about it."""

from typing import TypeVar

import msgspec

from qtops.checks.cadence.measure import Measured, measure
from qtops.checks.cadence.registry import judge
from qtops.facts.cadence import CadenceFacts, Series
from qtops.facts.text import printable
from qtops.findings import Doubt, Finding, Verdict, worst
from qtops.reports.checked.report import Checked, Subject
from qtops.settings import Settings

_Answer = TypeVar("_Answer", Finding, Doubt)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One series, measured. Seconds; None where nothing was measured or declared."""

    family: str
    subject: str
    field: str
    verdict: Verdict
    declared_s: float | None
    p50_s: float | None
    p95_s: float | None
    max_s: float | None
    n: int  # intervals
    since_s: float  # since the last update
    exact: bool  # by ids or stated times in which no update can be missing
    limits: tuple[str, ...]
    codes: tuple[str, ...]  # of what was found


class CadenceReport(Checked, frozen=True, kw_only=True):
    """A report with its rows, in the order in which they were looked at."""

    rows: tuple[Row, ...]


def build(facts: CadenceFacts, settings: Settings, host: str) -> CadenceReport:
    """Measure and judge. What is not there is no row: whether it ought to be is for `qtops verify freshness` and `streams`."""
    judged = judge(facts, settings)
    there = [series for series in facts.series if series.moments_s or series.texts]
    findings, doubts = _by_subject(judged.findings), _by_subject(judged.doubts)
    rows = tuple(_row(series, measure(series, facts.now_s), _about(series, findings), _about(series, doubts)) for series in there)
    missing = [f"{series.name}: {series.trouble}" for series in facts.series if series.trouble and series not in there]
    return CadenceReport(
        command="verify cadence", what="series", host=host, taken_at_s=facts.taken_at_s, server=facts.server,
        subjects=tuple(Subject(series.name, row.verdict, _line(row)) for series, row in zip(there, rows, strict=True)),
        judged=judged, missing=(*facts.missing, *dict.fromkeys(map(printable, missing))), rows=rows,
    )  # fmt: skip


def _row(series: Series, measured: Measured, found: list[Finding], doubted: list[Doubt]) -> Row:
    doubts = [Verdict.UNKNOWN] if doubted else []
    declared = series.declared_s is not None
    nothing = [Verdict.UNKNOWN] if declared and not measured.n and not found and not series.texts else []
    return Row(
        family=series.family, subject=series.subject, field=series.field,
        verdict=worst([Verdict.OK, *doubts, *nothing, *(finding.severity.verdict for finding in found)]),
        declared_s=series.declared_s, p50_s=measured.p50_s, p95_s=measured.p95_s, max_s=measured.max_s, n=measured.n,
        since_s=measured.open_s, exact=measured.proven,
        limits=tuple(f"{limit.kind} {limit.limit_s:.4g} s" for limit in series.limits),
        codes=tuple(dict.fromkeys(finding.code for finding in found)),
    )  # fmt: skip


def _by_subject(answers: tuple[_Answer, ...]) -> dict[str, list[_Answer]]:
    found: dict[str, list[_Answer]] = {}
    for answer in answers:
        found.setdefault(answer.subject, []).append(answer)
    return found


def _about(series: Series, answers: dict[str, list[_Answer]]) -> list[_Answer]:
    """What was said of the series, and of its field in all subjects."""
    names = dict.fromkeys((series.name, f"{series.family} {series.field}"))
    return [answer for name in names for answer in answers.get(name, ())]


def _line(row: Row) -> str:
    if row.p50_s is None:
        return "no interval seen"
    return f"every {row.p50_s:.2f} s" + (f", declared {row.declared_s:g} s" if row.declared_s is not None else "")
