"""``qtops doctor``: what is wrong with a service, why, what to do, and what could not be looked at."""

from pathlib import Path
from typing import Any

import click

from qtops.cli.context import Context, pass_context, root_options
from qtops.errors import UsageError

FORMATS = ("human", "json", "markdown", "junit", "nagios")
EXAMPLES = """\b
Examples:
  qtops doctor risk-proposal
  qtops doctor --all
  qtops doctor --units 'acme-*' --source /srv/acme --redis redis://127.0.0.1:6379/1
  qtops doctor risk-proposal --probe -o markdown
  qtops doctor risk-proposal --save /root/before.json.gz
  qtops doctor --from before.json.gz
"""


@click.command(epilog=EXAMPLES)
@click.argument("service", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every service that has a unit file of this host's own.")
@click.option(
    "--units", multiple=True, metavar="PATTERN", help="Every service whose unit matches, such as 'acme-*'. May be repeated."
)
@click.option(
    "--source",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False),
    help="A folder where the project's source is, besides those that units name.",
)
@click.option("--probe", is_flag=True, help="Also run a predicted import in a throw-away process in the unit's own context.")
@click.option("--save", metavar="BUNDLE", type=click.Path(path_type=Path), help="Keep all facts in a file, without secrets.")
@click.option(
    "--from", "bundle", metavar="BUNDLE", type=click.Path(path_type=Path), help="Diagnose what a file holds, not this host."
)
@click.option("--via", type=click.Choice(["pystemd", "systemctl"]), help="How to read systemd.  [default: pystemd if installed]")
@click.option("-o", "--output", type=click.Choice(FORMATS), default="human", show_default=True, help="Form of the output.")
@click.option("-v", "--verbose", is_flag=True, help="Evidence of consequences and notes as well.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, and nothing for people where all is well.")
@root_options
@pass_context
def doctor(context: Context, /, **options: Any) -> int:
    """What is wrong with a SERVICE, and why?

    A SERVICE is a unit's name with or without .service, or a name from the configuration. It is only looked at: nothing is
    started, stopped or written to. Without a proven root the answer is "inconclusive", with the command to run next.
    """
    chosen = options["service"] or options["units"] or options["everything"]
    if options["bundle"] is not None and (options["probe"] or options["units"] or options["everything"] or options["save"]):
        raise UsageError("--from looks at a file: --all, --units, --save and --probe do not go with it")
    if options["bundle"] is None and not chosen:
        raise UsageError("nothing to look at: name a service, or use --units 'PATTERN' or --all")
    from qtops.cli.doctor_look import look

    return look(context, options)
