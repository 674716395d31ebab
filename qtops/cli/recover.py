"""``qtops recover``: mend the proven cause, prove the effect, or put everything back."""

from typing import Any

import click

from qtops.cli.context import Context, pass_context, root_options
from qtops.errors import UsageError

FORMATS = ("human", "json")
MODES = ("apply", "resume", "undo", "list")
EXAMPLES = """\b
Examples:
  qtops recover risk-proposal                            what would be done, file by file
  qtops recover risk-proposal --apply
  qtops recover risk-proposal --apply --remedy add-pythonpath
  qtops recover risk-proposal --resume                   finish what was killed
  qtops recover risk-proposal --undo                     put everything back as it was before the last one
  qtops recover --list
"""


@click.command(epilog=EXAMPLES)
@click.argument("service", required=False)
@click.argument("id", required=False, metavar="[ID]")
@click.option("--apply", is_flag=True, help="Carry it out, prove its effect, and undo it where that fails.")
@click.option("--resume", is_flag=True, help="Finish a recovery that was killed on the way.")
@click.option("--undo", is_flag=True, help="Undo the last recovery of SERVICE, or the one with this ID.")
@click.option("--list", "list", is_flag=True, help="List the recoveries on record.")
@click.option("--remedy", multiple=True, metavar="NAME", help="Take this remedy. May be repeated.")
@click.option("--again", is_flag=True, help="Although the same was undone within a day.")
@click.option("--automatic", is_flag=True, help="Nobody is there to agree: only what auto_recover of the configuration names.")
@click.option(
    "--source",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False),
    help="A folder where the project's source is, besides those that the unit names.",
)
@click.option("-o", "--output", type=click.Choice(FORMATS), default="human", show_default=True, help="Form of the output.")
@click.option("-v", "--verbose", is_flag=True, help="Diffs in full.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@root_options
@pass_context
def recover(context: Context, /, **options: Any) -> int:
    """Recover a SERVICE from its proven root cause.

    Without an option it only says what it would do: a diff of every file, every action, why, and its way back. With --apply that
    is carried out as one transaction: it counts only once the effect is seen (one process that stays, the finding gone, and what
    it publishes fresh, sane, and written by the new process), and is undone where it is not.

    \b
    Exit codes: 0 done, or nothing to do; 4 not applied, or undone; 5 it could not be undone: a person must look;
    64 usage, 75 another recovery of it is under way, 77 not permitted.
    """  # noqa: D301
    modes = [mode for mode in MODES if options[mode]]
    if len(modes) > 1:
        raise UsageError(f"--{modes[0]} and --{modes[1]} do not go together")
    mode = modes[0] if modes else "plan"
    if options["service"] is None and mode != "list":
        raise UsageError("nothing to recover: name a service, or --list what is on record")
    if options["id"] is not None and mode != "undo":
        raise UsageError("an ID goes with --undo only")
    if (options["remedy"] or options["again"]) and mode not in {"plan", "apply"}:
        raise UsageError(f"--remedy and --again choose what is done: they do not go with --{mode}")
    if options["automatic"] and (mode not in {"plan", "apply"} or options["remedy"] or options["again"]):
        raise UsageError("--automatic goes with --apply alone: --remedy and --again are for a person to say")
    from qtops.cli.recover_run import run

    return run(context, mode, options)
