"""For continuous integration: JUnit XML. A service with a finding is a failure, "could not tell" an error, each with the reason."""

from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree as ET

from qtops.facts.text import printable
from qtops.findings import Diagnosis, Verdict
from qtops.reports.doctor.report import Report, headline, in_full

_TAG: Final = {Verdict.WARNING: "failure", Verdict.CRITICAL: "failure", Verdict.UNKNOWN: "error"}


def render(report: Report) -> str:
    """The whole document. Texts are made printable: XML has no way to write a control character."""
    suites = ET.Element("testsuites", name="qtops doctor")
    taken_at = datetime.fromtimestamp(report.taken_at_s, UTC).isoformat(timespec="seconds")
    suite = ET.SubElement(suites, "testsuite", name="services", hostname=printable(report.host), timestamp=taken_at)
    for row in report.diagnoses:
        _case(suite, row.subject, row.verdict, _kind(row), headline(row), "\n".join(map(printable, in_full(row))))
    for reason in report.missing:
        _case(suite, "missing", Verdict.UNKNOWN, "missing", reason, "")
    for element in (suite, suites):
        for count, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            element.set(count, str(len(element.findall(f".//{tag}"))))
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=False)


def _kind(row: Diagnosis) -> str:
    return row.root.code if row.root else row.condition


def _case(suite: ET.Element, name: str, verdict: Verdict, kind: str, message: str, details: str) -> None:
    case = ET.SubElement(suite, "testcase", classname="doctor", name=printable(name), time="0")
    if verdict is not Verdict.OK:
        failure = ET.SubElement(case, _TAG[verdict], type=printable(kind), message=printable(message))
        failure.text = details
