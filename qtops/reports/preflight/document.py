"""For programs: the JSON form. Within ``/1`` it only grows."""

from typing import Literal

import msgspec

from publisher.timestamps import utc_iso
from qtops import __version__
from qtops.facts.preflight import ImportFacts, ImportFailure, PathEntry
from qtops.facts.text import all_printable
from qtops.findings import Finding, Severity, Verdict
from qtops.reports.preflight.report import Answer, Report, Row

ImportsVerdict = Literal["ok", "missing", "shadowed", "syntax_error", "script_missing", "unknown"]
_PUBLISHED: dict[str, ImportsVerdict] = {"shadowed": "shadowed", "syntax_error": "syntax_error"}  # all else that breaks is missing


class Imports(msgspec.Struct, frozen=True):
    """What the import engine predicts: the first import that ends the program, or that none does.

    ``kind`` tells apart what ``verdict`` calls missing: missing, name_missing, circular. ``resolves_without`` is FILE:LINE of
    the edit of sys.path without which every import resolves, with ``resolves_with`` on PYTHONPATH where that is needed.
    """

    verdict: ImportsVerdict
    kind: str
    reason: str | None
    message: str | None
    module: str | None
    name: str | None
    importer: str | None
    line: int | None
    resolved_to: str | None
    shadowed: tuple[str, ...]
    sys_path: tuple[PathEntry, ...]
    third_party_missing: tuple[str, ...]
    resolves_without: str | None
    resolves_with: str | None
    interpreter: str | None
    assumed: tuple[str, ...]


class Result(msgspec.Struct, frozen=True):
    """One unit or script. ``unknown`` says what could not be told; ``outside`` what the given tree does not hold."""

    subject: str
    script: str | None
    verdict: Answer
    imports: Imports
    findings: tuple[Finding, ...]
    unknown: tuple[str, ...]
    outside: tuple[str, ...]


class Summary(msgspec.Struct, frozen=True):
    """All starts in short."""

    verdict: Verdict
    exit_code: int
    total: int
    ok: int
    finding: int
    unknown: int
    critical: int
    warning: int
    info: int


class Document(msgspec.Struct, frozen=True, tag_field="schema", tag="qtops.preflight/1"):
    """What ``qtops preflight -o json`` prints. Texts are printable: control characters stand escaped."""

    version: str
    host: str
    time: str
    time_s: float
    summary: Summary
    results: tuple[Result, ...]


def render(report: Report) -> str:
    """One line of JSON."""
    return msgspec.json.encode(all_printable(msgspec.to_builtins(document(report)))).decode()


def document(report: Report) -> Document:
    """The report in its published form."""
    answers, severities = report.answers, report.severities
    summary = Summary(
        report.verdict, report.verdict.exit_code, len(report.rows), answers["ok"], answers["finding"], answers["unknown"],
        *(severities[severity] for severity in (Severity.CRITICAL, Severity.WARNING, Severity.INFO)),
    )  # fmt: skip
    results = tuple(_result(row) for row in report.rows)
    return Document(__version__, report.host, utc_iso(report.taken_at_s), report.taken_at_s, summary, results)


def _result(row: Row) -> Result:
    start = row.start
    return Result(
        start.subject, start.script or None, row.answer, _imports(start.imports), row.findings, row.unknown, start.outside
    )


def _imports(facts: ImportFacts | None) -> Imports:
    if facts is None:
        return Imports("unknown", "unknown", "no Python start that could be read", *(None,) * 6, (), (), (), None, None, None, ())
    failure = next(iter(facts.failures), facts.suspected) or ImportFailure(kind="ok")
    kind, reason = failure.kind if facts.failures else "ok", facts.unknown
    verdict: ImportsVerdict = _PUBLISHED.get(kind, "missing") if facts.failures else "ok"
    if facts.script_missing:
        verdict, kind, reason = "script_missing", "script_missing", facts.script_missing
    elif facts.unknown:
        verdict, kind = "unknown", "unknown"
    return Imports(
        verdict, kind, reason or None, failure.message or None, failure.module or None, failure.name or None,
        failure.importer or None, failure.line or None, failure.resolved_to or None, failure.shadowed,
        failure.path or facts.path, facts.third_party_missing, failure.resolves_without or None, failure.resolves_with or None,
        facts.interpreter, facts.assumed,
    )  # fmt: skip
