"""What both pictures of a report are drawn with. They are as wide as a phone, so that their words keep their size on one."""

from collections.abc import Iterable
from html import escape
from typing import Final

from qtops.evidence.document import Tone
from qtops.reports.written.prose import plain

WIDTH: Final = 360
MARGIN: Final = 12
_LONGEST: Final = 44  # characters of a title that fit


def picture(title: str, description: str, height: float, parts: Iterable[str]) -> str:
    """One picture; ``description`` says in words what it shows."""
    title, description = plain(title), plain(description)
    return "\n".join(
        (
            f'<svg class="plot" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img"'
            f' aria-label="{escape(f"{title}: {description}")}">',
            f"<title>{escape(title)}</title><desc>{escape(description)}</desc>",
            words(0, 14, shortened(title), "title"),
            *parts,
            "</svg>",
        )
    )


def words(x: float, y: float, text: str, style: str = "", anchor: str = "start") -> str:
    """A line of text."""
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(plain(text))}</text>'


def beside(x: float, y: float, text: str, style: str = "") -> str:
    """A line of text at a place, on that side of it where there is room."""
    anchor = "start" if x < WIDTH / 3 else "end" if x > WIDTH * 2 / 3 else "middle"
    return words(x, y, text, style, anchor)


def line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    """A straight line."""
    return f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def box(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    """A rectangle."""
    return f'<rect class="{style}" x="{min(x1, x2):.1f}" y="{y1:.1f}" width="{abs(x2 - x1):.1f}" height="{y2 - y1:.1f}"/>'


def shape(tone: Tone) -> str:
    """The style of words that tell how something stands."""
    return f"is-{tone}"


def shortened(text: str, longest: int = _LONGEST) -> str:
    """A text that fits, its end kept: names of keys differ there."""
    return text if len(text) <= longest else f"{text[: longest // 2 - 1]}…{text[-longest // 2 :]}"
