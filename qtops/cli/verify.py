"""``qtops verify``: prove that what Redis holds is what it should be."""

from typing import Any

import click

from qtops.cli.context import Context, pass_context, root_options
from qtops.cli.duration import DURATION
from qtops.cli.verify_cadence import cadence
from qtops.cli.verify_proposals import proposals
from qtops.cli.verify_streams import streams
from qtops.errors import UsageError

FORMATS = ("human", "json", "nagios", "junit", "prometheus")
EXAMPLES = """\b
Examples:
  qtops verify freshness
  qtops verify freshness BTCUSDT --family risk-proposal -o nagios
  qtops verify freshness --watch
  qtops verify freshness --until-fresh --timeout 60s
  qtops verify freshness --observe 3m
  qtops verify proposals --scan
  qtops verify streams --plan
  qtops verify cadence --for 3m
  qtops verify freshness --pattern 'app:heartbeat:{symbol}' --time-field beat_ms --limit 30s --scan
"""


@click.group("verify", epilog=EXAMPLES)
def verify_group() -> None:
    """Prove that what Redis holds is fresh, and right."""


@verify_group.command(epilog=EXAMPLES)
@click.argument("symbol", nargs=-1)
@click.option("--family", "families", multiple=True, metavar="NAME", help="Only this configured family. May be repeated.")
@click.option("--symbols", metavar="A,B", default="", help="More symbols, with commas.")
@click.option("--pattern", metavar="KEY", help="Keys that no configured family has; {symbol} stands for the symbol.")
@click.option("--kind", type=click.Choice(["hash", "string", "stream"]), default="hash", help="With --pattern: what the keys are.")
@click.option("--time-field", metavar="FIELD", help="With --pattern: the field that holds the time.")
@click.option("--limit", type=DURATION, help="With --pattern: how old the time may be.")
@click.option("--critical", type=DURATION, help="With --pattern: how old it may be until it is STALE.  [default: --limit]")
@click.option("--interval", type=DURATION, help="With --pattern: how often it should be updated.  [default: --limit]")
@click.option("--scan", is_flag=True, help="Look for more subjects with SCAN, once; it walks the whole data set, 10 s at most.")
@click.option("--watch", is_flag=True, help="Show it live until Ctrl-C.")
@click.option("--every", type=DURATION, default="2s", show_default=True, help="With --watch: how often.")
@click.option("--observe", type=DURATION, metavar="DURATION", help="Measure how often the times really move, for so long.")
@click.option("--until-fresh", is_flag=True, help="Wait until every key is fresh.")
@click.option("--timeout", type=DURATION, default="60s", show_default=True, help="With --until-fresh: how long.")
@click.option("-o", "--output", type=click.Choice(FORMATS), default="human", show_default=True, help="Form of the output.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, and nothing for people where all is well.")
@root_options
@pass_context
def freshness(context: Context, /, **options: Any) -> int:
    """Are the keys of the configured families as fresh as they should be?

    \b
    FRESH    younger than its limit          NEVER    absent, never seen
    LATE     older than the warning limit    EXPIRED  absent, but was there
    STALE    older than the critical limit   FUTURE   its time lies ahead of Redis' clock
    IDLE     absent, as no position is open  UNKNOWN  could not tell
    """  # noqa: D301
    modes = [name for name in ("watch", "observe", "until_fresh") if options[name]]
    if len(modes) > 1:
        raise UsageError("--watch, --observe and --until-fresh exclude each other")
    if options["watch"] and options["output"] not in ("human", "json"):
        raise UsageError("--watch goes with -o human or -o json")
    from qtops.cli.verify_freshness import verify_freshness

    return verify_freshness(context, options)


verify_group.add_command(proposals)
verify_group.add_command(cadence)
verify_group.add_command(streams)
