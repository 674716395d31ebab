"""For programs: the JSON form. Within ``/1`` it only grows. Times are RFC 3339 in UTC, each with its epoch; nothing is NaN."""

import msgspec

from publisher.timestamps import utc_iso
from qtops import __version__
from qtops.facts.recovery import Criterion, RecoveryRecord
from qtops.facts.text import all_printable
from qtops.findings import Finding
from qtops.reports.recovery.report import Listing, Option, Outcome, Report
from qtops.steps import RecoveryPlan


class When(msgspec.Struct, frozen=True):
    """When something was done, and what says so. Null where nothing tells."""

    name: str
    time: str | None
    time_s: float | None
    source: str


class Document(msgspec.Struct, frozen=True, tag_field="schema", tag="qtops.recover/1"):
    """What ``qtops recover -o json`` prints. ``root`` is what it is for; ``proven`` is null where no proof was asked for."""

    version: str
    host: str
    time: str
    time_s: float
    unit: str
    outcome: Outcome
    exit_code: int
    why: str
    advice: tuple[str, ...]
    state: str
    root: Finding | None
    path: tuple[Finding, ...]
    options: tuple[Option, ...]
    plan: RecoveryPlan | None
    notes: tuple[str, ...]
    proven: bool | None
    criteria: tuple[Criterion, ...]
    moments: tuple[When, ...]
    disorders: tuple[str, ...]
    folder: str | None
    repository: tuple[str, ...]
    patch: str | None


class Records(msgspec.Struct, frozen=True, tag_field="schema", tag="qtops.recover.list/1"):
    """What ``qtops recover --list -o json`` prints: the newest first."""

    version: str
    host: str
    time: str
    time_s: float
    records: tuple[RecoveryRecord, ...]
    notices: tuple[str, ...]


def render(report: Report) -> str:
    """One line of JSON."""
    return _line(document(report))


def document(report: Report) -> Document:
    """The report in its published form."""
    diagnosis = report.diagnosis
    return Document(
        version=__version__,
        host=report.host,
        time=utc_iso(report.at_s),
        time_s=report.at_s,
        unit=report.unit,
        outcome=report.outcome,
        exit_code=report.exit_code,
        why=report.why,
        advice=report.advice,
        state=report.after or (diagnosis.state if diagnosis else ""),
        root=diagnosis.root if diagnosis else None,
        path=diagnosis.path if diagnosis else (),
        options=report.options,
        plan=report.plan,
        notes=report.notes,
        proven=None if report.proof is None else report.proof.is_proven,
        criteria=() if report.proof is None else report.proof.criteria,
        moments=tuple(When(m.name, None if m.at_s is None else utc_iso(m.at_s), m.at_s, m.source) for m in report.moments),
        disorders=report.disorders,
        folder=report.folder or None,
        repository=report.repository,
        patch=report.patch or None,
    )


def records(listing: Listing) -> str:
    """One line of JSON."""
    return _line(Records(__version__, listing.host, utc_iso(listing.at_s), listing.at_s, listing.records, listing.notices))


def _line(document: Document | Records) -> str:
    return msgspec.json.encode(all_printable(msgspec.to_builtins(document))).decode()
