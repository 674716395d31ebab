"""What ``qtops runbook run`` does once its options are read: one step after the other, asked for, run, judged and kept.

The record is written before the first step and after each: whatever ends qtops, what was run until then is on disk.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
from msgspec.structs import replace
from rich.console import Console

from publisher.timestamps import utc_iso
from qtops import __version__
from qtops.actions import guide_runs
from qtops.actions.lock import login
from qtops.cli.context import Context
from qtops.cli.runbook_evidence import keeper
from qtops.cli.runbook_files import load
from qtops.cli.runbook_programs import Launch, derived, launch, secrets
from qtops.collectors.redact import Redactor
from qtops.errors import Exit, UsageError
from qtops.guides.expectations import unmet
from qtops.guides.filling import filled, values
from qtops.guides.outcome import Outcome, Ran, Record, StepRecord
from qtops.guides.values import Runbook, RunbookError, RunbookStep
from qtops.reports.guides import document, human

EXIT: Final[Mapping[Outcome, Exit]] = {"done": Exit.OK, "dry run": Exit.OK}


class Work(NamedTuple):
    """A step with how it is started and how an operator would take it back."""

    step: RunbookStep
    launch: Launch
    way_back: tuple[str, ...]


def run(context: Context, name: str, options: Mapping[str, Any]) -> int:
    """Run the command; 0 where every step did what was expected, 4 where not."""
    runbook = load(name)
    if not runbook.steps:
        raise RunbookError(f"{runbook.origin}: has no steps to run; read it: qtops runbook show {name}")
    given = derived(values(runbook, _pairs(options["given"])), context.settings)
    work = [Work(step, launch(filled(step.command, given), context), filled(step.way_back, given)) for step in runbook.steps]
    start = _place(runbook, options["start"])
    redactor = Redactor(secrets(context, given.get("unit", "")))
    record = _record(runbook, given, work, start, redactor)
    is_json = options["output"] == "json"
    console = context.console(stderr=is_json)
    if options["dry_run"]:
        record = replace(record, outcome="dry run")
        console.print(human.plan(record), soft_wrap=True)
    else:
        if not (options["yes"] or _has_terminal()):
            raise UsageError("nobody can be asked: standard input is no terminal; --yes confirms every step, --dry-run shows them")
        evidence, keep = keeper(options["evidence"], context.settings.state, Path(runbook.origin).stem, record.started_s)
        under_way = _Run(replace(record, evidence=evidence), keep, console, redactor, given)
        record = under_way.all(work, start, ask=not options["yes"])
        console.print(human.closing(record, _again(name, options)), soft_wrap=True)
    if is_json:
        click.echo(document.render(record))
    return EXIT.get(record.outcome, Exit.NOT_APPLIED)


def _has_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _pairs(given: Sequence[str]) -> dict[str, str]:
    for text in given:
        if "=" not in text:
            raise UsageError(f"--set wants NAME=VALUE, such as service=risk-proposal, not {text[:64]!a}")
    return {name: value for name, _, value in (text.partition("=") for text in given)}


def _place(runbook: Runbook, start: str | None) -> int:
    """Which step comes first."""
    names = [step.name for step in runbook.steps]
    if start is None:
        return 0
    if start in names:
        return names.index(start)
    if start.isdecimal() and 1 <= int(start[:4]) <= len(names):
        return int(start[:4]) - 1
    raise RunbookError(f"{runbook.origin}: no step is called {start[:64]!a}; there are: {', '.join(names)}")


def _record(runbook: Runbook, given: Mapping[str, str], work: Sequence[Work], start: int, redactor: Redactor) -> Record:
    now_s = time.time()
    steps = tuple(
        StepRecord(
            number=place + 1,
            name=step.name,
            why=step.why,
            command=redactor.argv(launched.shown),
            changes=step.changes,
            way_back=redactor.argv(way_back),
            verdict="skipped" if place < start else "not run",
        )
        for place, (step, launched, way_back) in enumerate(work)
    )
    return Record(
        version=__version__,
        runbook=Path(runbook.origin).stem,
        title=runbook.title,
        file=os.path.abspath(runbook.origin),  # noqa: PTH100  (text in, text out)
        sha256=runbook.sha256,
        host=os.uname().nodename,
        user=login(),
        started=utc_iso(now_s),
        started_s=now_s,
        ended=None,
        ended_s=None,
        parameters={name: redactor.text(value) for name, value in given.items()},
        outcome="unfinished",
        steps=steps,
    )


def _again(name: str, options: Mapping[str, Any]) -> tuple[str, ...]:
    """The command that goes on with it; the step is still to be named."""
    return ("qtops", "runbook", "run", name, *(word for pair in options["given"] for word in ("--set", pair)))


class _Run:
    """A run under way: its record as it stands, which is kept whenever it changes."""

    def __init__(
        self, record: Record, keep: Callable[[Record], None], console: Console, redactor: Redactor, given: Mapping[str, str]
    ) -> None:
        self._record, self._keep, self._console, self._redactor, self._given = record, keep, console, redactor, given
        keep(record)

    def all(self, work: Sequence[Work], start: int, *, ask: bool) -> Record:
        """Run from there on. Whatever interrupts it goes on its way when the record is kept."""
        outcome: Outcome = "interrupted"
        try:
            outcome = self._all(work, start, ask=ask)
        finally:
            now_s = time.time()
            self._record = replace(self._record, outcome=outcome, ended=utc_iso(now_s), ended_s=now_s)
            self._keep(self._record)
            if outcome == "interrupted":
                click.echo(f"\nEvidence until here: {self._record.evidence}", err=True)
        return self._record

    def _all(self, work: Sequence[Work], start: int, *, ask: bool) -> Outcome:
        for place, item in enumerate(work[start:], start):
            self._console.print(human.heading(self._record.steps[place], len(work), item.step.timeout_s), soft_wrap=True)
            if ask and not _confirmed(item.step):
                self._note(place, verdict="declined")
                return "declined"
            now_s = time.time()
            self._note(place, verdict="interrupted", started=utc_iso(now_s), started_s=now_s)  # until it is known better
            self._judge(place, item.step, guide_runs.run(item.launch.argv, item.step.timeout_s, item.launch.environment))
            self._console.print(human.ending(self._record.steps[place]), soft_wrap=True)
            if self._record.steps[place].verdict != "held":
                return "failed"
        return "done"

    def _judge(self, place: int, step: RunbookStep, ran: Ran) -> None:
        objections = tuple(self._redactor.text(objection) for objection in unmet(step.expect, ran, self._given))
        self._note(
            place,
            verdict="failed" if objections else "held",
            objections=objections,
            started=utc_iso(ran.started_s),
            started_s=ran.started_s,
            took_s=round(ran.took_s, 3),
            exit_code=ran.exit_code,
            output=self._redactor.text(ran.text),
            output_size=ran.output_size,
            output_sha256=ran.output_sha256,
            output_cut=ran.output_cut,
        )

    def _note(self, place: int, **changes: Any) -> None:
        steps = list(self._record.steps)
        steps[place] = replace(steps[place], **changes)
        self._record = replace(self._record, steps=tuple(steps))
        self._keep(self._record)


def _confirmed(step: RunbookStep) -> bool:
    """Ask. Return alone is yes to a look, and no to a change."""
    return click.confirm("Change it?" if step.changes else "Look?", default=not step.changes, err=True)
