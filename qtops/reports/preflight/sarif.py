"""For code scanning: SARIF 2.1.0 (OASIS), a rule per check, a result per finding."""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

import msgspec

from qtops import __version__
from qtops.checks.registry import CHECKS, Registered
from qtops.facts.text import printable
from qtops.findings import Severity
from qtops.reports.preflight.places import Place, place_of
from qtops.reports.preflight.report import Report, Row

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS: Final = {Severity.CRITICAL: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render(report: Report, directory: str) -> str:
    """The whole log, on one line."""
    rules = [_rule(registered) for registered in CHECKS]
    results = [result for row in report.rows for result in _results(row, report.root, directory)]
    doubts = [
        {"level": "note", "message": {"text": _text(f"{row.start.subject}: could not tell: {reason}")}}
        for row in report.rows
        for reason in row.unknown
    ]
    run = {
        "tool": {"driver": {"name": "qtops", "semanticVersion": __version__, "rules": rules}},
        "invocations": [{"executionSuccessful": True, "exitCode": report.verdict.exit_code, "toolExecutionNotifications": doubts}],
        "results": results,
    }
    return msgspec.json.encode({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}).decode()


def _rule(registered: Registered) -> dict[str, Any]:
    check = registered.check
    return {
        "id": check.code,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": registered.explanation.strip()},
        "defaultConfiguration": {"level": LEVELS[check.severity]},
    }


def _results(row: Row, root: str, directory: str) -> Iterator[dict[str, Any]]:
    codes = [registered.check.code for registered in CHECKS]
    for finding in row.findings:
        place = place_of(finding.where, row, root, directory)
        text = "\n".join(_text(line) for line in (f"{finding.subject}: {finding.summary}", *finding.evidence, finding.remedy))
        yield {
            "ruleId": finding.code,
            "ruleIndex": codes.index(finding.code),
            "level": LEVELS[finding.severity],
            "message": {"text": text},
            "locations": [] if place is None else [_location(place)],
        }


def _location(place: Place) -> dict[str, Any]:
    uri = quote(place.path.encode("utf-8", "surrogateescape"))
    if place.path.startswith("/"):
        uri = f"file://{uri}"
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": place.line}}}


def _text(line: str) -> str:
    return printable(line)
