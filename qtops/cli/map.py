"""``qtops map``: who writes and who reads which name in Redis, and where the two do not meet."""

from typing import Any

import click

from qtops.cli.checking import checking_options
from qtops.cli.context import Context, pass_context

FORMS = ("mermaid", "dot", "markdown")
EXAMPLES = """\b
Examples:
  qtops map --all
  qtops map risk-proposal                           what it is connected to
  qtops map --control-plane                         why are the control streams empty?
  qtops map --source /srv/acme --no-redis           before deployment: unit files and source in a folder
  qtops map --units 'acme-*' --name '*:stream:*'
  qtops map --all -o markdown > SYSTEM_TRUTH_MAP.md
  qtops map --all -o dot | dot -Tsvg > map.svg
  qtops map --all --save now.qtops
  qtops map --from now.qtops --control-plane
"""


@click.command("map", epilog=EXAMPLES)
@click.argument("names", nargs=-1, metavar="[UNIT]...")
@click.option("--all", "everything", is_flag=True, help="Every unit that has a unit file of this host's own; so without a UNIT.")
@click.option("--units", multiple=True, metavar="PATTERN", help="Every unit that matches, such as 'acme-*'. May be repeated.")
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False),
    help="A folder with unit files and the source that they name. May be repeated.",
)
@click.option("--control-plane", is_flag=True, help="Only the streams that the configuration calls so: why are they empty?")
@click.option("--name", "pattern", metavar="PATTERN", default="", help="Only names that match, such as '*:stream:*'.")
@click.option("--no-redis", is_flag=True, help="Source and units alone: Redis is not asked.")
@checking_options(*FORMS)
@pass_context
def wiring_map(context: Context, /, **options: Any) -> int:
    """Who writes and who reads each name in Redis: do they meet?

    From the source of every unit, which is read and never run, and what is in Redis now. A UNIT is a unit's name with or without
    .service, or a name from the configuration; its names are shown, whoever else uses them.
    """
    from qtops.cli.map_look import draw_map

    return draw_map(context, options)
