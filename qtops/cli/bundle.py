"""``qtops bundle``: what a recorded look holds, and what changed between two of them."""

from pathlib import Path

import click

OUTPUT = click.option(
    "-o", "--output", type=click.Choice(["human", "json"]), default="human", show_default=True, help="Form of the output."
)
FILE = click.Path(path_type=Path)
SHOW_EXAMPLES = """\b
Examples:
  qtops bundle show before.json.gz
  qtops bundle show before.json.gz -o json | jq .services[].unit
"""
DIFF_EXAMPLES = """\b
Examples:
  qtops bundle diff before.json.gz after.json.gz
"""


@click.group("bundle", epilog=f"{SHOW_EXAMPLES}{DIFF_EXAMPLES.partition('Examples:')[2].lstrip(chr(10))}")
def bundle_group() -> None:
    """Look into what --save wrote (of doctor, verify, map, events), and compare.

    A bundle is diagnosed with `qtops doctor --from BUNDLE`, on any host.
    """


@bundle_group.command(epilog=SHOW_EXAMPLES)
@click.argument("bundle", type=FILE)
@OUTPUT
def show(bundle: Path, output: str) -> None:
    """Say what a BUNDLE holds: from which host, when, how much of each service, and what of Redis. JSON is the whole of it."""
    from qtops.bundle import encode, read
    from qtops.bundle.contents import contents

    held = read(bundle)
    click.echo(encode(held).decode() if output == "json" else "\n".join(contents(held)))


@bundle_group.command(epilog=DIFF_EXAMPLES)
@click.argument("before", type=FILE)
@click.argument("after", type=FILE)
@OUTPUT
def diff(before: Path, after: Path, output: str) -> None:
    """Say what changed from BEFORE to AFTER: states, roots, findings, files, counters; levels, groups, streams.

    Both are diagnosed by the checks of this version.
    """
    from qtops.bundle import load
    from qtops.bundle.difference import as_json, lines
    from qtops.bundle.difference import diff as compare
    from qtops.diagnose import diagnose

    old, new = load(before), load(after)
    difference = compare((old, diagnose(old)), (new, diagnose(new)))
    click.echo(as_json(difference) if output == "json" else "\n".join(lines(difference)))
