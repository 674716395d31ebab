"""What a service publishes after a recovery: is it fresh, and is it sane?"""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from qtops.checks.freshness import Freshness, State, judge
from qtops.checks.proposals import price_far, registry
from qtops.facts.keys import KeyReading
from qtops.facts.recovery import Answer, Criterion, Observed
from qtops.facts.service import ServiceFacts
from qtops.facts.times import moment, span, utc
from qtops.findings import Severity, Verdict
from qtops.settings import Family, Settings

IMMATERIAL: Final = frozenset({price_far.CHECK.code})  # its doubt is that there is no second price to compare with
NAMED: Final = 3  # keys that are named; the rest are alike


def families_of(service: ServiceFacts, settings: Settings) -> tuple[Family, ...]:
    """The families that it writes, as far as they are configured."""
    known = {family.name: family for family in settings.families}
    return tuple(known[name] for name in service.families if name in known)


def fresh(observed: Observed, settings: Settings) -> Criterion:
    """Whether every key of its families is as fresh as its time rules want it."""
    return Criterion("fresh", *_fresh(observed, settings))


def _fresh(observed: Observed, settings: Settings) -> tuple[Answer, str]:
    judged = judged_keys(observed.service, settings)
    bad = [one for _, one in judged if one.verdict in {Verdict.WARNING, Verdict.CRITICAL}]
    if bad:
        return "no", f"{len(bad)} of {counted(len(judged), 'key')}: " + listed(
            [f"{one.key}: {one.state}: {one.reason}" for one in bad]
        )
    if why := lack(observed.service, settings):
        return "could not tell", why
    doubtful = [one for _, one in judged if one.verdict is not Verdict.OK]
    if doubtful:
        return "could not tell", listed([f"{one.key}: {one.reason}" for one in doubtful])
    aged = [(one, reading) for reading, one in judged if one.age_s is not None]
    idle = sum(one.state is State.IDLE for _, one in judged)
    if not aged:
        return "yes", f"{counted(idle, 'key')} absent, and rightly so: no position is open"
    oldest, reading = max(aged, key=lambda row: row[0].strain)
    rest = f", {idle} more rightly absent" if idle else ""
    return "yes", f"{counted(len(aged), 'key')}{rest}: the oldest is {oldest.key}, {_aged(oldest, reading.read_at_s)}"


def _aged(fresh: Freshness, now_s: float) -> str:
    if fresh.rule is None or fresh.time_s is None:
        return str(fresh.state)
    return f"{fresh.rule.field or 'its time'} {moment(fresh.time_s, now_s)}, limit {span(fresh.rule.warn_s)}"


def judged_keys(service: ServiceFacts, settings: Settings) -> tuple[tuple[KeyReading, Freshness], ...]:
    """Each of its keys, and how fresh it is."""
    families = {family.name: family for family in families_of(service, settings)}
    known = [reading for reading in service.keys if reading.family in families]
    return tuple((reading, judge(reading, families[reading.family], settings)) for reading in known)


def lack(service: ServiceFacts, settings: Settings) -> str:
    """Why some of its keys were not read; empty where all were."""
    told = [missing.told for missing in service.missing if missing.source in {"keys", "redis"}]
    read = {reading.family for reading in service.keys}
    known = {family.name for family in families_of(service, settings)}
    told += [f"{name} is no family of the configuration" for name in service.families if name not in known]
    told += [f"no key of {name} was read" for name in service.families if name in known - read and not told]
    return "; ".join(told)


def sane(observed: Observed, settings: Settings) -> Criterion:
    """Whether the checks of proposals find nothing critical in what is published now."""
    return Criterion("sane", *_sane(observed, settings))


def _sane(observed: Observed, settings: Settings) -> tuple[Answer, str]:
    service, facts = observed.service, observed.service.proposals
    look = facts.looks[-1] if facts is not None and facts.looks else None
    if facts is None or look is None or look.server.state != "ok":
        told = [missing.told for missing in service.missing if missing.source in {"proposals", "keys", "redis"}]
        return "could not tell", "; ".join(told) or "its proposals were not read"
    if not look.taken_at_s >= observed.restarted_at_s:
        return "could not tell", f"its proposals were last read before the restart: {utc(look.taken_at_s)}"
    own = next((known.off for known in settings.services if known.unit == service.subject), {})
    judged = registry.judge(facts, replace(settings, off=settings.off | own))
    critical = [finding for finding in judged.findings if finding.severity is Severity.CRITICAL]
    if critical:
        return "no", listed([f"{finding.code} {finding.subject}: {finding.summary}" for finding in critical])
    doubts = [doubt for doubt in judged.doubts if doubt.code not in IMMATERIAL]
    if doubts:
        return "could not tell", listed([f"{doubt.code} {doubt.told}" for doubt in doubts])
    count = sum(reading.present is True for reading in look.readings)
    others = sorted({finding.code for finding in judged.findings if finding.severity is Severity.WARNING})
    warned = f"; warnings of {', '.join(others)}" if others else ""
    return "yes", f"{len(registry.CHECKS)} checks of {counted(count, 'proposal')} find nothing critical{warned}"


def counted(number: int, noun: str) -> str:
    """``1 key``, ``3 keys``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def listed(lines: Sequence[str]) -> str:
    """The first of them, and how many there are besides."""
    return "; ".join(lines[:NAMED]) + (f"; and {len(lines) - NAMED} more" if len(lines) > NAMED else "")
