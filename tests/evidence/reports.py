"""A small report on a case, with one claim of every shape: enough to see what a check of it finds."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from qtops.evidence.case import Case
from qtops.evidence.checking import objections
from qtops.evidence.citing import Citing
from qtops.evidence.document import (
    Age,
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
    code,
    words,
)
from qtops.evidence.numbering import by_name, recorded
from qtops.evidence.objections import Objection
from qtops.evidence.records import EvidenceError, Index, Record
from qtops.evidence.splitting import joined, split
from qtops.facts.service import ServiceFacts
from tests.evidence.cases import index_of

VERSION = "0.1.0"


def compose(case: Case, records: tuple[Record, ...], version: str = VERSION) -> Document:
    """A pure function of its arguments, as the real ones are."""
    citing = Citing(records)
    service = case.after.services[0] if case.after else ServiceFacts(subject=case.subject)
    unit, keys = (citing.of("after", service.subject, source) for source in ("unit", "keys"))
    runs = service.unit is not None and service.unit.active_state == "active"
    fresh = bool(service.keys) and all(key.present for key in service.keys)
    criteria = (
        Criterion(
            title="runs", holds="yes" if runs else "no", seen=words(str(service.unit and service.unit.sub_state)), evidence=unit
        ),
        Criterion(title="fresh", holds="yes" if fresh else "no", seen=f"{len(service.keys)} keys", evidence=keys),
        Criterion(title="watched", holds="could not tell", seen="nobody looked", evidence=()),
    )
    rows = tuple(Row((code(key.key), words(str(key.values))), keys) for key in service.keys)
    ages = tuple(Age(key=key.key, look="after", age_s=1.0, warn_s=20, critical_s=30) for key in service.keys)
    sections = (
        Section("Status", (Paragraph((Claim(f"It {'runs' if runs else 'does not run'}.", unit),)), Criteria(criteria))),
        Section("Keys", (Table(("key", "values"), rows), Ages(ages, keys), Levels((), keys)), 3),
        Section("Change", (Verbatim(case.patch, citing.named("patch"), "diff", "the patch"), Listed((Claim("Undo it.", ()),)))),
    )
    return Document(
        version=version, kind=case.kind, title=f"Incident: {code(case.subject)}", status="RECOVERED" if runs and fresh else "OPEN",
        tone="good" if runs and fresh else "bad", summary=(Claim("It was down.", citing.named("ledger")),), host=case.host,
        subject=case.subject, made_at="2026-02-17T23:12:32Z", made_at_s=case.made_at_s, exit_code=0 if runs and fresh else 2,
        sections=sections, records=records,
    )  # fmt: skip


class Written:
    """A report as it lies in a folder: its index, the bytes of its records, and what it says. A test spells out what is wrong."""

    def __init__(self, case: Case) -> None:
        parts = split(case)
        self.records = recorded(parts)
        self.contents: dict[str, bytes] = {record.file: part.content for record, part in zip(self.records, parts, strict=True)}
        self.index: Index = index_of(case, self.records)
        self.stored = compose(case, self.records)

    def record(self, name: str) -> Record:
        """A record by its name."""
        return next(record for record in self.records if record.name == name)

    def checked(
        self, *, contents: Mapping[str, bytes] | None = None, version: str = VERSION, **changes: Any
    ) -> tuple[Objection, ...]:
        """What a check says with some of it replaced."""
        contents = self.contents if contents is None else contents
        index, stored = changes.get("index", self.index), changes.get("stored", self.stored)
        return objections(index, contents, stored, anew(index, contents, version), changes.get("found", ()))


def anew(index: Index, contents: Mapping[str, bytes], version: str = VERSION) -> Document | EvidenceError:
    """The report that records lead to, or why they lead to none."""
    try:
        case = joined(by_name(index.records, contents))
    except EvidenceError as why:
        return why
    return compose(case, recorded(split(case)), version)


def with_section(document: Document, number: int, **changes: Any) -> Document:
    """The report with a section edited."""
    sections = list(document.sections)
    sections[number] = replace(sections[number], **changes)
    return replace(document, sections=tuple(sections))
