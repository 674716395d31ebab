"""For people: where a report lies and what it comes to, and what speaks against one that was checked."""

from collections.abc import Iterator
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from qtops.evidence.comparing import statements
from qtops.evidence.document import Criterion, Document, Tone
from qtops.evidence.examined import Examined
from qtops.facts.text import printable
from qtops.facts.times import utc
from qtops.findings import Verdict
from qtops.reports.doctor.human import Paragraph

TONES: Final[dict[Tone, str]] = {"good": "bold green", "bad": "bold red", "doubtful": "bold magenta", "neutral": "bold"}
VERDICTS: Final = {
    Verdict.OK: ("SAYS WHAT ITS EVIDENCE SAYS", "bold green"),
    Verdict.WARNING: ("SAYS WHAT ITS EVIDENCE SAYS, AND IS NOT WHOLE", "yellow"),
    Verdict.CRITICAL: ("DOES NOT SAY WHAT ITS EVIDENCE SAYS", "bold red"),
    Verdict.UNKNOWN: ("COULD NOT TELL", "bold magenta"),
}
STYLES: Final = {Verdict.OK: "", Verdict.WARNING: "yellow", Verdict.CRITICAL: "bold red", Verdict.UNKNOWN: "magenta"}
MARKS: Final = {"yes": ("✔", "green"), "no": ("✘", "bold red"), "could not tell": ("?", "magenta")}


def written(document: Document, folder: str) -> RenderableType:
    """What a report that was written comes to, and where it lies."""
    return Group(*_written(document, folder))


def _written(document: Document, folder: str) -> Iterator[Paragraph]:
    yield Paragraph(0, Text.assemble((document.status, TONES[document.tone]), " ", _text(_plain(document.title), "bold")))
    yield from (Paragraph(2, _text(_plain(claim.text))) for claim in document.summary)
    claims = [*statements(document)]
    for one in (claim.whole for claim in claims):
        if isinstance(one, Criterion):
            mark, style = MARKS[one.holds]
            yield Paragraph(4, Text.assemble((mark, style), " ", _text(_plain(one.title)), _text(f": {_plain(one.seen)}", "dim")))
    unbacked = sum(not claim.evidence for claim in claims)
    told = f"{len(claims)} claims, {len(document.records)} records" + (f"; {unbacked} claims without evidence" if unbacked else "")
    yield Paragraph(2, _text(told, "dim"))
    yield Paragraph(2, Text.assemble(("REPORT", "bold"), "  ", _text(f"{folder}/report.md"), ("  .html  .json", "dim")))
    yield Paragraph(2, Text.assemble(("CHECK", "bold"), "   ", _text(f"qtops report check {folder}", "cyan")))


def examined(found: Examined) -> RenderableType:
    """What came of checking a report."""
    return Group(*_examined(found))


def _examined(found: Examined) -> Iterator[Paragraph]:
    word, style = VERDICTS[found.verdict]
    yield Paragraph(0, Text.assemble((word, style), " ", _text(found.path, "bold")))
    who = f"{found.status}: {found.subject} on {found.host}, written {utc(found.made_at_s)} by qtops {found.version}"
    yield Paragraph(2, _text(who))
    unbacked = f", {found.unbacked} of which say that no evidence backs them" if found.unbacked else ""
    yield Paragraph(2, _text(f"{found.records} records, {found.claims} claims{unbacked}", "dim"))
    for one in found.objections:
        where = "" if one.text.startswith(one.where) else f"{one.where}: "
        yield Paragraph(4, Text.assemble((one.kind.upper(), STYLES[one.verdict]), " ", _text(f"{where}{one.text}")))


def _plain(text: str) -> str:
    """Without the marks of code."""
    return text.replace("`", "")


def _text(text: str, style: str = "") -> Text:
    return Text(printable(text), style)
