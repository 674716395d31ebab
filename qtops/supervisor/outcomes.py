"""What one look at what a service writes comes to: the same checks that a diagnosis has, of its output alone. Pure."""

from collections.abc import Container, Iterator, Mapping, Sequence
from math import inf
from operator import itemgetter
from typing import Final, NamedTuple

from msgspec.structs import replace

from publisher.timestamps import TimestampError, parse_timestamp
from qtops.checks import guards_over, keys_stale, process_stopped, proposals_wrong
from qtops.checks.events import registry as events
from qtops.checks.freshness import Freshness, judge
from qtops.checks.proposals import registry as proposals
from qtops.checks.streams import registry as streams
from qtops.facts.keys import KeyReading
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.streams import StreamFacts
from qtops.facts.times import span
from qtops.findings import Finding, Severity, Verdict
from qtops.settings import Family, Settings
from qtops.supervisor.snapshot import KeyAge

GRACE_S: Final = 1.0  # a heartbeat may come so much later than it is declared
SHOWN: Final = 3  # doubts of one kind; the rest are alike
AT_ONCE: Final = frozenset({"PROCESS201", "PROPOSAL101"})
"""Proven by one look: the kernel says so; or both numbers stand in one hash, and no order of writing makes them cross."""
OF_TIME: Final = frozenset(
    {"KEYS201", "PROPOSAL105", "PROPOSAL106", "PROPOSAL109", "PROPOSAL110", "PROPOSAL111", "PROPOSAL114", "PROPOSAL119"}
    | {"EVENT102", "EVENT105"}
    | {"STREAM101", "STREAM102", "STREAM103", "STREAM104", "STREAM105", "STREAM106", "STREAM108", "STREAM112"}
)
"""Judged by a clock, or by what expires by one: worth nothing while clocks are being set."""


class Told(NamedTuple):
    """What one look says, before it is known what has to be seen twice."""

    findings: tuple[Finding, ...] = ()
    doubts: tuple[str, ...] = ()
    at_once: frozenset[str] = AT_ONCE  # codes that one look proves


def told(service: ServiceFacts, facts: Facts, seen: StreamFacts | None = None, before: Container[str] = frozenset()) -> Told:
    """All findings that change a verdict, without those of checks that are switched off; and what could not be told.

    ``before``: the keys that were there at the last look.
    """
    off = switched_off(service.subject, facts.settings)
    found = [
        *process_stopped.check(service, facts),
        *keys_stale.check(service, facts),
        *proposals_wrong.findings(service, facts),
        *guards_over.findings(service, facts),
        *_of_streams(service.subject, seen, facts.settings),
    ]
    kept = tuple(finding for finding in found if finding.code not in off and finding.severity is not Severity.INFO)
    at_once = AT_ONCE | ({keys_stale.CHECK.code} if _proves(service, facts.settings, before) else set())
    return Told(kept, tuple(_doubts(service, seen, facts.settings, off)), at_once)


def switched_off(unit: str, settings: Settings) -> Mapping[str, str]:
    """Codes of the checks that are off for it, and why."""
    return settings.off | next((known.off for known in settings.services if known.unit == unit), {})


def _of_streams(unit: str, seen: StreamFacts | None, settings: Settings) -> Iterator[Finding]:
    """Findings on its streams, told of it."""
    judged = streams.judge(seen, replace(settings, off={})).findings if seen is not None else ()
    for finding in judged:
        yield replace(finding, subject=unit, summary=f"{finding.subject}: {finding.summary}")


def _doubts(service: ServiceFacts, seen: StreamFacts | None, settings: Settings, off: Mapping[str, str]) -> Iterator[str]:
    yield from (missing.told for missing in service.missing)
    yield from _few(list(unjudged(service, settings)) if keys_stale.CHECK.code not in off else ())
    own = replace(settings, off=dict(off))
    if service.proposals is not None:
        yield from _few([doubt.told for doubt in proposals.judge(service.proposals, own).doubts])
    if service.events is not None:
        yield from _few([doubt.told for doubt in events.judge(service.events, own).doubts])
    if seen is not None:
        yield from _few([doubt.told for doubt in streams.judge(seen, own).doubts])


def _few(doubts: Sequence[str]) -> Iterator[str]:
    yield from doubts[:SHOWN]
    if len(doubts) > SHOWN:
        yield f"and {len(doubts) - SHOWN} more like that"


def _judged(service: ServiceFacts, settings: Settings) -> Iterator[Freshness]:
    families = {family.name: family for family in settings.families}
    for reading in service.keys:
        if reading.family in families:
            yield judge(reading, families[reading.family], settings)


def _proves(service: ServiceFacts, settings: Settings, before: Container[str]) -> bool:
    """Whether one look proves that its keys are not as they should be: a position that was just opened has no key for a cycle."""
    opened = {reading.key for reading in service.keys if reading.position == "open" and reading.key not in before}
    return any(fresh.verdict in keys_stale.SEVERITIES and fresh.key not in opened for fresh in _judged(service, settings))


class Due(NamedTuple):
    """When a service should be looked at again, and whether it is late. Seconds from the moment of the look."""

    next_s: float = inf  # until the next heartbeat should have come, its grace included
    late: str = ""  # what is overdue, in words
    cycle_s: float = inf  # the shortest interval that is declared


def due(service: ServiceFacts, settings: Settings) -> Due:
    """By the newest time of each rule, whichever key holds it: a writer that lives moves one of them."""
    families = {family.name: family for family in settings.families}
    newest: dict[tuple[str, str], tuple[float, float]] = {}  # the family and the field: age, declared interval
    own = [families[name] for name in service.families if name in families]
    cycle_s = min((rule.interval_s for family in own for rule in family.times), default=inf)
    for reading in service.keys:
        family = families.get(reading.family)
        for name, interval_s, age_s in _ages(reading, family) if family else ():
            known = newest.get((reading.family, name))
            if known is None or age_s < known[0]:
                newest[reading.family, name] = age_s, interval_s
    left = {place: interval_s + GRACE_S - age_s for place, (age_s, interval_s) in newest.items()}
    late = [place for place, left_s in left.items() if left_s < 0]
    words = ""
    if late:
        age_s, interval_s = newest[late[0]]
        words = f"its newest {late[0][1] or 'time'} is {span(age_s)} old, and it declares one every {span(interval_s)}"
    return Due(min((left_s for left_s in left.values() if left_s >= 0), default=inf), words, cycle_s)


def key_ages(service: ServiceFacts, settings: Settings) -> Iterator[KeyAge]:
    """How old each key is, by the newest time that it holds, and how old that may become."""
    families = {family.name: family for family in settings.families}
    for reading in service.keys:
        family = families.get(reading.family)
        if family is not None:
            newest = min(_ages(reading, family), key=itemgetter(2), default=None)
            field, age_s = (newest[0], newest[2]) if newest else (None, None)
            limit_s = next((rule.warn_s for rule in family.times if rule.field == field), None)
            yield KeyAge(reading.family, reading.subject, age_s, str(judge(reading, family, settings).state), limit_s)


def unjudged(service: ServiceFacts, settings: Settings) -> Iterator[str]:
    """Keys of which nothing tells how old they are: of another type, or without a time in them."""
    yield from (f"{fresh.key}: {fresh.reason}" for fresh in _judged(service, settings) if fresh.verdict is Verdict.UNKNOWN)


def not_told(unit: str, keys: Sequence[str], for_s: float) -> Finding:
    """What cannot be judged for longer than it may be old is not known to be fresh: somebody has to look."""
    summary = f"how old {len(keys)} of the keys that it writes are could not be told for {span(for_s)}"
    remedy = "Find who writes there: `redis-cli TYPE` and `HGETALL` of the key; `qtops verify freshness` lists all"
    return keys_stale.CHECK.finding(unit, summary, tuple(_few(keys)), remedy, severity=Severity.WARNING)


def longest_s(service: ServiceFacts, settings: Settings) -> float:
    """For how long a jump of a clock leaves times behind that say nothing."""
    rules = [rule for family in settings.families if family.name in service.families for rule in family.times]
    return max((rule.critical_s for rule in rules), default=0.0)


def _ages(reading: KeyReading, family: Family) -> Iterator[tuple[str, float, float]]:
    """Field, declared interval and age of each time that a key holds."""
    for rule, text in zip(family.times, reading.values, strict=False):
        if text is not None:
            try:
                yield rule.field, rule.interval_s, reading.read_at_s - parse_timestamp(text)
            except TimestampError:
                continue
