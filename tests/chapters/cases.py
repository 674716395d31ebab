"""The founding incident made sick by replacing parts of it, and its report; a test says only what is sick."""

from typing import Any

from msgspec.structs import replace

from qtops.chapters.incident import incident
from qtops.evidence.case import Case, Entry
from qtops.evidence.document import (
    Ages,
    Claim,
    Criteria,
    Criterion,
    Document,
    Levels,
    Listed,
    Paragraph,
    Row,
    Section,
    Table,
    Verbatim,
)  # fmt: skip
from qtops.evidence.numbering import recorded
from qtops.evidence.splitting import split
from qtops.facts.service import ServiceFacts
from tests.evidence.cases import founding_case

FOUNDING = founding_case()
SUBJECT = FOUNDING.subject


def report(case: Case = FOUNDING) -> Document:
    """The report on a case, with the records that it really splits into."""
    return incident(case, recorded(split(case)))


def service(name: str, case: Case = FOUNDING) -> ServiceFacts:
    """The service in a look."""
    facts = getattr(case, name)
    assert facts is not None
    return next(one for one in facts.services if one.subject == case.subject)


def seen(name: str, case: Case = FOUNDING, **changes: Any) -> Case:
    """The same case with something else seen of the service in one look."""
    own = replace(service(name, case), **changes)
    return replace(case, **{name: replace(getattr(case, name), services=(own,))})


def unit(name: str, case: Case = FOUNDING, **changes: Any) -> Case:
    """The same case with another state of the unit in one look."""
    return seen(name, case, unit=replace(service(name, case).unit, **changes))


def ended(state: str, *events: str, why: str = "", case: Case = FOUNDING) -> Case:
    """The same case with a recovery that ended so, its last entries these instead of "verified"."""
    assert case.recovery is not None
    kept = tuple(entry for entry in case.entries if entry.event != "verified")
    last_s = kept[-1].at_s
    new = tuple(Entry(event, last_s + number + 1) for number, event in enumerate(events))
    return replace(case, recovery=replace(case.recovery, state=state, why=why), entries=(*kept, *new))


def section(document: Document, title: str) -> str:
    """A section and its parts as text: all that any reader sees of it."""
    found, level = list[str](), 0
    for one in document.sections:
        if level and one.level <= level:
            break
        if level or title in one.title:
            level = level or one.level
            found += [one.title, *(text for text, _ in pieces(one))]
    assert found, f"no section {title}: {[one.title for one in document.sections]}"
    return "\n".join(found)


def pieces(section: Section) -> list[tuple[str, tuple[str, ...]]]:
    """Every text of a section, with the records that it cites."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for block in section.blocks:
        match block:
            case Paragraph(claims) | Listed(claims):
                found += [(claim.text, claim.evidence) for claim in claims]
            case Table(head, rows):
                found += [(" | ".join(head), rows[0].evidence), *((" | ".join(row.cells), row.evidence) for row in rows)]
            case Verbatim(text=text, caption=caption, evidence=evidence):
                found += [(caption, evidence), (text, evidence)]
            case Criteria(criteria):
                found += [(f"{one.holds}: {one.title}: {one.seen}", one.evidence) for one in criteria]
            case Levels(evidence=evidence) | Ages(evidence=evidence):
                found.append(("picture", evidence))
    return found


def everything(document: Document) -> list[tuple[str, tuple[str, ...]]]:
    """Every text of a report, with the records that it cites."""
    summary = [(claim.text, claim.evidence) for claim in document.summary]
    return [*summary, *(piece for section in document.sections for piece in pieces(section))]


def criteria(document: Document) -> dict[str, Criterion]:
    """The check boxes by their titles."""
    return {
        one.title: one
        for part in document.sections
        for block in part.blocks
        if isinstance(block, Criteria)
        for one in block.criteria
    }


def told(claims: tuple[Claim, ...]) -> str:
    """Claims as text."""
    return "\n".join(claim.text for claim in claims)


def rows(document: Document, title: str) -> tuple[Row, ...]:
    """All rows of the tables of a section."""
    return tuple(
        row
        for part in document.sections
        if title in part.title
        for block in part.blocks
        if isinstance(block, Table)
        for row in block.rows
    )
