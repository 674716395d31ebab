"""The picture of ages: for each key a bar per look against its limits. Logarithmic: seconds and a day are both to be seen."""

from collections.abc import Iterable, Iterator, Sequence
from math import isfinite, log10
from typing import Final

from qtops.evidence.document import Age, Ages
from qtops.facts.times import span
from qtops.reports.plot.scale import Scale
from qtops.reports.written import prose, svg

TOP: Final = 24.0  # below the title
ROW: Final = 46.0  # units in height for one look
BAR: Final = 9.0
FOOT: Final = 22.0  # for the marks of the scale
MARK: Final = 34.0  # units from one mark of the scale to the next: its words need so much
LEAST_S: Final = 1.0  # what is younger is drawn as a point
_MARKS_S: Final = (1.0, 10.0, 60.0, 600.0, 3600.0, 36_000.0, 86_400.0, 864_000.0, 8_640_000.0, 86_400_000.0, 864_000_000.0)


def pictures(block: Ages) -> Iterator[str]:
    """One for each key, all on the same scale."""
    across = _scale([seconds for age in block.ages for seconds in (age.age_s or 0.0, age.warn_s, age.critical_s)])
    for key, ages in prose.by_key(block).items():
        described = "; ".join(map(_described, ages))
        tops = [TOP + ROW * number for number in range(len(ages) + 1)]
        yield svg.picture(key, described, tops[-1] + FOOT, (*_marks(across, tops[-1]), *_rows(ages, tops, across)))


def _scale(values_s: Iterable[float]) -> Scale:
    most_s = max((value for value in values_s if isfinite(value)), default=0.0)
    return Scale(log10(LEAST_S), log10(max(most_s * 1.6, LEAST_S * 100)), svg.MARGIN, svg.WIDTH - svg.MARGIN)


def _place(age_s: float, across: Scale) -> float:
    return across(log10(min(max(age_s, LEAST_S), 1e300)))


def _marks(across: Scale, bottom: float) -> Iterator[str]:
    shown = -MARK
    for mark_s in _MARKS_S:
        x = _place(mark_s, across)
        if log10(mark_s) <= across.high and x - shown >= MARK:
            shown = x
            yield svg.line(x, TOP - 4, x, bottom + 2, "grid")
            yield svg.words(x, bottom + 15, span(mark_s), anchor="middle" if x > 2 * svg.MARGIN else "start")


def _rows(ages: Sequence[Age], tops: Sequence[float], across: Scale) -> Iterator[str]:
    for age, top in zip(ages, tops, strict=False):
        tone, how = prose.standing(age)
        told = "" if age.age_s is None else f"{span(age.age_s)}, "
        yield svg.words(svg.MARGIN, top + 10, age.look)
        yield svg.words(svg.WIDTH - svg.MARGIN, top + 10, f"{prose.MARKS[tone]} {told}{how}", svg.shape(tone), "end")
        if age.age_s is not None:
            end = max(_place(age.age_s, across), across.start + 3)
            yield svg.box(across.start, top + 15, end, top + 15 + BAR, f"bar {svg.shape(tone)}")
        yield from _limits(age, top, across)


def _limits(age: Age, top: float, across: Scale) -> Iterator[str]:
    """Both limits of one look, their words on the outer sides: they may be close."""
    for style, limit_s, anchor in (("late", age.warn_s, "end"), ("stale", age.critical_s, "start")):
        x = _place(limit_s, across)
        yield svg.line(x, top + 12, x, top + 18 + BAR, f"line {style}")
        yield svg.words(x + (3 if anchor == "start" else -3), top + 28 + BAR, f"{style} {span(limit_s)}", f"name-{style}", anchor)


def _described(age: Age) -> str:
    how = prose.standing(age)[1]
    seen = how if age.age_s is None else f"{span(age.age_s)}, {how}"
    return f"{age.look}: {seen} (late after {span(age.warn_s)}, stale after {span(age.critical_s)})"
