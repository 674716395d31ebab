"""``qtops preflight``: what will happen when these units start, from their files alone."""

from typing import Any

import click

from qtops.cli.context import Context, pass_context
from qtops.errors import UsageError

FORMATS = ("human", "json", "github", "sarif")
EXAMPLES = """\b
Examples:
  qtops preflight /etc/systemd/system/app.service
  qtops preflight deploy/systemd --root build/image -o github
  qtops preflight deploy/ --root . --assume-third-party -o sarif > preflight.sarif
  qtops preflight --script services/app/main.py --pythonpath . --workdir .
"""


@click.command(epilog=EXAMPLES)
@click.argument("units", nargs=-1, metavar="[UNIT_FILE|FOLDER]...")
@click.option("--root", default="/", metavar="DIR", help="Read /home/x in a unit as DIR/home/x; no link leads out of DIR.")
@click.option("--script", metavar="FILE", help="A script that no unit starts.")
@click.option("--pythonpath", multiple=True, metavar="DIR", help="With --script: an entry of PYTHONPATH. May be repeated.")
@click.option("--workdir", metavar="DIR", help="With --script: the working directory.  [default: this one]")
@click.option("--python", metavar="PATH", help="With --script: the interpreter.  [default: /usr/bin/python3]")
@click.option("--assume-third-party", is_flag=True, help="Take distributions that are not in the tree to be installed.")
@click.option("-o", "--output", type=click.Choice(FORMATS), default="human", show_default=True, help="Form of the output.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, and nothing for people where all is well.")
@pass_context
def preflight(context: Context, /, **options: Any) -> int:
    """Will these units start, and will every import of theirs resolve?

    Nothing of theirs is executed, and neither systemd nor root is needed. A folder stands for all unit files in it. "Could
    not tell" is an answer (exit code 3); it never hides a finding.
    """
    if not options["units"] and options["script"] is None:
        raise UsageError("nothing to look at: name unit files or folders of them, or a --script")
    if options["script"] is None and (options["pythonpath"] or options["workdir"] or options["python"]):
        raise UsageError("--pythonpath, --workdir and --python go with --script; a unit says these for itself")
    from qtops.cli.preflight_look import look

    return look(context, options)
