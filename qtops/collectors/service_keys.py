"""Read the keys that services write: each family once per Redis, however many services write it."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from qtops.collectors.service_redis import RedisRead, side_by_side
from qtops.facts.keys import KeyReading, ServerReading
from qtops.facts.service import Missing
from qtops.facts.text import printable
from qtops.settings import Family, RedisSettings, Service, Settings

LIMIT_S: Final = 3.0  # some 100,000 keys


class KeysRead(NamedTuple):
    """The keys of one service's families, in the order of its families and their symbols."""

    keys: tuple[KeyReading, ...] = ()
    missing: tuple[Missing, ...] = ()


class _Look(NamedTuple):
    """All that was read in one Redis, by family, and how it was when that was done."""

    server: ServerReading
    readings: Mapping[str, tuple[KeyReading, ...]]


def read_keys(
    services: Sequence[tuple[Service | None, RedisRead]], settings: Settings, timeout_s: float = LIMIT_S
) -> tuple[KeysRead, ...]:
    """One answer per service and its Redis, in their order. A Redis that does not answer to the end has no keys at all."""
    wanted: dict[RedisSettings, dict[str, None]] = {}
    for service, redis in services:
        if service is not None and redis.access is not None:
            wanted.setdefault(redis.access, {}).update(dict.fromkeys(service.families))
    by_name = {family.name: family for family in settings.families}
    families = {access: [by_name[name] for name in names if name in by_name] for access, names in wanted.items()}
    jobs = {access: partial(_look, access, asked, settings) for access, asked in families.items() if asked}
    looks = side_by_side(jobs, timeout_s)
    return tuple(_read(service, redis, looks, timeout_s) for service, redis in services)


def _look(access: RedisSettings, families: Sequence[Family], settings: Settings) -> _Look:
    from qtops.collectors.keys import Look, Selection
    from qtops.collectors.redis import Source

    source = Source(access)
    try:
        selections = [Selection(family, _subjects(family, settings)) for family in families]
        look = Look(source, source.greet(), selections)
        readings: dict[str, list[KeyReading]] = {family.name: [] for family in families}
        for reading in look:
            readings[reading.family].append(reading)
        return _Look(look.server, {name: tuple(found) for name, found in readings.items()})
    finally:
        source.close()


def _subjects(family: Family, settings: Settings) -> Sequence[str]:
    if "{symbol}" not in family.pattern:
        return ("",)
    return settings.symbols if family.symbols is None else family.symbols


def _read(service: Service | None, redis: RedisRead, looks: Mapping[RedisSettings, _Look], timeout_s: float) -> KeysRead:
    if service is None or not service.families:
        return KeysRead()
    if redis.access is None:
        return KeysRead(missing=(Missing("keys", _no_access(redis)),))
    look = looks.get(redis.access)
    if look is None:
        return KeysRead(missing=(Missing("keys", f"they were not read within {timeout_s:g} s"),))
    if look.server.state != "ok":
        return KeysRead(missing=(Missing("keys", _no_access(redis, look.server.state)),))
    return KeysRead(tuple(reading for name in service.families for reading in look.readings.get(name, ())))


def _no_access(redis: RedisRead, state: str = "") -> str:
    if redis.facts is not None:
        return f"Redis at {redis.facts.reading.url} does not answer: {state or redis.facts.reading.state}"
    return printable(f"its Redis is not known: {redis.missing[0].why}") if redis.missing else "no Redis is named for it"
