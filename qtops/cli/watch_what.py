"""What ``qtops watch`` can look at: each with the command whose options it takes, and how one look at it is made."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Final

import click
from rich.console import RenderableType

from qtops.cli.checking import Look, Options
from qtops.cli.context import Context
from qtops.cli.progress import Tell
from qtops.errors import UsageError
from qtops.facts.service import Facts
from qtops.findings import Verdict
from qtops.reports.checked.changes import Answers, Trouble, answers
from qtops.reports.plot.samples import Age, Sample, samples


@dataclass(frozen=True)
class Seen:
    """One look: how it is, and its forms, which are made when they are asked for."""

    verdict: Verdict
    total: str  # "3 proposals: 1 critical, 2 ok"
    answers: Answers
    human: Callable[[bool], RenderableType]  # whether -v was given
    json: Callable[[], str]
    samples: Iterable[Sample] = ()  # what can be drawn of it


See = Callable[[Tell], Seen]
"""Look once. It remembers of the look before what it needs to compare with."""


@dataclass(frozen=True)
class What:
    """Something to watch. ``see`` takes the options of ``command``, and whatever has to be closed at the end."""

    command: tuple[str, ...]  # its path from `qtops`
    see: Callable[[Context, Options, ExitStack], See]
    plots: bool = False  # whether there is anything to draw
    excluded: tuple[str, ...] = ()  # options of the command that make no sense here, besides those of one look


ONE_LOOK: Final = ("save", "bundle")


def options_of(what: str, arguments: tuple[str, ...], ctx: click.Context) -> tuple[What, Context, Options]:
    """What to watch, with the options of its command. Raises UsageError, or click's own."""
    chosen = WHATS[what]
    command: click.Command = import_module("qtops.cli.main").qtops
    for name in chosen.command:
        found = command.get_command(ctx, name) if isinstance(command, click.Group) else None
        if found is None:
            raise UsageError(f"there is no `qtops {' '.join(chosen.command)}` in this version")
        command = found
    with command.make_context(f"watch {what}", [*arguments], parent=ctx) as inner:
        given = [
            param for param in command.params if param.name in (*ONE_LOOK, *chosen.excluded) and inner.params[param.name or ""]
        ]
        if given:
            raise UsageError(f"{given[0].opts[0]} does not go with `qtops watch`: it is for a single look")
        return chosen, inner.find_object(Context) or Context(), inner.params


def _checked(target: str) -> Callable[[Context, Options, ExitStack], See]:
    """A command of the usual frame; ``target`` is where its Look is."""

    def begin(context: Context, options: Options, _: ExitStack) -> See:
        module, name = target.split(":")
        return _looks(getattr(import_module(module), name), context, options)

    return begin


def _looks(look: Look, context: Context, options: Options) -> See:
    before: Facts | None = None

    def see(tell: Tell) -> Seen:
        nonlocal before
        now = look.collect(context, options, tell)
        before = now if before is None else look.after(before, now)
        report = look.report(before, options)
        return Seen(
            report.verdict,
            report.total,
            answers(report),
            partial(look.human, report),
            partial(look.renderers["json"], report),
            samples(before),
        )

    return see


def _freshness(context: Context, options: Options, stack: ExitStack) -> See:
    from qtops.cli.looks import Looks
    from qtops.cli.verify_freshness import chosen
    from qtops.collectors.redis import Source
    from qtops.reports.freshness import document, human
    from qtops.reports.freshness.report import FEW, Report, counted

    source = Source(context.settings.redis)
    stack.callback(source.close)
    selections = chosen(context, options)
    looks: Looks | None = None

    def troubles(report: Report) -> Iterator[Trouble]:
        if report.server.state != "ok":
            yield Trouble("Redis", report.server.url, f"{report.server.state}: {report.server.detail}", Verdict.UNKNOWN)
        wrong = (row for row in report.rows if row.verdict is not Verdict.OK)
        yield from (Trouble(row.state, row.key, row.reason, row.verdict) for row in wrong)

    def see(tell: Tell) -> Seen:
        nonlocal looks
        looks = looks or Looks(source, context.settings, selections, scan=options["scan"], keep_all=False, tell=tell)
        report = looks.report()
        away = report.server.state != "ok"
        found = Answers(report.taken_at_s, tuple(troubles(report)), lambda trouble: away and trouble.verdict is not Verdict.UNKNOWN)
        ages = [
            Age(row.subject or row.key, row.family, report.taken_at_s, row.age_s, row.rule.warn_s, row.rule.critical_s)
            for row in report.rows[:FEW]
            if row.rule is not None
        ]
        total = f"{report.total} {'key' if report.total == 1 else 'keys'}: {counted(report.states) or 'none'}"
        return Seen(report.verdict, total, found, lambda _: human.render(report), partial(document.render, report), ages)

    return see


def _doctor(context: Context, options: Options, _: ExitStack) -> See:
    from qtops.cli.doctor_look import collected
    from qtops.diagnose import diagnose
    from qtops.reports.doctor import document, human
    from qtops.reports.doctor.report import counted, report

    if not (options["service"] or options["units"] or options["everything"]):
        raise UsageError("nothing to look at: name a service, or use --units 'PATTERN' or --all")

    def see(tell: Tell) -> Seen:
        began = time.monotonic()
        facts = collected(context, options, tell)
        found = report(facts, diagnose(facts), time.monotonic() - began)
        troubles = [
            Trouble(one.code, row.subject, one.summary, one.severity.verdict) for row in found.diagnoses for one in row.findings
        ]
        troubles += [Trouble("", row.subject, why, Verdict.UNKNOWN) for row in found.diagnoses for why in row.unknown[:1]]
        return Seen(
            found.verdict,
            counted(found),
            Answers(found.taken_at_s, tuple(troubles)),
            lambda verbose: human.render(found, verbose=verbose),
            partial(document.render, found),
            samples(facts),
        )

    return see


WHATS: Final[Mapping[str, What]] = {
    "freshness": What(("verify", "freshness"), _freshness, plots=True, excluded=("watch", "observe", "until_fresh")),
    "proposals": What(("verify", "proposals"), _checked("qtops.cli.proposals_look:LOOK"), plots=True),
    "cadence": What(("verify", "cadence"), _checked("qtops.cli.cadence_look:LOOK")),
    "streams": What(("verify", "streams"), _checked("qtops.cli.streams_look:LOOK"), plots=True),
    "events": What(("events",), _checked("qtops.cli.events_look:LOOK")),
    "map": What(("map",), _checked("qtops.cli.map_look:LOOK")),
    "doctor": What(("doctor",), _doctor, plots=True),
}
