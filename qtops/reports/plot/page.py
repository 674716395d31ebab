"""One HTML file with all charts: complete in itself, without scripts; light or dark as its reader has it, on a phone as well."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final, NamedTuple

from qtops.facts.text import printable
from qtops.findings import Verdict
from qtops.reports.plot.chart import charts
from qtops.reports.plot.samples import History
from qtops.reports.plot.svg import STYLE, svg, time_range

_PAGE: Final = """\
:root{color-scheme:light dark;--ok:#1a7f37;--warning:#9a6700;--critical:#cf222e;--unknown:#8250df}
@media(prefers-color-scheme:dark){:root{--ok:#56d364;--warning:#e3b341;--critical:#ff7b72;--unknown:#d2a8ff}}
body{font:15px/1.45 system-ui,sans-serif;margin:0 auto;padding:1rem;max-width:90rem}
h1{font-size:1.2rem;margin:.2rem 0}h2{font-size:1rem}
p,ul{margin:.3rem 0}ul{padding-left:1.1rem;overflow-wrap:anywhere}.badge{font-weight:700;text-transform:uppercase}
.ok{color:var(--ok)}.warning{color:var(--warning)}.critical{color:var(--critical)}.unknown{color:var(--unknown)}
main{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr))}
figure{margin:0;min-width:0}figure svg{width:100%;height:auto;display:block}figcaption{font-size:.85rem;overflow-wrap:anywhere}
"""


class Head(NamedTuple):
    """What a page says besides its charts: title, verdict, a line on when and where, the total, and what changed, newest first."""

    title: str
    verdict: Verdict
    when: str
    total: str
    changes: Sequence[str] = ()
    refresh_s: float | None = None  # how often whoever looks at it loads it again; None: never


def page(head: Head, history: History) -> str:
    """The whole file. Every chart has the same range of time, so that they can be compared."""
    made = {subject: charts(history, subject) for subject in history.subjects}
    times = time_range(at_s for some in made.values() for chart in some for at_s in chart.moments)
    figures = [
        f"<figure>{''.join(svg(chart, times, with_style=False) for chart in some)}"
        f"<figcaption>{_text('; '.join(chart.description for chart in some))}</figcaption></figure>"
        for some in made.values()
    ]
    more = f"{history.left_out} more are not drawn: name those that you want to see" if history.left_out else ""
    refresh = f'<meta http-equiv="refresh" content="{max(round(head.refresh_s), 1)}">' if head.refresh_s else ""
    return "\n".join(
        filter(
            None,
            (
                '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
                '<meta name="viewport" content="width=device-width,initial-scale=1">',
                refresh,
                f"<title>{_text(head.title)}</title><style>{_PAGE}{STYLE}</style></head><body>",
                f'<h1>{_text(head.title)} <span class="badge {head.verdict}">{head.verdict}</span></h1>',
                *_paragraphs((head.when, head.total)),
                f"<main>{''.join(figures)}</main>" if figures else "",
                *_paragraphs((more,)),
                f"<h2>Changes</h2><ul>{''.join(f'<li>{_text(line)}</li>' for line in head.changes)}</ul>" if head.changes else "",
                "</body></html>\n",
            ),
        )
    )


def _paragraphs(lines: Iterable[str]) -> list[str]:
    return [f"<p>{_text(line)}</p>" for line in lines if line]


def _text(text: str) -> str:
    return escape(printable(text))
