"""One Redis and the services that write to it: what each look says of them, and when the next one is due."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf
from typing import Final

from msgspec.structs import replace

from qtops.checks import keys_stale, process_stopped
from qtops.checks.freshness import State
from qtops.checks.streams.looking import joined
from qtops.collectors.service_redis import Use
from qtops.collectors.watching.process import frozen, stopped_by_tracer
from qtops.facts.proposals import ProposalFacts, ProposalLook
from qtops.facts.service import Facts, ProcessFacts, ServiceFacts
from qtops.facts.streams import StreamFacts
from qtops.incidents import Outcome, Reached
from qtops.settings import Service, Settings
from qtops.supervisor.certainty import Doubtful, Jumps, without_times
from qtops.supervisor.looking import Look, Trouble, look, look_at_streams, own_streams
from qtops.supervisor.outcomes import GRACE_S, Told, due, key_ages, longest_s, not_told, switched_off, told, unjudged
from qtops.supervisor.snapshot import KeyAge

AGAIN_S: Final = 1.0  # from a look that found a Redis in trouble to the one that proves it
TROUBLED_S: Final = 3.0  # between two looks at one that is known to be in trouble, at least: each may connect in two or three ways
STREAMS_S: Final = 30.0  # between two looks at streams
PAST_S: Final = 60.0  # between two of the looks that are kept to compare with: one refresh of a market state
PAST: Final = 3
LITTLE_S: Final = 0.05  # after the moment at which something is overdue
LEAST_S: Final = 0.2  # between two looks, whatever is due


class Watched:
    """What is remembered of one service from look to look."""

    def __init__(self, use: Use, service: Service) -> None:
        self.use, self.service, self.caution = use, service, ""
        self.ages: tuple[KeyAge, ...] = ()
        self.cycle_s = 0.0  # how long inputs and output may disagree, and rightly so
        self.doubtful = Doubtful()
        self._there: frozenset[str] = frozenset()
        self._past: deque[tuple[float, ProposalLook]] = deque(maxlen=PAST)
        self._last: ProposalLook | None = None
        self._streams: StreamFacts | None = None
        self._streams_s = -inf
        self._stopped_s: float | None = None
        self._untold_s: float | None = None  # since when the age of some key could not be told

    def writes(self, settings: Settings) -> bool:
        """Whether the configuration names anything that it writes."""
        return bool(self.service.families or own_streams(self.service, settings))

    def judge(self, seen: ServiceFacts, settings: Settings, now_s: float, pid: int) -> tuple[Told, float]:
        """What a look says, and how many seconds later its next heartbeat is overdue."""
        next_ = due(seen, settings)
        self.cycle_s = next_.cycle_s if next_.cycle_s < inf else settings.supervise.every_s
        state = process_stopped.STOPPED if self._holds(pid, next_.late, now_s) else ""
        process = ProcessFacts(pid=pid, started_s=0.0, state=state) if pid else None
        facts = replace(seen, proposals=self._with_past(seen.proposals, now_s), process=process)
        self._look_at_streams(settings, now_s)
        said = told(facts, Facts(host="", taken_at_s=now_s, settings=settings), self._streams, self._there)
        self._there = frozenset(reading.key for reading in seen.keys if reading.present)
        self.ages = tuple(key_ages(seen, settings))
        said = _with_evidence(said, process_stopped.CHECK.code, next_.late)
        said = _with_evidence(said, keys_stale.CHECK.code, self.caution)
        return self._with_untold(said, seen, settings, now_s), next_.next_s

    def _holds(self, pid: int, late: str, now_s: float) -> bool:
        """Whether a signal holds its process while its output is overdue, or has for longer than it may write nothing."""
        if not (pid and frozen(pid)) or stopped_by_tracer(pid):
            self._stopped_s = None
            return False
        if self._stopped_s is None:
            self._stopped_s = now_s
        return bool(late) or now_s - self._stopped_s > self.cycle_s + GRACE_S

    def _with_untold(self, said: Told, seen: ServiceFacts, settings: Settings, now_s: float) -> Told:
        """With what could not be judged for longer than it may be old, unless its keys are told of anyway."""
        untold = list(unjudged(seen, settings))
        if not untold:
            self._untold_s = None
            return said
        if self._untold_s is None:
            self._untold_s = now_s
        code, for_s = keys_stale.CHECK.code, now_s - self._untold_s
        is_told = any(finding.code == code for finding in said.findings) or code in switched_off(self.service.unit, settings)
        if for_s <= longest_s(seen, settings) or is_told:
            return said
        return said._replace(findings=(*said.findings, not_told(self.service.unit, untold, for_s)), at_once=said.at_once | {code})

    def _with_past(self, facts: ProposalFacts | None, now_s: float) -> ProposalFacts | None:
        """With looks before this one: what moved and what did not can be judged, and no more than a few are kept."""
        if facts is None or not facts.looks:
            return facts
        now, last = facts.looks[-1], self._last
        past = [seen for _, seen in self._past if seen is not last]
        if not self._past or now_s - self._past[-1][0] >= PAST_S:
            self._past.append((now_s, now))
        self._last = now
        return replace(facts, looks=(*past, *((last,) if last else ()), now))

    def _look_at_streams(self, settings: Settings, now_s: float) -> None:
        names = own_streams(self.service, settings)
        if names and now_s - self._streams_s >= STREAMS_S:
            seen, self._streams_s = look_at_streams(self.use, names, settings), now_s
            if seen is not None:
                self._streams = joined(self._streams, seen) if self._streams else seen


class Place:
    """One Redis. ``now`` is the steady clock, ``wall`` this host's."""

    def __init__(self, shown: str, settings: Settings, now: Callable[[], float], wall: Callable[[], float]) -> None:
        self.shown, self._settings, self._now, self._wall = shown, settings, now, wall
        self._watched: dict[str, Watched] = {}
        self._jumps = Jumps()
        self._in_trouble = 0  # looks in a row
        self.next_s = -inf

    def serve(self, uses: Sequence[Use], cautions: Mapping[str, str]) -> None:
        """These services write to it from now on; what is known of them is kept. ``cautions``: by unit, why that may be wrong."""
        watched: dict[str, Watched] = {}
        for use in uses:
            if use.service is not None:
                unit = use.service.unit
                watched[unit] = self._watched.get(unit) or Watched(use, use.service)
                watched[unit].use, watched[unit].caution = use, cautions.get(unit, "")
        self._watched = watched

    @property
    def ages(self) -> tuple[KeyAge, ...]:
        """How old each key was at the last look."""
        return tuple(age for one in list(self._watched.values()) for age in one.ages)

    @property
    def unsure(self) -> bool:
        """Whether the next look may prove what this one could not."""
        return self._in_trouble == 1 or any(one.doubtful.pending for one in self._watched.values())

    @property
    def cycle_s(self) -> float:
        """How long a second look has to wait to prove what the first saw."""
        if self._in_trouble:
            return AGAIN_S
        return max((one.cycle_s for one in self._watched.values()), default=AGAIN_S)

    def look(self, pids: Mapping[str, int]) -> tuple[Outcome | Reached, ...]:
        """Look once at everything, and say all of it. ``pids`` are those of the main processes, by unit."""
        began_s, watched = self._now(), dict(self._watched)
        seen = look([one.use for one in watched.values()], self._settings)
        if seen.trouble is not None:
            return tuple(self._troubled(watched, seen.trouble, began_s))
        self._in_trouble = 0
        wall_s, now_s, skew_s = self._wall(), self._now(), seen.clock.skew_s if seen.clock else 0.0
        self._jumps.note(now_s, wall_s + skew_s, wall_s)
        return tuple(self._well(watched, seen, pids, began_s))

    def _troubled(self, watched: Mapping[str, Watched], trouble: Trouble, began_s: float) -> Iterator[Outcome | Reached]:
        """Told of the Redis once two looks agree; of the services it is only that nothing can be told."""
        self._in_trouble += 1
        now_s = self._now()
        self.next_s = now_s + (AGAIN_S if self._in_trouble == 1 else max(self._settings.supervise.every_s, TROUBLED_S))
        if self._in_trouble > 1:
            yield Reached(redis=self.shown, at_s=now_s, trouble=trouble.why, units=tuple(watched), advice=trouble.advice)
        for one in watched.values():
            one.ages = tuple(replace(age, age_s=None, state=str(State.UNKNOWN)) for age in one.ages)
        yield from self.unseen(trouble.why, now_s - began_s)

    def unseen(self, why: str, took_s: float = 0.0) -> Iterator[Outcome]:
        """That nothing could be told of what is written here."""
        for unit, one in list(self._watched.items()):
            if one.writes(self._settings):
                doubt = f"what it writes, as Redis at {self.shown} does not serve it: {why}"
                yield Outcome(unit=unit, at_s=self._now(), doubts=(doubt,), redis=self.shown, took_s=took_s)

    def _well(
        self, watched: Mapping[str, Watched], seen: Look, pids: Mapping[str, int], began_s: float
    ) -> Iterator[Outcome | Reached]:
        settings, now_s = self._settings, self._now()
        yield Reached(redis=self.shown, at_s=now_s, units=tuple(watched))
        self.next_s = began_s + settings.supervise.every_s
        for facts in seen.services:
            one = watched[facts.subject]
            if not one.writes(settings):
                continue
            said, due_s = one.judge(facts, settings, now_s, pids.get(facts.subject, 0))
            self.next_s = min(self.next_s, now_s + due_s + LITTLE_S)
            jump = self._jumps.told(now_s, longest_s(facts, settings))
            said = one.doubtful.sure(said if not jump else without_times(said, jump), now_s, one.cycle_s)
            took_s = self._now() - began_s
            yield Outcome(
                unit=facts.subject, at_s=now_s, findings=said.findings, doubts=said.doubts, redis=self.shown, took_s=took_s
            )
        self.next_s = max(self.next_s, self._now() + LEAST_S)


def _with_evidence(said: Told, code: str, line: str) -> Told:
    """With one line more in the evidence of a finding, where there is such a line."""
    found = (replace(one, evidence=(*one.evidence, line)) if line and one.code == code else one for one in said.findings)
    return said._replace(findings=tuple(found))
