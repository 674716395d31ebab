"""``qtops install``: units, account, rights and configuration, put in place and taken away again."""

from typing import Any

import click

from qtops.cli.context import Context, pass_context, root_options
from qtops.errors import UsageError

FORMATS = ("human", "json")
PARTS = ("supervisor", "publisher", "freshness", "settings")
STARTED = PARTS[:3]
EXAMPLES = """\b
Examples:
  qtops install                                          what would go where
  qtops install --apply --enable supervisor
  qtops install --apply --only supervisor --only settings
  qtops install --apply --prefix debian/qtops            the root of a package: no command is run
  qtops install --remove --dry-run
  qtops install --remove
"""


@click.command(epilog=EXAMPLES)
@click.option("--dry-run", is_flag=True, help="Only say what would be done. Without --apply and --remove that is all anyway.")
@click.option("--apply", is_flag=True, help="Put everything in place, and have systemd take notice.")
@click.option("--remove", is_flag=True, help="Take away what --apply put there, and nothing else.")
@click.option("--only", multiple=True, type=click.Choice(PARTS), help="Only this part. May be repeated.  [default: all]")
@click.option("--enable", multiple=True, type=click.Choice(STARTED), help="Start this part, now and at each boot. May be repeated.")
@click.option(
    "--prefix",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False),
    help="The root of a package, instead of this host: files go where a package's go, and no command is run.",
)
@click.option(
    "--python",
    metavar="PATH",
    help="The interpreter that the units name.  [default: this one; with --prefix /opt/qtops/bin/python]",
)
@click.option("-o", "--output", type=click.Choice(FORMATS), default="human", show_default=True, help="Form of the output.")
@root_options
@pass_context
def install(context: Context, /, **options: Any) -> int:
    """Put units, account, rights and configuration in place, and take them away again.

    The supervisor's units with the account qtops and the polkit rule that lets it restart the configured services; the publisher's,
    with its options; a timer that looks at freshness where no supervisor runs; the configuration with every default shown. What
    somebody changed is never overwritten: the new version goes beside it, as FILE.qtops-new. Nothing is started without --enable.

    \b
    Exit codes: 0 done, or nothing to do; 4 not applied, as after a dry run; 64 usage, 77 not permitted, 78 bad configuration.
    """  # noqa: D301
    if options["apply"] and (options["remove"] or options["dry_run"]):
        raise UsageError(f"--apply and --{'remove' if options['remove'] else 'dry-run'} do not go together")
    if options["enable"] and (options["remove"] or options["prefix"]):
        raise UsageError(f"--enable does not go with --{'remove' if options['remove'] else 'prefix'}")
    if left_out := [part for part in options["enable"] if options["only"] and part not in options["only"]]:
        raise UsageError(f"--enable {left_out[0]} does not go with --only {options['only'][0]}: add --only {left_out[0]}")
    from qtops.cli.install_run import run

    return run(context, options)
