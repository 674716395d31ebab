"""One chart as SVG text: it needs no script and no network, and says in words what it shows."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from qtops.facts.text import printable
from qtops.reports.plot.chart import Chart, Line, Point, Zone
from qtops.reports.plot.scale import Scale, mark_words, marks, time_marks, time_words

WIDTH: Final = 640
HEIGHTS: Final = {"price": 230, "age": 150}
LEFT, RIGHT, TOP, BOTTOM = 78, 136, 26, 24  # margins: words of the marks, names at the ends of lines, title, times
BUCKET: Final = 3.0  # units in width: of more points in it than four, the first, the last and both extremes are drawn
THIN: Final = 4.0  # a zone is at least so wide
LEAD: Final = 13.0  # units from one name to the next
LONGEST: Final = 17  # characters of a name that fit the margin
STYLE: Final = """\
.plot{--ink:#1f2328;--dim:#656d76;--grid:#d8dee4;--price:#0550ae;--stop:#cf222e;--target:#1a7f37;--live:#8250df;--late:#9a6700}
@media(prefers-color-scheme:dark){.plot{--ink:#e6edf3;--dim:#9198a1;--grid:#30363d;--price:#79c0ff;--stop:#ff7b72;
--target:#56d364;--live:#d2a8ff;--late:#e3b341}}
.plot text{font:11px system-ui,sans-serif;fill:var(--dim)}.plot .title{font-weight:600;font-size:12px;fill:var(--ink)}
.plot .grid{stroke:var(--grid);stroke-width:1}.plot .line{fill:none;stroke-width:1.8;stroke-linejoin:round}
.plot .zone{fill:var(--stop);fill-opacity:.16}.plot .why{fill:var(--stop);font-weight:600}
.plot .price,.plot .age0{stroke:var(--price)}.plot .stop,.plot .stale{stroke:var(--stop)}
.plot .target{stroke:var(--target)}.plot .live,.plot .age1{stroke:var(--live)}
.plot .late{stroke:var(--late)}.plot .age2{stroke:var(--target)}
.plot .stop{stroke-dasharray:7 3}.plot .target{stroke-dasharray:2 3}.plot .live{stroke-dasharray:9 3 2 3}
.plot .late,.plot .stale{stroke-dasharray:5 4;stroke-width:1.2}
.plot circle{fill:none;stroke-width:2;stroke-dasharray:none!important}
"""


def svg(chart: Chart, times: tuple[float, float] | None = None, *, with_style: bool = True) -> str:
    """The picture. ``times`` is the range of time to show, so that pictures can share one; else it is that of the points.

    Without ``with_style`` the page has to hold ``STYLE`` itself.
    """
    low_s, high_s = times or time_range(chart.moments)
    height = HEIGHTS[chart.unit]
    across = Scale(low_s, high_s, LEFT, WIDTH - RIGHT)
    up = Scale(chart.low, chart.high, height - BOTTOM, TOP)
    wrong = ", ".join(filter(None, [*dict.fromkeys(zone.why for zone in chart.zones), chart.note]))
    parts = [
        f'<svg class="plot" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        f" aria-label={_attribute(f'{chart.title}: {chart.description}')}>",
        f"<title>{_text(chart.title)}</title><desc>{_text(chart.description)}</desc>",
        f"<style>{STYLE}</style>" if with_style else "",
        f'<text class="title" x="{LEFT}" y="16">{_text(chart.title)}</text>',
        f'<text class="why" x="{WIDTH - 4}" y="16" text-anchor="end">{_text(wrong)}</text>' if wrong else "",
        *_zones(chart.zones, across, up),
        *_axes(chart, across, up),
        *(part for line in chart.lines for part in _line(line, across, up)),
        *_names(chart.lines, up),
        "</svg>",
    ]
    return "\n".join(filter(None, parts))


def time_range(moments: Iterable[float]) -> tuple[float, float]:
    """From the first moment to the last; some room around a single one, as a range must not be empty."""
    known = list(moments)
    first, last = (min(known), max(known)) if known else (0.0, 0.0)
    return (first, last) if last - first >= 1e-3 else (first - 30.0, first + 30.0)


def _axes(chart: Chart, across: Scale, up: Scale) -> Iterator[str]:
    ages, moments = chart.unit == "age", time_marks(across.low, across.high)
    values = (time_marks if ages else marks)(chart.low, chart.high)
    shown = [chart.shown(value) for value in values] if ages else mark_words(values)
    for value, told in zip(values, shown, strict=True):
        y = up(value)
        yield f'<line class="grid" x1="{LEFT}" x2="{across.end}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_text(told)}</text>'
    below = up.start + 16
    for moment in moments:
        x, told = across(moment), time_words(moment, across.high - across.low)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{up.start}" y2="{up.start + 4}"/>'
        yield f'<text x="{x:.1f}" y="{below}" text-anchor="middle">{told}</text>'
    yield f'<text x="4" y="{below}">{chart.unit}</text><text x="{across.end + 24}" y="{below}">UTC</text>'


def _zones(zones: Sequence[Zone], across: Scale, up: Scale) -> Iterator[str]:
    for zone in zones:
        from_x = across(zone.from_s)
        width = max(across(zone.to_s) - from_x, THIN)
        x = min(from_x, across.end - width)
        yield (
            f'<rect class="zone" x="{x:.1f}" y="{up.end}" width="{width:.1f}" height="{up.start - up.end}">'
            f"<title>{_text(zone.why)}</title></rect>"
        )


def _line(line: Line, across: Scale, up: Scale) -> Iterator[str]:
    """Each stretch without a gap; a single point is a ring, as a line of no length cannot be seen."""
    for stretch in stretches(line.points):
        places = thinned([(across(at_s), up(value)) for at_s, value in stretch])
        if len(places) == 1:
            x, y = places[0]
            yield f'<circle class="{line.style}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'
        else:
            yield f'<polyline class="line {line.style}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}"/>'


def _names(lines: Sequence[Line], up: Scale) -> Iterator[str]:
    """The name of each line at its end, none over another."""
    ends = sorted((up(line.last), line) for line in lines if line.last is not None)
    lowest = up.start - LEAD * (len(ends) - 1)
    y = float(TOP) - LEAD
    for number, (wanted, line) in enumerate(ends):
        y = max(min(wanted, lowest + LEAD * number), y + LEAD)
        x = WIDTH - RIGHT + 6
        yield f'<line class="line {line.style}" x1="{x}" x2="{x + 18}" y1="{y:.1f}" y2="{y:.1f}"/>'
        name = line.name if len(line.name) <= LONGEST else f"{line.name[: LONGEST - 1]}…"
        yield f'<text x="{x + 22}" y="{y + 4:.1f}">{_text(name)}</text>'


def stretches(points: Iterable[Point]) -> Iterator[list[tuple[float, float]]]:
    """Runs of points that have a value."""
    for gap, run in groupby(points, key=lambda point: point[1] is None):
        if not gap:
            yield [(at_s, value) for at_s, value in run if value is not None]


def thinned(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """No more points than can be seen: no peak and no dip is lost."""
    kept = list[tuple[float, float]]()
    for _, run in groupby(places, key=lambda place: place[0] // BUCKET):
        bucket = list(run)
        if len(bucket) > 4:
            ends = {0, len(bucket) - 1}
            heights = [y for _, y in bucket]
            ends |= {heights.index(min(heights)), heights.index(max(heights))}
            bucket = [bucket[index] for index in sorted(ends)]
        kept += bucket
    return kept


def _text(text: str) -> str:
    return escape(printable(text))


def _attribute(text: str) -> str:
    return quoteattr(printable(text))
