"""``qtops notify test``: whether somebody who is to be told can be."""

import click

from qtops.cli.context import Context, pass_context, root_options

EXAMPLES = """\b
Examples:
  qtops notify test ops
  sudo -u qtops qtops notify test ops
"""


@click.group("notify", epilog=EXAMPLES)
def notify_group() -> None:
    """Try out those whom the supervisor tells."""


@notify_group.command("test", epilog=EXAMPLES)
@click.argument("name")
@root_options
@pass_context
def test(context: Context, name: str) -> int:
    """Send a test to the endpoint NAME of the configuration now, and say what came back.

    It is sent as the user who runs this: run it as the one that the supervisor runs as.

    \b
    Exit codes: 0 it was delivered, 75 it was not, 64 there is no such endpoint.
    """  # noqa: D301
    from qtops.cli.notify_test import run

    return run(context.settings, name)
