"""``qtops top``: how everything is, in one live view."""

from typing import Any

import click

from qtops.cli.context import Context, pass_context, root_options
from qtops.cli.duration import DURATION

EXAMPLES = """\b
Examples:
  qtops top
  qtops top risk-proposal --every 5s
  qtops top --once
  qtops top -o json | jq '.levels[] | {symbol, stop_pct, mark}'
"""


@click.command(epilog=EXAMPLES)
@click.argument("service", nargs=-1)
@click.option("--every", type=DURATION, default="2s", show_default=True, help="How often to look.")
@click.option("--once", is_flag=True, help="Look once, print, and end; so it does where there is no terminal.")
@click.option("-o", "--output", type=click.Choice(["human", "json"]), default="human", show_default=True, help="Form of one look.")
@root_options
@pass_context
def top(context: Context, /, **options: Any) -> int:
    """Services, stops and targets against the price, ages of keys, streams, open incidents and holds, the sickest first.

    All services of the configuration and all that it knows of Redis; or each SERVICE that is named, and what it writes. It is
    only looked at, without the journal and the source: `qtops doctor` says why. q or Ctrl-C ends the view.
    """
    from qtops.cli.top_run import run

    return run(context, options)
