"""A chart in the characters of a terminal, drawn by plotext."""

from typing import Final

from qtops.facts.text import printable
from qtops.reports.plot.chart import Chart
from qtops.reports.plot.scale import mark_words, marks, time_marks, time_words
from qtops.reports.plot.svg import stretches, time_range

COLORS: Final = {
    "price": "blue", "stop": "red", "target": "green", "live": "magenta", "age0": "blue", "age1": "magenta", "age2": "green",
    "late": "yellow", "stale": "red",
}  # fmt: skip
SMALLEST: Final = (30, 6)  # columns and lines: in less than that nothing can be seen


def draw(chart: Chart, width: int, height: int) -> str:
    """The lines, with the escape sequences of colours; of at least the ``SMALLEST`` size."""
    import plotext as plot  # it takes 50 ms: only those who ask for plots wait for it

    ages, (low_s, high_s) = chart.unit == "age", time_range(chart.moments)
    values, moments = (time_marks if ages else marks)(chart.low, chart.high), time_marks(low_s, high_s, max(width // 20, 2))
    plot.clear_figure()
    plot.theme("clear")
    plot.plot_size(max(width, SMALLEST[0]), max(height, SMALLEST[1]))
    wrong = dict.fromkeys(zone.why for zone in chart.zones)
    plot.title(printable(" · ".join(filter(None, (chart.title, *wrong, chart.note)))))
    for line in chart.lines:
        name: str | None = printable(line.name)
        for stretch in stretches(line.points):
            at, levels = zip(*stretch, strict=True)
            plot.plot(at, levels, marker="braille", color=COLORS[line.style], label=name)
            name = None  # once in the legend
    plot.xlim(low_s, high_s)
    plot.ylim(chart.low, chart.high)
    plot.xticks(moments, [time_words(moment, high_s - low_s) for moment in moments])
    plot.yticks(values, [chart.shown(value) for value in values] if ages else mark_words(values))
    return str(plot.build()).rstrip("\n")


def plain(text: str) -> str:
    """Drawn lines without colours."""
    import plotext as plot

    return str(plot.uncolorize(text))
