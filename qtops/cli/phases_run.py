"""What ``qtops phases`` does once its options are read: look at the services of all phases, and judge the plan."""

import gc
from collections.abc import Mapping
from typing import Any

import click
from msgspec.structs import replace

from qtops import bundle
from qtops.casework.keeping import stood
from qtops.casework.phase_gathering import gather_phases
from qtops.cli.checking import wide_console
from qtops.cli.context import Context
from qtops.cli.progress import progress
from qtops.phases.plan import planned
from qtops.reports.phases import document, human
from qtops.reports.phases.report import Report, phases_report


def run(context: Context, options: Mapping[str, Any]) -> int:
    """Run the command; the exit code is that of the plan as a whole."""
    gc.disable()  # as in doctor: a short process full of syntax trees
    planned(context.settings)
    report = _read(context, options) if options["source"] is not None else _looked(context, options)
    if options["output"] == "json":
        click.echo(document.render(report))
    else:
        wide_console(context).print(human.render(report, verbose=options["verbose"]))
    return report.exit_code


def _read(context: Context, options: Mapping[str, Any]) -> Report:
    facts = bundle.load(options["source"])
    return phases_report(context.settings, replace(facts, settings=replace(facts.settings, phases=context.settings.phases)))


def _looked(context: Context, options: Mapping[str, Any]) -> Report:
    observe_s = options["observe"] or 0.0
    with progress(context.console(stderr=True), quiet=options["quiet"]) as tell:
        cases = gather_phases(context.settings, tell, observe_s=observe_s, redis_given=context.redis_url is not None)
    looks = [case.now for case in cases if case.now is not None]
    services = {service.subject: service for look in looks for service in look.services}
    facts = replace(looks[0], services=tuple(services.values()))
    return phases_report(context.settings, facts, stood(context.settings).stood, cases[0].failed)
