"""What ``qtops verify streams`` found: one row per stream, the findings, and, where they are asked for, plans to recover."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import msgspec
from msgspec.structs import replace

from publisher.timestamps import utc_iso
from qtops.checks.streams.expected import Kind, expected, last_s, nature, odd_id
from qtops.checks.streams.registry import judge
from qtops.facts.progress import backlog
from qtops.facts.service import Facts
from qtops.facts.streams import GroupReading, StreamFacts, StreamReading
from qtops.facts.times import span
from qtops.findings import Judged, Verdict
from qtops.remedies.streams import OF_GROUPS, group_plan, redis_cli, trim_plan
from qtops.reports.checked.report import Checked, subjects
from qtops.settings import Settings, Stream
from qtops.steps import Plan

ORDER: Final = {Verdict.CRITICAL: 0, Verdict.WARNING: 1, Verdict.UNKNOWN: 2, Verdict.OK: 3}


class GroupRow(msgspec.Struct, frozen=True):
    """One group. ``waiting`` is what it has not been given; where it is not ``counted``, at least so many."""

    name: str
    waiting: int
    counted: bool
    lag: int | None  # as Redis has it
    pending: int
    consumers: int
    last_delivered_id: str
    lane: bool  # for manual or standby use


class Row(msgspec.Struct, frozen=True):
    """One stream. ``present`` is null where it could not be read; ``kind`` says of what kind its events are."""

    name: str
    verdict: Verdict
    present: bool | None
    type: str
    kind: Kind
    declared: bool
    interval_s: float | None
    last_id: str
    last: str | None
    last_s: float | None
    age_s: float | None
    length: int
    maxlen: int | None
    entries_added: int | None
    ttl_ms: int | None
    fields: tuple[str, ...]
    groups_count: int
    groups: tuple[GroupRow, ...]
    codes: tuple[str, ...]
    told: str


class Report(Checked, frozen=True, kw_only=True):
    """The rows, the worst first. ``looks`` says how often the streams were looked at."""

    rows: tuple[Row, ...]
    plans: tuple[Plan, ...] = ()
    looks: int = 1


def report(facts: Facts, *, plan: bool = False) -> Report:
    """Judge what was looked at. ``plan``: with what to do about it."""
    streams = facts.streams or StreamFacts(looks=())
    look = streams.looks[-1] if streams.looks else None
    judged = judge(streams, facts.settings)
    readings = look.streams if look else ()
    lines = {reading.name: _line(reading) for reading in readings}
    unread = {reading.name for reading in readings if reading.present is None}
    told = tuple(replace(one, verdict=Verdict.UNKNOWN) if one.name in unread else one for one in subjects(lines, judged))
    verdicts = {subject.name: subject.verdict for subject in told}
    codes = _codes(judged)
    known = expected(facts.settings)
    rows = [_row(one, known.get(one.name), verdicts[one.name], tuple(codes.get(one.name, ()))) for one in readings]
    rows.sort(key=lambda row: (ORDER[row.verdict], row.name))
    return Report(
        command="verify streams",
        what="streams",
        host=facts.host,
        taken_at_s=facts.taken_at_s,
        server=look.server if look else None,
        subjects=told,
        judged=judged,
        missing=streams.missing if look else (*streams.missing, "no streams were looked at"),
        rows=tuple(rows),
        plans=tuple(plans(streams, facts.settings, judged, owners(facts))) if plan else (),
        looks=len(streams.looks),
    )


def owners(facts: Facts) -> dict[tuple[str, str], str]:
    """The unit that reads each group of each stream, as far as the source of units was looked at."""
    ends = [end for unit in facts.wiring.units for end in unit.ends] if facts.wiring else []
    return {(end.name, end.group): end.unit for end in ends if end.direction == "read" and end.group and end.exact}


def plans(
    facts: StreamFacts, settings: Settings, judged: Judged, units: Mapping[tuple[str, str], str] = MappingProxyType({})
) -> Iterator[Plan]:
    """One plan for each group, and each stream, of which something was found that commands can mend."""
    if not facts.looks:
        return
    codes, look, known = _codes(judged), facts.looks[-1], expected(settings)
    cli = redis_cli(look.server.url)
    for stream in look.streams:
        found = codes.get(stream.name, {})
        if found.keys() & set(OF_GROUPS):
            for group in stream.groups:
                own = _codes(judge(_only(facts, stream, group), settings)).get(stream.name, {}).keys() & set(OF_GROUPS)
                if own:
                    yield group_plan(stream, group, own, cli, units.get((stream.name, group.name), ""))
        if "STREAM109" in found:
            declared = known.get(stream.name)
            yield trim_plan(stream, declared.maxlen if declared else None, cli)


def _only(facts: StreamFacts, stream: StreamReading, group: GroupReading) -> StreamFacts:
    """The same looks, at one group alone: what is found then is found on this group."""
    looks = []
    for look in facts.looks:
        same = [
            replace(one, groups=tuple(each for each in one.groups if each.name == group.name))
            for one in look.streams
            if one.name == stream.name
        ]
        looks.append(replace(look, streams=tuple(same)))
    return replace(facts, looks=tuple(looks))


def _codes(judged: Judged) -> dict[str, dict[str, None]]:
    """The codes of what was found on each stream, in order, each once."""
    codes = defaultdict[str, dict[str, None]](dict)
    for finding in judged.findings:
        codes[finding.subject][finding.code] = None
    return codes


def _row(stream: StreamReading, declared: Stream | None, verdict: Verdict, codes: tuple[str, ...]) -> Row:
    kind = nature(stream, declared)
    last = last_s(stream)
    age_s = None if last is None else stream.read_at_s - last
    return Row(
        name=stream.name,
        verdict=verdict,
        present=stream.present,
        type=stream.kind,
        kind=kind.kind,
        declared=kind.declared,
        interval_s=kind.interval_s,
        last_id=stream.last_generated_id,
        last=None if last is None else utc_iso(last),
        last_s=last,
        age_s=age_s,
        length=stream.length,
        maxlen=declared.maxlen if declared else None,
        entries_added=stream.entries_added,
        ttl_ms=stream.ttl_ms,
        fields=stream.fields,
        groups_count=stream.groups_count,
        groups=tuple(_group(stream, group, declared) for group in stream.groups),
        codes=codes,
        told=_told(stream, kind.kind, age_s),
    )


def _group(stream: StreamReading, group: GroupReading, declared: Stream | None) -> GroupRow:
    waits, lane = backlog(stream, group), declared is not None and group.name in declared.lanes
    last = group.last_delivered_id
    return GroupRow(group.name, waits.entries, waits.exact, group.lag, group.pending, group.consumers_count, last, lane)


def _line(stream: StreamReading) -> str:
    if stream.present is None:
        return f"could not be read: {stream.trouble}"
    return f"{stream.length} entries, {stream.groups_count} groups" if stream.present else "absent"


def _told(stream: StreamReading, kind: Kind, age_s: float | None) -> str:
    """What is to be said of its age: of what is driven by events, that it is."""
    if stream.present is None:
        return f"{stream.trouble}: {stream.detail}"
    if not stream.present:
        return "absent"
    if stream.kind != "stream":
        return f"is a {stream.kind}"
    if odd := odd_id(stream):
        return odd
    if age_s is None:
        return "never written"
    words = {"event": "event-driven, last {}", "one_shot": "written once, {}"}.get(kind, "")
    return words.format(f"{span(max(0.0, age_s))} ago") if words else ""
