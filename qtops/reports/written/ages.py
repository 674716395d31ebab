"""The picture of ages: for each key a bar per look against its limits. Logarithmic: seconds and a day are both to be seen."""

from collections.abc import Iterable, Iterator, Sequence
from math import isfinite, log10
from typing import Final

from qtops.evidence.document import Age, Ages
from qtops.facts.times import span
from qtops.reports.plot.scale import Scale
from qtops.reports.written import prose, svg

TOP: Final = 24.0  # below the title
ROW: Final = 32.0  # units in height for one look
BAR: Final = 9.0
FOOT: Final = 34.0  # for the limits and the marks of the scale
MARK: Final = 34.0  # units from one mark of the scale to the next: its words need so much
LEAST_S: Final = 1.0  # what is younger is drawn as a point
_MARKS_S: Final = (1.0, 10.0, 60.0, 600.0, 3600.0, 36_000.0, 86_400.0, 864_000.0, 8_640_000.0, 86_400_000.0, 864_000_000.0)


def pictures(block: Ages) -> Iterator[str]:
    """One for each key, all on the same scale."""
    keys = prose.by_key(block)
    across = _scale([*(age.age_s or 0.0 for age in block.ages), *(limit for _, *limits in keys for limit in limits)])
    for (key, *limits), ages in keys.items():
        described = "; ".join([*(_described(age) for age in ages), f"late after {span(limits[0])}, stale after {span(limits[1])}"])
        yield svg.picture(key, described, TOP + ROW * len(ages) + FOOT, _parts(ages, limits, across))


def _scale(values_s: Iterable[float]) -> Scale:
    most_s = max((value for value in values_s if isfinite(value)), default=0.0)
    return Scale(log10(LEAST_S), log10(max(most_s * 1.6, LEAST_S * 100)), svg.MARGIN, svg.WIDTH - svg.MARGIN)


def _place(age_s: float, across: Scale) -> float:
    return across(log10(min(max(age_s, LEAST_S), 1e300)))


def _parts(ages: Sequence[Age], limits_s: Sequence[float], across: Scale) -> Iterator[str]:
    bottom = TOP + ROW * len(ages)
    shown = -MARK
    for mark_s in _MARKS_S:
        x = _place(mark_s, across)
        if log10(mark_s) <= across.high and x - shown >= MARK:
            shown = x
            yield svg.line(x, TOP - 4, x, bottom + 4, "grid")
            yield svg.words(x, bottom + 30, span(mark_s), anchor="middle" if x > 2 * svg.MARGIN else "start")
    for (style, name), limit_s, anchor in zip((("late", "late"), ("stale", "stale")), limits_s, ("end", "start"), strict=True):
        x = _place(limit_s, across)
        yield svg.line(x, TOP - 4, x, bottom + 6, f"line {style}")
        yield svg.words(x + (3 if anchor == "start" else -3), bottom + 15, f"{name} {span(limit_s)}", f"name-{style}", anchor)
    for number, age in enumerate(ages):
        yield from _row(age, across, TOP + ROW * number)


def _row(age: Age, across: Scale, top: float) -> Iterator[str]:
    tone, how = prose.standing(age)
    told = "" if age.age_s is None else f"{span(age.age_s)}, "
    yield svg.words(svg.MARGIN, top + 10, age.look)
    yield svg.words(svg.WIDTH - svg.MARGIN, top + 10, f"{prose.MARKS[tone]} {told}{how}", svg.shape(tone), "end")
    if age.age_s is not None:
        end = max(_place(age.age_s, across), across.start + 3)
        yield svg.box(across.start, top + 14, end, top + 14 + BAR, f"bar {svg.shape(tone)}")


def _described(age: Age) -> str:
    how = prose.standing(age)[1]
    return f"{age.look}: {how}" if age.age_s is None else f"{age.look}: {span(age.age_s)}, {how}"
