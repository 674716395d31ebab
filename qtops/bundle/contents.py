"""What a bundle holds, in a few lines: from where, when, and how much of each service."""

from collections.abc import Iterator

from qtops.bundle.file import Bundle
from qtops.facts.service import ServiceFacts
from qtops.facts.text import printable
from qtops.facts.times import utc


def contents(bundle: Bundle) -> Iterator[str]:
    """Printable lines: the look as a whole, one per service, and what could not be read."""
    yield from map(printable, _lines(bundle))


def _lines(bundle: Bundle) -> Iterator[str]:
    yield f"{utc(bundle.taken_at_s)} on {bundle.host}: {_several(len(bundle.services), 'service')}"
    systemd = f"systemd {bundle.systemd_version or '?'}" + (f", read through {bundle.via}" if bundle.via else "")
    yield f"written by qtops {bundle.version or '?'}; {systemd}"
    for service in bundle.services:
        yield f"  {service.subject}: {', '.join(_parts(service)) or 'nothing'}"
        yield from (f"    missing: {missing.told}" for missing in service.missing)
    yield from (f"  missing: {missing.told}" for missing in bundle.missing)


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


def _several(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
