"""A report before it is rendered: sections of claims, each with the records that bear it.

In every text what stands between two backticks is code (``code``); everything else is plain words. Texts are printable.
"""

from typing import Literal, TypeAlias

import msgspec

from qtops.evidence.case import Kind
from qtops.evidence.records import Record
from qtops.facts.recovery import Answer
from qtops.facts.text import printable

Tone = Literal["good", "bad", "doubtful", "neutral"]
Cites: TypeAlias = tuple[str, ...]
"""Ids of records. Empty: nothing backs it, and every rendering says so."""


class Claim(msgspec.Struct, frozen=True):
    """A sentence."""

    text: str
    evidence: Cites


class Paragraph(msgspec.Struct, frozen=True, tag="paragraph"):
    """Sentences that belong together."""

    claims: tuple[Claim, ...]


class Listed(msgspec.Struct, frozen=True, tag="list"):
    """Claims as a list; numbered where their order matters."""

    claims: tuple[Claim, ...]
    numbered: bool = False


class Row(msgspec.Struct, frozen=True):
    """One row of a table."""

    cells: tuple[str, ...]
    evidence: Cites
    tone: Tone = "neutral"


class Table(msgspec.Struct, frozen=True, tag="table"):
    """Rows under a head; each row is a claim."""

    head: tuple[str, ...]
    rows: tuple[Row, ...]


class Verbatim(msgspec.Struct, frozen=True, tag="verbatim"):
    """Lines as they were: of a journal, a diff, a unit file, a hash. The one text that may have several lines."""

    text: str
    evidence: Cites
    language: Literal["text", "diff", "ini", "json", "console", "python"] = "text"
    caption: str = ""  # what it is, and what was asked: "`systemctl status quantum-risk-proposal`, 12:03:04 UTC"


class Criterion(msgspec.Struct, frozen=True, kw_only=True):
    """Something that must hold, whether it does, and what was seen. ``codes`` of findings that speak against it."""

    title: str
    holds: Answer
    seen: str
    evidence: Cites
    codes: tuple[str, ...] = ()


class Criteria(msgspec.Struct, frozen=True, tag="criteria"):
    """Check boxes: ticked where it holds; crossed, or a question mark, where it does not or nobody could tell."""

    criteria: tuple[Criterion, ...]


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """The levels of one symbol at one moment. What is None was not published, or is no number."""

    symbol: str
    side: str
    at_s: float
    price: float | None
    stop_loss: float | None
    take_profit: float | None
    wrong: str = ""  # why these are no levels to place: "stop_breached"


class Age(msgspec.Struct, frozen=True, kw_only=True):
    """How old one key was at a look. None: it was absent."""

    key: str
    look: str  # "before", "after", "now"
    age_s: float | None
    warn_s: float
    critical_s: float


class Levels(msgspec.Struct, frozen=True, tag="levels"):
    """The picture of stops and targets against prices."""

    levels: tuple[Level, ...]
    evidence: Cites


class Ages(msgspec.Struct, frozen=True, tag="ages"):
    """The picture of ages against their limits."""

    ages: tuple[Age, ...]
    evidence: Cites


Block: TypeAlias = Paragraph | Listed | Table | Verbatim | Criteria | Levels | Ages


class Section(msgspec.Struct, frozen=True):
    """A headed part. ``level`` 2 is a section, 3 a part of the one before it."""

    title: str
    blocks: tuple[Block, ...]
    level: Literal[2, 3] = 2


class Document(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="qtops.report/1"):
    """A whole report: what all its renderings hold."""

    version: str
    kind: Kind
    title: str
    status: str  # "RECOVERED", "OPEN", "PARTIAL" …
    tone: Tone  # of the status
    summary: tuple[Claim, ...]  # right below the title
    host: str
    subject: str
    made_at: str  # RFC 3339
    made_at_s: float
    exit_code: int
    sections: tuple[Section, ...]
    records: tuple[Record, ...]


def code(text: str) -> str:
    """``text`` as code: on one line, printable, without the marks that would end it."""
    return f"`{printable(text).replace('`', chr(39)) or ' '}`"


def words(text: str) -> str:
    """Text from elsewhere as plain words: on one line, printable, and no mark in it begins code."""
    return printable(text).replace("`", "'")
