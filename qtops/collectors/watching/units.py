"""The units that are watched: by signals of systemd, and by a look at all of them now and then."""

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from qtops.collectors.systemd.bus import Bus
from qtops.collectors.systemd.command import Systemctl
from qtops.collectors.systemd.connection import NotInstalled
from qtops.collectors.systemd.native import native
from qtops.collectors.systemd.properties import KINDS, Properties
from qtops.collectors.systemd.source import INSTALL, NoManager, Source
from qtops.collectors.watching.aliases import Aliases
from qtops.collectors.watching.channel import Change, Channel
from qtops.collectors.watching.sources import Back, Lost, Pause
from qtops.collectors.watching.standing import Unit, is_gone
from qtops.facts.service import Missing
from qtops.incidents import Died, Stands

Seen = Died | Stands | Lost | Back
TIMEOUT_S: Final = 5.0  # for opening, and for a look: nothing else is done meanwhile
_WILD: Final = frozenset("*?[")
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"
_UNIT: Final = "org.freedesktop.systemd1.Unit"
_MEANT: Final = {name.encode(): kind for name, kind in KINDS.items()}


class UnitSignals:
    """What becomes of units, as systemd tells it. One thread uses it.

    Wait for ``fileno`` to be readable, and until ``reopen_s``; then ``read``. ``look`` now and then: signals may be lost. What was
    told once is not told again, but for how a unit stands, which each look tells. Without pystemd only looks tell anything.
    """

    def __init__(self, watched: Sequence[str], clock: Callable[[], float] = time.time) -> None:
        """``watched``: full names of services, or patterns of them. ``clock``: seconds since the epoch."""
        self._names = tuple(name for name in watched if not _WILD & set(name))
        self._patterns = tuple(name for name in watched if _WILD & set(name))
        self._clock = clock
        self._units: dict[str, Unit] = {}
        self._aliases = Aliases()
        self._source: Source | None = None
        self._channel: Channel | None = None
        self._pause = Pause()
        self._reopen_s: float | None = None
        self._is_lost = False
        self.why_not = ""  # why there are no signals, but looks alone
        self._pending = self._open()

    def fileno(self) -> int | None:
        """The descriptor that becomes readable with a signal; None while there is none."""
        return self._channel.fileno() if self._channel else None

    @property
    def known(self) -> frozenset[str]:
        """The units that there are, by the names that they are told of by: systemd forgets those that come and go."""
        return frozenset(name for own in self._units for name in self._aliases.names(own))

    def reopen_s(self) -> float | None:
        """When the connection is to be tried again, by the monotonic clock."""
        return self._reopen_s

    def read(self) -> list[Seen]:
        """What was told since, without waiting for more; and the connection again where it is time for that."""
        found, self._pending = self._pending, []
        if self._reopen_s is not None:
            return found + self.retry()
        if self._channel is None:
            return found
        try:
            found += self._hear(self._channel.drain())
            if self._channel.was_reloaded:
                self._channel.was_reloaded = False
                found += self._look(is_whole=True)
        except NoManager as trouble:
            found += self._lose(trouble)
        return found

    def look(self) -> list[Seen]:
        """How each unit stands now, and the deaths that no signal told of."""
        found, self._pending = self._pending, []
        if self._source is None:
            return found + self.retry()
        try:
            found += self._look()
        except NoManager as trouble:
            found += self._lose(trouble)
        return found

    def retry(self) -> list[Seen]:
        """Try the connection again, if it is time; where it holds, all units are looked at."""
        if self._reopen_s is None or time.monotonic() < self._reopen_s:
            return []
        found = self._open()
        if self._source is None:  # it did not hold
            return found
        found = [Back("systemd", self._clock())] if self._is_lost else []
        self._is_lost = False
        try:
            found += self._look(is_whole=True)
        except NoManager as trouble:
            found += self._lose(trouble)
        return found

    def close(self) -> None:
        """End the connection."""
        if self._source is not None:
            self._source.close()
        self._source = self._channel = self._reopen_s = None

    def _open(self) -> list[Seen]:
        self._reopen_s = None
        try:
            channel = Channel(TIMEOUT_S)
            try:
                self._source = Bus(channel)
            except NoManager:
                channel.close()
                raise
            self._channel = channel
        except NotInstalled as trouble:
            return self._without_signals(trouble)
        except NoManager as trouble:
            return self._lose(trouble)
        self._pause.reset()
        return []

    def _without_signals(self, trouble: NoManager) -> list[Seen]:
        self.why_not = f"{trouble}: deaths are noticed by the journal, and by looks"
        if shutil.which("systemctl") is None:
            return self._lose(NoManager("systemctl is not installed, and neither is pystemd", INSTALL))
        self._source = Systemctl(TIMEOUT_S)
        return []

    def _lose(self, trouble: NoManager) -> list[Seen]:
        """Give the connection up. It is opened again by a later call: who waits for its descriptor has to see it gone."""
        if self._source is not None:
            self._source.close()
        self._source = self._channel = None
        self._reopen_s = time.monotonic() + self._pause.next_s()
        was_lost, self._is_lost = self._is_lost, True
        return [] if was_lost else [Lost("systemd", self._clock(), str(trouble), trouble.enable)]

    def _hear(self, changes: Iterable[Change]) -> Iterator[Seen]:
        new = list[str]()
        for change in changes:
            if self._is_watched(change.unit):
                if change.unit not in self._units:
                    self._units[change.unit] = Unit(change.unit)
                    new.append(change.unit)
                yield from self._aliases.told(self._units[change.unit].hear(_properties(change.values), self._clock(), "signal"))
        if new:
            yield from self._look_at(new)  # signals leave out what does not change, such as Restart=

    def _look(self, *, is_whole: bool = False) -> Iterator[Seen]:
        found = self._source.find(self._patterns, ()) if self._source and self._patterns else []
        matching = [name for name in found if self._is_watched(name)]
        wanted = dict.fromkeys((*self._names, *matching))
        still = set() if is_whole else self._as_before(wanted)
        at_s = self._clock()
        for name in still:
            yield from self._aliases.told(self._units[name].hear({}, at_s, "look"))
        yield from self._look_at([name for name in wanted if name not in still])
        for name in [name for name in self._units if name not in wanted and self._matches(name)]:
            del self._units[name]  # systemd has forgotten it: some come and go under ever new names

    def _as_before(self, names: Iterable[str]) -> set[str]:
        """Units that nothing has become of since they were read in full: to see that takes a tenth of the time."""
        found = set[str]()
        if self._channel is None:
            return found
        self._channel.begin()
        for name in names:
            known = self._units[name].properties if name in self._units else {}
            path = self._channel.unit_path(name)
            if known.get("Restart"):
                changed = self._channel.call(path, _PROPERTIES, "Get", "ss", _UNIT, "StateChangeTimestamp")
                found |= {name} if changed and changed == known.get("StateChangeTimestamp") else set()
        return found

    def _look_at(self, names: Iterable[str]) -> Iterator[Seen]:
        if self._source is None:
            return
        found = self._source.properties(list(names))
        at_s = self._clock()
        for name, properties in found.items():
            if isinstance(properties, Missing):
                if self.fileno() is None:  # it is not this one unit that cannot be asked
                    raise NoManager(properties.why, properties.enable)
                continue
            if name not in self._names and is_gone(properties):
                self._units.pop(name, None)
                continue
            unit = properties.get("Id") or name
            self._aliases.learn(unit, name, as_well=unit in self._names)
            yield from self._aliases.told(self._units.setdefault(unit, Unit(unit)).hear(properties, at_s, "look"))

    def _is_watched(self, unit: str) -> bool:
        return unit in self._units or unit in self._names or self._matches(unit)

    def _matches(self, unit: str) -> bool:
        return any(fnmatchcase(unit, pattern) for pattern in self._patterns)


def _properties(values: dict[bytes, Any]) -> Properties:
    """What a signal tells, as ``Properties``; of a job there is its number alone."""
    found = {name.decode(): native(_MEANT[name], value) for name, value in values.items() if name in _MEANT and name != b"Job"}
    return found | ({"JobNumber": values[b"Job"][0]} if b"Job" in values else {})
