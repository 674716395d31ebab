"""Samples that are in order by default: a test says what is sick."""

from collections.abc import Iterable

from qtops.reports.plot.samples import Age, History, Levels, Sample

AT_S = 1_771_372_692.0  # 2026-02-17T23:58:12Z
HOSTILE = "]]><script>'\"&|\x1b[31m[red]\n`${x}`\u202e,=;\udcff\x00"


def levels(after_s: float = 0.0, subject: str = "BTC", **changes: object) -> Levels:
    """A LONG with its stop below and its target above the price."""
    return Levels(subject, AT_S + after_s, "LONG", 105.0, 103.0, 108.0)._replace(**changes)


def age(after_s: float = 0.0, age_s: float | None = 5.0, **changes: object) -> Age:
    """An age within its limits of 20 and 30 seconds."""
    return Age("BTC", "beat", AT_S + after_s, age_s, 20.0, 30.0)._replace(**changes)


def history(samples: Iterable[Sample]) -> History:
    """All of these."""
    kept = History()
    kept.add(samples)
    return kept
