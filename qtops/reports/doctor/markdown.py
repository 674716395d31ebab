"""For a ticket or an incident channel: Markdown whose shape no text can change.

Every text that is not ours stands in a code span or a fenced block whose fence is longer than any run of backticks in it: there,
nothing is a mention, a reference, a link, HTML or markup (CommonMark 0.31 §4.5 and §6.1; code hosts expand ``@`` and ``#`` outside
of code only).
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from qtops.facts.text import printable
from qtops.facts.times import utc
from qtops.findings import Diagnosis, Finding, Verdict
from qtops.reports.doctor.report import Report, codes, doubts, evidence, inconclusive, provenance, worst_first

_BACKTICKS: Final = re.compile("`+")


def render(report: Report) -> str:
    """The whole report: a table of all services, then what is wrong with each, the worst first."""
    rows = worst_first(report.diagnoses)
    when = f"{utc(report.taken_at_s)} on {code(report.host)}, {code(provenance(report))}"
    lines = [f"# qtops doctor: {report.verdict}", "", when]
    lines += ["", "| verdict | service | state |", "|---|---|---|"]
    lines += [f"| {row.verdict} | {cell(row.subject)} | {cell(row.state)} |" for row in rows]
    for row in rows:
        if row.verdict is not Verdict.OK:
            lines += _service(row, report)
    if report.missing:
        lines += ["", "## Could not tell", *block(report.missing)]
    return "\n".join(lines)


def _service(row: Diagnosis, report: Report) -> Iterator[str]:
    yield from ("", f"## {row.verdict.upper()} {code(row.subject)}", "", code(row.state))
    if row.root:
        yield from ("", "### Root")
        yield from _finding(row.root)
        if row.proof:
            yield from ("", "Proven by:", *block(row.proof))
    kinds = (
        ("And then, once that is mended", row.path),
        ("Seen, and no root is proven" if inconclusive(row) else "Follows", row.symptoms),
        ("Besides", row.notes),
    )
    for heading, findings in kinds:
        if findings:
            yield from ("", f"### {heading}")
            for finding in findings:
                yield from _finding(finding)
    if row.off:
        yield from ("", f"Off by decision: {code(codes(row.off))}")
    if reasons := doubts(row, report):
        yield from ("", "### Could not tell", *block(reasons))
    if row.next_command:
        yield from ("", "### Next", *block([row.next_command], "sh"))


def _finding(finding: Finding) -> Iterator[str]:
    yield from ("", f"**{code(finding.code)}** ({finding.severity}) {code(finding.summary)}")
    if lines := evidence(finding):
        yield from block(lines)
    if finding.remedy:
        yield from ("", f"→ {code(finding.remedy)}")


def code(text: str) -> str:
    """A code span. Blanks at both ends, or a backtick at one, need a blank on each side, which the reader strips."""
    shown = printable(text) or " "
    fence = "`" * (_longest(shown) + 1)
    blank = " " if shown.strip(" ") and (shown[0] in "` " or shown[-1] in "` ") else ""
    return f"{fence}{blank}{shown}{blank}{fence}"


def cell(text: str) -> str:
    """A code span in a table, where a bar ends the cell whatever stands around it."""
    return code(text.replace("|", "¦"))


def block(lines: Iterable[str], language: str = "text") -> Iterator[str]:
    """Lines in a fenced block."""
    shown = [printable(line) for line in lines]
    fence = "`" * max(3, 1 + max(map(_longest, shown), default=0))
    yield from ("", f"{fence}{language}", *shown, fence)


def _longest(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)
