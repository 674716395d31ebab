"""``qtops phases``: the plan, how each of its phases stands, and what has changed since the last report on it."""

from pathlib import Path
from typing import Any

import click

from qtops.cli.context import Context, pass_context, root_options
from qtops.cli.duration import DURATION

EXAMPLES = """\b
Examples:
  qtops phases
  qtops phases --observe 30s                             measure what takes watching as well
  qtops phases --from now.json.gz -o json
"""


@click.command(epilog=EXAMPLES)
@click.option("--observe", metavar="DURATION", type=DURATION, help="Watch what is written for so long.  [default: look once]")
@click.option("--from", "source", metavar="BUNDLE", type=click.Path(path_type=Path), help="What a file holds, not this host.")
@click.option(
    "-o", "--output", type=click.Choice(["human", "json"]), default="human", show_default=True, help="Form of the output."
)
@click.option("-v", "--verbose", is_flag=True, help="Everything that could not be told.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@root_options
@pass_context
def phases(context: Context, /, **options: Any) -> int:
    """List the phases of the plan with their states, what speaks against each, and what changed since it was last reported on.

    \b
    Exit codes: 0 all complete; 2 one is partial; 3 one is unverified or pending; 78 the configuration is wrong.
    """  # noqa: D301
    from qtops.cli.phases_run import run

    return run(context, options)
