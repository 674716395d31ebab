"""Does a stored report say what its evidence leads to? Compared with the same report, composed anew. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile, zip_longest
from typing import Any, Final, NamedTuple

import msgspec

from qtops.evidence.document import (
    Ages,
    Block,
    Cites,
    Claim,
    Criteria,
    Criterion,
    Document,
    Levels,
    Listed,
    Paragraph,
    Section,
    Table,
    Verbatim,
)
from qtops.evidence.objections import Objection, shown
from qtops.findings import Verdict

SUMMARY: Final = "summary"
_OUTCOME: Final = ("status", "tone", "exit_code")
_BEFORE: Final = 40  # characters
_HEAD: Final = ("kind", "title", "host", "subject", "made_at", "made_at_s")


class Statement(NamedTuple):
    """Something that a report claims: in which section, in what words, and what bears it. ``whole`` is all of it."""

    where: str
    text: str
    evidence: Cites
    whole: Any


def statements(document: Document) -> Iterator[Statement]:
    """All claims of a report, in their order: sentences, rows of tables, quotations, criteria, pictures."""
    yield from (_claim(SUMMARY, claim) for claim in document.summary)
    for section in document.sections:
        for block in section.blocks:
            yield from _of_block(section.title, block)


def _of_block(where: str, block: Block) -> Iterator[Statement]:
    match block:
        case Paragraph(claims) | Listed(claims):
            yield from (_claim(where, claim) for claim in claims)
        case Table(rows=rows):
            yield from (Statement(where, " | ".join(row.cells), row.evidence, row) for row in rows)
        case Verbatim():
            yield Statement(where, block.caption or block.text, block.evidence, block)
        case Criteria(criteria):
            yield from (Statement(where, f"{one.title}: {one.seen}", one.evidence, one) for one in criteria)
        case Levels() | Ages():
            yield Statement(where, f"the picture of {type(block).__name__.lower()}", block.evidence, block)


def _claim(where: str, claim: Claim) -> Statement:
    return Statement(where, claim.text, claim.evidence, claim)


def differences(stored: Document, composed: Document) -> Iterator[Objection]:
    """Everything that the evidence does not lead to, and everything that it leads to and is not told.

    Where another version of qtops wrote the report, words may differ: nobody can tell then. Verdicts must follow all the same.
    """
    doubt = Verdict.CRITICAL
    if stored.version != composed.version:
        doubt = Verdict.UNKNOWN
        text = f"written by qtops {shown(stored.version)}, checked by {composed.version}: its words cannot be compared"
        yield Objection("version", "", text, doubt)
    yield from _of_outcome(stored, composed)
    yield from (
        Objection("wording", name, f"the report says {_quoted(stored, name)}, the evidence {_quoted(composed, name)}", doubt)
        for name in _HEAD
        if getattr(stored, name) != getattr(composed, name)
    )
    yield from _of_criteria(_criteria(stored), _criteria(composed), doubt)
    yield from _of_texts(stored, composed, doubt)


def _of_outcome(stored: Document, composed: Document) -> Iterator[Objection]:
    for name in _OUTCOME:
        if getattr(stored, name) != getattr(composed, name):
            yield Objection("verdict", name, f"the report says {_quoted(stored, name)}, the evidence {_quoted(composed, name)}")


def _quoted(document: Document, name: str) -> str:
    return shown(str(getattr(document, name)))


def _criteria(document: Document) -> dict[tuple[str, str], list[Criterion]]:
    found: dict[tuple[str, str], list[Criterion]] = {}
    for one in statements(document):
        if isinstance(one.whole, Criterion):
            found.setdefault((one.where, one.whole.title), []).append(one.whole)
    return found


def _of_criteria(
    stored: dict[tuple[str, str], list[Criterion]], composed: dict[tuple[str, str], list[Criterion]], doubt: Verdict
) -> Iterator[Objection]:
    for key in dict.fromkeys((*stored, *composed)):
        told, meant = ([one.holds for one in side.get(key, ())] for side in (stored, composed))
        title = shown(key[1])
        if told == meant:
            continue
        if told and meant:
            text = f"the report says {', '.join(told)}, the evidence {', '.join(meant)}"
            yield Objection("verdict", title, text)
        elif told:
            yield Objection("verdict", title, f"the report says {', '.join(told)}; the evidence leads to no such criterion", doubt)
        else:
            yield Objection("verdict", title, f"the report leaves it out; the evidence says {', '.join(meant)}", doubt)


def _of_texts(stored: Document, composed: Document, doubt: Verdict) -> Iterator[Objection]:
    """Claims are compared one by one, whatever their order; only where all are the same, how they are arranged."""
    told, meant = [*statements(stored)], [*statements(composed)]
    added, left_out = [*_without(told, meant)], [*_without(meant, told)]
    more, less = _by_place(added), _by_place(left_out)
    for where in dict.fromkeys((*more, *less)):
        for one, instead in zip_longest(more.get(where, ()), less.get(where, ())):
            yield Objection("wording", shown(where), _unlike(one, instead), doubt)
    if added or left_out:
        return
    if stored.summary != composed.summary:
        yield Objection("wording", SUMMARY, "its sentences are not in the order that the evidence leads to", doubt)
    yield from _of_sections(stored.sections, composed.sections, doubt)


def _by_place(claims: Iterable[Statement]) -> dict[str, list[Statement]]:
    found: dict[str, list[Statement]] = {}
    for one in claims:
        found.setdefault(one.where, []).append(one)
    return found


def _without(claims: Sequence[Statement], others: Sequence[Statement]) -> Iterator[Statement]:
    left = Counter(map(_key, others))
    for one in claims:
        key = _key(one)
        if left[key]:
            left[key] -= 1
        else:
            yield one


def _key(one: Statement) -> tuple[str, str, bytes]:
    return one.where, one.text, msgspec.json.encode(_told(one.whole))


def _unlike(told: Statement | None, meant: Statement | None) -> str:
    """What the report claims, and what the evidence leads to in its place; where that is long, from shortly before they part."""
    if told is None or meant is None:
        return (
            f"is not what the evidence says: {shown(told.text)}" if told else f"is left out: {shown(meant.text) if meant else ''}"
        )
    if told.text == meant.text:
        if told.evidence != meant.evidence:
            cites, leads = (", ".join(one.evidence) or "nothing" for one in (told, meant))
            return f"rests on {shown(leads)}, and the report cites {shown(cites)}: {shown(told.text)}"
        return f"is not what the evidence says, in what is around these words: {shown(told.text)}"
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(told.text, meant.text, strict=False))
    begin = max(sum(1 for _ in alike) - _BEFORE, 0)
    said, says = (f"{'…' if begin else ''}{shown(one.text[begin:])}" for one in (told, meant))
    return f"is not what the evidence says: {said} (that is: {says})"


def _told(whole: Any) -> Any:
    """What of a claim is its wording: whether a criterion holds is a verdict."""
    return (whole.title, whole.seen, whole.evidence, whole.codes) if isinstance(whole, Criterion) else whole


def _of_sections(stored: Sequence[Section], composed: Sequence[Section], doubt: Verdict) -> Iterator[Objection]:
    for told, meant in zip(stored, composed, strict=False):
        if _arrangement(told) != _arrangement(meant):
            yield Objection("wording", shown(told.title), "its parts are not arranged as the evidence leads to", doubt)
    if len(stored) != len(composed):
        yield Objection("wording", "", f"has {len(stored)} sections, and the evidence leads to {len(composed)}", doubt)


def _arrangement(section: Section) -> bytes:
    """A section without the verdicts in it."""
    blocks = [
        Criteria(tuple(msgspec.structs.replace(one, holds="yes") for one in block.criteria))
        if isinstance(block, Criteria)
        else block
        for block in section.blocks
    ]
    return msgspec.json.encode((section.title, section.level, blocks))
