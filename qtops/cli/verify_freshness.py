"""What ``qtops verify freshness`` does once its options are read: choose, look, print, and tell by its exit code how it is."""

import os
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from typing import Any, Final

import click
from rich.console import Console, RenderableType

from qtops.cli.context import Context
from qtops.cli.live import Screen
from qtops.cli.looks import Looks
from qtops.cli.progress import progress
from qtops.cli.selection import ad_hoc_family, select
from qtops.collectors.keys import Selection
from qtops.collectors.redis import Source
from qtops.errors import UsageError
from qtops.findings import Verdict
from qtops.reports.freshness import document, human, junit, nagios, prometheus
from qtops.reports.freshness.report import Report

RENDERERS: Final[Mapping[str, Callable[[Report], str]]] = {
    "json": document.render,
    "nagios": nagios.render,
    "junit": junit.render,
    "prometheus": prometheus.render,
}
ALL_KEYS: Final = ("json", "junit", "prometheus")
WIDE: Final = 140  # columns of a table that goes to no terminal


def verify_freshness(context: Context, options: Mapping[str, Any]) -> int:
    """Run the command; the exit code is that of the verdict, of the last one where there are several."""
    settings, selections, output = context.settings, chosen(context, options), options["output"]
    scan, console = options["scan"], _console(context)
    with closing(Source(settings.redis)) as source:
        if options["watch"] and output == "human" and console.is_terminal:
            with Screen(console, options["every"]) as screen:
                looks = Looks(source, settings, selections, scan=scan, keep_all=False, tell=screen.tell)
                report = _watch(looks, options["every"], lambda report: screen.show(partial(fitting, report)))
        else:
            with progress(context.console(stderr=True), quiet=options["quiet"]) as tell:
                looks = Looks(source, settings, selections, scan=scan, keep_all=output in ALL_KEYS, tell=tell)
                if options["watch"]:
                    return _watch(looks, options["every"], lambda report: _print(report, console, options)).verdict.exit_code
                report = _look(looks, options)
    _print(report, console, options)
    return report.verdict.exit_code


def chosen(context: Context, options: Mapping[str, Any]) -> list[Selection]:
    """What the options select. Raises UsageError."""
    ad_hoc = None
    if options["pattern"] is not None:
        parts = (options[name] for name in ("kind", "time_field", "limit", "critical", "interval"))
        ad_hoc = ad_hoc_family(options["pattern"], *parts)
    elif any(options[name] is not None for name in ("time_field", "limit", "critical", "interval")):
        raise UsageError("--time-field, --limit, --critical and --interval go with --pattern; other families have their own limits")
    symbols = [*options["symbol"], *(part.strip() for part in options["symbols"].split(",") if options["symbols"])]
    return select(context.settings, symbols, options["families"], ad_hoc, scan=options["scan"])


def _console(context: Context) -> Console:
    console = context.console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDE
    return console


def _look(looks: Looks, options: Mapping[str, Any]) -> Report:
    if options["until_fresh"]:
        return looks.until_fresh(options["timeout"])
    if options["observe"] is not None:
        return looks.observe(options["observe"])
    return looks.report()


def _watch(looks: Looks, every_s: float, show: Callable[[Report], None]) -> Report:
    """Show report after report until Ctrl-C; the last of them."""
    reports = looks.watch(every_s)
    show(last := next(reports))
    try:
        for last in reports:
            show(last)
    except KeyboardInterrupt:
        pass
    return last


def fitting(report: Report, rows: int) -> RenderableType:
    """As much of a report as fits so many lines."""
    return human.render(report, max(rows - human.LINES_AROUND + 1, 1))


def _print(report: Report, console: Console, options: Mapping[str, Any]) -> None:
    if options["output"] in RENDERERS:
        click.echo(RENDERERS[options["output"]](report).rstrip("\n"))
    elif not (options["quiet"] and report.verdict is Verdict.OK):
        console.print(human.render(report))
