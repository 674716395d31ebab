"""For people, at night: what will be done or was done, why, its way back, and whether it is proven to have helped.

Texts pass as printable ``rich.text.Text`` only: nothing in them is obeyed.
"""

from collections.abc import Iterator
from shlex import join
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from qtops.facts.recovery import Answer, Moment
from qtops.facts.text import printable
from qtops.facts.times import moment, span, utc
from qtops.reports.doctor.human import Paragraph
from qtops.reports.recovery.report import Listing, Option, Outcome, Report
from qtops.steps import RecoveryPlan, Replace, Step

STYLES: Final[dict[Outcome, str]] = {
    "nothing to do": "green", "verified": "bold green", "undone": "green", "planned": "bold cyan", "refused": "yellow",
    "failed": "bold red", "rolled back": "bold yellow", "undo failed": "bold red", "interrupted": "yellow",
}  # fmt: skip
ANSWERS: Final[dict[Answer, tuple[str, str]]] = {"yes": ("✔", "green"), "no": ("✘", "bold red"), "could not tell": ("?", "magenta")}
STATES: Final = {"begun": "yellow", "verified": "green", "undone": "yellow", "undo failed": "bold red", "refused": "dim"}
PLANNING: Final = frozenset({"planned", "refused", "failed", "interrupted"})  # outcomes of what was not begun
DIFF_LINES: Final = 60  # of each file, unless -v


def render(report: Report, *, verbose: bool = False) -> RenderableType:
    """The whole report."""
    return Group(*_parts(report, verbose=verbose))


def _parts(report: Report, *, verbose: bool) -> Iterator[Paragraph]:
    head = Text.assemble((report.outcome.upper(), STYLES[report.outcome]), " ", _text(report.unit, "bold"))
    state = report.after or (report.diagnosis.state if report.diagnosis else "")
    yield Paragraph(0, head.append_text(_text(f"  {state}" if state else "")))
    if report.why:
        yield Paragraph(2, _text(report.why))
    if report.diagnosis is not None and report.diagnosis.root is not None and report.outcome != "nothing to do":
        root = report.diagnosis.root
        yield Paragraph(2, Text.assemble(("ROOT", "bold"), " ", _text(f"{root.code} {root.summary}")))
    if report.proof is not None:
        yield Paragraph(2, Text("PROOF OF EFFECT" if report.proof.is_proven else "NOT PROVEN", "bold"))
        for criterion in report.proof.criteria:
            mark, style = ANSWERS[criterion.holds]
            yield Paragraph(4, Text.assemble((mark, style), " ", _text(criterion.name, "bold"), ": ", _text(criterion.evidence)))
    if report.plan is not None and report.outcome != "nothing to do":
        yield from _plan(report.plan, planned=report.outcome in PLANNING and not report.folder, verbose=verbose)
    yield from _options(report.options)
    if report.outcome in PLANNING or verbose:
        yield from (Paragraph(2, _text(f"note: {note}", "dim")) for note in report.notes)
    yield from _moments(report.moments)
    yield from (Paragraph(4, _text(disorder, "yellow")) for disorder in report.disorders)
    if report.folder:
        yield Paragraph(2, Text.assemble(("BACKUP", "bold"), "  ", _text(report.folder)))
    yield from _repository(report)
    yield from (Paragraph(2, Text.assemble(("NEXT", "bold"), "  ", _text(line, "cyan"))) for line in report.advice)


def _plan(plan: RecoveryPlan, *, planned: bool, verbose: bool) -> Iterator[Paragraph]:
    yield Paragraph(2, Text("PLAN: nothing of it has been carried out" if planned else "STEPS", "bold"))
    for number, step in enumerate(plan.steps, 1):
        yield Paragraph(4, Text.assemble(f"{number}. ", _text(told(step), "cyan"), "  ", _text(step.why)))
        if not (planned or verbose):
            continue
        if step.effect:
            yield Paragraph(7, _text(step.effect, "dim"))
        if step.risk:
            yield Paragraph(7, _text(f"RISK  {step.risk}", "yellow"))
        if step.way_back or step.risk:
            yield Paragraph(7, _text(f"way back: {step.way_back or 'none'}", "dim"))
        yield from _diff(step.diff, verbose=verbose)


def told(step: Step) -> str:
    """A step in a few words: the command that an operator would type, or the file that is written."""
    return f"write {step.action.path}" if isinstance(step.action, Replace) else join(step.command)


def _diff(diff: str, *, verbose: bool) -> Iterator[Paragraph]:
    lines = diff.splitlines()
    shown = lines if verbose else lines[:DIFF_LINES]
    for line in shown:
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "dim")
        yield Paragraph(7, _text(line, style))
    if len(shown) < len(lines):
        yield Paragraph(7, Text(f"and {len(lines) - len(shown)} more lines: -v shows them", "dim"))


def _options(options: tuple[Option, ...]) -> Iterator[Paragraph]:
    others = [option for option in options if not option.is_taken]
    if others:
        yield Paragraph(2, Text("NOT TAKEN", "bold"))
    for option in others:
        why = option.why_not or option.remedy.why
        yield Paragraph(
            4, Text.assemble(_text(option.remedy.name, "bold"), "  ", _text(option.remedy.title), ": ", _text(why, "dim"))
        )
        if option.remedy.command:
            yield Paragraph(7, _text(join(option.remedy.command), "cyan"))


def _moments(moments: tuple[Moment, ...]) -> Iterator[Paragraph]:
    if not moments:
        return
    yield Paragraph(2, Text("TIMES", "bold"))
    before: Moment | None = None
    for one in moments:
        if one.at_s is None:
            yield Paragraph(4, _text(f"{one.name:<10} could not tell: {one.source}", "dim"))
            continue
        since = f"  +{span(one.at_s - before.at_s)}" if before is not None and before.at_s is not None else ""
        yield Paragraph(4, Text.assemble(_text(f"{one.name:<10} {utc(one.at_s)}{since}"), _text(f"  ({one.source})", "dim")))
        before = one


def _repository(report: Report) -> Iterator[Paragraph]:
    if report.repository or report.patch:
        yield Paragraph(2, Text("SO THAT IT STAYS", "bold"))
    yield from (Paragraph(4, _text(line)) for line in report.repository)
    if report.patch:
        yield Paragraph(4, Text.assemble("patch: ", _text(report.patch, "cyan")))


def listing(shown: Listing) -> RenderableType:
    """All recoveries, the newest first."""
    parts = [Paragraph(0, _text(notice, "yellow")) for notice in shown.notices]
    if not shown.records:
        parts.append(Paragraph(0, Text("no recovery is on record here")))
    for record in shown.records:
        what = ", ".join(record.remedies)
        head = Text.assemble(_text(record.state.upper(), STATES[record.state]), " ", _text(record.id, "bold"))
        parts.append(Paragraph(0, head))
        ended = f", ended {utc(record.ended_s)}" if record.ended_s is not None else ""
        parts.append(Paragraph(2, _text(f"{record.unit}  {', '.join(record.codes)}: {what}")))
        parts.append(Paragraph(2, _text(f"begun {moment(record.begun_s, shown.at_s)} by {record.by}{ended}", "dim")))
        if record.why:
            parts.append(Paragraph(2, _text(record.why)))
        parts += [Paragraph(2, _text(path)) for path in record.paths]
        parts.append(Paragraph(2, _text(record.folder, "dim")))
    return Group(*parts)


def _text(text: str, style: str = "") -> Text:
    return Text(printable(text), style)
