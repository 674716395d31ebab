"""What is observed is handled in its order: folded into incidents, put on record in one transaction, announced, and decided upon.

Where the store cannot be written (a full disk), what was observed waits in its order until it can; nothing is done meanwhile that
is not on record.
"""

from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from qtops.actions.incidents.store import Store
from qtops.collectors.watching.aliases import own_name
from qtops.errors import NotPermitted, Unavailable
from qtops.incidents import Change, Died, Incident, Observation, Reached, Standing
from qtops.policy.deciding import decide
from qtops.policy.folding import fold, tick
from qtops.settings import Settings
from qtops.supervisor.acting import Acting
from qtops.supervisor.announcing import Announcing
from qtops.supervisor.clock import Clock
from qtops.supervisor.examining import Examining
from qtops.supervisor.memory import Memory

BACKLOG: Final = 20_000  # observations that wait for the store; deaths beyond that are read again from the journal
AT_ONCE: Final = 200  # of them in a round: signals come in between
DAMAGED_S: Final = 10.0  # after so long without the store it is asked whether it is damaged
FULL: Final = (Unavailable, NotPermitted)  # what the store raises where it cannot be written


class Handling:
    """All that is known, and what follows from it."""

    def __init__(self, settings: Settings, store: Store, memory: Memory, announcing: Announcing, clock: Clock) -> None:
        self._settings, self._store, self._memory = settings, store, memory
        self._announcing, self._clock = announcing, clock
        self._waiting: deque[Observation | Change] = deque(maxlen=BACKLOG)
        self._open: dict[int, Incident] = {}
        self.known: tuple[Incident, ...] = ()
        self.again_s: dict[str, float] = {}  # units that are to be decided on again, and when
        self.store_answers = True
        self._lost_s = 0.0
        self.has_news = False  # something was put on record since this was last set to False

    def begin(self, acting: Acting, examining: Examining) -> None:
        """Take up what an earlier run left: incidents that are open, and looks that it did not come to."""
        self._acting, self._examining = acting, examining
        self._refresh()
        for incident in (one for one in self.known if one.state != "closed"):
            folder = Path(self._store.folder_of(incident.number))
            if incident.is_open:
                self._open[incident.number] = incident
            name = "opening.json.gz" if incident.is_open else "closing.json.gz"
            if not (folder / name).exists():
                self._look(incident, closing=not incident.is_open)

    def put(self, seen: Observation | Change) -> None:
        """To be handled in the next round."""
        self._waiting.append(seen)

    @property
    def waits(self) -> bool:
        """Whether anything is still to be handled."""
        return bool(self._waiting)

    @property
    def open(self) -> tuple[Incident, ...]:
        """Incidents that go on."""
        return tuple(one for one in self.known if one.is_open)

    def round(self) -> None:
        """Handle what waits, and decide on every unit that has an incident."""
        try:
            for _ in range(min(AT_ONCE, len(self._waiting))):
                self._take(self._waiting[0])
                self._waiting.popleft()
            self._decide()
        except FULL as error:
            self._lost(error)
            return
        if not self.store_answers:
            self.store_answers = True
            self._announcing.back("store")

    def tick(self) -> None:
        """Time has passed: what was clear long enough is resolved, people are reminded, and the commands of others are seen."""
        try:
            self._refresh()
            for change in tick(self.known, self._settings, self._clock.now_s()):
                if change.event == "resolved" and self._acting.busy(change.incident.unit) == "recover":
                    continue  # it is up, and its recovery has not proven yet that this counts
                self._apply((change,))
            self._follow_ends()
        except FULL as error:
            self._lost(error)

    def _lost(self, error: Unavailable | NotPermitted) -> None:
        if self.store_answers:
            self._announcing.lost("store", str(error))
            self._lost_s = self._clock.now_s()
        self.store_answers = False
        if self._clock.now_s() - self._lost_s >= DAMAGED_S and (told := self._store.damage()):
            raise Unavailable(f"the records are damaged ({told}): the next start moves them aside") from error

    def _refresh(self) -> None:
        self.known = self._store.live(self._clock.now_s(), self._settings.supervise.rejoin_s)

    def _take(self, seen: Observation | Change) -> None:
        if isinstance(seen, Change):
            self._apply((self._rebased(seen),))
            return
        changes = fold(self.known, seen, self._settings, self._clock.now_s())
        fault = seen.key if isinstance(seen, Died) else ""
        if not (changes or fault) or self._apply(changes, fault):
            self._memory.see(seen)

    def latest(self, incident: Incident) -> Incident:
        """How it stands now, of an incident as it was once."""
        known = next((one for one in self.known if one.number == incident.number), None)
        return known or self._store.incident(incident.number) or incident

    def _rebased(self, change: Change) -> Change:
        """What was done about an incident, told of how it stands now: it may have changed since that was written."""
        incident = self.latest(change.incident)
        if change.event in {"gave up", "armed again"}:
            incident = replace(incident, gave_up_s=change.incident.gave_up_s)
        return replace(change, incident=incident)

    def _apply(self, changes: Iterable[Change], fault: str = "") -> bool:
        """Put them on record, and announce them; False where this death is on record already."""
        changes = tuple(changes)
        applied = self._store.apply(changes, self._settings.notify, fault=fault)
        if changes and not applied:
            return False
        self.has_news = True
        for change, incident in zip(changes, applied, strict=False):
            self._announcing.change(change, incident)
            if incident.is_open and incident.number not in self._open:  # a person may have closed the one that it was meant for
                self._open[incident.number] = incident
                self._look(incident)
        if applied:
            self._refresh()
            self._follow_ends()
        return True

    def _follow_ends(self) -> None:
        """The last look at what has ended, by itself or by a person's word."""
        for number in self._open.keys() - {incident.number for incident in self.open}:
            ended = self._open.pop(number)
            self._look(self._store.incident(number) or ended, closing=True)

    def _look(self, incident: Incident, *, closing: bool = False) -> None:
        """With all collectors: at the unit, or at one of those that share a Redis."""
        if incident.kind == "redis":
            reached = self._memory.redis.get(incident.unit) or Reached(redis=incident.unit, at_s=0.0)
            unit = next(iter(reached.units), "")
        else:
            unit = incident.unit
        if unit:
            self._examining.look(unit, incident, closing=closing)

    def _decide(self) -> None:
        """On each unit with an open incident, and on those whose time has come."""
        now_s = self._clock.now_s()
        holds = {own_name(hold.unit): hold for hold in self._store.holds(now_s)} if self.open else {}
        self.again_s = {unit: at_s for unit, at_s in self.again_s.items() if at_s > now_s}
        for unit in dict.fromkeys(one.unit for one in self.open if one.kind in {"process", "output"}):
            incident = self._incident_of(unit)
            standing = Standing(
                unit=unit,
                stands=self._memory.stands.get(unit),
                incident=incident,
                restarts=self._store.attempts(unit, "restart", 0.0),
                recovered_s=max(self._store.attempts(unit, "recover", 0.0), default=None),
                busy=self._acting.busy(unit),
                hold=holds.get(own_name(unit)) if holds else None,
                down=self._memory.down(unit),
                auto_recover=service.auto_recover if (service := self._memory.service(unit)) else (),
            )
            for action in decide(standing, self._memory.diagnosed.get(unit), self._settings, now_s):
                again_s = self._acting.carry_out(action, incident)
                if again_s is not None:
                    self.again_s[unit] = again_s

    def _incident_of(self, unit: str) -> Incident | None:
        """The one of its process, or else of its output."""
        own = {one.kind: one for one in self.open if one.unit == unit}
        return own.get("process") or own.get("output")
