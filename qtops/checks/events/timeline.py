"""Events as a timeline: what was said at one moment is one incident, and a guard holds from then until its time is over."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from publisher.contract import RISK_EVENT_STREAM
from qtops.checks.events.reading import ACTIVATED, FLATTEN, REQUESTED, Event, id_time_s, read_all
from qtops.facts.events import EventFacts, GuardReading

TOGETHER_S: Final = 1.0  # an activation and its request are written one after the other


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """What was said at one moment: a guard that was activated, what was requested, or something else."""

    at_s: float | None
    events: tuple[Event, ...]

    @property
    def activation(self) -> Event | None:
        """The guard's beginning."""
        return next((event for event in self.events if event.name == ACTIVATED), None)

    @property
    def request(self) -> Event | None:
        """What others were asked to do."""
        return next((event for event in self.events if event.name == REQUESTED), None)

    @property
    def guard(self) -> str:
        """The type of the guard; of a request alone, the one that it is made by."""
        activation = self.activation
        if activation is not None:
            return activation.guard or "unnamed"
        return FLATTEN if self.request else ""

    @property
    def until_s(self) -> float | None:
        """The end of the guard, by its own words."""
        return self.activation.until_s if self.activation else None

    @property
    def reason(self) -> str:
        """The first reason that was given."""
        return next((event.reason for event in self.events if event.reason), "")


class Guard(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a guard is in force, by its events and by its key: the two may contradict each other."""

    name: str
    until_s: float | None = None  # by the newest activation
    by_events: bool | None = None  # None: no activation says how long
    by_key: bool | None = None  # None: not read
    left_s: float | None = None  # by the key
    key: str = ""

    @property
    def in_force(self) -> bool:
        """Whether either says so."""
        return bool(self.by_events or self.by_key)


def incidents(events: Iterable[Event]) -> tuple[Incident, ...]:
    """Events that belong together, oldest first: within a second, and each kind once."""
    groups = list[list[Event]]()
    for event in sorted(events, key=lambda event: event.at_s if event.at_s is not None else id_time_s(event.entry_id) or 0.0):
        if groups and _belongs(event, groups[-1]):
            groups[-1].append(event)
        else:
            groups.append([event])
    return tuple(Incident(at_s=group[0].at_s, events=tuple(group)) for group in groups)


def around(events: Iterable[Event], from_s: float, to_s: float) -> tuple[Incident, ...]:
    """What concerns a time: incidents that lie in it, and guards that were in force during any part of it."""
    return tuple(incident for incident in incidents(events) if _concerns(incident, from_s, to_s))


def guards(facts: EventFacts) -> tuple[Guard, ...]:
    """Every guard that events or keys speak of, with what both say of it."""
    newest: dict[str, Incident] = {}
    for incident in incidents(read_all(facts.events)):
        if incident.activation is None or incident.at_s is None:
            continue
        if incident.until_s is not None or incident.guard not in newest:  # one that does not say for how long ends nothing
            newest[incident.guard] = incident
    keys = {reading.guard: reading for reading in facts.guards} if facts.stream.name == RISK_EVENT_STREAM or facts.guards else {}
    names = dict.fromkeys((*newest, *keys))
    return tuple(_guard(name, newest.get(name), keys.get(name), facts.read_at_s) for name in names)


def _guard(name: str, incident: Incident | None, reading: GuardReading | None, now_s: float) -> Guard:
    until_s = incident.until_s if incident else None
    left_s = reading.ttl_ms / 1000 if reading and reading.present and reading.ttl_ms is not None and reading.ttl_ms >= 0 else None
    return Guard(
        name=name, until_s=until_s, by_events=None if until_s is None else now_s < until_s,
        by_key=reading.present if reading else None, left_s=left_s, key=reading.key if reading else "",
    )  # fmt: skip


def _belongs(event: Event, group: list[Event]) -> bool:
    first = group[0]
    if event.at_s is None or first.at_s is None or not event.name or event.name in {other.name for other in group}:
        return False
    return event.at_s - first.at_s <= TOGETHER_S


def _concerns(incident: Incident, from_s: float, to_s: float) -> bool:
    if incident.at_s is None:
        return False
    end_s = incident.until_s if incident.until_s is not None else incident.at_s
    return incident.at_s <= to_s and end_s >= from_s


def activations(facts: EventFacts) -> Iterator[Event]:
    """Every activation of a guard whose time is known."""
    yield from (event for event in read_all(facts.events) if event.name == ACTIVATED and event.at_s is not None)
