"""The loop: one thread that owns all state. It waits for the first of signals, lines, looks, children and times, and polls nothing
but, once a minute, the units, for signals that were lost.
"""

import os
import queue
import selectors
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from math import inf
from types import FrameType
from typing import Final

from qtops.actions.incidents.store import Store
from qtops.actions.incidents.sweeping import sweep
from qtops.collectors.watching.log import LogFollower
from qtops.collectors.watching.sources import Back, Lost
from qtops.collectors.watching.units import UnitSignals
from qtops.errors import Unavailable
from qtops.incidents import Change, Incident, Observation
from qtops.settings import Settings
from qtops.supervisor.acting import Acting
from qtops.supervisor.announcing import Announcing
from qtops.supervisor.children import Children
from qtops.supervisor.clock import Clock
from qtops.supervisor.commands import Commands
from qtops.supervisor.delivery import Delivery
from qtops.supervisor.examining import Examining
from qtops.supervisor.handling import FULL, Handling
from qtops.supervisor.itself import Itself
from qtops.supervisor.memory import Memory, watched
from qtops.supervisor.output import OutputWatch
from qtops.supervisor.snapshot import Snapshot

POSITION: Final = "journal"  # the mark of how far the journal was read
MARK_S: Final = 5.0  # between two of them: each is a write to the disk
TICK_S: Final = 1.0  # while anything is open
SWEEP_S: Final = 86_400.0
IDLE_S: Final = 10.0  # the wall clock is looked at, and what others wrote into the store


class Supervisor:
    """Everything of one run."""

    def __init__(self, settings: Settings, store: Store, commands: Commands, announcing: Announcing, clock: Clock) -> None:
        self._settings, self._store, self._announcing, self._clock = settings, store, announcing, clock
        self._stack, self._selector = ExitStack(), selectors.DefaultSelector()
        self._stack.callback(self._selector.close)
        self._queue: queue.SimpleQueue[Observation] = queue.SimpleQueue()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._stack.callback(os.close, self._wake)
        self._selector.register(self._wake, selectors.EVENT_READ, lambda: os.eventfd_read(self._wake))
        self._children = Children(self._selector)
        self._stack.callback(self._children.close)
        self._memory = Memory(settings)
        self._handling = Handling(settings, store, self._memory, announcing, clock)
        self._examining = Examining(self._children, commands, store.folder_of, self._handling.put, self._noted, clock.now_s)
        self._acting = Acting(self._children, commands, store, self._examining, self._handling.put, clock.now_s)
        self._delivery = Delivery(store, settings, self._children, report=announcing.telling)
        self._output = OutputWatch(settings, self._queue, wake=self._wake_up, now=clock.now_s)
        self._stack.callback(self._output.close)
        self._signals = UnitSignals(watched(settings), clock.now_s)
        self._stack.callback(self._signals.close)
        self._marked = store.marked(POSITION)
        self._log = LogFollower(self._marked, watched(settings), clock=clock.now_s)
        self._stack.callback(self._log.close)
        self._itself = Itself()
        self._stack.callback(self._itself.ends)
        self._began_s, self._undelivered = clock.now_s(), 0
        self._fds: dict[str, int] = {}
        self._stopped = 0  # by this signal
        self._times: dict[str, float] = {}
        self._timed: dict[str, Callable[[], float]] = {  # what is due at a time, and when it is due next
            "poll": self._poll, "tick": self._tick, "mark": self._mark, "idle": self._idle, "delivery": self._deliver,
            "sweep": self._sweep,
        }  # fmt: skip

    def run(self) -> None:
        """Until a signal ends it. Its round is finished first: D-Bus makes an error of what is raised in a callback."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup means it
                signal.signal(number, self._stop)
        with self._stack:
            self._begin()
            self._output.start()
            self._itself.ready()
            self._announcing.started(", ".join(watched(self._settings)))
            try:
                while not self._stopped:
                    self._round()
            finally:
                self._announcing.stopped()
        raise SystemExit(128 + self._stopped)

    def once(self, patience_s: float) -> tuple[Incident, ...]:
        """Look at everything once, and carry out what follows from it; the incidents that are open then."""
        with self._stack:
            self._begin()
            for seen in self._output.look_once():
                self._handling.put(seen)
            until_s = self._clock.now_s() + patience_s
            while self._clock.now_s() < until_s:
                self._round(most_s=0.2)
                if not (self._handling.waits or len(self._children) or not self._log.caught_up or self._store.waiting()):
                    break
            self._mark()
            return self._handling.open

    def _begin(self) -> None:
        self._mark()  # a first run that is killed at once has begun to follow the journal all the same
        self._handling.begin(self._acting, self._examining)
        self._times = dict.fromkeys(self._timed, 0.0)
        self._round(most_s=0.0)

    def _round(self, most_s: float = inf) -> None:
        """Wait, take what there is, do what is due."""
        self._listen("systemd", self._signals.fileno())
        self._listen("journal", self._log.fileno())
        for key, _ in self._selector.select(max(min(self._wait_s(), most_s), 0.0)):
            key.data()
        self._hear(self._signals.read())
        self._hear(self._log.read())
        with suppress(queue.Empty):
            while True:
                self._handling.put(self._queue.get_nowait())
        self._children.expire()
        now_s = self._clock.now_s()
        for name in [name for name, at_s in self._times.items() if at_s <= now_s]:
            self._times[name] = self._timed[name]()
        self._handling.round()
        self._output.know(self._memory.stands)
        if self._handling.has_news:
            self._handling.has_news = False
            self._times |= {"tick": min(self._times["tick"], now_s + TICK_S), "delivery": 0.0}
        self._examining.go_on()
        self._announcing.publish(self._snapshot, now_s)
        self._itself.lives(self._announcing.status)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        if self._stopped:  # whoever asks twice does not want to wait
            raise SystemExit(128 + number)
        self._stopped = number
        self._wake_up()

    def _wake_up(self) -> None:
        os.eventfd_write(self._wake, 1)

    def _listen(self, name: str, descriptor: int | None) -> None:
        """Have the selector wait for a descriptor, which may be another one than before."""
        if self._fds.get(name) == descriptor:
            return
        if name in self._fds:
            with suppress(KeyError, ValueError, OSError):  # the kernel forgets one that was closed
                self._selector.unregister(self._fds.pop(name))
        if descriptor is not None:
            self._selector.register(descriptor, selectors.EVENT_READ, lambda: None)
            self._fds[name] = descriptor

    def _hear(self, seen: Iterable[Observation | Lost | Back]) -> None:
        for one in seen:
            if isinstance(one, Lost):
                self._announcing.lost(one.source, one.why)
            elif isinstance(one, Back):
                self._announcing.back(one.source)
                self._times["poll"] = 0.0
            else:
                self._handling.put(one)

    def _wait_s(self) -> float:
        """How long nothing is due by itself."""
        now_s = self._clock.now_s()
        if self._handling.waits and self._handling.store_answers:
            return 0.0
        return min([*self._times.values(), *self._handling.again_s.values(), now_s + self._deadline_s()]) - now_s

    def _deadline_s(self) -> float:
        """In how many seconds a child is over time, a source wants to be tried again, or systemd wants to hear of us."""
        monotonic = [self._children.next_deadline_s(), self._signals.reopen_s(), self._log.reopen_s()]
        times_s = [at_s - time.monotonic() for at_s in monotonic if at_s is not None]
        return min([*times_s, self._itself.wait_s(), self._examining.wait_s()])

    def _poll(self) -> float:
        self._hear(self._signals.look())
        self._memory.forget_all_but(self._signals.known | {one.unit for one in self._handling.open})
        return self._clock.now_s() + self._settings.supervise.poll_s

    def _tick(self) -> float:
        self._handling.tick()
        busy = self._handling.open or self._handling.waits or not self._handling.store_answers
        return self._clock.now_s() + (TICK_S if busy else inf)

    def _idle(self) -> float:
        if jump_s := self._clock.jumped_s():
            self._announcing.clock(jump_s)
        if self._store.was_removed():
            raise Unavailable(f"{self._store.path}: was removed, or replaced, while it was in use: the next start begins anew")
        with suppress(*FULL):
            if self._store.changed_elsewhere():
                self._times["tick"] = 0.0
        return self._clock.now_s() + IDLE_S

    def _mark(self) -> float:
        """How far the journal was read, once all of it is on record."""
        position = self._log.position
        if position != self._marked and not self._handling.waits:
            with suppress(*FULL):
                self._store.mark(POSITION, position)
                self._marked = position
        return self._clock.now_s() + MARK_S

    def _sweep(self) -> float:
        with suppress(*FULL, OSError):  # tomorrow, then
            sweep(self._store, self._clock.now_s())
        return self._clock.now_s() + SWEEP_S

    def _deliver(self) -> float:
        try:
            next_s = self._delivery.poll(self._clock.now_s())
        except FULL:  # it is announced where observations are put on record
            next_s = self._clock.now_s() + TICK_S
        return inf if next_s is None else next_s

    def _noted(self, incident: Incident, text: str) -> None:
        self._handling.put(Change(incident=incident, event="noted", at_s=self._clock.now_s(), text=text))

    def _snapshot(self) -> Snapshot:
        """How all stands now."""
        now_s, memory = self._clock.now_s(), self._memory
        with suppress(*FULL):
            self._undelivered = self._store.waiting()
        redis = {"redis": all(not one.trouble for one in memory.redis.values())} if memory.redis else {}
        return Snapshot(
            at_s=now_s,
            began_s=self._began_s,
            units=tuple(memory.stands.values()),
            outcomes=tuple(memory.outcomes.values()),
            ages=self._output.ages(),
            incidents=self._handling.known,
            holds=tuple(hold.unit for hold in self._store.holds(now_s)),
            restarts=dict(self._acting.restarts),
            deaths=dict(memory.deaths),
            sources=self._announcing.sources | redis,
            clock_jumps=self._clock.jumps,
            notices_sent=self._delivery.sent,
            notices_failed=self._delivery.failed,
            notices_waiting=self._undelivered,
        )
