"""What a bundle holds, in a few lines: from where, when, and how much of each service."""

from collections.abc import Iterator, Sequence

from qtops.bundle.file import Bundle
from qtops.facts.keys import ServerReading
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.text import printable
from qtops.facts.times import utc


def contents(bundle: Bundle) -> Iterator[str]:
    """Printable lines: the look as a whole, one per service, and what could not be read."""
    yield from map(printable, _lines(bundle))


def _lines(bundle: Bundle) -> Iterator[str]:
    counted = f": {_several(len(bundle.services), 'service')}" if bundle.services or not any(_looked_at(bundle)) else ""
    yield f"{utc(bundle.taken_at_s)} on {bundle.host}{counted}"
    systemd = f"systemd {bundle.systemd_version or '?'}" + (f", read through {bundle.via}" if bundle.via else "")
    yield f"written by qtops {bundle.version or '?'}; {systemd}"
    for service in bundle.services:
        yield f"  {service.subject}: {', '.join(_parts(service)) or 'nothing'}"
        yield from (f"    missing: {missing.told}" for missing in service.missing)
    yield from _looked_at(bundle)
    yield from (f"  missing: {missing.told}" for missing in bundle.missing)


def _looked_at(facts: Facts) -> Iterator[str]:
    """What else was looked at, besides services; one line for each kind of facts."""
    lacking: list[tuple[str, ...]] = []
    if (proposals := facts.proposals) is not None:
        readings = proposals.looks[-1].readings if proposals.looks else ()
        what = f"{_several(len(readings), 'proposal')} of {proposals.family}, {_several(len(proposals.looks), 'look')}"
        yield f"  {what}{_redis([look.server for look in proposals.looks])}"
        lacking.append(proposals.missing)
    if (streams := facts.streams) is not None:
        last = streams.looks[-1].streams if streams.looks else ()
        groups = sum(len(stream.groups) for stream in last)
        what = f"{_several(len(last), 'stream')} with {_several(groups, 'group')}, {_several(len(streams.looks), 'look')}"
        yield f"  {what}{_redis([look.server for look in streams.looks])}"
        lacking.append(streams.missing)
    if (cadence := facts.cadence) is not None:
        moments = sum(len(one.moments_s) for one in cadence.series)
        yield f"  cadence of {len(cadence.series)} series, {_several(moments, 'update')}{_redis([cadence.server])}"
        lacking.append(cadence.missing)
    if (events := facts.events) is not None:
        guards = _several(len(events.guards), "guard")
        yield f"  {_several(len(events.events), 'event')} of {events.stream.name}, {guards}{_redis([events.server])}"
        lacking.append(events.missing)
    if (wiring := facts.wiring) is not None:
        ends = sum(len(unit.ends) for unit in wiring.units)
        names = "Redis not asked" if wiring.names is None else _several(len(wiring.names), "name")
        yield f"  wiring of {_several(len(wiring.units), 'unit')}: {_several(ends, 'end')}, {names}"
        lacking.append(wiring.missing)
    yield from (f"    missing: {line}" for lines in lacking for line in lines)


def _redis(servers: Sequence[ServerReading]) -> str:
    """How Redis was, look by look."""
    return "".join(f", Redis {state}" for state in dict.fromkeys(server.state for server in servers))


def _parts(service: ServiceFacts) -> Iterator[str]:
    if service.unit is not None:
        yield f"{service.unit.active_state} ({service.unit.sub_state})"
    if service.start is not None:
        files = service.start.imports.files if service.start.imports else 0
        yield f"its next start ({_several(files, 'source file')} followed)"
    if service.journal is not None:
        cut = ", older ones left out" if service.journal.cut else ""
        yield f"{_several(len(service.journal.lines), 'journal line')}{cut}"
    if service.process is not None:
        yield f"process {service.process.pid}"
    if service.changed:
        yield _several(len(service.changed), "changed file")
    if service.redis is not None:
        yield f"Redis {service.redis.reading.state}"
    if service.keys:
        yield _several(len(service.keys), "key")
    if service.proposals is not None and service.proposals.looks:
        yield _several(len(service.proposals.looks[-1].readings), "proposal")
    if service.events is not None:
        yield _several(len(service.events.events), "risk event")


def _several(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
