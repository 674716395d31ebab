"""What the checks of cadence say in the same words, and which of their series belong together."""

from collections.abc import Iterator

from qtops.checks.cadence.measure import Measured, measure
from qtops.facts.cadence import CadenceFacts, Series
from qtops.facts.times import span

Row = tuple[Series, Measured]


def rows(facts: CadenceFacts) -> Iterator[Row]:
    """Every series that was there, with its intervals."""
    for series in facts.series:
        if series.moments_s or series.texts:
            yield series, measure(series, facts.now_s)


def by_key(facts: CadenceFacts) -> dict[tuple[str, str], list[Row]]:
    """The fields of each key, with what was measured."""
    keys: dict[tuple[str, str], list[Row]] = {}
    for series, measured in rows(facts):
        keys.setdefault((series.family, series.subject), []).append((series, measured))
    return keys


def told(measured: Measured) -> str:
    """The measured intervals in a line."""
    if measured.p50_s is None or measured.p95_s is None or measured.max_s is None:
        return f"no update in {span(measured.open_s)}"
    if measured.n == 1:
        return f"one interval seen: {precise(measured.p50_s)}"
    return f"p50 {precise(measured.p50_s)}, p95 {precise(measured.p95_s)}, max {precise(measured.max_s)} of {measured.n} intervals"


def precise(seconds: float) -> str:
    """``60.04 s``: an interval of less than ten minutes to a hundredth, a longer one in words."""
    return f"{seconds:.2f} s" if seconds < 600 else span(seconds)
