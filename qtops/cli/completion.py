"""``qtops completion``: the completion scripts that click makes."""

import click
from click.shell_completion import get_completion_class

from qtops.cli.main import COMPLETION_VARIABLE
from qtops.errors import UsageError

EXAMPLES = """\b
Examples:
  source <(qtops completion bash)
  qtops completion zsh > ~/.zfunc/_qtops
  qtops completion fish > ~/.config/fish/completions/qtops.fish
"""


@click.command(epilog=EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell."""
    kind = get_completion_class(shell)
    if kind is None:
        raise UsageError(f"click knows no completion for {shell}")
    click.echo(kind(ctx.find_root().command, {}, "qtops", COMPLETION_VARIABLE).source())
