"""Is it the new process that writes what the service publishes?

A key's ``publisher_id`` (``host:pid``) tells, where it has one. Where it has none there is only this: a key that stood still while
the service was down or sick, and moves now, is written by what was started in between.
"""

from collections.abc import Iterator, Mapping
from math import floor, isfinite
from typing import Final, Literal, NamedTuple

from publisher.timestamps import TimestampError, parse_timestamp
from qtops.checks.freshness import State
from qtops.checks.standing import runs
from qtops.facts.keys import KeyReading
from qtops.facts.recovery import Answer, Criterion, Observed
from qtops.facts.service import ServiceFacts
from qtops.facts.text import printable
from qtops.facts.times import span, utc
from qtops.proof.published import counted, judged_keys, lack, listed
from qtops.settings import Settings

SLACK_S: Final = 1.0  # a key may be dated so much after the moment that systemd gives for the end of its writer: seconds are cut
_LONGEST_ID: Final = 64
_SECONDS: Final = 10  # digits of an epoch in seconds, until 2286


class _Start(NamedTuple):
    """The new process: since when, by the clocks of this host and of Redis, and how its host and processes are called."""

    since_s: float
    host: str
    pids: frozenset[int]
    are_all: bool  # of its processes


Author = Literal["new", "not yet", "another", "could not tell"]
ANSWERS: Final[dict[Author, Answer]] = {"new": "yes", "not yet": "no", "another": "no", "could not tell": "could not tell"}
ORDER: Final[tuple[Author, ...]] = ("another", "could not tell", "not yet", "new")  # the first that any key has is that of all


def written(before: ServiceFacts, observed: Observed, settings: Settings) -> Criterion:
    """Whether the process that was started is who writes its keys: every one of them that has to be there."""
    return Criterion("written by the new process", *_written(before, observed, settings))


def _written(before: ServiceFacts, observed: Observed, settings: Settings) -> tuple[Answer, str]:
    service = observed.service
    if why := lack(service, settings):
        return "could not tell", why
    start = _start(observed)
    if start is None:
        return "could not tell", "systemd does not say when its process began"
    wanted = [reading for reading, fresh in judged_keys(service, settings) if fresh.state is not State.IDLE]
    if not wanted:
        return "yes", "no position is open: nothing is to be published"
    ids, earlier = _publishers(service), _earlier(before, settings)
    told: dict[Author, list[str]] = {author: [] for author in ORDER}
    for reading in wanted:
        author, why = _author(reading, ids.get(reading.key, ""), start, earlier.get((reading.family, reading.key)))
        told[author].append(f"{reading.key}: {why}")
    author = next(author for author in ORDER if told[author])
    if author == "new" and len(wanted) > 1:
        return "yes", f"all of {len(wanted)} keys, such as {told[author][0]}"
    return ANSWERS[author], f"{len(told[author])} of {counted(len(wanted), 'key')}: " + listed(told[author])


def _start(observed: Observed) -> _Start | None:
    unit = observed.service.unit
    began_s = unit.exec_main_start_s or unit.inactive_exit_s if unit is not None else None
    if unit is None or began_s is None or not isfinite(began_s):
        return None
    pids = frozenset(pid for pid in (unit.main_pid, *observed.pids) if pid)
    alone = observed.service.process is not None and observed.service.process.processes == 1
    return _Start(began_s + _ahead(observed.service), observed.host, pids, bool(observed.pids) or alone)


def _publishers(service: ServiceFacts) -> Mapping[str, str]:
    """What each proposal says of who wrote it, by key."""
    readings = service.proposals.looks[-1].readings if service.proposals is not None and service.proposals.looks else ()
    return {reading.key: reading.fields.get("publisher_id", "") for reading in readings if reading.present}


class _Earlier(NamedTuple):
    """A key as it was before the restart. ``stood``: it was absent or out of date, or its writer was down, and it did not move."""

    stood: bool
    moved: str = ""  # that it was written after its writer had ended
    values: tuple[str | None, ...] = ()


def _earlier(before: ServiceFacts, settings: Settings) -> Mapping[tuple[str, str], _Earlier]:
    """Every key that could be read in the look before, by family and name."""
    ended_s, found = _ended(before), dict[tuple[str, str], _Earlier]()
    for reading, fresh in judged_keys(before, settings):
        name, at_s = (reading.family, reading.key), _newest(reading)
        if reading.present is False:
            found[name] = _Earlier(stood=True)
        elif reading.present and at_s is not None and ended_s is None:
            found[name] = _Earlier(fresh.state in {State.STALE, State.LATE}, values=reading.values)
        elif reading.present and at_s is not None and ended_s is not None:
            stood = at_s <= ended_s + _ahead(before) + SLACK_S
            moved = "" if stood else f"written {utc(at_s)}, and its writer had ended {utc(ended_s)}"
            found[name] = _Earlier(stood, moved, reading.values)
    return found


def _author(reading: KeyReading, publisher_id: str, start: _Start, earlier: _Earlier | None) -> tuple[Author, str]:
    """Who wrote a key, and what tells."""
    if not reading.present:
        return ("not yet", "it is absent") if reading.present is False else ("could not tell", f"not read: {reading.trouble}")
    at_s, is_cut = max(_times(reading), default=(None, False))
    if at_s is None:
        return "could not tell", "none of its time fields holds a time"
    is_after = at_s >= (floor(start.since_s) if is_cut else start.since_s)
    when = f"{utc(at_s)}, {span(abs(at_s - start.since_s))} {'after' if at_s >= start.since_s else 'before'} the process began"
    name = printable(publisher_id[:_LONGEST_ID])
    host, _, pid = publisher_id.rpartition(":")
    if not is_after:
        return "not yet", f"last written {when}"
    if host and host == start.host and pid.isdecimal() and pid.isascii():
        if int(pid) in start.pids:
            return "new", f"publisher_id {name} is its process, written {when}"
        if not start.are_all:
            return "could not tell", f"publisher_id {name}: whether that is one of its processes could not be seen"
        return "another", f"publisher_id {name} is no process of it, written {when}"
    return _by_logic(reading, earlier, f"written {when}" + (f" by {name}" if name else ""))


def _by_logic(reading: KeyReading, earlier: _Earlier | None, now: str) -> tuple[Author, str]:
    """Who wrote a key that does not name its process."""
    if earlier is None:
        return "could not tell", f"{now}; how it was before the restart is not known"
    if earlier.moved:
        return "could not tell", f"it moved while the service was down ({earlier.moved}): another writer is at work"
    if not earlier.stood:
        return "could not tell", f"{now}; it was written before the restart as well, and nothing in it names its writer"
    if earlier.values == reading.values:
        return "could not tell", f"{now}; it holds what it held before the restart"
    return "new", f"it stood still before the restart, and was {now}"


def _ahead(service: ServiceFacts) -> float:
    """How far Redis' clock is ahead: its keys may be dated by either clock, and what is later by both is later."""
    clock = service.redis.reading.clock if service.redis is not None else None
    return max(clock.skew_s, 0.0) if clock is not None else 0.0


def _newest(reading: KeyReading) -> float | None:
    """The newest time that it states."""
    return max((at_s for at_s, _ in _times(reading)), default=None)


def _times(reading: KeyReading) -> Iterator[tuple[float, bool]]:
    """Every time that it states, and whether that is cut to a second."""
    for text in reading.values:
        try:
            if text is not None:
                yield parse_timestamp(text), "." not in text and not (text.isdecimal() and len(text) > _SECONDS)
        except TimestampError:
            continue


def _ended(service: ServiceFacts) -> float | None:
    """When its last process ended; None where it runs, or nothing tells."""
    unit = service.unit
    if unit is None or runs(unit):
        return None
    return unit.exec_main_exit_s or unit.inactive_enter_s
