"""``qtops verify streams``: is what is written read, and is it written at all?"""

from typing import Any

import click

from qtops.cli.checking import checking_options
from qtops.cli.context import Context, pass_context
from qtops.cli.duration import DURATION

EXAMPLES = """\b
Examples:
  qtops verify streams
  qtops verify streams quantum:stream:apply.result --plan
  qtops verify streams --observe 30s                also what stands still, and what works on the past
  qtops verify streams --no-scan -o nagios          only those of the configuration
  qtops verify streams --save then.qtops
  qtops verify streams --from then.qtops -o json
"""


@click.command("streams", epilog=EXAMPLES)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--no-scan", is_flag=True, help="Only the streams of the configuration: no SCAN, which takes 2 s at most.")
@click.option("--observe", type=DURATION, metavar="DURATION", help="Look again after so long; 30s tells what stands still.")
@click.option("--plan", is_flag=True, help="Say what to do about it, in order and counted. Nothing is carried out.")
@checking_options()
@pass_context
def streams(context: Context, /, **options: Any) -> int:
    """Does something arrive on each stream, and is it read?

    That a stream exists, or has entries, proves nothing: the age of its newest event does, where it is continuous or periodic.
    What is driven by events is never judged by its age; its groups are, by what waits for them.
    """
    from qtops.cli.streams_look import verify_streams

    return verify_streams(context, options)
