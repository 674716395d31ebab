"""Looks at what each service writes, on its own schedule, beside everything else: one thread for each Redis that services share.

A Redis that hangs delays nobody but its own services. What is seen is put into a queue; nothing here decides anything.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from queue import SimpleQueue
from typing import Final, NamedTuple

from qtops.collectors.redis_address import Address, address_of
from qtops.collectors.service_redis import Use, side_by_side
from qtops.facts.service import Missing
from qtops.incidents import Observation, Outcome, Reached, Stands
from qtops.settings import Settings
from qtops.supervisor.clock import Clock
from qtops.supervisor.environments import Environments
from qtops.supervisor.place import AGAIN_S, Place
from qtops.supervisor.snapshot import KeyAge

CLOSING_S: Final = 1.8  # for all threads together: a question to a Redis that hangs takes less
CALM_S: Final = 2.0  # between two times that units are read anew: one that crashes again and again says the same each time
AGAIN_UNITS_S: Final = 60.0  # the same where nothing tells of another start, or systemd did not answer
LOOK_S: Final = 10.0  # for all places together, side by side
ONCE_S: Final = 12.0  # the longest cycle that a single look waits for, to prove what it saw


class _Open(NamedTuple):
    """A Redis that is looked at, by a thread of its own unless only one look was asked for."""

    place: Place
    ended: threading.Event
    thread: threading.Thread | None


class OutputWatch:
    """Puts an Outcome per service and a Reached per Redis into ``queue`` with every look, and calls ``wake`` then.

    ``now`` is the steady clock that observations are dated by, ``wall`` this host's.
    """

    def __init__(
        self,
        settings: Settings,
        queue: "SimpleQueue[Observation]",
        *,
        wake: Callable[[], None],
        now: Callable[[], float] | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._settings, self._queue, self._wake, self._wall = settings, queue, wake, wall
        self._now = now or Clock().now_s
        self._units: dict[str, Stands] = {}
        self._environments = Environments()
        self._places: dict[Address, _Open] = {}
        self._threads: list[threading.Thread] = []
        self._ended, self._changed = threading.Event(), threading.Event()
        self._watched = tuple(dict.fromkeys(service.unit for service in settings.services))

    def start(self) -> None:
        """Begin to look. Nothing is waited for."""
        self._begin("output", self._follow)

    def know(self, units: Mapping[str, Stands]) -> None:
        """How units stand now, by their names."""
        self._units = {unit: units[unit] for unit in self._watched if unit in units}
        if self._environments.lacks(self._invocations()):
            self._changed.set()

    def ages(self) -> tuple[KeyAge, ...]:
        """How old every key was when it was last looked at."""
        return tuple(age for known in list(self._places.values()) for age in known.place.ages)

    def look_once(self) -> list[Outcome | Reached]:
        """One look at everything, and another where a second one may prove what the first could not."""
        doubts = self._settle()
        places = [known.place for known in self._places.values()]
        seen = self._look_at(places)
        unsure = [place for place in places if place.unsure]
        if unsure:
            self._ended.wait(min(max(AGAIN_S, *(place.cycle_s for place in unsure)), ONCE_S))
            seen |= self._look_at(unsure)
        lost = [one for place in places if place not in seen for one in place.unseen(f"no answer within {LOOK_S:g} s")]
        return [*doubts, *lost, *(one for found in seen.values() for one in found)]

    def close(self) -> None:
        """End the threads; what hangs in the network is left to its own time limit."""
        self._ended.set()
        self._changed.set()
        for known in list(self._places.values()):
            known.ended.set()
        until_s = time.monotonic() + CLOSING_S
        for thread in self._threads:
            thread.join(max(until_s - time.monotonic(), 0.0))

    def _begin(self, name: str, run: Callable[[], None]) -> threading.Thread:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=run, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _follow(self) -> None:
        """Keep in step with what units are given: another start may have another Redis. A look that broke down is begun anew."""
        while not self._ended.is_set():
            self._changed.clear()
            self._put(self._settle())
            self._changed.wait(AGAIN_UNITS_S)
            self._ended.wait(CALM_S)

    def _settle(self) -> list[Outcome]:
        """Find out which Redis each service uses, and have each looked at. What cannot be found out is a doubt."""
        self._environments.read(self._invocations())
        uses: dict[Address, list[Use]] = {}
        doubts: list[Outcome] = []
        for service in self._settings.services:
            use = Use(self._environments.of(service.unit), service)
            address = address_of(use.environment, service, self._settings, given=False)
            if isinstance(address, Address):
                uses.setdefault(address, []).append(use)
            elif isinstance(address, Missing) and service.families:
                doubts.append(Outcome(unit=service.unit, at_s=self._now(), doubts=(address.told,)))
        for address in [address for address in self._places if address not in uses]:
            self._places.pop(address).ended.set()
        for address, users in uses.items():
            known = self._places.get(address)
            if known is not None and (known.thread is None or known.thread.is_alive()):
                known.place.serve(users, self._cautions(address, users))
            else:
                self._places.pop(address, None)
                self._open(address, users)
        return doubts

    def _open(self, address: Address, users: list[Use]) -> None:
        place, ended = Place(self._called(address, users), self._settings, self._now, self._wall), threading.Event()
        place.serve(users, self._cautions(address, users))
        thread = self._begin(address.shown, partial(self._watch, place, ended)) if self._threads else None
        self._places[address] = _Open(place, ended, thread)

    def _called(self, address: Address, users: Sequence[Use]) -> str:
        """Its address; where services open the same server as different users, with the name of one of them."""
        taken = {known.place.shown for known in self._places.values()}
        name = next((use.service.name for use in users if use.service is not None), "")
        return f"{address.shown} (as {name} opens it)" if address.shown in taken else address.shown

    def _cautions(self, address: Address, users: Sequence[Use]) -> dict[str, str]:
        """By unit: why it may be that it uses another Redis than this one."""
        units = [use.service.unit for use in users if use.service is not None]
        told = f"that it uses {address.shown} is what {address.named_by} says"
        barred = {unit: self._environments.barred(unit) for unit in units if not address.own}
        return {unit: f"{told}: its own {', '.join(files)} may not be read" for unit, files in barred.items() if files}

    def _watch(self, place: Place, ended: threading.Event) -> None:
        """Look at one Redis for as long as services use it."""
        while not (ended.is_set() or self._ended.is_set()):
            seen = place.look(self._pids())
            if not ended.is_set():
                self._put(seen)
            ended.wait(max(place.next_s - self._now(), 0.0))

    def _look_at(self, places: Iterable[Place]) -> dict[Place, tuple[Outcome | Reached, ...]]:
        pids = self._pids()
        return side_by_side({place: partial(place.look, pids) for place in places}, LOOK_S)

    def _put(self, seen: Iterable[Observation]) -> None:
        if self._ended.is_set():  # whoever would be woken may be gone
            return
        for one in seen:
            self._queue.put(one)
        self._wake()

    def _pids(self) -> dict[str, int]:
        return {unit: stands.main_pid for unit, stands in self._units.items() if stands.main_pid}

    def _invocations(self) -> dict[str, str]:
        """Of all that are watched; empty where nobody has told it yet."""
        units = self._units
        return {unit: units[unit].invocation if unit in units else "" for unit in self._watched}
