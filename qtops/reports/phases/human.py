"""For people: the plan, one line per phase, what speaks against each, and what has changed since the last report on it."""

from collections.abc import Iterator
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from qtops.facts.text import printable
from qtops.facts.times import moment, utc
from qtops.phases.verdict import State
from qtops.reports.doctor.human import Paragraph
from qtops.reports.phases.report import Against, Remaining, Report, Row

STYLES: Final[dict[State, str]] = {"COMPLETE": "bold green", "PARTIAL": "bold red", "UNVERIFIED": "yellow", "PENDING": "dim"}
WIDEST: Final = max(map(len, STYLES))
FEW: Final = 3  # criteria of a phase that are told where there is no -v


def render(report: Report, *, verbose: bool = False) -> RenderableType:
    """The whole plan; ``verbose`` with everything that could not be told."""
    parts: list[RenderableType] = [_text(f"{utc(report.taken_at_s)} on {report.host}", "dim")]
    parts += (Paragraph(0, _text(f"COULD NOT TELL  {line}", "yellow")) for line in report.missing)
    for row in report.rows:
        parts += _row(row, report.taken_at_s, verbose=verbose)
    return Group(*parts, *_failed(report), Paragraph(0, _total(report)))


def _row(row: Row, now_s: float, *, verbose: bool) -> Iterator[RenderableType]:
    head = Text.assemble(f"{row.number:>3}  ", (row.state.ljust(WIDEST), STYLES[row.state]), "  ", _text(row.title, "bold"))
    count = f"  {row.held} of {row.criteria}" if row.criteria else "  no criteria"
    last = f", last reported {row.last} {moment(row.last_s, now_s)}" if row.last_s is not None else ", never reported on"
    yield Paragraph(0, head.append(f"{count}{last}", "dim"))
    if row.change:
        yield Paragraph(5, _text(row.change, STYLES[row.state]))
    if row.depends and row.state != "PENDING":
        yield Paragraph(5, _text(f"depends on phases that are not known to be complete: {', '.join(map(str, row.depends))}", "dim"))
    yield from (Paragraph(5, _against(one, "✗", "red")) for one in row.against)
    untold = row.untold if verbose else row.untold[:FEW] if row.state != "PENDING" else ()
    yield from (Paragraph(5, _against(one, "?", "yellow")) for one in untold)
    if rest := len(row.untold) - len(untold):
        yield Paragraph(5, _text(f"? {rest} {'more ' if untold else ''}could not be told; -v lists them", "yellow"))


def _against(one: Against, mark: str, style: str) -> Text:
    codes = [code for code in one.codes if code not in one.seen]
    line = Text.assemble((f"{mark} ", style), _text(one.title.replace("`", "")), ": ", _text(one.seen, "dim"))
    return line.append(f" ({', '.join(codes)})", "dim") if codes else line


def _failed(report: Report) -> Iterator[RenderableType]:
    if report.failed is None:
        yield Paragraph(0, _text("Failed services: could not tell: systemd was not asked", "yellow"))
    elif not report.failed:
        yield Paragraph(0, _text("Failed services: none", "dim"))
    else:
        yield Paragraph(0, _text("Failed services remaining", "bold"))
        yield from (Paragraph(2, _unit(unit, report.taken_at_s)) for unit in report.failed)


def _unit(unit: Remaining, now_s: float) -> Text:
    home = f"phase {', '.join(map(str, unit.phases))}" if unit.phases else "in no phase"
    since = f" since {moment(unit.since_s, now_s)}" if unit.since_s is not None else ""
    return Text.assemble(("× ", "red"), _text(unit.unit), _text(f"  failed{since}, {home}", "dim"))


def _total(report: Report) -> Text:
    complete = sum(row.state == "COMPLETE" for row in report.rows)
    changed = sum(bool(row.change) for row in report.rows)
    told = f"{complete} of {len(report.rows)} phases complete" + (f", {changed} changed since the last report" if changed else "")
    return _text(told, "bold green" if complete == len(report.rows) else "bold").append("; `qtops report phase N` says more", "dim")


def _text(value: str, style: str = "") -> Text:
    """Printable text, never markup."""
    return Text(printable(value), style)
