"""``qtops hold``: have a service left alone until a date, and say why."""

from typing import Any

import click

from qtops.cli.context import Context, pass_context, root_options
from qtops.errors import UsageError

EXAMPLES = """\b
Examples:
  qtops hold
  qtops hold risk-proposal --until 2h --why "moving its Redis"
  qtops hold risk-proposal --until 2026-11-24T06:00+01:00 --why "vendor works on it"
  qtops hold risk-proposal --lift
"""


@click.command(epilog=EXAMPLES)
@click.argument("service", required=False)
@click.option("--until", metavar="WHEN", help="How long (90m, 2h, 3d), or a date with or without a time; UTC unless it says.")
@click.option("--why", metavar="TEXT", help="What is being done meanwhile: whoever comes across it has to know.")
@click.option("--lift", is_flag=True, help="End the hold on SERVICE now.")
@click.option(
    "-o", "--output", type=click.Choice(["human", "json"]), default="human", show_default=True, help="Form of the output."
)
@root_options
@pass_context
def hold(context: Context, /, **options: Any) -> int:
    """Have the supervisor leave SERVICE alone until a date; without SERVICE, list what is on hold.

    SERVICE is a name from the configuration, or a unit's name. It is watched all the same, its incidents are opened and people are
    told of them: it is neither restarted nor recovered. Longer than 30 days is no hold: take it out of the configuration.
    """
    if options["service"] is None and (options["until"] or options["why"] or options["lift"]):
        raise UsageError("name the SERVICE that is meant")
    if options["lift"] and (options["until"] or options["why"]):
        raise UsageError("--lift ends a hold: --until and --why do not go with it")
    if bool(options["until"]) != bool((options["why"] or "").strip()):
        raise UsageError("a hold wants both --until WHEN and --why TEXT")
    from qtops.cli.hold_run import run

    return run(context, options)
