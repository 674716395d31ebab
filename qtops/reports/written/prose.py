"""The texts of a document before they take a form: printable, and told apart into words and code. Pure."""

import re
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any, Final, NamedTuple

import msgspec

from qtops.evidence.document import Age, Ages, Block, Criteria, Document, Level, Levels, Listed, Paragraph, Row, Table, Tone
from qtops.facts.recovery import Answer
from qtops.facts.text import printable
from qtops.reports.plot.scale import words

ANSWERS: Final[dict[Answer, Tone]] = {"yes": "good", "no": "bad", "could not tell": "doubtful"}
MARKS: Final[dict[Tone, str]] = {"good": "✔", "bad": "✘", "doubtful": "?", "neutral": ""}
"""Shapes, for those who see no colours: each stands beside words that say the same."""
_FAR: Final = 1e4  # times the price
_KEPT: Final = re.compile("([\n\t])")  # what lines that are shown as they were may have besides printable characters
_NUMBERS: Final = {"price", "stop_loss", "take_profit", "age_s"}
_CODE: Final = re.compile("`([^`]+)`")


class Run(NamedTuple):
    """A part of a text: code, or plain words."""

    text: str
    is_code: bool


def runs(text: str) -> Iterator[Run]:
    """The parts of a text in their order. A backtick without its partner is a plain character."""
    for number, part in enumerate(_CODE.split(text)):
        if part:
            yield Run(part, bool(number % 2))


def plain(text: str) -> str:
    """A text without the marks of code, for where nothing but words can stand: the title of a window."""
    return "".join(run.text for run in runs(text))


def clean(document: Document) -> Document:
    """The document with every text printable and every number a number: what a rendering may trust, whoever made it.

    Verbatim lines keep their ends and tabs. A level or an age that is no finite number is None.
    """
    return msgspec.convert(_clean(msgspec.to_builtins(document)), Document)


def _clean(value: Any) -> Any:
    match value:
        case str():
            return printable(value)
        case list() | tuple():
            return [_clean(item) for item in value]
        case dict():
            lines = value.get("type") == "verbatim"
            return {key: _lines(item) if lines and key == "text" else _clean(_number(key, item)) for key, item in value.items()}
    return value


def _number(key: str, value: Any) -> Any:
    return None if key in _NUMBERS and value is not None and not isfinite(value) else value


def _lines(text: str) -> str:
    return "".join(part if part in "\n\t" else printable(part) for part in _KEPT.split(text))


def kind(block: Block) -> str:
    """What a block is: the tag that it has in JSON."""
    return str(block.__struct_config__.tag)


def is_empty(block: Block) -> bool:
    """Whether there is nothing in it to show."""
    match block:
        case Paragraph(claims) | Listed(claims):
            return not claims
        case Criteria(criteria):
            return not criteria
        case Levels(levels):
            return not levels
        case Ages(ages):
            return not ages
        case Table(head, rows):
            return not (head or rows)
    return False


def squared(table: Table) -> Table:
    """The table with as many cells in each row as its widest row has: no cell is lost."""
    width = max(len(table.head), *(len(row.cells) for row in table.rows), 1) if table.rows else len(table.head)
    rows = tuple(Row(_filled(row.cells, width), row.evidence, row.tone) for row in table.rows)
    return Table(_filled(table.head, width), rows)


def _filled(cells: Sequence[str], width: int) -> tuple[str, ...]:
    return (*cells, *[""] * (width - len(cells)))


def standing(age: Age) -> tuple[Tone, str]:
    """How an age stands against its limits."""
    if age.age_s is None:
        return "bad", "absent"
    if age.age_s > age.critical_s:
        return "bad", "stale"
    return ("doubtful", "late") if age.age_s > age.warn_s else ("good", "fresh")


def distance(value: float, price: float | None) -> str:
    """How far a level is from the price: ``-1.2 %``. Nothing where that would say nothing."""
    if not price or not abs(value / price) < _FAR:
        return ""
    return f"{(value / price - 1) * 100:+.2f} %"


def faults(level: Level) -> tuple[Tone, str]:
    """Whether these are levels to place; what is wrong with them, in words."""
    if level.wrong:
        return "bad", level.wrong
    absent = [
        name for name, value in (("stop", level.stop_loss), ("target", level.take_profit), ("price", level.price)) if value is None
    ]
    return ("doubtful", f"no {', no '.join(absent)}") if absent else ("good", "nothing")


def number(value: float | None) -> str:
    """A price with six digits; a dash where there is none."""
    return "–" if value is None else words(value)


def by_key(block: Ages) -> dict[str, list[Age]]:
    """The ages of each key, in their order."""
    found: dict[str, list[Age]] = {}
    for age in block.ages:
        found.setdefault(age.key, []).append(age)
    return found
