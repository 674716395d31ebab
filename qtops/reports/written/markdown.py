"""A report as Markdown that every renderer shows alike: CommonMark with GitHub's tables and check boxes.

No word is escaped. What Markdown, a code host or a linkifier could read as its own (a mark, a mention, a reference, an address,
HTML, a formula, an emoji) is set as code, where all of them leave it alone. Evidence is cited by reference: ``[E07]`` in the text,
where it leads at the end. The text is as mdformat writes it, so that it does not change when somebody formats it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final
from unicodedata import combining, east_asian_width
from urllib.parse import quote

from qtops.evidence.document import Ages, Block, Cites, Criteria, Criterion, Document, Levels, Listed, Row
from qtops.evidence.records import FOLDER, Record
from qtops.facts.times import moment, span
from qtops.reports.written import prose
from qtops.reports.written.templates import Filters, Templates

TEMPLATE: Final = "report.md.j2"
WIDEST: Final = 400  # characters of a cell that its whole column is padded to; a longer one stands out, and is shown right
_WORD: Final = re.compile(r"(?:`[^`]+`|[^ `]|`)+")
_OWN: Final = re.compile(
    r"[`\\*_\[\]<#@~|$^{}]|&(?=[\w#])|=="  # marks, mentions, references, HTML, entities, formulas
    r"|://|www\.|[\w-]\.[A-Za-z]{2}|GH-\d"  # addresses, names of files and hosts that linkifiers take for them, issues
    r"|:(?!\d\d:)[\w+-]+:"  # emoji, workflow commands; no times
)
# What begins a list, a quotation, a heading or a definition, where it is the first word.
_BEGINS: Final = re.compile(r"(?:[-+=]+|\d{1,9}[.)]|>.*|:.*)$")
_ENDS: Final = re.compile(r"(\(?)(.+?)(\)?[.,;:!?]?)")
_TICKS: Final = re.compile("`+")
_ID: Final = re.compile(r"[A-Za-z0-9]+")


def render(document: Document, templates: Templates) -> str:
    """The whole report. Raises ConfigError for a template that cannot be used."""
    shown = prose.clean(document)
    return templates.render(TEMPLATE, _filters(shown), document=shown)


def _filters(document: Document) -> Filters:
    known = {record.id: record for record in document.records if _ID.fullmatch(record.id)}

    def cited(ids: Cites) -> str:
        return cites(ids, known)

    return {
        "words": words,
        "cites": cited,
        "claim": lambda claim: f"{words(claim.text, begins=True)} {cited(claim.evidence)}".lstrip(),
        "claims": lambda claims: " ".join(
            f"{words(claim.text, begins=number == 0)} {cited(claim.evidence)}".lstrip() for number, claim in enumerate(claims)
        ),
        "criterion": lambda criterion: " ".join(filter(None, (criterion_words(criterion), cited(criterion.evidence)))),
        "caption": lambda block: f"{words(block.caption, begins=True)} {cited(block.evidence)}".lstrip(),
        "fence": fence,
        "table": table,
        "head": lambda block: list(map(words, prose.squared(block).head)),
        "rows": lambda block: [[*cells(row), cited(row.evidence)] for row in prose.squared(block).rows],
        "levels": lambda block: list(level_rows(block, document.made_at_s)),
        "ages": lambda block: list(age_rows(block)),
        "records": lambda records: list(record_rows(records, cited, document.made_at_s)),
        "references": lambda _: references(known),
        "blocks": bulleted,
        "kind": prose.kind,
        "mark": prose.MARKS.__getitem__,
        "answer": prose.ANSWERS.__getitem__,
        "moment": lambda at_s: moment(at_s, document.made_at_s),
    }


def words(text: str, *, begins: bool = False) -> str:
    """A text on one line. ``begins``: it begins a paragraph or an item, where some words would begin a list."""
    if "`" not in text and not _OWN.search(text) and not begins:
        return " ".join(text.split())
    found = _WORD.findall(text)
    return " ".join(_word(word, begins and number == 0) for number, word in enumerate(found))


@lru_cache(maxsize=4096)  # the words of a report come again and again
def _word(word: str, is_first: bool) -> str:
    """A word without a blank but in code. Where code touches what has to be code as well, all of it is one piece of code."""
    parts = list(prose.runs(word))
    risky = any(not part.is_code and _OWN.search(part.text) for part in parts)
    if risky and len(parts) == 1:
        return _coded(word)
    touching = any(one.is_code and two.is_code for one, two in pairwise(parts))
    if risky or touching or (is_first and _BEGINS.match(word)):
        return code(prose.plain(word))
    return "".join(code(part.text) if part.is_code else part.text for part in parts)


def _coded(word: str) -> str:
    """A word as code, with the stop after it and the parentheses around it outside."""
    match = _ENDS.fullmatch(word)
    before, core, after = match.groups() if match else ("", word, "")
    if bool(before) != after.startswith(")"):
        before, core, after = "", word, ""
    return f"{before}{code(core)}{after}"


def code(text: str) -> str:
    """A code span, as mdformat has it. Inside, everything is what it is, if the marks are longer than any run of them."""
    text = text or " "
    ticks = "`" * (_longest(text) + 1)
    blank = " " if "`" in text or (text[0] == text[-1] == " " and text.strip()) else ""
    return f"{ticks}{blank}{text}{blank}{ticks}"


def cites(ids: Cites, known: Mapping[str, Record]) -> str:
    """References to records; and where there are none, that there are none."""
    if not ids:
        return "**no evidence**"
    return ", ".join(f"[{one}]" if one in known else f"{words(one)} (**no such record**)" for one in ids)


def references(known: Mapping[str, Record]) -> str:
    """Where references lead."""
    return "\n".join(f"[{id_.lower()}]: {FOLDER}/{quote(known[id_].file)}" for id_ in sorted(known, key=str.upper))


def fence(text: str, language: str) -> str:
    """Lines as they were. A line that a build server would take for a command makes all of them a quotation."""
    lines = text.removesuffix("\n")
    ticks = "`" * max(3, _longest(lines) + 1)
    block = f"{ticks}{language}\n{lines}\n{ticks}"
    if not any(line.lstrip().startswith("::") for line in lines.split("\n")):
        return block
    return "\n".join(f"> {line}" if line else ">" for line in block.split("\n"))


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of finished cells, the head first, padded so that they can be read as they are."""
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    sizes = [[_columns(cell) for cell in row] for row in cells]
    widths = [max(3, *(size for size in column if size <= WIDEST), 0) for column in zip(*sizes, strict=True)]
    lines = [_line(row, size, widths) for row, size in zip(cells, sizes, strict=True)]
    rule = f"| {' | '.join('-' * width for width in widths)} |"
    return "\n".join((lines[0], rule, *lines[1:]))


def _line(cells: Sequence[str], sizes: Sequence[int], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - size) for cell, size, width in zip(cells, sizes, widths, strict=True))
    return f"| {' | '.join(padded)} |"


def criterion_words(criterion: Criterion) -> str:
    """What must hold, what was seen of it, and the codes of what speaks against it."""
    told = ": ".join(filter(None, (words(criterion.title), words(criterion.seen))))
    codes = ", ".join(map(words, criterion.codes))
    return " ".join(filter(None, (told, f"({codes})" if codes else "")))


def cells(row: Row) -> list[str]:
    """The cells of a row; a mark before the first says how it stands."""
    first, *others = map(words, row.cells)
    return [f"{prose.MARKS[row.tone]} {first}".strip(), *others]


def level_rows(block: Levels, now_s: float) -> Iterator[list[str]]:
    """One row for each symbol: side, stop, price, target, when, and what is wrong."""
    for level in block.levels:
        tone, why = prose.faults(level)
        numbers = [prose.number(value) for value in (level.stop_loss, level.price, level.take_profit)]
        shown = [words(level.symbol), words(level.side), *numbers, moment(level.at_s, now_s)]
        yield [*shown, f"{prose.MARKS[tone]} {words(why)}".strip()]


def age_rows(block: Ages) -> Iterator[list[str]]:
    """One row for each age, those of one key together."""
    for key, ages in prose.by_key(block).items():
        for age in ages:
            tone, how = prose.standing(age)
            shown = f"{prose.MARKS[tone]} {'' if age.age_s is None else f'{span(age.age_s)}, '}{how}"
            yield [words(key), words(age.look), shown, span(age.warn_s), span(age.critical_s)]


def record_rows(records: Iterable[Record], cited: Callable[[Cites], str], now_s: float) -> Iterator[list[str]]:
    """The index of the evidence."""
    for record in records:
        ended = "–" if record.exit is None else str(record.exit)
        shown = [cited((record.id,)), words(record.name), code(record.asked), moment(record.at_s, now_s), ended]
        yield [*shown, str(record.size), code(record.sha256)]


def bulleted(blocks: Iterable[Block]) -> Iterator[tuple[Block, str]]:
    """Blocks that hold something, each with the mark of its items: two lists in a row with the same mark would be one."""
    before, mark = "", ""
    for block in blocks:
        if prose.is_empty(block):
            continue
        is_numbered = isinstance(block, Listed) and block.numbered
        here = ("numbered" if is_numbered else "bullets") if isinstance(block, Listed | Criteria) else ""
        marks = ("1.", "1)") if is_numbered else ("-", "*")
        mark = marks[1] if here and here == before and mark == marks[0] else marks[0]
        before = here
        yield block, mark


def _columns(text: str) -> int:
    """How many columns of a terminal it takes."""
    return len(text) if text.isascii() else sum(0 if combining(c) else 1 + (east_asian_width(c) in "WF") for c in text)


def _longest(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)
