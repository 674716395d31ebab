"""A runbook on a terminal: the page, each step before and after it is run, and how it ended."""

from collections.abc import Sequence
from shlex import join
from typing import Final

from rich.markdown import Markdown
from rich.text import Text

from qtops.facts.text import printable
from qtops.facts.times import span
from qtops.guides.outcome import Record, StepRecord
from qtops.guides.values import Runbook

FIRST, LAST = 15, 35  # lines of an output that are shown; all that is kept is in the evidence
_STYLES: Final = {"held": "green", "failed": "bold red", "declined": "yellow", "interrupted": "yellow"}


def plain(runbook: Runbook) -> str:
    """The Markdown as it stands, fit for a terminal."""
    return "".join(printable(line.expandtabs()) + "\n" for line in runbook.text.splitlines())


def page(runbook: Runbook) -> Markdown:
    """The Markdown rendered. Links are shown with their address, and none can be clicked."""
    return Markdown(plain(runbook), hyperlinks=False)


def plan(record: Record) -> Text:
    """Every step as it would be run."""
    steps = [heading(step, len(record.steps), None) for step in record.steps]
    first = Text(f"{record.title}\n{record.file}, sha256 {record.sha256[:16]}…")
    return Text("\n\n").join([first, *steps, Text("Nothing was run.")])


def heading(step: StepRecord, total: int, limit_s: float | None) -> Text:
    """What a step is, before it is asked for."""
    text = Text()
    text.append(f"{step.number}/{total} {step.name}", style="bold")
    text.append("  (skipped)\n" if step.verdict == "skipped" else "\n")
    text.append(f"  {step.why}\n")
    text.append(f"  $ {_words(step.command)}\n", style="cyan")
    if step.changes:
        text.append("  CHANGES THE HOST; ", style="bold yellow")
        text.append(f"way back: {_words(step.way_back)}" if step.way_back else "no command takes it back")
    else:
        text.append("  only looks")
    if limit_s is not None:
        text.append(f"; {span(limit_s)} at most")
    return text


def ending(step: StepRecord) -> Text:
    """What came of a step: its output, and whether it did what was expected."""
    text = Text()
    for line in _shortened(step.output.rstrip("\n").split("\n") if step.output.strip() else ["(no output)"]):
        text.append(f"  | {line}\n", style="dim")
    code = f"exit code {step.exit_code}, " if step.exit_code is not None else ""
    text.append(f"  {step.verdict.upper() if step.objections else step.verdict}", style=_STYLES.get(step.verdict, ""))
    text.append(f": {code}{span(step.took_s or 0.0)}\n")
    for objection in step.objections:
        text.append(f"    {printable(objection)}\n", style="red")
    return text


def closing(record: Record, again: Sequence[str]) -> Text:
    """How the run ended, where the evidence is, and what goes on with it."""
    text = Text()
    held = sum(step.verdict == "held" for step in record.steps)
    last = next((step for step in record.steps if step.verdict in ("failed", "declined")), None)
    if last is None:
        text.append(f"Every step did what was expected of it: {held} of {len(record.steps)} were run.\n", style="green")
    else:
        said = "Stopped by you" if last.verdict == "declined" else "Stopped"
        text.append(f"{said} at step {last.number} of {len(record.steps)}, {last.name}.", style="bold")
        text.append(f" To go on from there: {_words((*again, '--from', last.name))}\n")
    text.append(f"Evidence: {printable(record.evidence)}")
    return text


def _shortened(lines: list[str]) -> list[str]:
    hidden = len(lines) - FIRST - LAST
    return lines if hidden <= 1 else [*lines[:FIRST], f"… {hidden} lines more, in the evidence …", *lines[-LAST:]]


def _words(words: Sequence[str]) -> str:
    return printable(join(words))
