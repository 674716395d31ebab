"""``qtops verify proposals``: are the levels right, and made from what is real?"""

from pathlib import Path
from typing import Any

import click

from qtops.cli.checking import checking_options
from qtops.cli.context import Context, pass_context
from qtops.cli.duration import DURATION

EXAMPLES = """\b
Examples:
  qtops verify proposals
  qtops verify proposals BTCUSDT -o nagios
  qtops verify proposals --scan                     coverage: published, configured, positions
  qtops verify proposals --observe 2m               also what moves, and what should and does not
  qtops verify proposals --save then.qtops
  qtops verify proposals --since then.qtops         has a stop been loosened since?
  qtops verify proposals --from then.qtops -o json
"""


@click.command("proposals", epilog=EXAMPLES)
@click.argument("symbol", nargs=-1)
@click.option("--family", "families", multiple=True, metavar="NAME", help="This family, where several hold proposals.")
@click.option("--scan", is_flag=True, help="Look for all proposals and positions with SCAN, once; 10 s at most.")
@click.option("--observe", type=DURATION, metavar="DURATION", help="Look again after so long, and compare.")
@click.option("--since", type=click.Path(path_type=Path), metavar="BUNDLE", help="Compare with the proposals in a saved file.")
@checking_options()
@pass_context
def proposals(context: Context, /, **options: Any) -> int:
    """Are the proposed stops and targets right, and made from what is real?

    Each proposal is computed again from the inputs that are published with it and beside it, and compared. Fresh is not the
    same as right: what nobody computed from a real market is said to be FRESH, NOT REAL.
    """
    from qtops.cli.proposals_look import verify_proposals

    return verify_proposals(context, options)
