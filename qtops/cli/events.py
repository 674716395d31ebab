"""``qtops events``: what risk guards said, whether one is in force, and whether anybody listened."""

from typing import Any

import click

from qtops.cli.checking import checking_options
from qtops.cli.context import Context, pass_context
from qtops.cli.duration import DURATION

EXAMPLES = """\b
Examples:
  qtops events
  qtops events --since 1d
  qtops events --limit 1000 -o markdown
  qtops events -o nagios
  qtops events --from before.json.gz
"""


@click.command(epilog=EXAMPLES)
@click.option("--since", "since_s", type=DURATION, metavar="DURATION", help="Show only what is not older. Everything is judged.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=200, show_default=True, help="How many entries are read at most.")
@click.option("--stream", metavar="NAME", help="Another stream of events.  [default: quantum:stream:risk.events]")
@checking_options("markdown")
@pass_context
def events(context: Context, /, **options: Any) -> int:
    """Show risk events as a timeline, and what is wrong with them.

    A guard in force is critical, whatever else is in order; so is a request that nobody took.
    """
    from qtops.cli.events_look import show_events

    return show_events(context, options)
