"""How everything is, as rows for people and programs: the sickest first in each part. Pure."""

from collections.abc import Sequence
from typing import Final, TypeVar

import msgspec

from qtops.checks.freshness import State, judge
from qtops.facts.service import Facts
from qtops.findings import Severity, Verdict, worst
from qtops.reports.streams import report as streams
from qtops.reports.top.levels import Level, levels
from qtops.reports.top.look import Look
from qtops.reports.top.services import ServiceRow, services

ORDER: Final = {Verdict.CRITICAL: 0, Verdict.WARNING: 1, Verdict.UNKNOWN: 2, Verdict.OK: 3}


class KeyRow(msgspec.Struct, frozen=True):
    """How fresh one key is. ``age_s`` is of the time field that decides, ``limit_s`` where it becomes LATE."""

    family: str
    symbol: str
    verdict: Verdict
    state: State
    age_s: float | None
    limit_s: float | None
    reason: str


class GroupRow(msgspec.Struct, frozen=True):
    """One group. ``waiting`` is what it has not been given; where it is not ``counted``, at least so many."""

    name: str
    waiting: int
    counted: bool
    pending: int


class StreamRow(msgspec.Struct, frozen=True):
    """One stream: how long it is, and how old its newest entry. ``told`` says what there is to say instead of an age."""

    name: str
    verdict: Verdict
    present: bool | None  # null: it could not be read
    length: int
    maxlen: int | None
    age_s: float | None
    groups: tuple[GroupRow, ...]
    codes: tuple[str, ...]
    told: str


class IncidentRow(msgspec.Struct, frozen=True):
    """One open incident."""

    number: int
    severity: Severity
    unit: str
    kind: str
    state: str
    title: str
    code: str
    began_s: float
    age_s: float
    given_up: bool


class HoldRow(msgspec.Struct, frozen=True):
    """A unit that is left alone for now; ``left_s`` is how much longer."""

    unit: str
    until_s: float
    left_s: float
    by: str
    why: str


class Server(msgspec.Struct, frozen=True):
    """A Redis, and how it is: "ok", or what is wrong with it, with details."""

    url: str
    state: str
    detail: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Everything. ``incidents`` and ``holds`` are null where no supervisor has records."""

    host: str
    taken_at_s: float
    verdict: Verdict
    servers: tuple[Server, ...]
    services: tuple[ServiceRow, ...]
    keys: tuple[KeyRow, ...]
    levels: tuple[Level, ...]
    streams: tuple[StreamRow, ...]
    incidents: tuple[IncidentRow, ...] | None
    holds: tuple[HoldRow, ...] | None
    missing: tuple[str, ...]


Row = TypeVar("Row", ServiceRow, KeyRow, Level, StreamRow)


def report(look: Look, before: Look | None = None) -> Report:
    """Judge a look. ``before`` is the one before it, from which the load of now is told; else it is the average since the start."""
    records = look.records
    parts = (services(look, before), _keys(look), levels(look), _streams(look))
    incidents = None if records is None else _incidents(look)
    verdicts = [row.verdict for rows in parts for row in rows]
    verdicts += [row.severity.verdict for row in incidents or ()]
    if look.missing or any(server.state != "ok" for server in look.servers):
        verdicts.append(Verdict.UNKNOWN)
    return Report(
        host=look.host,
        taken_at_s=look.taken_at_s,
        verdict=worst(verdicts),
        servers=tuple(Server(one.url, one.state, one.detail) for one in look.servers),
        services=_sorted(parts[0]),
        keys=_sorted(parts[1]),
        levels=_sorted(parts[2]),
        streams=_sorted(parts[3]),
        incidents=incidents,
        holds=None if records is None else _holds(look),
        missing=look.missing,
    )


def _sorted(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The worst first, else as configured."""
    return tuple(sorted(rows, key=lambda row: ORDER[row.verdict]))


def _keys(look: Look) -> list[KeyRow]:
    families, rows = {family.name: family for family in look.settings.families}, list[KeyRow]()
    for reading in look.keys:
        found = judge(reading, families[reading.family], look.settings)
        limit_s = found.rule.warn_s if found.rule else None
        reason = "" if found.verdict is Verdict.OK else found.reason
        rows.append(KeyRow(found.family, found.subject, found.verdict, found.state, found.age_s, limit_s, reason))
    return rows


def _streams(look: Look) -> list[StreamRow]:
    """As ``qtops verify streams`` judges them. A Redis that is away is said once, and not of each."""
    if look.streams is None or not look.streams.looks or look.streams.looks[-1].server.state != "ok":
        return []
    judged = streams.report(Facts(host=look.host, taken_at_s=look.taken_at_s, streams=look.streams, settings=look.settings))
    return [
        StreamRow(
            name=row.name,
            verdict=row.verdict,
            present=row.present,
            length=row.length,
            maxlen=row.maxlen,
            age_s=row.age_s,
            groups=tuple(GroupRow(group.name, group.waiting, group.counted, group.pending) for group in row.groups),
            codes=row.codes,
            told=row.told,
        )
        for row in judged.rows
    ]


def _incidents(look: Look) -> tuple[IncidentRow, ...]:
    """Open ones, the gravest first, of these the newest."""
    found = [each for each in look.records.incidents if each.is_open] if look.records else []
    found.sort(key=lambda each: (each.severity is not Severity.CRITICAL, each.state == "acknowledged", -each.began_s))
    return tuple(
        IncidentRow(
            number=each.number,
            severity=each.severity,
            unit=each.unit,
            kind=each.kind,
            state=each.state,
            title=each.title,
            code=each.code,
            began_s=each.began_s,
            age_s=max(look.taken_at_s - each.began_s, 0.0),
            given_up=each.gave_up_s is not None,
        )
        for each in found
    )


def _holds(look: Look) -> tuple[HoldRow, ...]:
    found = sorted(look.records.holds, key=lambda hold: hold.until_s) if look.records else []
    return tuple(HoldRow(hold.unit, hold.until_s, max(hold.until_s - look.taken_at_s, 0.0), hold.by, hold.why) for hold in found)
