"""For GitHub Actions: a workflow command per finding, which shows as an annotation at its line."""

from typing import Final

from qtops.facts.text import printable
from qtops.findings import Severity
from qtops.reports.preflight.places import place_of
from qtops.reports.preflight.report import Report, worst_first

LEVELS: Final = {Severity.CRITICAL: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report, directory: str) -> str:
    """One line per finding, per doubt, and one at the end for the reader of the log."""
    lines = []
    for row in worst_first(report.rows):
        for finding in row.findings:
            place = place_of(finding.where, row, report.root, directory)
            properties = [f"title={_property(f'{finding.code} {finding.subject}')}"]
            if place is not None:
                properties = [f"file={_property(place.path)}", f"line={place.line}", *properties]
            message = "\n".join([finding.summary, *finding.evidence, f"What to do: {finding.remedy}"])
            lines.append(f"::{LEVELS[finding.severity]} {','.join(properties)}::{_data(message)}")
        lines += [f"::notice title={_property(f'could not tell: {row.start.subject}')}::{_data(reason)}" for reason in row.unknown]
    counts = ", ".join(f"{report.answers[answer]} {answer}" for answer in ("finding", "unknown", "ok"))
    return "\n".join([*lines, f"{len(report.rows)} starts: {counts}: {report.verdict}"])


def _data(text: str) -> str:
    """Message text: each line printable, then escaped as the runner reads it."""
    safe = "\n".join(printable(line) for line in text.split("\n"))
    return safe.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
