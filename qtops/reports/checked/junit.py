"""For continuous integration: JUnit XML. A subject with a finding is a failure, "could not tell" an error, with the reasons."""

from collections import defaultdict
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
    found, doubted = _by_subject(report)
    names = dict.fromkeys((*(subject.name for subject in report.subjects), *found))
    for name in names:
        _case(suite, report, name, found.get(name, []), doubted.get(name, []))
    reasons = [reason for name, told in doubted.items() if name not in names for reason in told]
    if report.server is not None and report.server.state != "ok":
        reasons.append(f"Redis is {report.server.state}: {report.server.detail}")
    for reason in (*reasons, *report.missing):
        _case(suite, report, "missing", [], [reason])
    for element in (suite, suites):
        for count, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            element.set(count, str(len(element.findall(f".//{tag}"))))
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=False)


def _by_subject(report: Checked) -> tuple[dict[str, list[Finding]], dict[str, list[str]]]:
    """What was found, and what could not be told, of each subject: sorted once, as there may be thousands of both."""
    found, doubted = defaultdict[str, list[Finding]](list), defaultdict[str, list[str]](list)
    for finding in report.judged.findings:
        found[finding.subject].append(finding)
    for doubt in report.judged.doubts:
        doubted[doubt.subject].append(doubt.told)
    return found, doubted


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
