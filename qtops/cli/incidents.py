"""``qtops incidents``: what is open, one incident from its beginning, and what a person says of it."""

from collections.abc import Callable
from typing import Any

import click

from qtops.cli.context import Context, pass_context, root_options

LIST_EXAMPLES = """\b
Examples:
  qtops incidents
  qtops incidents list --all
  qtops incidents -o json
"""
SHOW_EXAMPLES = """\b
Examples:
  qtops incidents show 12
  qtops incidents show 12 -o json
"""
ACK_EXAMPLES = """\b
Examples:
  qtops incidents ack 12
  qtops incidents ack 12 --why "the provider is on it, ticket 4711"
"""
CLOSE_EXAMPLES = """\b
Examples:
  qtops incidents close 12 --why "it is switched off for good"
"""
_MORE = "".join(text.partition("Examples:")[2].lstrip("\n") for text in (SHOW_EXAMPLES, ACK_EXAMPLES, CLOSE_EXAMPLES))
_output = click.option(
    "-o", "--output", type=click.Choice(["human", "json"]), default="human", show_default=True, help="Form of the output."
)
_all = click.option("--all", "everything", is_flag=True, help="All that ended as well, not the last 20 only.")
_number = click.argument("number", type=click.IntRange(1, 2**63 - 1))


def _listing(command: Callable[..., Any]) -> Callable[..., Any]:
    return _all(_output(root_options(command)))


@click.group("incidents", epilog=f"{LIST_EXAMPLES}{_MORE}", invoke_without_command=True)
@_listing
@click.pass_context
def incidents_group(ctx: click.Context, /, **options: Any) -> int:
    """List incidents, tell one from its beginning, acknowledge it, close it.

    The supervisor (`qtops supervise`) opens one per fault. Root acts as the user whose records they are.

    \b
    Exit codes of the list: 0 none is open, 1 one is (warning), 2 one is (critical), 3 it cannot be read.
    """  # noqa: D301
    if ctx.invoked_subcommand is not None:
        return 0
    return _list(ctx.find_object(Context) or Context(), options)


@incidents_group.command("list", epilog=LIST_EXAMPLES)
@_listing
@pass_context
def list_(context: Context, /, **options: Any) -> int:
    """List the open incidents, then the last that ended."""
    return _list(context, options)


@incidents_group.command(epilog=SHOW_EXAMPLES)
@_number
@_output
@root_options
@pass_context
def show(context: Context, /, **options: Any) -> int:
    """Tell incident NUMBER from its beginning: timeline, who was told, what was kept, and what to run next."""
    from qtops.cli.incidents_run import show_one

    return show_one(context, options)


@incidents_group.command(epilog=ACK_EXAMPLES)
@_number
@click.option("--why", default="", metavar="TEXT", help="What is being done about it: for the timeline.")
@_output
@root_options
@pass_context
def ack(context: Context, /, **options: Any) -> int:
    """Say that somebody cares for incident NUMBER: nobody is reminded of it any more."""
    from qtops.cli.incidents_run import acknowledge

    return acknowledge(context, options)


@incidents_group.command(epilog=CLOSE_EXAMPLES)
@_number
@click.option("--why", required=True, metavar="TEXT", help="Why it is over although it was not seen to be: for the timeline.")
@_output
@root_options
@pass_context
def close(context: Context, /, **options: Any) -> int:
    """End incident NUMBER, whatever is seen. Those who were told of it are told so; a new fault opens a new one."""
    from qtops.cli.incidents_run import end

    return end(context, options)


def _list(context: Context, options: dict[str, Any]) -> int:
    from qtops.cli.incidents_run import show_all

    return show_all(context, options)
