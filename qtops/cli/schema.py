"""``qtops schema``: the JSON Schema of each machine-readable output."""

import click

from qtops.schemas import SCHEMAS, read

EXAMPLES = """\b
Examples:
  qtops schema
  qtops schema config > config.schema.json
"""


@click.command(epilog=EXAMPLES)
@click.argument("name", required=False, type=click.Choice([name for name, _ in SCHEMAS]))
def schema(name: str | None) -> None:
    """Print the JSON Schema NAME, or the names of all."""
    if name is None:
        for known, _ in SCHEMAS:
            click.echo(known)
    else:
        click.echo(read(name), nl=False)
