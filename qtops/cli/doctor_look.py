"""What ``qtops doctor`` does once its options are read: look or load, diagnose, print, and tell by its exit code how it is."""

import gc
import os
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import click
from msgspec.structs import replace

from qtops import bundle
from qtops.cli.context import Context
from qtops.cli.progress import Tell, progress
from qtops.collectors.doctor import Request, look_at
from qtops.diagnose import diagnose
from qtops.errors import UsageError
from qtops.facts.service import Facts
from qtops.facts.text import printable
from qtops.findings import Verdict
from qtops.reports.doctor import document, human, junit, markdown, nagios
from qtops.reports.doctor.report import Report, report

RENDERERS: Final[Mapping[str, Callable[[Report], str]]] = {
    "json": document.render,
    "markdown": markdown.render,
    "junit": junit.render,
    "nagios": nagios.render,
}
WIDE: Final = 140  # columns of a report that goes to no terminal


def look(context: Context, options: Mapping[str, Any]) -> int:
    """Run the command; the exit code is that of the verdict."""
    began = time.monotonic()
    if options["bundle"] is not None:
        facts, took_s = _chosen(bundle.load(options["bundle"]), options["service"]), None
    else:
        facts = _collected(context, options)
        took_s = time.monotonic() - began
    if options["save"] is not None:
        bundle.save(facts, options["save"])
    judged = report(facts, diagnose(facts), took_s)
    _print(context, judged, options)
    return judged.verdict.exit_code


def _collected(context: Context, options: Mapping[str, Any]) -> Facts:
    gc.disable()  # a short process full of syntax trees: looking through them for cycles takes as long again, and frees nothing
    with progress(context.console(stderr=True), quiet=options["quiet"]) as tell:
        return collected(context, options, tell)


def collected(context: Context, options: Mapping[str, Any], tell: Tell) -> Facts:
    """Look at what the options select."""
    request = Request(
        names=options["service"],
        patterns=options["units"],
        everything=options["everything"],
        source=os.path.abspath(options["source"]) if options["source"] else "",  # noqa: PTH100  (text in, text out)
        redis_given=context.redis_url is not None,
        settings=context.settings,
        via=options["via"],
        probe=options["probe"],
    )
    return look_at(request, tell)


def _chosen(facts: Facts, names: tuple[str, ...]) -> Facts:
    """The facts of the services that were named; of all where none was."""
    if not names:
        return facts
    known = {service.name: service.unit for service in facts.settings.services}
    wanted = {known.get(name, name if name.endswith(".service") else f"{name}.service") for name in names}
    kept = tuple(service for service in facts.services if service.subject in wanted)
    if len(kept) < len(wanted):
        there = ", ".join(service.subject for service in facts.services)
        raise UsageError(
            f"the bundle does not hold {printable(', '.join(sorted(wanted - {s.subject for s in kept})))}; it holds {there}"
        )
    return replace(facts, services=kept)


def _print(context: Context, judged: Report, options: Mapping[str, Any]) -> None:
    if options["output"] in RENDERERS:
        click.echo(RENDERERS[options["output"]](judged).rstrip("\n"))
    elif not (options["quiet"] and judged.verdict is Verdict.OK):
        console = context.console()
        if not console.is_terminal and "COLUMNS" not in os.environ:
            console.width = WIDE
        console.print(human.render(judged, verbose=options["verbose"]))
