"""For people, at night: the answer first, then why, what to do, and what could not be told. The worst service comes first.

Texts pass as printable ``rich.text.Text`` only: nothing in them is obeyed.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from msgspec import structs
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.text import Text

from qtops.facts.text import printable
from qtops.facts.times import utc
from qtops.findings import Diagnosis, Finding, Severity, Verdict
from qtops.reports.doctor.report import Report, codes, counted, doubts, evidence, inconclusive, is_shared, provenance, worst_first

STYLES: Final = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.CRITICAL: "bold red", Verdict.UNKNOWN: "magenta"}
SEVERITY_STYLES: Final = {Severity.INFO: "cyan", Severity.WARNING: "yellow", Severity.CRITICAL: "bold red"}
FEW: Final = 20  # up to so many healthy services are all listed; of more, only how many
NOTES: Final = 5  # up to so many notes are all listed
HANG: Final = 2  # further lines of a paragraph stand so much deeper
NARROWEST: Final = 20  # columns of text: where there are fewer, nothing is indented


class Paragraph(NamedTuple):
    """Text that keeps its indentation when it wraps, and leaves no blanks at the ends of lines."""

    left: int
    text: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """Its lines."""
        roomy = options.max_width - self.left - HANG >= NARROWEST
        left, hang = (self.left, HANG) if roomy else (0, 0)
        for number, line in enumerate(self.text.wrap(console, options.max_width - left - hang, overflow="fold")):
            line.rstrip()
            yield Text(" " * (left + (hang if number else 0))) + line


def render(report: Report, *, verbose: bool = False) -> RenderableType:
    """The whole report. ``verbose``: the evidence of consequences and notes as well, and every service."""
    rows, roots = worst_first(report.diagnoses), dict[Finding, str]()
    well = report.verdicts[Verdict.OK]
    if well > FEW and not verbose:
        rows = rows[: len(rows) - well]
    parts = [part for row in rows for part in _service(row, report, roots, verbose=verbose)]
    if len(rows) < len(report.diagnoses):
        parts.append(Paragraph(0, _text(f"{well} more services are ok", STYLES[Verdict.OK])))
    parts += [Paragraph(0, _text(f"COULD NOT TELL  {reason}", STYLES[Verdict.UNKNOWN])) for reason in report.missing]
    return Group(*parts, Paragraph(0, _summary(report)))


def _service(row: Diagnosis, report: Report, roots: dict[Finding, str], *, verbose: bool) -> Iterator[Paragraph]:
    """One service; ``roots`` are those told already, each with the service it was told of."""
    head = Text.assemble((row.verdict.upper(), STYLES[row.verdict]), " ", _text(row.subject, "bold"), "  ", _text(row.state))
    yield Paragraph(0, head)
    if row.verdict is Verdict.OK and not verbose:
        return
    if row.root is not None:
        yield from _root(row.root, row, roots)
    if row.path:
        yield Paragraph(2, Text("AND THEN, once that is mended", "bold"))
        for fault in row.path:
            yield from _whole(4, fault)
    if row.symptoms:
        yield Paragraph(2, Text("SEEN, and no root is proven" if inconclusive(row) else "FOLLOWS", "bold"))
        for symptom in row.symptoms:
            yield from _whole(4, symptom) if verbose or inconclusive(row) else [Paragraph(4, _line(symptom))]
    yield from _besides(row, verbose=verbose)
    if reasons := doubts(row, report):
        yield Paragraph(2, Text("COULD NOT TELL", STYLES[Verdict.UNKNOWN]))
        yield from (Paragraph(4, _text(reason)) for reason in reasons)
    if row.next_command:
        yield Paragraph(2, Text.assemble(("NEXT", "bold"), "  ", _text(row.next_command, "cyan")))


def _root(root: Finding, row: Diagnosis, roots: dict[Finding, str]) -> Iterator[Paragraph]:
    yield Paragraph(2, Text.assemble(("ROOT", "bold"), " ", _line(root)))
    told_of = roots.setdefault(structs.replace(root, subject=""), row.subject)
    if told_of != row.subject and is_shared(root):
        yield Paragraph(6, _text(f"as of {told_of}: the evidence stands there", "dim"))
        return
    yield from _evidence(6, root)
    yield from (Paragraph(4, Text.assemble(("proven by: ", "green"), _text(proof))) for proof in row.proof)
    yield from _remedy(4, root)


def _besides(row: Diagnosis, *, verbose: bool) -> Iterator[Paragraph]:
    if row.notes:
        only_these = not (row.root or row.path or row.symptoms)
        yield Paragraph(2, Text("WRONG, and nothing is down" if only_these else "BESIDES", "bold"))
        for note in row.notes if verbose else row.notes[:NOTES]:
            yield from _whole(4, note) if verbose or only_these else [Paragraph(4, _line(note))]
        if len(row.notes) > NOTES and not verbose:
            yield Paragraph(4, Text(f"and {len(row.notes) - NOTES} more; -v lists them", "dim"))
    if row.off:
        yield Paragraph(2, Text.assemble(("OFF", "bold"), "  ", _text(f"by decision: {codes(row.off)}", "dim")))


def _whole(left: int, finding: Finding) -> Iterator[Paragraph]:
    yield Paragraph(left, _line(finding))
    yield from _evidence(left + 4, finding)
    yield from _remedy(left + 2, finding)


def _evidence(left: int, finding: Finding) -> Iterator[Paragraph]:
    yield from (Paragraph(left, _text(line, "dim")) for line in evidence(finding))


def _remedy(left: int, finding: Finding) -> Iterator[Paragraph]:
    if finding.remedy:
        yield Paragraph(left, Text.assemble(("→ ", "green"), _text(finding.remedy)))


def _line(finding: Finding) -> Text:
    return Text.assemble(_text(finding.code, SEVERITY_STYLES[finding.severity]), " ", _text(finding.summary))


def _summary(report: Report) -> Text:
    summary = _text(counted(report), STYLES[report.verdict])
    summary.append_text(_text(f"; {utc(report.taken_at_s)} on {report.host}, {provenance(report)}", "dim"))
    explainable = any(row.verdict is not Verdict.OK and row.findings for row in report.diagnoses)
    return summary.append("; `qtops explain CODE` says more" if explainable else "", "dim")


def _text(text: str, style: str = "") -> Text:
    return Text(printable(text), style)
