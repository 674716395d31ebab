"""For continuous integration: JUnit XML. A subject with a finding is a failure, "could not tell" an error, with the reasons."""

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from qtops.facts.text import printable
from qtops.findings import Finding, Severity, Verdict
from qtops.reports.checked.report import Checked


def render(report: Checked) -> str:
    """The whole document. Texts are made printable: XML has no way to write a control character."""
    suites = ET.Element("testsuites", name=f"qtops {report.command}")
    taken_at = datetime.fromtimestamp(report.taken_at_s, UTC).isoformat(timespec="seconds")
    suite = ET.SubElement(suites, "testsuite", name=report.what, hostname=printable(report.host), timestamp=taken_at)
    known = {subject.name for subject in report.subjects}
    for subject in report.subjects:
        found = [finding for finding in report.judged.findings if finding.subject == subject.name]
        doubts = [doubt.told for doubt in report.judged.doubts if doubt.subject == subject.name]
        _case(suite, report, subject.name, found, doubts)
    for finding in report.judged.findings:
        if finding.subject not in known:
            _case(suite, report, finding.subject, [finding], [])
    reasons = [doubt.told for doubt in report.judged.doubts if doubt.subject not in known]
    if report.server is not None and report.server.state != "ok":
        reasons.append(f"Redis is {report.server.state}: {report.server.detail}")
    for reason in (*reasons, *report.missing):
        _case(suite, report, "missing", [], [reason])
    for element in (suite, suites):
        for count, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            element.set(count, str(len(element.findall(f".//{tag}"))))
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=False)


def _case(suite: ET.Element, report: Checked, name: str, found: list[Finding], doubts: list[str]) -> None:
    classname = report.command.replace(" ", ".")
    case = ET.SubElement(suite, "testcase", classname=classname, name=printable(name), time="0")
    failed = [finding for finding in found if finding.severity is not Severity.INFO]
    if failed:
        failure = ET.SubElement(case, "failure", type=failed[0].code, message=printable(failed[0].summary))
        failure.text = "\n".join(printable(line) for finding in failed for line in _in_full(finding))
    elif doubts:
        ET.SubElement(case, "error", type=Verdict.UNKNOWN, message=printable("; ".join(doubts)))


def _in_full(finding: Finding) -> list[str]:
    return [f"{finding.code} {finding.summary}", *(f"  {line}" for line in finding.evidence), f"  {finding.remedy}"]
