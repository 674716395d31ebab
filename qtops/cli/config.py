"""``qtops config``: the settings in force, where each comes from, and which files are looked for."""

import click

from qtops.cli.context import Context, pass_context

SHOW_EXAMPLES = """\b
Examples:
  qtops config show
  qtops config show --origin
  QTOPS_SYMBOLS=BTCUSDT qtops config show -o json
"""
PATH_EXAMPLES = """\b
Examples:
  qtops config path
  qtops --config /etc/qtops/test.toml config path
"""


@click.group("config", epilog=f"{SHOW_EXAMPLES}  qtops config path\n")
def config_group() -> None:
    """Show the settings in force and where each comes from."""


@config_group.command(epilog=SHOW_EXAMPLES)
@click.option("--origin", is_flag=True, help="Name the file, variable or option that each value comes from.")
@click.option(
    "-o",
    "--output",
    type=click.Choice(["human", "json"]),
    default="human",
    show_default=True,
    help="human is valid TOML; json always has the origins.",
)
@pass_context
def show(context: Context, origin: bool, output: str) -> None:
    """Print the settings in force. A password in a URL is masked."""
    from qtops.reports.configuration import masked, to_json, to_toml

    shown = masked(context.configuration)
    click.echo(to_json(shown) if output == "json" else to_toml(shown, origins=origin), nl=False)


@config_group.command(epilog=PATH_EXAMPLES)
@pass_context
def path(context: Context) -> None:
    """Print the files that are looked for, in the order of reading; a later one wins."""
    from qtops.config import search

    for file in (context.config_file,) if context.config_file else search():
        click.echo(f"{'present' if file.exists() else 'absent '}  {file}")
