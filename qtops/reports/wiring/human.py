"""For people: the three worst things first, then the map, then why what is silent is silent, then every finding in full."""

import posixpath
from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace
from rich.console import RenderableType
from rich.text import Text

from qtops.checks.wiring.silence import Silence, State
from qtops.findings import Finding, Severity, Verdict
from qtops.reports.checked.human import frame, text
from qtops.reports.checked.report import by_code
from qtops.reports.doctor.human import SEVERITY_STYLES, STYLES, Paragraph
from qtops.reports.wiring.report import MapReport
from qtops.reports.wiring.rows import EndRow, NameRow

MANY: Final = 40  # names: of more, those of which all is well are only counted
FEW: Final = 8  # unresolved names, and streams of which no source speaks
PLACES: Final = 2  # of one unit's commands
ENDS: Final = 12  # units on one side of a name; more are counted
STATE_STYLES: Final[dict[State, str]] = {
    "flowing": "green", "idle": "green", "unknown": "magenta", "broken": "bold red", "unfed": "yellow",
}  # fmt: skip


def render(report: MapReport, verbose: bool = False) -> RenderableType:
    """The whole map. ``verbose``: every name, every finding and every unresolved name."""
    if report.control_plane:
        codes = {row.name: " ".join(row.codes) for row in report.rows}
        body = [part for silence in report.silences for part in _paragraph(silence, codes.get(silence.name, ""))]
        told = report if verbose else replace(report, judged=replace(report.judged, findings=()))  # each is told in its paragraph
        return frame(told, body, verbose=verbose)
    body = [Paragraph(0, _counted(report)), *_worst(report), *_names(report, verbose=verbose)]
    body += [part for silence in report.silences for part in _silent(silence)]
    body += _rest(report, verbose=verbose)
    return frame(report if verbose else _without_notes(report), body, verbose=verbose)


def _without_notes(report: MapReport) -> MapReport:
    """The report without what is only worth knowing: the map names its codes."""
    kept = tuple(finding for finding in report.judged.findings if finding.severity is not Severity.INFO)
    return replace(report, judged=replace(report.judged, findings=kept))


def _counted(report: MapReport) -> Text:
    off = sum(unit.on is False for unit in report.units)
    kinds = sum("stream" in (row.kind, row.type) for row in report.rows)
    told = (
        f"units: {len(report.units)}" + (f" ({off} off)" if off else "") + f"; names: {len(report.rows)}, {kinds} of them streams"
    )
    root = _root(report)
    return text(told + (f"; source below {root}" if len(root) > 1 else ""), "dim")


def _worst(report: MapReport) -> Iterator[Paragraph]:
    if report.worst:
        yield Paragraph(0, Text("WORST FIRST", "bold"))
    for number, finding in enumerate(report.worst, 1):
        code = text(finding.code, SEVERITY_STYLES[finding.severity])
        yield Paragraph(1, Text.assemble(f"{number}. ", code, " ", text(finding.subject, "bold"), "  ", text(finding.summary)))
        yield Paragraph(4, _remedy(finding))


def _remedy(finding: Finding) -> Text:
    return Text.assemble(("→ ", "green"), text(finding.remedy))


def _names(report: MapReport, *, verbose: bool) -> Iterator[Paragraph]:
    shown = report.rows
    if len(shown) > MANY and not verbose:
        shown = tuple(row for row in shown if row.codes or row.silence)
    if shown:
        yield Paragraph(0, Text("MAP, from upstream to downstream", "bold"))
    root = _root(report)
    for row in shown:
        yield from _name(row, root, most=len(row.writers) + len(row.readers) if verbose else ENDS)
    if len(shown) < len(report.rows):
        yield Paragraph(1, text(f"and {len(report.rows) - len(shown)} names of which all is well; -v lists them", "green"))


def _root(report: MapReport) -> str:
    """The folder below which all source is, with a slash at its end; empty where there is none of interest."""
    places = {place.rpartition("/")[0] for row in report.rows for end in (*row.writers, *row.readers) for place in end.where}
    if not places or not all(place.startswith("/") for place in places):
        return ""
    return f"{posixpath.commonpath(places)}/".replace("//", "/")


def _name(row: NameRow, root: str, *, most: int) -> Iterator[Paragraph]:
    there = row.live.removeprefix("in Redis: ")
    kind = "" if row.kind == row.type else f"used as {row.kind}" if row.type else row.kind
    told = ", ".join(filter(None, (kind, there)))
    codes = text("  " + " ".join(row.codes), STYLES[row.verdict]) if row.codes else Text()
    style = "bold" if row.verdict is Verdict.OK else STYLES[row.verdict]
    yield Paragraph(1, Text.assemble(text(row.name, style), "  ", text(told, "dim"), codes))
    for arrow, ends in (("←", row.writers), ("→", row.readers)):
        yield from (Paragraph(3, _end(arrow, end, row, root)) for end in ends[:most] or (None,))
        if len(ends) > most:
            yield Paragraph(3, text(f"{arrow} and {len(ends) - most} more; -v lists them", "dim"))


def _end(arrow: str, end: EndRow | None, row: NameRow, root: str) -> Text:
    if end is None:
        who = "no writer" if arrow == "←" else f"groups: {', '.join(row.groups)}" if row.groups else "no reader"
        return Text.assemble((f"{arrow} ", "cyan"), text(who, "dim" if row.groups and arrow == "→" else "yellow"))
    places = ", ".join(place.removeprefix(root) for place in end.where[:PLACES]) + (
        f" and {len(end.where) - PLACES} more" if len(end.where) > PLACES else ""
    )
    other = [name for name in end.names if name != row.name]
    details = [" ".join((*end.commands[:3],)), places, f"as {', '.join(other[:2])}" if other else "", "; ".join(end.origins[:2])]
    line = Text.assemble((f"{arrow} ", "cyan"), text(end.unit), "  ", text("  ".join(filter(None, details)), "dim"))
    return line.append_text(text(f"  {end.state}", "red")) if end.on is False else line


def _silent(silence: Silence) -> Iterator[Paragraph]:
    state = text(silence.state.upper(), STATE_STYLES[silence.state])
    yield Paragraph(0, Text.assemble("SILENT ", state, " ", text(silence.name, "bold"), "  ", text(silence.why)))


def _paragraph(silence: Silence, codes: str) -> Iterator[Paragraph]:
    """The four questions about one stream of the control plane."""
    state = text(silence.state.upper(), STATE_STYLES[silence.state])
    yield Paragraph(0, Text.assemble(state, " ", text(silence.name, "bold"), "  ", text(codes, "dim")))
    publishers = "; ".join(silence.publishers[:ENDS]) or "no source here writes it"
    publishers += f"; and {len(silence.publishers) - ENDS} more" if len(silence.publishers) > ENDS else ""
    answers = (
        ("1. why is it empty?          " if silence.state != "flowing" else "1. is it empty? no:          ", silence.why),
        ("2. who should publish?       ", publishers),
        ("3. inactive or misconfigured?", silence.misconfigured or ("neither" if silence.state == "flowing" else "could not tell")),
        ("4. intended or broken?       ", silence.intended or ("neither" if silence.state == "flowing" else "could not tell")),
    )
    for question, answer in answers:
        yield Paragraph(2, Text.assemble((f"{question} ", "dim"), text(answer)))
    yield from (Paragraph(4, text(line, "dim")) for line in silence.evidence)
    if silence.remedy:
        yield Paragraph(2, Text.assemble(("→ ", "green"), text(silence.remedy)))


def _rest(report: MapReport, *, verbose: bool) -> Iterator[Paragraph]:
    """What could not be told from source, and what no source speaks of: neither is dropped."""
    shown = report.unresolved if verbose else report.unresolved[:FEW]
    for each in shown:
        yield Paragraph(
            0, Text.assemble(("UNRESOLVED ", "magenta"), text(f"{each.unit} {each.command} at {each.where}: {each.why}"))
        )
    if rest := len(report.unresolved) - len(shown):
        yield Paragraph(0, text(f"and {rest} more unresolved names; -v lists them", "magenta"))
    notes = [finding for finding in report.judged.findings if finding.severity is Severity.INFO]
    if notes and not verbose:
        codes = ", ".join(f"{len(group)} {code}" for code, group in by_code(tuple(notes)).items())
        yield Paragraph(0, text(f"worth knowing, and no fault by itself: {codes}; -v tells them", "dim"))
    if report.found:
        more = f" and {len(report.found) - FEW} more" if len(report.found) > FEW and not verbose else ""
        named = ", ".join(report.found if verbose else report.found[:FEW])
        yield Paragraph(0, text(f"in Redis, and no source speaks of it: {named}{more}", "dim"))
