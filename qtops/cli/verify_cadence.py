"""``qtops verify cadence``: how often are things really updated, and which limits are shorter than that?"""

from typing import Any

import click

from qtops.cli.checking import checking_options
from qtops.cli.context import Context, pass_context
from qtops.cli.duration import DURATION

EXAMPLES = """\b
Examples:
  qtops verify cadence
  qtops verify cadence BTCUSDT --family risk-proposal --for 5m
  qtops verify cadence quantum:stream:marketstate
  qtops verify cadence --for 3m -o nagios
  qtops verify cadence --from before.json.gz
"""


@click.command("cadence", epilog=EXAMPLES)
@click.argument("subject", nargs=-1)
@click.option("--family", "families", multiple=True, metavar="NAME", help="Only this family or stream. May be repeated.")
@click.option(
    "--for", "for_s", type=DURATION, metavar="DURATION", help="How long to watch keys.  [default: 3 declared intervals, 3m at most]"
)
@checking_options()
@pass_context
def cadence(context: Context, /, **options: Any) -> int:
    """How often are time fields and streams really updated?

    A SUBJECT is a symbol, or a stream from the configuration. Keys are watched for a while; streams tell at once, by the ids of
    their last entries. A limit that is shorter than twice the real interval is a finding about the limit, not about the data.
    """
    from qtops.cli.cadence_look import verify_cadence

    return verify_cadence(context, options)
