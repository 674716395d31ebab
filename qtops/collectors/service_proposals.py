"""Read the proposals that services write, and the guards that hold over them: each family once per Redis, whoever writes it."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from qtops.collectors.service_keys import LIMIT_S
from qtops.collectors.service_redis import RedisRead, side_by_side
from qtops.facts.events import EventFacts
from qtops.facts.proposals import ProposalFacts
from qtops.facts.service import Missing
from qtops.facts.text import printable
from qtops.settings import Family, RedisSettings, Service, Settings


class ProposalsRead(NamedTuple):
    """The proposals of one service. None where it writes none, or its Redis does not answer, which is said of its keys."""

    facts: ProposalFacts | None = None
    missing: tuple[Missing, ...] = ()
    events: EventFacts | None = None


class _Seen(NamedTuple):
    """What one look shows."""

    proposals: ProposalFacts
    events: EventFacts | None


def read_proposals(
    services: Sequence[tuple[Service | None, RedisRead]], settings: Settings, timeout_s: float = LIMIT_S
) -> tuple[ProposalsRead, ...]:
    """One answer per service and its Redis, in their order."""
    wanted = [_wanted(service, redis, settings) for service, redis in services]
    jobs = {(access, family.name): partial(_look, access, family, settings) for access, family in filter(None, wanted)}
    looks = side_by_side(jobs, timeout_s)
    return tuple(_read(looks.get((one[0], one[1].name)), timeout_s) if one else ProposalsRead() for one in wanted)


def _wanted(service: Service | None, redis: RedisRead, settings: Settings) -> tuple[RedisSettings, Family] | None:
    """Where to look, and for which family: the first that holds proposals."""
    if service is None or redis.access is None:
        return None
    families = {family.name: family for family in settings.families if _holds_proposals(family)}
    mine = next((families[name] for name in service.families if name in families), None)
    return (redis.access, mine) if mine else None


def _holds_proposals(family: Family) -> bool:
    return family.content == "risk-proposal" and family.kind == "hash" and "{symbol}" in family.pattern


def _look(access: RedisSettings, family: Family, settings: Settings) -> _Seen:
    from qtops.collectors.events import glance
    from qtops.collectors.proposals import Wanted, look
    from qtops.collectors.redis import Source

    symbols = settings.symbols if family.symbols is None else family.symbols
    source = Source(access)
    try:
        seen = look(source, source.greet(), Wanted(family, symbols, settings.prices))
        events = glance(source, seen.server) if seen.server.state == "ok" else None
    finally:
        source.close()
    return _Seen(ProposalFacts(family=family.name, symbols=tuple(map(printable, symbols)), looks=(seen,)), events)


def _read(seen: _Seen | None, timeout_s: float) -> ProposalsRead:
    if seen is None:
        return ProposalsRead(missing=(Missing("proposals", f"they were not read within {timeout_s:g} s"),))
    return ProposalsRead(seen.proposals if seen.proposals.looks[-1].server.state == "ok" else None, events=seen.events)
