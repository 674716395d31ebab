"""Gather the cases of phases: how their services are now, what they publish, measured, and how phases stood before."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from itertools import chain

from msgspec.structs import replace

from qtops.casework.gathering import Tell, failed_units, mapped, reading, with_units
from qtops.casework.keeping import stood
from qtops.casework.remains import Remains, remains
from qtops.collectors import cadence, events, streams_found
from qtops.collectors.doctor import Request, look_at
from qtops.collectors.keys import Selection
from qtops.collectors.live_starts import LiveStarts
from qtops.collectors.redis import Source
from qtops.collectors.service_redis import Use, read_redis
from qtops.collectors.systemd.names import BadName
from qtops.errors import ConfigError
from qtops.evidence.case import Case
from qtops.facts.recovery import RecoveryRecord
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.unit import UnitState
from qtops.phases.look import OF_STREAMS, OF_WIRING
from qtops.phases.plan import chosen, units_of
from qtops.settings import Family, Phase, RedisSettings, Settings

NAP_S = 0.25


def gather_phase(number: int, settings: Settings, tell: Tell, *, observe_s: float, redis_given: bool = False) -> Case:
    """Everything about one phase of the plan. ``observe_s``: for how long its keys are watched; 0: they are looked at once.

    Raises UsageError for a phase that the plan does not have, ConfigError for a plan that names what can be no unit.
    """
    (case,) = _gathered([chosen(settings, number)], settings, tell, observe_s, redis_given=redis_given)
    return case


def gather_phases(settings: Settings, tell: Tell, *, observe_s: float = 0.0, redis_given: bool = False) -> tuple[Case, ...]:
    """One case for each phase of the plan, from one look at the services of all of them. Raises ConfigError."""
    return tuple(_gathered(settings.phases, settings, tell, observe_s, redis_given=redis_given))


def _gathered(phases: Sequence[Phase], settings: Settings, tell: Tell, observe_s: float, *, redis_given: bool) -> list[Case]:
    facts = _looked(phases, settings, tell, observe_s, redis_given=redis_given)
    failed, untold = failed_units()
    last = stood(settings)
    cases = []
    with reading(settings) as (ledger, lack):
        records = ledger.records() if ledger is not None else ()
        for phase in phases:
            own, record = _recoveries(phase, records, settings)
            found = remains(ledger, record, facts.host) if ledger is not None and record is not None else Remains()
            case = Case(
                kind="phase",
                host=facts.host,
                subject=f"phase {phase.number}",
                made_at_s=time.time(),
                now=_of(phase, facts),
                recovery=record,
                plan=found.plan,
                entries=found.entries,
                backups=found.backups,
                failed=failed,
                recoveries=own,
                last=last.stood,
                lacking=(*filter(None, [lack]), *found.lacking, *untold, *last.lacking),
            )
            cases.append(with_units(case, settings))
    return cases


def _recoveries(
    phase: Phase, records: Sequence[RecoveryRecord], settings: Settings
) -> tuple[tuple[RecoveryRecord, ...], RecoveryRecord | None]:
    """All recoveries of its services but the newest that was verified, and that one."""
    units = units_of(phase, settings)
    own = [record for record in records if record.unit in units]
    verified = next((record for record in own if record.state == "verified"), None)
    return tuple(record for record in own if record != verified), verified


def _of(phase: Phase, facts: Facts) -> Facts:
    """What was seen of the services of one phase, and of what belongs to no service."""
    units = units_of(phase, facts.settings)
    return replace(facts, services=tuple(service for service in facts.services if service.subject in units))


def _looked(phases: Sequence[Phase], settings: Settings, tell: Tell, observe_s: float, *, redis_given: bool) -> Facts:
    """One look at everything that criteria of these phases ask about."""
    units = tuple(dict.fromkeys(unit for phase in phases for unit in units_of(phase, settings)))
    criteria = [criterion for phase in phases for criterion in phase.criteria]
    codes = {code for criterion in criteria for code in criterion.clear}
    about = tuple(dict.fromkeys(name for criterion in criteria for name in criterion.about))
    drawn = any(deliverable.by == "wiring" for phase in phases for deliverable in phase.deliverables)
    request = Request(names=units, settings=settings, redis_given=redis_given, past=True)
    try:
        facts = look_at(request, tell)
    except BadName as error:
        raise ConfigError(f"phases: {error}") from None
    if drawn or codes & OF_WIRING or any(criterion.fed or criterion.read for criterion in criteria):
        facts = mapped(facts, tell, redis_given=redis_given)
    if codes & OF_STREAMS or any(criterion.read for criterion in criteria):
        with closing(Source(settings.redis)) as source:
            facts = replace(facts, streams=streams_found.look_at(source, settings, tell, about, observe_s=observe_s or None))
    return _again(_watched(facts, settings, tell, observe_s, redis_given=redis_given), request, tell) if observe_s > 0 else facts


def _again(facts: Facts, request: Request, tell: Tell) -> Facts:
    """The same, with its services as they are now: what ended while it was watched does not pass for running."""
    later = look_at(request, tell)
    missing = tuple(dict.fromkeys((*later.missing, *facts.missing)))
    services = tuple(_since(service, facts) for service in later.services)
    return replace(
        later, services=services, wiring=facts.wiring, streams=facts.streams, cadence=facts.cadence, events=facts.events,
        missing=missing,
    )  # fmt: skip


def _since(later: ServiceFacts, facts: Facts) -> ServiceFacts:
    """The same with its proposals of before the watch, to compare with: what stood still meanwhile, what was loosened."""
    before = next((service.proposals for service in facts.services if service.subject == later.subject), None)
    if before is None or later.proposals is None or before.family != later.proposals.family:
        return later
    return replace(later, proposals=replace(later.proposals, looks=(*before.looks, *later.proposals.looks)))


def _watched(facts: Facts, settings: Settings, tell: Tell, observe_s: float, *, redis_given: bool) -> Facts:
    """The same look with how often the keys of its services are updated, and with the risk events of their Redis."""
    written = _written(facts, settings, redis_given=redis_given)
    if not written:
        return facts
    (access, families), *others = written.items()
    with closing(Source(access)) as source:
        selections = [Selection(family, _subjects(family, settings)) for family in families]
        sleep = _sleep(tell, observe_s)
        found = cadence.collect(source, selections, (), observe_s, symbols=len(settings.symbols), sleep=sleep)
        told = events.collect(source)
    unwatched = ", ".join(family.name for family in chain.from_iterable(rest for _, rest in others))
    lack = (f"{unwatched}: in another Redis, which was not watched: `qtops verify cadence --redis URL` does",) if unwatched else ()
    return replace(facts, cadence=replace(found, missing=(*found.missing, *lack)), events=told)


def _written(facts: Facts, settings: Settings, *, redis_given: bool) -> Mapping[RedisSettings, tuple[Family, ...]]:
    """The families that services of the look write, by the Redis that they are in, as far as it answers."""
    configured = {service.unit: service for service in settings.services}
    known = {family.name: family for family in settings.families}
    units = [service.unit or UnitState(name=service.subject) for service in facts.services if service.families]
    starts = LiveStarts(units)
    uses = [Use(starts.environment(unit), configured.get(unit.name)) for unit in units]
    found: dict[RedisSettings, dict[Family, None]] = {}
    for use, redis in zip(uses, read_redis(uses, settings, given=redis_given), strict=True):
        if redis.access is not None and use.service is not None:
            named = found.setdefault(redis.access, {})
            named |= dict.fromkeys(known[name] for name in use.service.families if name in known)
    return {access: tuple(families) for access, families in found.items()}


def _subjects(family: Family, settings: Settings) -> tuple[str, ...]:
    if "{symbol}" not in family.pattern:
        return ("",)
    return settings.symbols if family.symbols is None else family.symbols


def _sleep(tell: Tell, total_s: float) -> Callable[[float], None]:
    """Sleep, and tell meanwhile how much of the time has passed."""
    started = time.monotonic()

    def sleep(seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left_s := until - time.monotonic()) > 0:
            tell("seconds watched", time.monotonic() - started, total_s)
            time.sleep(min(left_s, NAP_S))

    return sleep
