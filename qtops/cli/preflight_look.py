"""What ``qtops preflight`` does once its options are read: look, judge, print, and tell by its exit code how it is."""

import gc
import os
from collections.abc import Callable, Mapping
from typing import Any, Final

import click

from qtops.checks.registry import judge
from qtops.cli.context import Context
from qtops.cli.progress import progress
from qtops.collectors.preflight import Request, look_at
from qtops.findings import Verdict
from qtops.reports.preflight import document, github, human, sarif
from qtops.reports.preflight.report import Report, report

RENDERERS: Final[Mapping[str, Callable[[Report, str], str]]] = {
    "json": lambda report, _: document.render(report),
    "github": github.render,
    "sarif": sarif.render,
}
WIDE: Final = 140  # columns of a report that goes to no terminal


def look(context: Context, options: Mapping[str, Any]) -> int:
    """Run the command; the exit code is that of the verdict."""
    request = Request(
        root=options["root"],
        units=options["units"],
        script=options["script"],
        python=options["python"],
        directory=options["workdir"],
        pythonpath=options["pythonpath"],
        assume_installed=options["assume_third_party"],
    )
    gc.disable()  # a short process full of syntax trees: looking through them for cycles takes as long again, and frees nothing
    with progress(context.console(stderr=True), quiet=options["quiet"]) as tell:
        facts = look_at(request, tell)
    judged = report(facts, [judge(start) for start in facts.starts])
    if options["output"] in RENDERERS:
        click.echo(RENDERERS[options["output"]](judged, os.getcwd()))  # noqa: PTH109  (text in, text out)
    elif not (options["quiet"] and judged.verdict is Verdict.OK):
        console = context.console()
        if not console.is_terminal and "COLUMNS" not in os.environ:
            console.width = WIDE
        console.print(human.render(judged))
    return judged.verdict.exit_code
