"""One look at one Redis, for the services that write to it: whether it serves, and everything of theirs that it holds."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import chain
from typing import Final, NamedTuple

from qtops.checks.redis_unusable import REMEDIES
from qtops.collectors.redis import Source
from qtops.collectors.service_keys import read_keys
from qtops.collectors.service_proposals import read_proposals
from qtops.collectors.service_redis import RedisRead, Use, read_redis
from qtops.collectors.streams import read_streams
from qtops.facts.keys import ClockReading
from qtops.facts.service import ServiceFacts
from qtops.facts.streams import StreamFacts
from qtops.facts.text import printable
from qtops.settings import Service, Settings

KEYS_S: Final = 3.0  # some 100,000 keys; a server that hangs is told by its first question


class Trouble(NamedTuple):
    """Why a Redis does not serve those that write to it."""

    why: str
    advice: str


class Look(NamedTuple):
    """What one look read."""

    trouble: Trouble | None
    clock: ClockReading | None
    services: tuple[ServiceFacts, ...]


def look(uses: Sequence[Use], settings: Settings) -> Look:
    """All of it but the streams. A Redis in trouble is not asked any more: whatever it would say follows from that."""
    redises = read_redis(uses, settings)
    known = next((redis for redis in redises if redis.facts is not None), redises[0])
    trouble = _trouble(known)
    if trouble is not None:
        return Look(trouble, None, ())
    written = [(use.service, redis) for use, redis in zip(uses, redises, strict=True)]
    keys, proposals = read_keys(written, settings, KEYS_S), read_proposals(written, settings, KEYS_S)
    services = tuple(
        ServiceFacts(
            subject=service.unit,
            families=service.families,
            keys=read.keys,
            proposals=proposed.facts,
            events=proposed.events,
            missing=(*read.missing, *proposed.missing),
        )
        for (service, _), read, proposed in zip(written, keys, proposals, strict=True)
        if service is not None
    )
    return Look(None, known.facts.reading.clock if known.facts else None, services)


def _trouble(redis: RedisRead) -> Trouble | None:
    if redis.facts is None:
        missing = redis.missing[0]
        return Trouble(f"no access: {missing.why}", missing.enable)
    reading, refused = redis.facts.reading, redis.facts.writes_refused
    if reading.state == "ok" and not refused:
        return None
    state = reading.state if reading.state != "ok" else refused
    detail = reading.detail if reading.state != "ok" else "it answers, and takes no writes"
    return Trouble(printable(f"{state.replace('_', ' ')}: {detail or reading.advice}"), REMEDIES.get(state, reading.advice))


def own_streams(service: Service, settings: Settings) -> tuple[str, ...]:
    """The streams of which the configuration says that this service writes them."""
    mine = (stream.name for stream in settings.streams if stream.writer in {service.name, service.unit})
    return tuple(dict.fromkeys(chain.from_iterable(_named(name, settings.symbols) for name in mine)))


def look_at_streams(use: Use, names: Sequence[str], settings: Settings) -> StreamFacts | None:
    """One look at these; None where their Redis does not answer, which is told of it anyway."""
    (redis,) = read_redis([use], settings)
    if redis.access is None:
        return None
    with closing(Source(redis.access)) as source:
        seen = read_streams(source, source.greet(), names)
    return StreamFacts(looks=(seen,), declared=tuple(map(printable, names))) if seen.server.state == "ok" else None


def _named(name: str, symbols: Sequence[str]) -> Iterator[str]:
    yield from (name.replace("{symbol}", symbol) for symbol in (symbols if "{symbol}" in name else ("",)))
