"""Is a key as fresh as its family's time rules want it?

The age of a time field is judged by Redis' clock, the one clock that all writers and readers share. The worst of a family's rules
decides. What cannot be judged is UNKNOWN with a reason, and never passes: an age is fresh only if it *is* within its limit, so that
nothing that compares false (NaN) gets through.
"""

from enum import StrEnum
from functools import lru_cache
from typing import Final, TypeAlias

import msgspec

from publisher.timestamps import TimestampError, parse_timestamp
from qtops.facts.keys import ClockReading, KeyReading
from qtops.facts.text import quoted
from qtops.findings import Verdict
from qtops.settings import Family, Settings, TimeRule


class State(StrEnum):
    """How fresh a key is, in an operator's words."""

    FRESH = "FRESH"
    LATE = "LATE"  # older than the warning limit
    STALE = "STALE"  # older than the critical limit
    NEVER = "NEVER"  # absent, and nothing says that it ever was there
    EXPIRED = "EXPIRED"  # absent, but its witness says that it was there
    FUTURE = "FUTURE"  # its time lies ahead of Redis' clock by more than the tolerated skew
    UNKNOWN = "UNKNOWN"  # could not tell
    IDLE = "IDLE"  # absent, and rightly so: no position is open


VERDICTS: Final = {
    State.FRESH: Verdict.OK,
    State.IDLE: Verdict.OK,
    State.LATE: Verdict.WARNING,
    State.UNKNOWN: Verdict.UNKNOWN,
    State.STALE: Verdict.CRITICAL,
    State.NEVER: Verdict.CRITICAL,
    State.EXPIRED: Verdict.CRITICAL,
    State.FUTURE: Verdict.CRITICAL,
}
_parse: Final = lru_cache(maxsize=256)(parse_timestamp)  # a publisher stamps all keys of one cycle alike
# Gravity and, between equals, strain; then state, rule, what the field holds, and the time and age that it says.
_Found: TypeAlias = tuple[int, float, State, TimeRule, str | None, float | None, float | None]


class Freshness(msgspec.Struct, frozen=True, gc=False):
    """The verdict on one key. ``rule`` is the one that decided; None where no time was to be judged."""

    family: str
    subject: str
    key: str
    state: State
    verdict: Verdict
    reason: str = ""  # empty where fresh
    rule: TimeRule | None = None
    time_s: float | None = None  # what the field says, seconds since the epoch
    age_s: float | None = None  # negative only where FUTURE; never NaN
    strain: float = -1.0  # age as a share of the warning limit, which makes rules comparable; -1 where there is no age

    @property
    def limit_s(self) -> float | None:
        """The age limit next to the age: the one exceeded, or the one still kept."""
        if self.rule is None or self.age_s is None:
            return None
        return self.rule.critical_s if self.state is State.STALE else self.rule.warn_s


class ClockCheck(msgspec.Struct, frozen=True):
    """The verdict on this host's clock against Redis' clock."""

    verdict: Verdict
    reason: str


def judge(reading: KeyReading, family: Family, settings: Settings) -> Freshness:
    """Judge one key as it was at ``reading.read_at_s``."""
    if not reading.present:
        state, reason = _absent(reading)
        return Freshness(reading.family, reading.subject, reading.key, state, VERDICTS[state], reason)
    if len(reading.values) != len(family.times):  # of a bundle that somebody edited, or whose family has other fields by now
        reason = f"{len(reading.values)} values were read, and its family has {len(family.times)} time fields"
        return Freshness(reading.family, reading.subject, reading.key, State.UNKNOWN, Verdict.UNKNOWN, reason)
    worst: _Found | None = None
    for rule, text in zip(family.times, reading.values, strict=True):
        if text is not None or rule.required:
            found = _judge_rule(rule, text, reading.read_at_s, settings.clock_skew_warn_s)
            if worst is None or found[0] > worst[0] or (found[0] == worst[0] and found[1] > worst[1]):
                worst = found
    if worst is None:
        reason = "none of its time fields is there: " + ", ".join(map(_name, family.times))
        return Freshness(reading.family, reading.subject, reading.key, State.UNKNOWN, Verdict.UNKNOWN, reason)
    gravity, strain, state, rule, text, time_s, age_s = worst
    verdict, reason = (Verdict.OK, "") if gravity == 0 else (VERDICTS[state], _reason(state, rule, text, age_s))
    return Freshness(reading.family, reading.subject, reading.key, state, verdict, reason, rule, time_s, age_s, strain)


def judge_clock(clock: ClockReading | None, warn_s: float) -> ClockCheck:
    """Judge the skew, allowing for what the round trip leaves open."""
    if clock is None:
        return ClockCheck(Verdict.UNKNOWN, "Redis' clock could not be read")
    if not abs(clock.skew_s) - clock.round_trip_s / 2 <= warn_s:
        ahead = "ahead of" if clock.skew_s > 0 else "behind"
        reason = f"Redis' clock is {abs(clock.skew_s):.3f} s {ahead} this host's, limit {warn_s:g} s: check NTP on both"
        return ClockCheck(Verdict.WARNING, reason)
    return ClockCheck(Verdict.OK, "")


def _absent(reading: KeyReading) -> tuple[State, str]:
    if reading.present is None:
        return State.UNKNOWN, "; ".join(filter(None, (f"{reading.trouble}: {reading.detail}", reading.advice)))
    if reading.position == "closed":
        return State.IDLE, "absent, as no position is open"
    if reading.position == "unknown":
        return State.UNKNOWN, "absent, and its position cannot be read: whether one is open is not known"
    if reading.witness:
        return State.EXPIRED, "absent, but it has been there: its writer stopped, or refuses its inputs"
    return State.NEVER, "absent, and nothing says that it was ever written"


def _judge_rule(rule: TimeRule, text: str | None, now_s: float, tolerance_s: float) -> _Found:
    if text is None:
        return 1, -1.0, State.UNKNOWN, rule, text, None, None
    try:
        time_s = _parse(text)
    except TimestampError:
        return 1, -1.0, State.UNKNOWN, rule, text, None, None
    age_s = now_s - time_s
    strain = age_s / rule.warn_s
    if -tolerance_s <= age_s <= rule.warn_s:
        return 0, strain, State.FRESH, rule, text, time_s, max(age_s, 0.0)
    if rule.warn_s < age_s <= rule.critical_s:
        return 2, strain, State.LATE, rule, text, time_s, age_s
    return 3, strain, State.STALE if age_s > rule.critical_s else State.FUTURE, rule, text, time_s, age_s


def _reason(state: State, rule: TimeRule, text: str | None, age_s: float | None) -> str:
    name = _name(rule)
    if text is None:
        return f"{name} is absent"
    if age_s is None:
        return f"{name} holds {quoted(text)}, which is no time"
    if state is State.FUTURE:
        return f"{name} is {-age_s:.1f} s in the future: the writer's clock is wrong, or it is no time of writing"
    return f"{name} is {age_s:.1f} s old, limit {rule.warn_s if state is State.LATE else rule.critical_s:g} s"


def _name(rule: TimeRule) -> str:
    return rule.field or "its time"
