"""Readings that are in order by default: a test says what is sick."""

from typing import Any

from publisher.timestamps import utc_iso
from qtops.facts.keys import ClockReading, KeyReading
from qtops.settings import Family, Settings, TimeRule

NOW_S = 1_771_372_692.0  # 2026-02-17T23:58:12Z
SETTINGS = Settings(clock_skew_warn_s=2.0)


def rule(
    field: str = "beat", *, interval_s: float = 10, warn_s: float = 20, critical_s: float = 30, required: bool = True
) -> TimeRule:
    """Beats every 10 s, late after 20 s, stale after 30 s."""
    return TimeRule(field=field, interval_s=interval_s, warn_s=warn_s, critical_s=critical_s, required=required)


def family(*rules: TimeRule, **other: Any) -> Family:
    """A family of one rule."""
    return Family(**{"name": "app", "pattern": "app:{symbol}", "times": rules or (rule(),), **other})


def reading(*ages_s: float | None, **sick: Any) -> KeyReading:
    """A key that is there, its time fields so old; one second where nothing is said, absent where None."""
    values = tuple(None if age is None else utc_iso(NOW_S - age) for age in ages_s or (1.0,))
    healthy = {"family": "app", "subject": "BTC", "key": "app:BTC", "read_at_s": NOW_S, "present": True, "values": values}
    return KeyReading(**{**healthy, **sick})


def absent(**more: Any) -> KeyReading:
    """A key that is not there, and nothing more is known."""
    return reading(**{"present": False, "values": (None,), **more})


def clock(ahead_s: float = 0.0, round_trip_s: float = 0.001) -> ClockReading:
    """Redis' clock, so far ahead of this host's."""
    return ClockReading(NOW_S, NOW_S + ahead_s, round_trip_s)
