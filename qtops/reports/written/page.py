"""A report as one HTML file: complete in itself, without scripts; light or dark as its reader has it, on a phone as well.

Citations lead to the index of the evidence at its end, and that to the files.
"""

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Final
from urllib.parse import quote

from qtops.evidence.document import Cites, Document, Section, Verbatim
from qtops.evidence.records import FOLDER, Record
from qtops.facts.times import moment
from qtops.reports.plot.svg import STYLE
from qtops.reports.written import ages, levels, prose
from qtops.reports.written.templates import Filters, Templates

TEMPLATE: Final = "report.html.j2"
_DIFF: Final = (("+++ ", "place"), ("--- ", "place"), ("@@", "place"), ("+", "added"), ("-", "removed"))
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC")
_LONG: Final = re.compile(r"[^\s&;]{20,}")  # may be broken where a part of a path or a name ends, or at last anywhere
_PART: Final = re.compile(r"(?<=[/:._=@-])(?=[^/:._=@-])|(?<=[^/:._=@-]{32})(?=[^/:._=@-])")


class Html(str):
    """Text that is HTML already: templates do not escape it again."""

    __slots__ = ()

    def __html__(self) -> str:
        """Itself, as whoever escapes asks for it."""
        return self


def render(document: Document, templates: Templates) -> str:
    """The whole page. Raises ConfigError for a template that cannot be used."""
    shown = prose.clean(document)
    return templates.render(TEMPLATE, _filters(shown), document=shown, plot_style=Html(STYLE))


def _filters(document: Document) -> Filters:
    known = {record.id: record for record in document.records}
    return {
        "words": words,
        "broken": lambda text: Html(_broken(text)),
        "plain": prose.plain,
        "cites": lambda ids: cites(ids, known),
        "lines": lines,
        "squared": prose.squared,
        "kind": prose.kind,
        "shown": lambda blocks: [block for block in blocks if not prose.is_empty(block)],
        "numbered": lambda sections: list(numbered(sections)),
        "mark": prose.MARKS.__getitem__,
        "answer": prose.ANSWERS.__getitem__,
        "levels": lambda block: [Html(picture) for picture in levels.pictures(block, document.made_at_s)],
        "ages": lambda block: [Html(picture) for picture in ages.pictures(block)],
        "moment": lambda at_s: moment(at_s, document.made_at_s),
        "path": path,
    }


def words(text: str) -> Html:
    """A text with its code and its times as such. Long words may be broken between their parts."""
    return Html("".join(f"<code>{_broken(run.text)}</code>" if run.is_code else _timed(run.text) for run in prose.runs(text)))


def _timed(text: str) -> str:
    return _MOMENT.sub(r'<time datetime="\1T\2Z">\1 \2 UTC</time>', _broken(text))


def _broken(text: str) -> str:
    return _LONG.sub(lambda word: _PART.sub("<wbr>", word[0]), escape(text))


def cites(ids: Cites, known: Mapping[str, Record]) -> Html:
    """Links to rows of the index of evidence; and where there are none, that there are none."""
    if not ids:
        return Html('<span class="unbacked">no evidence</span>')
    links = (
        f'<a href="#{quote(one)}" title="{escape(known[one].asked)}">{escape(one)}</a>'
        if one in known
        else f'<span class="unbacked">{escape(one)}: no such record</span>'
        for one in ids
    )
    return Html(f'<span class="cites">{" ".join(links)}</span>')


def lines(block: Verbatim) -> Html:
    """Lines as they were; those of a diff with what they are."""
    if block.language != "diff":
        return Html(escape(block.text))
    return Html("\n".join(_marked(line) for line in block.text.split("\n")))


def _marked(line: str) -> str:
    kind = next((kind for begin, kind in _DIFF if line.startswith(begin)), "")
    return f'<span class="{kind}">{escape(line)}</span>' if kind else escape(line)


def numbered(sections: tuple[Section, ...]) -> Iterator[tuple[str, Section]]:
    """Sections with the names of their places in the page."""
    for number, section in enumerate(sections, 1):
        yield f"part-{number}", section


def path(record: Record) -> str:
    """Where its file lies, from the page."""
    return f"{FOLDER}/{quote(record.file, safe='')}"
