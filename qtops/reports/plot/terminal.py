"""A chart in the characters of a terminal, drawn by plotext."""

from typing import Final

from qtops.facts.text import printable
from qtops.reports.plot.chart import Chart
from qtops.reports.plot.scale import mark_words, marks, time_marks, time_words
from qtops.reports.plot.svg import stretches, time_range

FINE: Final = "braille"
FORMS: Final = {  # colour and marker of each style: a letter says what a line is where there are no colours
    "price": ("blue", FINE), "stop": ("red", "S"), "target": ("green", "T"), "live": ("magenta", "L"),
    "age0": ("blue", FINE), "age1": ("magenta", "o"), "age2": ("green", "x"), "late": ("yellow", "-"), "stale": ("red", "="),
}  # fmt: skip
SMALLEST: Final = (30, 6)  # columns and lines: in less than that nothing can be seen


def draw(chart: Chart, width: int, height: int) -> str:
    """The lines, with the escape sequences of colours; of at least the ``SMALLEST`` size."""
    import plotext as plot  # it takes 50 ms: only those who ask for plots wait for it

    ages, (low_s, high_s) = chart.unit == "age", time_range(chart.moments)
    values, moments = (time_marks if ages else marks)(chart.low, chart.high), time_marks(low_s, high_s, max(width // 20, 2))
    plot.clear_figure()
    plot.theme("clear")
    plot.limit_size(False, False)  # else no picture is wider than the terminal that it thinks it is on
    plot.plot_size(max(width, SMALLEST[0]), max(height, SMALLEST[1]) - 1)
    for line in chart.lines:
        color, marker = FORMS[line.style]
        for stretch in stretches(line.points):
            at, levels = zip(*stretch, strict=True)
            plot.plot(at, levels, marker=marker, color=color)
    plot.xlim(low_s, high_s)
    plot.ylim(chart.low, chart.high)
    plot.xticks(moments, [time_words(moment, high_s - low_s) for moment in moments])
    plot.yticks(values, [chart.shown(value) for value in values] if ages else mark_words(values))
    told = printable(f"{chart.title}: {chart.description}")
    return f"{told[: max(width, SMALLEST[0])]}\n{plot.build()}".rstrip("\n")


def plain(text: str) -> str:
    """Drawn lines without colours."""
    import plotext as plot

    return str(plot.uncolorize(text))
