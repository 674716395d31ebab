"""What the commands share that look at Redis, judge and report: options, looking or replaying, printing, the exit code."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from qtops.cli.context import Context, root_options

if TYPE_CHECKING:  # modules of commands import this one for its options: what looking needs is imported by who looks
    from rich.console import Console, RenderableType

    from qtops.cli.progress import Tell
    from qtops.facts.service import Facts
    from qtops.reports.checked.report import Checked

FORMATS: Final = ("human", "json", "nagios", "junit", "prometheus")
WIDE: Final = 140  # columns of a report that goes to no terminal
Options = Mapping[str, Any]


@dataclass(frozen=True)
class Look:
    """A command that looks and judges. ``report`` is pure: it never knows whether the facts come from a Redis or from a bundle."""

    collect: "Callable[[Context, Options, Tell], Facts]"
    report: "Callable[[Facts, Options], Checked]"
    human: "Callable[[Any, bool], RenderableType]"  # the report, and whether -v was given
    renderers: Mapping[str, Callable[[Any], str]]  # forms of the command's own: json at least
    after: "Callable[[Facts, Facts], Facts]" = lambda _, now: now  # joins an earlier look to a later one


def run(look: Look, context: Context, options: Options) -> int:
    """Look or load, judge, save, print; the exit code is that of the verdict."""
    if options.get("bundle") is not None:
        from qtops import bundle

        facts = bundle.load(options["bundle"])
    else:
        from qtops.cli.progress import progress

        with progress(context.console(stderr=True), quiet=options["quiet"]) as tell:
            facts = look.collect(context, options, tell)
    if options.get("save") is not None:
        from qtops import bundle

        bundle.save(facts, options["save"])
    report = look.report(facts, options)
    show(look, report, wide_console(context), options)
    return report.verdict.exit_code


def show(look: Look, report: "Checked", console: "Console", options: Options) -> None:
    """Print a report in the form that was asked for."""
    from qtops.findings import Verdict
    from qtops.reports.checked import junit, nagios, prometheus

    usual = {"nagios": nagios.render, "junit": junit.render, "prometheus": prometheus.render}
    renderers = {**usual, **look.renderers}
    if options["output"] in renderers:
        click.echo(renderers[options["output"]](report).rstrip("\n"))
    elif not (options["quiet"] and report.verdict is Verdict.OK):
        console.print(look.human(report, options["verbose"]))


def wide_console(context: Context) -> "Console":
    """A console on standard output; wide where it is no terminal."""
    console = context.console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDE
    return console


def now_s() -> float:
    """The clock of this host."""
    return time.time()


def checking_options(*formats: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: the options that these commands share; ``formats`` are those beyond the usual ones."""
    path = click.Path(path_type=Path)
    options = (
        click.option("--save", metavar="BUNDLE", type=path, help="Keep all facts in a file, without secrets."),
        click.option("--from", "bundle", metavar="BUNDLE", type=path, help="Judge what a file holds, not a Redis."),
        click.option(
            "-o",
            "--output",
            type=click.Choice([*FORMATS, *formats]),
            default="human",
            show_default=True,
            help="Form of the output.",
        ),
        click.option("-v", "--verbose", is_flag=True, help="Every finding in full."),
        click.option("-q", "--quiet", is_flag=True, help="No progress, and nothing for people where all is well."),
        root_options,
    )

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
