"""Look at services on this host: every source with a time limit of its own, and none that fails stops the others."""

import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

import msgspec
import psutil
from msgspec.structs import replace

from qtops.collectors.journal.questions import Wanted
from qtops.collectors.journal.reading import fetch_journals
from qtops.collectors.live_starts import LiveStart, LiveStarts, changed_since, source_changed_s, unread_dropins
from qtops.collectors.probe import read_probe
from qtops.collectors.processes import read_process
from qtops.collectors.redact import Redactor
from qtops.collectors.service_keys import KeysRead, read_keys
from qtops.collectors.service_proposals import ProposalsRead, read_proposals
from qtops.collectors.service_redis import RedisRead, Use, read_redis
from qtops.collectors.systemd.listing import matching_services
from qtops.collectors.systemd.names import service_name, template_of
from qtops.collectors.systemd.reading import Manager, NoManager, open_manager
from qtops.errors import UsageError
from qtops.facts.journal import JournalFacts
from qtops.facts.service import Facts, Missing, ProbeFacts, ProcessFacts, ServiceFacts
from qtops.facts.text import printable
from qtops.facts.unit import UnitState
from qtops.imports.tree import HostTree
from qtops.settings import Settings

SYSTEMD_S: Final = 3.0  # for all units: a manager that answers at all needs a few milliseconds for each
JOURNAL_S: Final = 5.0
EVERYTHING: Final = "*"
_PASSWORD: Final = "REDIS_PASSWORD"  # noqa: S105  (a name)
Tell = Callable[[str, float, float], None]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What to look at: names as an operator writes them, patterns of units' names, or all that this host has of its own."""

    names: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    everything: bool = False
    source: str = ""  # a folder where the project's source is, besides those that the units name
    redis_given: bool = False  # settings.redis is what the command line says, and holds for every service
    settings: Settings = Settings()
    via: str | None = None
    probe: bool = False
    past: bool = False  # read as much of the journal of what is well as of what is sick


def look_at(request: Request, tell: Tell) -> Facts:
    """Read everything once. Raises UsageError for a name that no service can have, and where nothing matches a pattern."""
    taken_at_s = time.time()
    tell("reading systemd", 0, 0)
    try:
        with open_manager(SYSTEMD_S, request.via) as manager:
            names = chosen(request, manager)
            look = _Look(request, manager.read(names), tell)
            return _facts(request, taken_at_s, tuple(look.services(names)), manager)
    except NoManager as why:
        look = _Look(request, {}, tell)
        return _facts(request, taken_at_s, tuple(look.services(named(request))), None, Missing("systemd", str(why), why.enable))


def _facts(
    request: Request, taken_at_s: float, services: Sequence[ServiceFacts], manager: Manager | None, *missing: Missing
) -> Facts:
    return Facts(
        host=platform.node(),
        taken_at_s=taken_at_s,
        services=tuple(services),
        settings=Redactor().facts(request.settings),
        via=manager.via if manager else "",
        systemd_version=manager.version if manager else "",
        booted_s=psutil.boot_time(),
        missing=missing,
    )


def named(request: Request) -> list[str]:
    """Full names of the units that an operator's words stand for. Raises BadName."""
    known = {service.name: service.unit for service in request.settings.services}
    return list(dict.fromkeys(known.get(name) or service_name(name) for name in request.names))


def chosen(request: Request, manager: Manager) -> list[str]:
    """Names of all units asked for. One that is not there by its name is taken for the end of another's: ``x-NAME.service``.

    Raises BadName, and UsageError where nothing matches a pattern.
    """
    names = _completed(named(request), manager)
    matching = manager.units(request.patterns) if request.patterns else []
    if request.patterns and not matching:
        patterns = printable(", ".join(request.patterns))
        raise UsageError(f"no service matches {patterns}; `systemctl list-unit-files --type=service` lists those that there are")
    own = manager.units([EVERYTHING]) if request.everything else []
    return list(dict.fromkeys([*names, *matching, *own]))


def _completed(names: Sequence[str], manager: Manager) -> list[str]:
    """The names, with those of which there is no unit file replaced by the one that ends so, where there is just one."""
    files = set(matching_services(names))
    lost = [name for name in names if name not in files and template_of(name) not in files]
    longer = manager.units([*lost, *(f"*-{name}" for name in lost)]) if lost else []
    ends = {name: [known for known in longer if known.endswith(f"-{name}")] for name in lost if name not in longer}
    return [ends[name][0] if len(ends.get(name, ())) == 1 else name for name in names]


def redactor_of(units: Sequence[UnitState], settings: Settings) -> Redactor:
    """One that knows the values in the environments of these units, their credentials, and how the configuration opens Redis."""
    starts = LiveStarts(units)
    return knowing([starts.known(unit) for unit in units], settings)


def knowing(given: Iterable[Sequence[tuple[str, str]]], settings: Settings) -> Redactor:
    """One that knows these names and values, and how the configuration opens Redis."""
    known = [pair for pairs in given for pair in pairs]
    urls = (settings.redis.url, *(service.redis_url for service in settings.services))
    known += [("REDIS_URL", url) for url in urls]
    if settings.redis.password_file:
        with suppress(OSError, UnicodeDecodeError):  # whoever asks Redis says that it cannot be read
            known.append((_PASSWORD, HostTree().read(settings.redis.password_file).decode("utf-8")))
    return Redactor(known)


class _Look:
    """One look at services. Of one whose unit could not be read, there still are its files and its Redis."""

    def __init__(self, request: Request, units: Mapping[str, UnitState | Missing], tell: Tell) -> None:
        self._request, self._tell, self._read = request, tell, units
        self._units = {name: unit for name, unit in units.items() if isinstance(unit, UnitState)}
        self._starts = LiveStarts(list(self._units.values()), request.source)

    def services(self, names: Sequence[str]) -> Iterator[ServiceFacts]:
        """Everything of every service. What waits for others is asked while the source is walked."""
        settings = self._request.settings
        configured = {service.unit: service for service in settings.services}
        with ThreadPoolExecutor(2) as pool:
            journals = pool.submit(fetch_journals, [_wanted(unit, self._request) for unit in self._units.values()], JOURNAL_S)
            lives = dict(self._lives(names))
            uses = [Use(live.environment, configured.get(name)) for name, live in lives.items()]
            self._tell("asking Redis", 0, 0)
            redises = read_redis(uses, settings, given=self._request.redis_given)
            written = [(use.service, redis) for use, redis in zip(uses, redises, strict=True)]
            proposing = pool.submit(read_proposals, written, settings)
            keys, proposals = read_keys(written, settings), proposing.result()
            self._tell("reading the journal", 0, 0)
            fetched = journals.result()
        redactor = knowing([live.known for live in lives.values()], settings)
        journal = fetched.facts(redactor.text)
        for name, redis, read, proposed in zip(lives, redises, keys, proposals, strict=True):
            stored = self._stored(name, lives[name], redis, read, proposed)
            service = self._with_unit(stored, lives[name], journal.get(name), redactor)
            yield redactor.facts(replace(service, families=configured[name].families if name in configured else ()))

    def _lives(self, names: Sequence[str]) -> Iterator[tuple[str, LiveStart]]:
        nothing = LiveStart(None, {})
        for done, name in enumerate(names):
            self._tell(f"reading the source of {name}", done, len(names))
            unit = self._units.get(name)
            yield name, self._starts.look(unit) if unit else self._starts.look_on_disk(name) or nothing

    def _stored(self, name: str, live: LiveStart, redis: RedisRead, keys: KeysRead, proposals: ProposalsRead) -> ServiceFacts:
        """What files and Redis hold of a service."""
        lack = self._read.get(name)
        missing = (*((lack,) if isinstance(lack, Missing) else ()), *redis.missing, *keys.missing, *proposals.missing)
        return ServiceFacts(
            subject=name,
            start=live.start,
            redis=redis.facts,
            keys=keys.keys,
            proposals=proposals.facts,
            events=proposals.events,
            missing=missing,
        )

    def _with_unit(
        self, service: ServiceFacts, live: LiveStart, journal: JournalFacts | Missing | None, redactor: Redactor
    ) -> ServiceFacts:
        """What systemd and the kernel know of it besides."""
        unit = self._units.get(service.subject)
        if unit is None:
            return service
        process = read_process(unit.main_pid, redactor) if unit.main_pid else None
        probe = read_probe(unit, live) if self._request.probe and live.start else None
        began_s = unit.exec_main_start_s if unit.main_pid else None
        return replace(
            service,
            subject=unit.name,
            unit=unit,
            journal=journal if isinstance(journal, JournalFacts) else None,
            process=process if isinstance(process, ProcessFacts) else None,
            changed=(*unread_dropins(unit), *(changed_since(began_s, unit, live) if began_s is not None else ())),
            source_changed_s=source_changed_s(unit, live),
            probe=probe if isinstance(probe, ProbeFacts) else None,
            missing=(*(part for part in (journal, process, probe) if isinstance(part, Missing)), *service.missing),
        )


def _wanted(unit: UnitState, request: Request) -> Wanted:
    is_well = unit.active_state == "active" and not unit.n_restarts
    return Wanted(unit.name, unit.invocation_id, sick=request.past or not is_well)
