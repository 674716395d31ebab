"""``qtops supervise``: notice at once, act only on proof, and call a person when it must."""

from typing import Any

import click

from qtops.cli.context import Context, pass_context, root_options
from qtops.cli.duration import DURATION

FORMATS = ("human", "json")
EXAMPLES = """\b
Examples:
  qtops supervise                                      until it is ended: what the unit qtops-supervisor.service runs
  qtops supervise --once                               one look at everything, for a timer
  qtops supervise --once --textfile /var/lib/prometheus/node-exporter/qtops.prom
  qtops --config ./qtops.toml supervise
"""


@click.command(epilog=EXAMPLES)
@click.option("--once", is_flag=True, help="Look at everything once, carry out what follows from it, and end.")
@click.option(
    "--patience",
    type=DURATION,
    default="60s",
    show_default=True,
    metavar="TIME",
    help="With --once: how long all of it may take.",
)
@click.option("--textfile", metavar="FILE", help="Write the metrics to this file as well.  [default: as configured]")
@click.option("--metrics", metavar="HOST:PORT", help='Serve /metrics here, on loopback; "" for nowhere.  [default: as configured]')
@click.option(
    "-o", "--output", type=click.Choice(FORMATS), default="human", show_default=True, help="Form of the output of --once."
)
@root_options
@pass_context
def supervise(context: Context, /, **options: Any) -> int:
    """Watch the services of the configuration, and answer for them.

    Units are watched by signals of systemd, their logs by following the journal, and what they write by looking at Redis.
    Each fault is one incident on record, is diagnosed once, and is told to those whom the configuration names. A service is
    restarted only where its proven cause is one that a restart can help, within a budget; one that an operator stopped, or
    holds (`qtops hold`), is left alone. Nothing is recovered by itself unless auto_recover names the cause.

    \b
    Exit codes of --once: 0 nothing is wrong, 1 warning, 2 critical, 3 could not tell;
    75 another supervisor is at work, 77 not permitted, 78 bad configuration.
    """  # noqa: D301
    from qtops.cli.supervise_run import run

    return run(context, options)
