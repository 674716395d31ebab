"""For people: one line per stream, the worst first, what is wrong with them, and the plans that were asked for."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from shlex import join
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from qtops.facts.times import span, utc
from qtops.findings import Verdict
from qtops.reports.checked import human
from qtops.reports.checked.listing import Listing
from qtops.reports.doctor.human import STYLES, Paragraph
from qtops.reports.streams.report import GroupRow, Report, Row
from qtops.steps import Plan, Step

FEW: Final = 100  # up to so many are all listed; of more, only those that are not in order
MOST: Final = 500  # and of these the worst: a program reads JSON
GROUPS: Final = 4  # of one stream that are named
STEPS: Final = 5  # alike and in a row that are told; of more, how many
COLUMNS: Final = ("STREAM", "KIND", "LAST EVENT (UTC)", "AGE", "LENGTH/CAP", "GROUP UNREAD/PENDING", "VERDICT", "CODES")
NUMBERS: Final = ("AGE", "LENGTH/CAP")
SPARE: Final = ("LAST EVENT (UTC)", "LENGTH/CAP", "CODES", "KIND")  # the codes stand with what is found, below


def render(report: Report, verbose: bool = False) -> RenderableType:
    """The table, the findings, what could not be told, the total, and the plans."""
    rows = report.rows
    if len(rows) > FEW and not verbose:
        rows = tuple(row for row in rows if row.verdict is not Verdict.OK)[:MOST]
    body: list[RenderableType] = [_table(rows)] if rows else []
    if len(rows) < len(report.rows):
        body.append(human.text(f"{len(report.rows) - len(rows)} more streams are not listed: -v lists them", "dim"))
    return Group(human.frame(report, body, verbose=verbose), *_plans(report.plans, verbose=verbose))


def _table(rows: Sequence[Row]) -> Listing:
    table = human.table(COLUMNS, right=NUMBERS, spare=SPARE)
    for row in rows:
        style = STYLES[row.verdict]
        cells = (row.name, _kind(row), *_last(row), _length(row), _groups(row))
        table.add_row(*map(human.text, cells), human.text(row.verdict, style), human.text(" ".join(row.codes)))
    return table


def _kind(row: Row) -> str:
    """The kind and its interval; ``~`` where it is told by the ids alone."""
    if row.present is None:
        return "could not be read"
    if not row.present or row.type != "stream":
        return row.told
    return f"{'' if row.declared else '~'}{row.kind}" + (f" {span(row.interval_s)}" if row.interval_s else "")


def _last(row: Row) -> tuple[str, str]:
    if row.last_s is None or row.age_s is None:
        return row.told if row.present and row.type == "stream" else "", ""
    return utc(row.last_s).removesuffix(" UTC"), span(max(0.0, row.age_s))


def _length(row: Row) -> str:
    length = str(row.length) if row.present and row.type == "stream" else ""
    return length + (f"/{row.maxlen}" if row.maxlen is not None else "")


def _groups(row: Row) -> str:
    more = f", and {row.groups_count - GROUPS} more" if row.groups_count > GROUPS else ""
    return (", ".join(map(_group, row.groups[:GROUPS])) + more) or ("none" if row.present and row.type == "stream" else "")


def _group(group: GroupRow) -> str:
    return f"{group.name} {'' if group.counted else '≥'}{group.waiting}/{group.pending}{' (lane)' if group.lane else ''}"


def _plans(plans: Sequence[Plan], *, verbose: bool) -> Iterator[RenderableType]:
    if plans:
        yield human.text("")
        yield Paragraph(0, Text("PLANS: nothing of them has been carried out; the first step that fails ends its plan", "bold"))
    for plan in plans:
        yield Paragraph(0, Text.assemble(human.text(plan.code), " ", human.text(plan.subject, "bold")))
        if plan.why_none:
            yield Paragraph(2, human.text(f"no step: {plan.why_none}"))
        numbered = list(enumerate(plan.steps, 1))
        for _, alike in groupby(numbered, key=lambda pair: (_verb(pair[1]), bool(pair[1].risk))):
            steps = list(alike)
            shown = steps if verbose or len(steps) <= STEPS else steps[:STEPS]
            for number, step in shown:
                yield from _step(number, step)
            if len(shown) < len(steps):
                yield Paragraph(2, human.text(f"and {len(steps) - len(shown)} more steps of this kind: -v lists them", "dim"))


def _verb(step: Step) -> str:
    """The command without its arguments: steps of one verb are alike."""
    return " ".join(word for word in step.command if word.isupper() and word.isalpha())


def _step(number: int, step: Step) -> Iterator[RenderableType]:
    yield Paragraph(2, Text.assemble(f"{number}. ", human.text(join(step.command), "cyan")))
    yield Paragraph(5, human.text(f"{step.effect}; {step.why}" if step.effect else step.why, "dim"))
    if step.risk:
        yield Paragraph(5, human.text(f"RISK  {step.risk}", STYLES[Verdict.WARNING]))
    if step.way_back or step.risk:
        yield Paragraph(5, human.text(f"way back: {step.way_back or 'none'}", "dim"))
