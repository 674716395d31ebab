"""For programs: the JSON form. Within ``/1`` it only grows. Times are RFC 3339 in UTC, each with its epoch; nothing is NaN."""

import msgspec

from publisher.timestamps import utc_iso
from qtops import __version__
from qtops.facts.text import all_printable
from qtops.findings import Condition, Diagnosis, Finding, Verdict
from qtops.reports.doctor.report import Report


class Result(msgspec.Struct, frozen=True):
    """One service. ``root`` is the reason, null where nothing is wrong or none is proven; ``proof`` is what agrees with it.

    ``path`` are further faults that the next start would meet, upstream first; ``symptoms`` follow from the root, or are all that
    is known where there is none; ``notes`` are wrong and not the reason; ``off`` was found by checks that are switched off.
    ``unknown`` says what could not be told. ``age_s`` is how long the state has lasted.
    """

    subject: str
    verdict: Verdict
    condition: Condition
    state: str
    since: str | None
    since_s: float | None
    age_s: float | None
    root: Finding | None
    proof: tuple[str, ...]
    path: tuple[Finding, ...]
    symptoms: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    off: tuple[Finding, ...]
    unknown: tuple[str, ...]
    next_command: str | None


class Summary(msgspec.Struct, frozen=True):
    """All services in short."""

    verdict: Verdict
    exit_code: int
    total: int
    ok: int
    warning: int
    critical: int
    unknown: int


class Document(msgspec.Struct, frozen=True, tag_field="schema", tag="qtops.doctor/1"):
    """What ``qtops doctor -o json`` prints. Texts are printable: control characters stand escaped.

    ``missing`` are sources of the whole host that could not be read, and why; ``via`` is how systemd was read: pystemd,
    systemctl, or null. ``took_s`` is null where a bundle was replayed.
    """

    version: str
    host: str
    time: str
    time_s: float
    via: str | None
    systemd_version: str | None
    took_s: float | None
    summary: Summary
    results: tuple[Result, ...]
    missing: tuple[str, ...]


def render(report: Report) -> str:
    """One line of JSON."""
    return msgspec.json.encode(all_printable(msgspec.to_builtins(document(report)))).decode()


def document(report: Report) -> Document:
    """The report in its published form."""
    verdicts = report.verdicts
    counts = (verdicts[verdict] for verdict in (Verdict.OK, Verdict.WARNING, Verdict.CRITICAL, Verdict.UNKNOWN))
    return Document(
        version=__version__,
        host=report.host,
        time=utc_iso(report.taken_at_s),
        time_s=report.taken_at_s,
        via=report.via or None,
        systemd_version=report.systemd_version or None,
        took_s=report.took_s,
        summary=Summary(report.verdict, report.verdict.exit_code, len(report.diagnoses), *counts),
        results=tuple(_result(diagnosis, report.taken_at_s) for diagnosis in report.diagnoses),
        missing=report.missing,
    )


def _result(row: Diagnosis, now_s: float) -> Result:
    since_s = row.since_s
    since, age_s = (None, None) if since_s is None else (utc_iso(since_s), now_s - since_s)
    return Result(
        row.subject, row.verdict, row.condition, row.state, since, since_s, age_s,
        row.root, row.proof, row.path, row.symptoms, row.notes, row.off, row.unknown, row.next_command or None,
    )  # fmt: skip
