"""For people: findings by code, the gravest first, what could not be told, and the total. A command puts its table before them.

Texts pass as printable ``rich.text.Text`` only: nothing in them is obeyed.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from qtops.facts.text import printable
from qtops.facts.times import utc
from qtops.findings import Doubt, Finding, Verdict
from qtops.reports.checked.listing import Listing
from qtops.reports.checked.report import Checked, by_code
from qtops.reports.doctor.human import SEVERITY_STYLES, STYLES, Paragraph

FEW: Final = 3  # findings of one code that are told in full; of more, only how many
SUBJECTS: Final = 8  # of them that are named
DOUBTS: Final = 10


def text(value: str, style: str = "") -> Text:
    """Printable text, never markup."""
    return Text(printable(value), style)


def table(columns: Sequence[str], *, right: Sequence[str] = (), spare: Sequence[str] = ()) -> Listing:
    """An empty table in the house's form; the columns in ``right`` hold numbers, those in ``spare`` go where there is no room."""
    return Listing(columns, right, spare)


def frame(report: Checked, body: Sequence[RenderableType], *, verbose: bool = False) -> RenderableType:
    """The head, the command's own ``body``, findings, doubts and the total."""
    findings = [part for group in by_code(report.judged.findings).values() for part in _group(group, verbose=verbose)]
    return Group(*head(report), *body, *findings, *doubts(report, verbose=verbose), Paragraph(0, _total(report)))


def head(report: Checked) -> Iterator[RenderableType]:
    """When, where, and which Redis."""
    server = report.server
    where = f"{utc(report.taken_at_s)} on {report.host}" + (f", Redis {server.url}" if server else "")
    yield text(where, "dim")
    if server is not None and server.state != "ok":
        yield Paragraph(0, text(f"Redis is {server.state}: {server.detail}", STYLES[Verdict.UNKNOWN]))
        if server.advice:
            yield Paragraph(0, text(server.advice, STYLES[Verdict.UNKNOWN]))


def _group(group: Sequence[Finding], *, verbose: bool) -> Iterator[Paragraph]:
    shown = group if verbose else group[:FEW]
    for finding in shown:
        code = text(finding.code, SEVERITY_STYLES[finding.severity])
        yield Paragraph(0, Text.assemble(code, " ", text(finding.subject, "bold"), "  ", text(finding.summary)))
        yield from (Paragraph(4, text(line, "dim")) for line in finding.evidence)
        if finding.remedy and (finding is shown[-1] or finding.remedy != shown[-1].remedy):
            yield Paragraph(2, Text.assemble(("→ ", "green"), text(finding.remedy)))
    if rest := group[len(shown) :]:
        yield Paragraph(0, text(f"{group[0].code} of {len(rest)} more: {_named([finding.subject for finding in rest])}", "dim"))


def _named(names: Sequence[str]) -> str:
    """The first of these names."""
    return ", ".join(names[:SUBJECTS]) + (", …" if len(names) > SUBJECTS else "")


def doubts(report: Checked, *, verbose: bool) -> Iterator[RenderableType]:
    """What could not be told, and what was switched off."""
    lines = [*report.missing, *(_doubts(report.judged.doubts, together=not verbose))]
    style = STYLES[Verdict.UNKNOWN]
    yield from (Paragraph(0, text(f"COULD NOT TELL  {line}", style)) for line in (lines if verbose else lines[:DOUBTS]))
    if len(lines) > DOUBTS and not verbose:
        yield Paragraph(0, text(f"and {len(lines) - DOUBTS} more; -v lists them", style))
    if report.judged.off:
        codes = ", ".join(dict.fromkeys(finding.code for finding in report.judged.off))
        yield Paragraph(0, text(f"OFF by decision: {codes}", "dim"))


def _doubts(found: Sequence[Doubt], *, together: bool) -> Iterator[str]:
    """One line per doubt; ``together``: those of one reason in one line."""
    reasons: dict[tuple[str, ...], list[str]] = {}
    for doubt in found:
        key = (doubt.why, doubt.enable) if together else (doubt.why, doubt.enable, doubt.subject)
        reasons.setdefault(key, []).append(doubt.subject)
    for (why, enable, *_), names in reasons.items():
        yield Doubt("", _named(tuple(dict.fromkeys(names))), why, enable).told


def _total(report: Checked) -> Text:
    style = STYLES[report.verdict]
    total = text(f"{report.headline}: " if report.headline else "", style).append_text(text(report.total, style))
    total.append_text(text(f": {report.verdict}", style))
    return total.append("; `qtops explain CODE` says more" if report.judged.findings else "", "dim")
