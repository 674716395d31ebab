"""Looks for ``qtops top``: the supervisor's records, systemd and every Redis, each within a time of its own, again and again.

No journal, no source, no search of the key space: a look costs a few round trips. What hangs is waited for once, not again by
every look: it is said to hang until it answers.
"""

import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

from msgspec.structs import replace

from qtops.actions.incidents.opening import look_into_store
from qtops.actions.incidents.place import store_path
from qtops.cli.selection import select
from qtops.collectors.keys import Look as KeyLook
from qtops.collectors.keys import Selection
from qtops.collectors.live_starts import LiveStarts
from qtops.collectors.proposals import Wanted
from qtops.collectors.proposals import look as look_at_proposals
from qtops.collectors.redact import Redactor
from qtops.collectors.redis import Source
from qtops.collectors.redis_address import Address, address_of
from qtops.collectors.streams import read_streams
from qtops.collectors.streams_found import declared
from qtops.collectors.systemd.names import service_name
from qtops.collectors.systemd.reading import NoManager, open_manager
from qtops.errors import ConfigError, QtopsError
from qtops.facts.keys import KeyReading, ServerReading
from qtops.facts.proposals import ProposalFacts
from qtops.facts.service import Missing
from qtops.facts.streams import StreamFacts
from qtops.facts.text import printable
from qtops.facts.unit import UnitState
from qtops.reports.top.look import Look, Records
from qtops.settings import RedisSettings, Settings

SYSTEMD_S: Final = 1.0  # a call of pystemd stops all else: half of that at most
LIMIT_S: Final = 3.0  # for everything
Answer = TypeVar("Answer")


class Asked(Generic[Answer]):
    """A source that is asked in a thread: by one at a time, however long it takes."""

    def __init__(self, name: str, ask: Callable[[], Answer]) -> None:
        self.name, self._ask = name, ask
        self._thread: threading.Thread | None = None
        self._answer: Answer | None = None

    def begin(self) -> None:
        """Ask, unless it is still busy with what it was asked before."""
        if self._thread is None or not self._thread.is_alive():
            self._answer = None
            self._thread = threading.Thread(target=self._run, name=f"top: {self.name}", daemon=True)
            self._thread.start()

    def answer(self, until_s: float) -> Answer | None:
        """What it says, by then; None where it is still busy."""
        if self._thread is not None:
            self._thread.join(max(until_s - time.monotonic(), 0.0))
            if self._thread.is_alive():
                return None
        return self._answer

    def _run(self) -> None:
        self._answer = self._ask()


class BuiltIn(NamedTuple):
    """What nobody has configured, where other services are: of another host than this one, unless a unit of it is here."""

    units: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()
    streams: frozenset[str] = frozenset()


class _Units(NamedTuple):
    """What systemd says."""

    states: dict[str, UnitState | None]
    missing: tuple[str, ...] = ()


class _Held(NamedTuple):
    """What one Redis holds."""

    server: ServerReading | None
    keys: tuple[KeyReading, ...] = ()
    proposals: tuple[ProposalFacts, ...] = ()
    streams: StreamFacts | None = None
    missing: tuple[str, ...] = ()


class Redis:
    """One Redis, asked over one connection for as long as it lasts: for its keys, proposals and streams, in a few pipelines."""

    def __init__(self, access: RedisSettings, settings: Settings, streams: Sequence[str]) -> None:
        self._access, self._settings, self._streams = access, settings, streams
        self.selections = list[Selection]()
        self._source: Source | None = None

    def ask(self) -> _Held:
        """All of it. What it says of itself holds no secret of its address."""
        try:
            self._source = self._source or Source(self._access)
            return self._held(self._source)
        except ConfigError as error:
            return _Held(None, missing=(printable(self._redacted(str(error))),))

    def close(self) -> None:
        """Drop the connection."""
        if self._source is not None:
            self._source.close()

    def _held(self, source: Source) -> _Held:
        look = KeyLook(source, source.greet(), self.selections)
        keys = tuple(look)
        found = list[ProposalFacts]()
        server = look.server
        for family, subjects in ((one.family, one.subjects) for one in self.selections):
            if family.content == "risk-proposal" and family.kind == "hash" and "{symbol}" in family.pattern:
                seen = look_at_proposals(source, server, Wanted(family, subjects, self._settings.prices))
                server = seen.server
                found.append(ProposalFacts(family=family.name, symbols=tuple(map(printable, subjects)), looks=(seen,)))
        streams = read_streams(source, server, self._streams) if self._streams else None
        server = streams.server if streams else server
        told = replace(server, detail=printable(self._redacted(server.detail)))
        known = None if streams is None else StreamFacts(looks=(streams,), declared=tuple(map(printable, self._streams)))
        return _Held(told, keys if server.state == "ok" else (), tuple(found), known)

    def _redacted(self, text: str) -> str:
        return Redactor([("REDIS_URL", self._access.url)]).text(text)


class Looker:
    """Looks at services and at what they write. Raises UsageError for what no service can be called."""

    def __init__(self, settings: Settings, names: Sequence[str], *, redis_given: bool, built_in: BuiltIn = BuiltIn()) -> None:
        """``names``: services as an operator writes them; none: all of the configuration, but for what is built in and not here."""
        self._settings, self._given = settings, redis_given
        known = {service.name: service.unit for service in settings.services}
        units = [known.get(name) or service_name(name) for name in names] or list(known.values())
        self._units, self._built_in = tuple(dict.fromkeys(units)), BuiltIn() if names else built_in
        self._services = {service.unit: service for service in settings.services if service.unit in self._units}
        wanted = [name for service in self._services.values() for name in service.families] if names else None
        chosen = select(settings, (), wanted or (), None, scan=True) if wanted or wanted is None else []
        self._selections = {selection.family.name: selection for selection in chosen}
        self._systemd = Asked("systemd", self._read_units)
        self._addresses = dict[str, tuple[str, RedisSettings | Missing | None]]()
        self._redises = dict[RedisSettings, tuple[Redis, Asked[_Held]]]()

    def look(self) -> Look:
        """Look once; takes no longer than ``LIMIT_S`` and what the records take."""
        until_s = time.monotonic() + LIMIT_S
        taken_at_s = time.time()
        records, missing = self._records(taken_at_s)  # before any thread: root may be another user meanwhile
        self._systemd.begin()
        for _, asked in self._redises.values():
            asked.begin()
        units = self._systemd.answer(until_s) or _Units(dict.fromkeys(self._units), ("systemd: it does not answer",))
        begun = set(self._redises)
        unknown = self._assign(units.states)
        for access in self._redises.keys() - begun:
            self._redises[access][1].begin()
        held = [asked.answer(until_s) or self._hung(access) for access, (_, asked) in self._redises.items()]
        return Look(
            host=os.uname().nodename,
            taken_at_s=taken_at_s,
            settings=self._settings,
            units=tuple(units.states.items()),
            servers=tuple(one.server for one in held if one.server is not None),
            keys=tuple(key for one in held for key in one.keys),
            proposals=tuple(facts for one in held for facts in one.proposals),
            streams=next((one.streams for one in held if one.streams is not None), None),
            records=records,
            missing=(*missing, *units.missing, *unknown, *(why for one in held for why in one.missing)),
        )

    def close(self) -> None:
        """Drop all connections."""
        for redis, _ in self._redises.values():
            redis.close()

    def _records(self, now_s: float) -> tuple[Records | None, tuple[str, ...]]:
        """What a supervisor has on record, or why that cannot be read."""
        try:
            with look_into_store(store_path(self._settings)) as store:
                if store is None:
                    return None, ()
                live = store.live(now_s, 0.0)
                return Records(incidents=tuple(one for one in live if one.is_open), holds=store.holds(now_s)), ()
        except QtopsError as why:
            return None, (f"incidents: {why}",)

    def _read_units(self) -> _Units:
        try:
            with open_manager(SYSTEMD_S) as manager:
                found = manager.read(self._units)
        except NoManager as why:
            return _Units(dict.fromkeys(self._units), (why.missing.told,))
        lost = dict.fromkeys(state.told for state in found.values() if isinstance(state, Missing))
        states = {name: None if isinstance(state, Missing) else state for name, state in found.items()}
        absent = {name for name, state in states.items() if state and state.load_state == "not-found"} & self._built_in.units
        return _Units({name: state for name, state in states.items() if name not in absent}, tuple(lost))

    def _assign(self, units: dict[str, UnitState | None]) -> tuple[str, ...]:
        """Give every family to the Redis that its service uses, and the others to that of the settings; what could not be told."""
        own, unknown = dict[str, RedisSettings](), list[str]()
        for name, service in self._services.items():
            found = self._address(name, units[name]) if service.families and name in units else None
            if isinstance(found, Missing):
                unknown.append(f"{name}: {found.told}")
            own |= dict.fromkeys(service.families, found) if isinstance(found, RedisSettings) else {}
        left_out = BuiltIn() if self._built_in.units & units.keys() else self._built_in
        taken: dict[RedisSettings, list[Selection]] = {self._settings.redis: []}
        for family, selection in self._selections.items():
            if family in own or family not in left_out.families:
                taken.setdefault(own.get(family, self._settings.redis), []).append(selection)
        streams = [one for one in declared(self._settings) if one not in left_out.streams]
        for access in [one for one in self._redises if one not in taken]:
            self._redises.pop(access)[0].close()
        for access, selections in taken.items():
            if access not in self._redises:
                redis = Redis(access, self._settings, streams if access == self._settings.redis else ())
                self._redises[access] = redis, Asked(f"Redis at {len(self._redises)}", redis.ask)
            self._redises[access][0].selections = selections
        return tuple(unknown)

    def _address(self, name: str, unit: UnitState | None) -> RedisSettings | Missing | None:
        """The Redis that a service uses. Its environment is read once for each of its runs."""
        run = unit.invocation_id if unit else ""
        if name not in self._addresses or (unit is not None and self._addresses[name][0] != run):
            environment = LiveStarts([unit]).environment(unit) if unit else {}
            found = address_of(environment, self._services[name], self._settings, given=self._given)
            self._addresses[name] = run, self._access(found) if isinstance(found, Address) else found
        return self._addresses[name][1]

    def _access(self, address: Address) -> RedisSettings:
        settings = self._settings.redis
        if (address.url, address.password_file) == (settings.url, settings.password_file):
            return settings
        return RedisSettings(url=address.url, password_file=address.password_file, timeout_s=settings.timeout_s)

    def _hung(self, access: RedisSettings) -> _Held:
        return _Held(None, missing=(f"Redis at {Address(access.url, '').shown}: no answer within {LIMIT_S:g} s",))
