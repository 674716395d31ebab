"""For programs: the JSON form. Within ``/1`` it only grows. Times are RFC 3339 in UTC, each with its epoch; nothing is NaN."""

import msgspec

from publisher.timestamps import utc_iso
from qtops import __version__
from qtops.checks.freshness import Freshness, State
from qtops.checks.intervals import Interval
from qtops.findings import Verdict
from qtops.reports.freshness.report import FamilySummary, Report


class Redis(msgspec.Struct, frozen=True):
    """How Redis was. ``state`` is "ok", or says what is wrong with it."""

    url: str
    state: str
    advice: str
    detail: str


class Clock(msgspec.Struct, frozen=True):
    """Redis' clock against this host's; null where it could not be read. ``skew_s`` is right to half a round trip."""

    verdict: Verdict
    reason: str
    redis_s: float | None
    local_s: float | None
    skew_s: float | None
    round_trip_s: float | None


class FamilyResult(msgspec.Struct, frozen=True):
    """One family in short: the verdict, and the age nearest to, or farthest beyond, its limit."""

    name: str
    verdict: Verdict
    total: int
    worst_age_s: float | None
    warn_s: float | None
    critical_s: float | None


class Summary(msgspec.Struct, frozen=True):
    """All keys in short."""

    verdict: Verdict
    exit_code: int
    total: int
    states: dict[State, int]
    families: list[FamilyResult]


class Result(msgspec.Struct, frozen=True, gc=False):
    """One key: its state, and the time field that decided."""

    family: str
    subject: str
    key: str
    state: State
    verdict: Verdict
    reason: str
    field: str | None
    time: str | None
    time_s: float | None
    age_s: float | None
    limit_s: float | None
    warn_s: float | None
    critical_s: float | None


class Document(msgspec.Struct, frozen=True, tag_field="schema", tag="qtops.verify.freshness/1"):
    """What ``qtops verify freshness -o json`` prints. ``missing`` says what could not be looked at, and why."""

    version: str
    host: str
    time: str
    time_s: float
    redis: Redis
    clock: Clock
    summary: Summary
    results: list[Result]
    intervals: list[Interval]
    missing: list[str]


def render(report: Report) -> str:
    """One line of JSON."""
    return msgspec.json.encode(document(report)).decode()


def document(report: Report) -> Document:
    """The report in its published form."""
    server = report.server
    return Document(
        __version__,
        report.host,
        utc_iso(report.taken_at_s),
        report.taken_at_s,
        Redis(server.url, server.state, server.advice, server.detail),
        _clock(report),
        _summary(report),
        [_result(row) for row in report.rows],
        report.intervals,
        report.missing,
    )


def _clock(report: Report) -> Clock:
    check, clock = report.clock, report.server.clock
    if clock is None:
        return Clock(check.verdict, check.reason, None, None, None, None)
    return Clock(check.verdict, check.reason, clock.redis_s, clock.local_s, clock.skew_s, clock.round_trip_s)


def _summary(report: Report) -> Summary:
    families = [_family(family) for family in report.families]
    return Summary(report.verdict, report.verdict.exit_code, report.total, report.states, families)


def _family(family: FamilySummary) -> FamilyResult:
    oldest = family.oldest
    if oldest is None or oldest.rule is None:
        return FamilyResult(family.name, family.verdict, family.total, None, None, None)
    return FamilyResult(family.name, family.verdict, family.total, oldest.age_s, oldest.rule.warn_s, oldest.rule.critical_s)


def _result(row: Freshness) -> Result:
    field, warn_s, critical_s = (None,) * 3 if row.rule is None else (row.rule.field, row.rule.warn_s, row.rule.critical_s)
    time = None if row.time_s is None else utc_iso(row.time_s)
    return Result(
        row.family, row.subject, row.key, row.state, row.verdict, row.reason,
        field, time, row.time_s, row.age_s, row.limit_s, warn_s, critical_s,
    )  # fmt: skip
