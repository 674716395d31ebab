"""What ``qtops report`` does once its options are read: gather or read a case, compose, write, and say where it lies."""

import gc
import platform
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import click

from qtops.casework.checking import examine
from qtops.casework.recorded import read_case
from qtops.casework.writing import Report, compose, put, usual_folder
from qtops.cli.checking import wide_console
from qtops.cli.context import Context
from qtops.cli.progress import Tell, progress
from qtops.config import template_folder
from qtops.errors import QtopsError
from qtops.evidence.case import Case, Stood
from qtops.reports.examined import document as examined_document
from qtops.reports.examined import human
from qtops.reports.written.templates import Templates, load

Options = Mapping[str, Any]
NAMES: Final = {"markdown": "report.md", "html": "report.html", "json": "report.json"}


def incident(context: Context, options: Options) -> int:
    """Write the report on an incident."""
    name, sources = options["service"], options["sources"]
    if sources:
        return _written(context, options, lambda _: read_case(sources, "incident", context.settings, name or "")).document.exit_code
    from qtops.casework.gathering import gather_incident  # what looking needs is imported by who looks

    given = context.redis_url is not None
    return _written(
        context,
        options,
        lambda tell: gather_incident(
            name, context.settings, tell, recovery=options["recovery"], redis_given=given, wiring=options["wiring"]
        ),
    ).document.exit_code


def phase(context: Context, options: Options) -> int:
    """Write the report on a phase, and remember how it stood."""
    number, source = options["number"], options["source"]
    if source is not None:
        read = _written(context, options, lambda _: read_case((source,), "phase", context.settings, str(number)))
        return read.document.exit_code
    from qtops.casework.keeping import remember
    from qtops.casework.phase_gathering import gather_phase

    observe_s = 0.0 if options["at_once"] else options["observe"]
    given = context.redis_url is not None
    report = _written(
        context, options, lambda tell: gather_phase(number, context.settings, tell, observe_s=observe_s, redis_given=given)
    )
    stands = Stood(number=number, state=report.document.status, reported_s=report.document.made_at_s)
    try:
        remember(context.settings, stands)
    except QtopsError as error:  # the report is written: that the next one cannot be compared with it is no reason to fail
        click.echo(f"how the phase stands was not kept for the next report: {error}", err=True)
    return report.document.exit_code


def _written(context: Context, options: Options, gather: Callable[[Tell], Case]) -> Report:
    gc.disable()  # as in doctor: a short process full of syntax trees
    templates = _templates(context, options)  # what is wrong with them is told before anybody waits for a look
    with progress(context.console(stderr=True), quiet=options["quiet"]) as tell:
        case = gather(tell)
        report = compose(case, templates)
    folder = put(report, options["to"] or usual_folder(case, context.settings.state))
    _say(context, report, folder, options)
    return report


def _say(context: Context, report: Report, folder: Path, options: Options) -> None:
    if options["output"] == "human":
        wide_console(context).print(human.written(report.document, str(folder)))
    else:
        click.echo(report.texts[NAMES[options["output"]]], nl=False)
        click.echo(f"{folder}", err=True)


def _templates(context: Context, options: Options) -> Templates:
    return load(options["templates"] or template_folder(context.config_file))


def check(context: Context, options: Options) -> int:
    """Check a report against its evidence."""
    gc.disable()
    found = examine(options["report"], _templates(context, options))
    if options["output"] == "json":
        click.echo(examined_document.render(found, platform.node(), time.time()))
    else:
        wide_console(context).print(human.examined(found))
    return found.verdict.exit_code
