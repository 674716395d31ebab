"""``qtops report``: what happened, and how a phase stands, in reports in which every claim is bound to evidence."""

from pathlib import Path
from typing import Any

import click

from qtops.cli.context import Context, pass_context, root_options
from qtops.cli.duration import DURATION
from qtops.errors import UsageError

FORMATS = ("human", "markdown", "html", "json")
INCIDENT_EXAMPLES = """\b
Examples:
  qtops report incident                                  the newest recovery on record
  qtops report incident risk-proposal --to /root/incident-0217
  qtops report incident risk-proposal --map -o markdown | less
  qtops report incident --from before.json.gz --from after.json.gz
  qtops report incident --from /root/incident-0217       write it anew from its evidence
"""
PHASE_EXAMPLES = """\b
Examples:
  qtops report phase 3
  qtops report phase 3 --observe 2m --to /root/phase3
  qtops report phase 3 --from now.json.gz -o json
"""
CHECK_EXAMPLES = """\b
Examples:
  qtops report check /root/incident-0217
  qtops report check report.md -o json
"""
FILE = click.Path(path_type=Path)


def _writing(command: Any) -> Any:
    """Options of every command that writes a report."""
    for option in reversed(
        (
            click.option("--to", "to", metavar="DIR", type=FILE, help="Into this folder.  [default: below the state folder]"),
            click.option(
                "--templates",
                metavar="DIR",
                type=click.Path(path_type=Path, exists=True, file_okay=False),
                help="Templates of your own.  [default: templates/ beside qtops.toml]",
            ),
            click.option(
                "-o", "--output", type=click.Choice(FORMATS), default="human", show_default=True,
                help="Also print the report itself, in this form.",
            ),
            click.option("-q", "--quiet", is_flag=True, help="No progress."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


@click.group("report", epilog=f"{INCIDENT_EXAMPLES}{PHASE_EXAMPLES.partition('Examples:')[2].lstrip(chr(10))}")
def report_group() -> None:
    """Write a report in which every claim points to a record of what was measured, and check one.

    A report is a folder: report.md, report.html, report.json, and the evidence that they cite. What no evidence backs says so.
    """


@report_group.command(epilog=INCIDENT_EXAMPLES)
@click.argument("service", required=False)
@click.option("--recovery", default="", metavar="ID", help="About this recovery (`qtops recover --list`), not the newest.")
@click.option(
    "--from",
    "sources",
    multiple=True,
    metavar="PATH",
    type=FILE,
    help="From a report's folder, a bundle, or two bundles (before and after), not from this host.",
)
@click.option("--map", "wiring", is_flag=True, help="Also look for who reads what it writes, in the source of every unit.")
@_writing
@root_options
@pass_context
def incident(context: Context, /, **options: Any) -> int:
    """Report on what happened to a SERVICE: as it was found, what was done, and how it is proven to have helped.

    Written from the ledger of recoveries, the looks before and after, and a look now. Nothing is changed.

    \b
    Exit codes: 0 recovered, or nothing was wrong; 1 warning; 2 still sick, or rolled back; 3 could not tell; 64 usage,
    77 not permitted, 78 a template or the configuration is wrong.
    """  # noqa: D301
    if options["sources"] and options["recovery"]:
        raise UsageError("--from is about what files hold, --recovery about the ledger of this host: one of them")
    if options["sources"] and options["wiring"]:
        raise UsageError("--from is about what files hold, --map about the units of this host: one of them")
    from qtops.cli.report_run import incident as run

    return run(context, options)


@report_group.command(epilog=PHASE_EXAMPLES)
@click.argument("number", type=int, metavar="N")
@click.option(
    "--observe", metavar="DURATION", type=DURATION, default="30s", show_default=True, help="Watch what is written for so long."
)
@click.option("--at-once", is_flag=True, help="Look once: what takes watching could not be told then.")
@click.option("--from", "source", metavar="PATH", type=FILE, help="From a bundle or a report's folder, not from this host.")
@_writing
@root_options
@pass_context
def phase(context: Context, /, **options: Any) -> int:
    """Report on phase N of the plan in the configuration: COMPLETE, PARTIAL, UNVERIFIED or PENDING, and why.

    COMPLETE is a phase of which every criterion was measured and holds, and which nothing contradicts.

    \b
    Exit codes: 0 complete; 2 partial; 3 unverified, or pending; 64 no such phase, 77 not permitted, 78 configuration.
    """  # noqa: D301
    from qtops.cli.report_run import phase as run

    return run(context, options)


@report_group.command(epilog=CHECK_EXAMPLES)
@click.argument("report", type=FILE)
@click.option(
    "--templates",
    metavar="DIR",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Templates that it was written with.  [default: templates/ beside qtops.toml]",
)
@click.option(
    "-o", "--output", type=click.Choice(["human", "json"]), default="human", show_default=True, help="Form of the output."
)
@pass_context
def check(context: Context, /, **options: Any) -> int:
    """Check a REPORT (its folder, or a file in it) against its evidence.

    Every record is hashed and read again, the report is written anew from them, and both are compared: an altered record, a
    claim that nothing backs, a verdict that does not follow, a line that somebody wrote in by hand.

    \b
    Exit codes: 0 it says what its evidence says; 2 it does not; 3 could not tell; 64 it is no report.
    """  # noqa: D301
    from qtops.cli.report_run import check as run

    return run(context, options)
