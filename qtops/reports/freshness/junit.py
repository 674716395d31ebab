"""For continuous integration: JUnit XML. A finding is a failure, "could not tell" an error, both with the reason."""

from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree as ET

from qtops.facts.text import printable
from qtops.findings import Verdict
from qtops.reports.freshness.report import Report

_TAG: Final = {Verdict.WARNING: "failure", Verdict.CRITICAL: "failure", Verdict.UNKNOWN: "error"}


def render(report: Report) -> str:
    """The whole document. Names are made printable: XML has no way to write a control character."""
    suites = ET.Element("testsuites", name="qtops verify freshness")
    suite_of = {family.name: _suite(suites, family.name, report) for family in report.families}
    for row in report.rows:
        _case(suite_of[row.family], row.family, row.subject or row.key, row.verdict, row.state, row.reason)
    if report.intervals:
        measured = _suite(suites, "intervals", report)
        for interval in report.intervals:
            name = f"{interval.subject} {interval.field}".strip()
            _case(measured, interval.family, name, interval.verdict, "interval", interval.reason)
    redis = _suite(suites, "redis", report)
    reached = Verdict.OK if report.server.state == "ok" else Verdict.UNKNOWN
    _case(redis, "redis", report.server.url, reached, report.server.state, f"{report.server.detail}; {report.server.advice}")
    _case(redis, "redis", "clock", report.clock.verdict, "clock", report.clock.reason)
    for reason in report.missing:
        _case(redis, "redis", "missing", Verdict.UNKNOWN, "missing", reason)
    for element in (*suites, suites):
        for count, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            element.set(count, str(len(element.findall(f".//{tag}"))))
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=False)


def _suite(suites: ET.Element, name: str, report: Report) -> ET.Element:
    taken_at = datetime.fromtimestamp(report.taken_at_s, UTC).isoformat(timespec="seconds")
    return ET.SubElement(suites, "testsuite", name=printable(name), hostname=printable(report.host), timestamp=taken_at)


def _case(suite: ET.Element, group: str, name: str, verdict: Verdict, kind: str, reason: str) -> None:
    case = ET.SubElement(suite, "testcase", classname=printable(group), name=printable(name), time="0")
    if verdict is not Verdict.OK:
        ET.SubElement(case, _TAG[verdict], type=kind, message=printable(reason))
