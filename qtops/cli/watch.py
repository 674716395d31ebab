"""``qtops watch``: look again and again, and show what changed."""

from pathlib import Path
from typing import Any, Final

import click

from qtops.cli.context import Context, pass_context, root_options
from qtops.cli.duration import DURATION
from qtops.errors import UsageError

WHATS: Final = ("freshness", "proposals", "cadence", "streams", "events", "map", "doctor")
FORMATS: Final = ("human", "json")
EXAMPLES = """\b
Examples:
  qtops watch proposals --every 10s
  qtops watch proposals BTCUSDT --plot
  qtops watch proposals --html /var/www/html/levels.html -q
  qtops watch streams --every 5s -o json | jq .summary.verdict
  qtops watch freshness --family risk-proposal --until-ok
  qtops watch doctor risk-proposal --every 30s --count 10
"""


@click.command(epilog=EXAMPLES, context_settings={"ignore_unknown_options": True})
@click.argument("what", type=click.Choice(WHATS))
@click.argument("rest", nargs=-1, type=click.UNPROCESSED, metavar="[OPTIONS OF WHAT]...")
@click.option("--every", type=DURATION, default="10s", show_default=True, help="How often.")
@click.option("--count", type=click.IntRange(min=1), metavar="N", help="End after so many looks.")
@click.option("--until-ok", is_flag=True, help="End as soon as all is well.")
@click.option("--plot", is_flag=True, help="Draw levels against the price, and ages, in the terminal.")
@click.option("--html", metavar="FILE", type=click.Path(path_type=Path), help="Draw them into an HTML file, at each look.")
@click.option(
    "-o", "--output", type=click.Choice(["human", "json"]), default="human", show_default=True, help="Form of the output."
)
@click.option("-v", "--verbose", is_flag=True, help="Every finding in full.")
@click.option("-q", "--quiet", is_flag=True, help="Without a terminal: only what changed.")
@root_options
@pass_context
def watch(context: Context, /, what: str, **options: Any) -> int:
    """Look at WHAT again and again, and show what changed.

    WHAT takes the arguments and options that its own command takes: names, --family, --scan and so on. What was found or cleared
    since the look before is marked; a Redis that goes away and comes back is shown as that. The exit code is that of the last look.

    \b
    On a terminal    a view that stays in place
    elsewhere        a line for each look, and one for each change
    -o json          one document per line, as the command of WHAT prints it
    """  # noqa: D301
    if options["plot"] and options["output"] == "json":
        raise UsageError("--plot goes with -o human")
    from qtops.cli.watch_run import run

    return run(context, what, options)
