"""Who writes and who reads which name in Redis: units, their source, and what is there now. Nothing is executed or written."""

import platform
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from qtops.collectors import doctor
from qtops.collectors.redact import Redactor
from qtops.collectors.redis import Source
from qtops.collectors.service_redis import RedisRead, Use, read_redis
from qtops.collectors.streams import read_streams
from qtops.collectors.streams_found import MOST_STREAMS, read_clients
from qtops.collectors.systemd.listing import matching_services, own_services
from qtops.collectors.systemd.names import service_pattern
from qtops.collectors.systemd.reading import NoManager, open_manager
from qtops.collectors.tree import RootedTree
from qtops.collectors.unit_files import FoundUnit, UnitFiles
from qtops.collectors.wiring_live import read_names
from qtops.collectors.wiring_sources import in_source
from qtops.collectors.wiring_units import UnitSources, Wired, of_state
from qtops.facts.service import Facts, Missing
from qtops.facts.streams import StreamFacts
from qtops.facts.text import printable
from qtops.facts.unit import UnitState
from qtops.facts.wiring import UnitWiring, WiringFacts
from qtops.settings import RedisSettings, Settings
from qtops.unitfile.names import LOOKUP_PATH, UnitName, parse_name

Tell = Callable[[str, float, float], None]
_NOT_KEYS: Final = "channel"  # of pub/sub: nothing is kept under its name


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What to map: units as systemd has them, by name, by pattern or all of this host's own; or those in folders of source."""

    names: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    everything: bool = False
    sources: tuple[str, ...] = ()  # folders with unit files in them, and the source that these name: no systemd is needed
    redis: bool = True  # whether Redis is asked what is there
    redis_given: bool = False  # settings.redis is what the command line says, whatever the units name
    settings: Settings = Settings()
    via: str | None = None


def look_at_wiring(request: Request, tell: Tell) -> Facts:
    """Read everything once. Raises UsageError for a name that no service can have, and where nothing is found."""
    taken_at_s = time.time()
    via, version, missing = "", "", tuple[Missing, ...]()
    wired = _as_they_are([unit for source in request.sources for unit in _told(in_source(source), tell)], request.via)
    if request.names or request.patterns or request.everything:
        found, via, version, missing = _on_host(request, tell)
        known = {one.unit.unit for one in found}
        wired = [*found, *(one for one in wired if one.unit.unit not in known)]
    given = [(variable.name, variable.value.reveal()) for one in wired for variable in one.environment.values()]
    redactor = doctor.knowing([given], request.settings)
    units = tuple(one.unit for one in wired)
    facts = WiringFacts(taken_at_s=taken_at_s, units=units)
    if request.redis:
        tell("asking Redis", 0, 0)
        facts = _with_redis(facts, wired, request)
    return Facts(
        host=platform.node(),
        taken_at_s=taken_at_s,
        wiring=redactor.facts(facts, _names(facts, redactor)),
        settings=Redactor().facts(request.settings),
        via=via,  # type: ignore[arg-type]
        systemd_version=version,
        missing=missing,
    )


def _names(facts: WiringFacts, redactor: Redactor) -> Iterator[str]:
    """Names without a secret in any of their parts: ``auth:token:refresh`` is one, though it looks like a token."""
    by_looks = Redactor()
    names = {*(end.name for unit in facts.units for end in unit.ends), *facts.found}
    for name in names:
        parts = name.split(":")
        if [*map(redactor.text, parts)] == parts and redactor.text(name) == by_looks.text(name):
            yield name


def _told(found: Iterator[Wired], tell: Tell) -> Iterator[Wired]:
    """Units that start Python; others say nothing that could be read."""
    for done, one in enumerate(found):
        tell(f"reading the source of {one.unit.unit}", done, 0)
        if one.starts_python:
            yield one


def _as_they_are(wired: list[Wired], via: str | None) -> list[Wired]:
    """Units of a folder of source with their states, as far as this host has units of their names and systemd can be asked."""
    there = {name for name in matching_services(["*"]) if not _is_template(name)} if wired else set[str]()
    names = [one.unit.unit for one in wired if one.unit.unit in there]
    if not names:
        return wired
    try:
        with open_manager(doctor.SYSTEMD_S, via) as manager:
            states = {name: state for name, state in manager.read(names).items() if isinstance(state, UnitState)}
    except NoManager:
        return wired
    known = ((one, states.get(one.unit.unit)) for one in wired)
    return [one._replace(unit=replace(one.unit, **of_state(state))) if state else one for one, state in known]


def _on_host(request: Request, tell: Tell) -> tuple[list[Wired], str, str, tuple[Missing, ...]]:
    """Units of this host; where systemd cannot be asked, what their files say all the same."""
    asked = doctor.Request(names=request.names, patterns=request.patterns, everything=request.everything, settings=request.settings)
    try:
        with open_manager(doctor.SYSTEMD_S, request.via) as manager:
            names = doctor.chosen(asked, manager)
            return list(_units(names, manager.read(names), request, tell)), manager.via, manager.version, ()
    except NoManager as why:
        own = own_services() if request.everything else []
        matching = matching_services([service_pattern(pattern) for pattern in request.patterns])
        names = list(dict.fromkeys([*doctor.named(asked), *(name for name in (*own, *matching) if not _is_template(name))]))
        return list(_units(names, {}, request, tell)), "", "", (Missing("systemd", str(why), why.enable),)


def _units(names: Sequence[str], states: Mapping[str, UnitState | Missing], request: Request, tell: Tell) -> Iterator[Wired]:
    tree = RootedTree("/")
    sources = UnitSources(tree)
    for done, name in enumerate(names):
        tell(f"reading the source of {name}", done, len(names))
        state = states.get(name)
        known = state if isinstance(state, UnitState) else None
        found = _found(tree, name, known.fragment_path if known else "")
        read = sources.read(found, name) if found else Wired(UnitWiring(unit=name, load_state="not-found"), {})
        told = (state.told,) if isinstance(state, Missing) else ()
        unit = replace(read.unit, missing=(*told, *read.unit.missing), **(of_state(known) if known else {}))
        if read.starts_python or request.names:
            yield read._replace(unit=unit)


def _found(tree: RootedTree, full_name: str, fragment: str) -> FoundUnit | None:
    """The unit's file: the one that systemd has it from, or that it would take; None where there is none."""
    name = parse_name(full_name)
    if name is None:
        return None
    template = str(UnitName(name.prefix, "", name.type)) if name.instance else full_name
    places = [f"{folder}/{known}" for folder in LOOKUP_PATH for known in (full_name, template)]
    for path in filter(None, (fragment, *places)):
        if path.endswith(f".{name.type}") and tree.fact("", "", path).state != "missing":
            return replace(UnitFiles(tree, "/", [path]).services[0], name=name)
    return None


def _is_template(name: str) -> bool:
    unit = parse_name(name)
    return unit is not None and unit.is_template


def _with_redis(facts: WiringFacts, wired: Sequence[Wired], request: Request) -> WiringFacts:
    """The facts with the state of every name that they speak of; why there is none, where Redis could not be asked."""
    read, others = _redis_of(wired, request)
    url = read.facts.reading.url if read.facts else ""
    missing = (*(why.told for why in read.missing), *others)
    if read.access is None:
        reading = read.facts.reading if read.facts else None
        down = (f"Redis at {url}: {reading.state}: {reading.detail} ({reading.advice})",) if reading else ()
        return replace(facts, redis_url=url, missing=(*facts.missing, *down, *missing))
    return _joined(replace(facts, redis_url=url, missing=(*facts.missing, *missing)), read.access)


def _joined(facts: WiringFacts, access: RedisSettings) -> WiringFacts:
    ends = [end for unit in facts.units for end in unit.ends if end.kind != _NOT_KEYS]
    source = Source(access)
    try:
        server = source.greet()
        live = read_names(source, [end.name for end in ends])
        spoken = {end.name for end in ends if end.exact and end.kind == "stream"}
        spoken |= {state.name for state in live.names if state.kind == "stream" and "<" not in state.name}
        streams = sorted({*spoken, *live.found})[:MOST_STREAMS]
        look = read_streams(source, server, streams)
        clients, untold = read_clients(source, look.server)
    finally:
        source.close()
    missing = (*live.missing, *filter(None, [untold]))
    read = StreamFacts(looks=(look,), declared=tuple(sorted(spoken)), clients=clients)
    found = tuple(map(printable, live.found))
    return replace(facts, names=live.names, streams=read, clients=clients, found=found, missing=(*facts.missing, *missing))


def _redis_of(wired: Sequence[Wired], request: Request) -> tuple[RedisRead, tuple[str, ...]]:
    """The Redis that most units name, and what is said of the others; that of the settings where none is named."""
    settings = request.settings
    configured = {service.unit: service for service in settings.services}
    uses = [] if request.redis_given else [Use(one.environment, configured.get(one.unit.unit)) for one in wired]
    reads = [read for read in read_redis(uses, settings) if read.facts is not None or read.missing]
    if not reads:
        return read_redis([Use()], settings, given=True)[0], ()
    counted = Counter(read.facts.reading.url if read.facts else "" for read in reads)
    best = max(reads, key=lambda read: (read.access is not None, counted[read.facts.reading.url if read.facts else ""]))
    url = best.facts.reading.url if best.facts else ""
    others = (f"Redis at {other}: it was not looked at, {count} of the units name it" for other, count in counted.items() if other)
    return best, tuple(text for text in others if not text.startswith(f"Redis at {url}:"))
