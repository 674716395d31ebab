"""``qtops runbook``: list the guided recoveries, show one, and run one step by step."""

from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from qtops.cli.context import Context, pass_context, root_options

LIST_EXAMPLES = """\b
Examples:
  qtops runbook list
"""
SHOW_EXAMPLES = """\b
Examples:
  qtops runbook show recover-import
  qtops runbook show streams                     a page to read, without steps
  qtops runbook show recover-import --raw > recover-import.md
"""
RUN_EXAMPLES = """\b
Examples:
  qtops runbook run recover-import --set service=risk-proposal --dry-run
  qtops runbook run recover-import --set service=risk-proposal
  qtops runbook run recover-import --from prove --yes
  qtops runbook run ./our-own.md --evidence /root/evidence/ -o json
"""


def _complete_runbook(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from qtops.cli.runbook_files import GUIDED, shipped

    fitting = [name for name in shipped() if name.startswith(incomplete) and (ctx.info_name == "show" or name.startswith(GUIDED))]
    return [CompletionItem(name) for name in fitting] or [CompletionItem(incomplete, type="file")]


def _complete_step(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from qtops.cli.runbook_files import load
    from qtops.errors import QtopsError

    try:
        name = ctx.params.get("name") or next(iter(ctx.args), "")  # an option that lacks its value ends click's reading
        steps = load(name).steps
    except QtopsError:
        return []
    return [CompletionItem(step.name, help=step.why) for step in steps if step.name.startswith(incomplete)]


@click.group("runbook", epilog=f"{LIST_EXAMPLES}{RUN_EXAMPLES.partition('Examples:')[2].lstrip(chr(10))}")
def runbook_group() -> None:
    """Recover step by step, guided by a runbook, and keep the evidence.

    A runbook is Markdown; its steps are commands as lists of words, with what is expected of each. Pages about the codes of
    findings are printed by `qtops explain CODE`.
    """


@runbook_group.command("list", epilog=LIST_EXAMPLES)
def list_() -> None:
    """List the guided recoveries."""
    from qtops.cli.runbook_files import listed

    for line in listed():
        click.echo(line)


@runbook_group.command(epilog=SHOW_EXAMPLES)
@click.argument("name", shell_complete=_complete_runbook)
@click.option("--raw", is_flag=True, help="The Markdown as it stands in the file.")
@pass_context
def show(context: Context, name: str, raw: bool) -> None:
    """Print the runbook NAME, or the one in a FILE.md: rendered on a terminal, else as it stands in the file."""
    from qtops.cli.runbook_files import load
    from qtops.reports.guides.human import page, plain

    runbook = load(name)
    console = context.console()
    if raw or not console.is_terminal:
        click.echo(plain(runbook), nl=False)
    else:
        console.print(page(runbook))


@runbook_group.command(epilog=RUN_EXAMPLES)
@click.argument("name", shell_complete=_complete_runbook)
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="A parameter of the runbook. May be repeated.")
@click.option("--dry-run", is_flag=True, help="Show every command as it would be run, and run none.")
@click.option("--yes", is_flag=True, help="Ask nothing: every step is confirmed, those that change the host too.")
@click.option("--from", "start", metavar="STEP", shell_complete=_complete_step, help="Begin at this step: its name or number.")
@click.option(
    "--evidence",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="Keep the evidence in this folder or file.  [default: runs/ in the state folder]",
)
@click.option(
    "-o", "--output", type=click.Choice(["human", "json"]), default="human", show_default=True, help="Form of the output."
)
@root_options
@pass_context
def run(context: Context, /, name: str, **options: Any) -> int:
    """Run the runbook NAME, or the one in a FILE.md, one step after the other.

    Each step says why, and shows the exact command, before it asks. The first one that does not do what is expected of it ends the
    run. Command, exit code, duration and output are kept as evidence, without secrets, in a file that its owner alone can read.

    \b
    Exit codes: 0 every step did what was expected; 4 one did not, or you stopped; 64 usage, 77 not permitted.
    """  # noqa: D301
    from qtops.cli.runbook_run import run as carry_out

    return carry_out(context, name, options)
