"""For people: every file and command, and what is left to do."""

from collections.abc import Iterator
from shlex import join
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from qtops.facts.text import printable
from qtops.reports.doctor.human import Paragraph
from qtops.reports.install.report import FileLine, Outcome, Ran, Report

STYLES: Final[dict[Outcome, str]] = {
    "planned": "bold cyan", "nothing to do": "green", "applied": "bold green", "removed": "bold green", "refused": "yellow",
    "failed": "bold red",
}  # fmt: skip
_RAN: Final[dict[Ran, tuple[str, str]]] = {
    "to be run": ("$", "cyan"), "done": ("✔", "green"), "failed": ("✘", "bold red"), "not run": ("-", "dim"),
}  # fmt: skip
_DEEDS: Final = {"put": "green", "replace": "yellow", "remove": "yellow", "leave": "dim"}
_ODD: Final = {"yours": "yellow", "unsafe": "bold red", "unknown": "magenta"}


def render(report: Report) -> RenderableType:
    """The whole report."""
    return Group(*_parts(report))


def _parts(report: Report) -> Iterator[Paragraph]:
    head = Text(report.outcome.upper(), STYLES[report.outcome])
    if report.outcome == "planned":
        head.append("  nothing was changed: --apply does it" if report.mode == "apply" else "  nothing was changed")
    yield Paragraph(0, head)
    if report.why:
        yield Paragraph(2, Text(printable(report.why)))
    for file in report.files:
        yield Paragraph(2, _file(file))
        if file.why:
            yield Paragraph(11, Text(printable(file.why), _ODD.get(file.standing, "dim")))
    if report.granted and report.mode == "apply":
        yield Paragraph(2, Text(f"the user qtops may restart: {printable(', '.join(report.granted))}"))
    for command in report.commands:
        mark, style = _RAN[command.ran]
        yield Paragraph(2, Text.assemble((mark, style), " ", (printable(join(command.argv)), style)))
        if command.why:
            yield Paragraph(4, Text(printable(command.why), style))
    yield from (Paragraph(2, Text(f"note: {printable(note)}", "dim")) for note in report.notes)
    yield from (Paragraph(2, Text.assemble(("NEXT", "bold"), "  ", (printable(line), "cyan"))) for line in report.advice)


def _file(file: FileLine) -> Text:
    return Text.assemble(
        (f"{file.deed:<8}", _DEEDS[file.deed]), " ", (printable(file.path), "bold" if file.deed != "leave" else ""),
        (f"  {file.mode} {printable(file.owner)}  {file.standing}", "dim"),
    )  # fmt: skip
