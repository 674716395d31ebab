"""``qtops redact``: take the secrets out of what is to be passed on."""

from pathlib import Path

import click

from qtops.cli.context import Context, pass_context

EXAMPLES = """\b
Examples:
  qtops redact app.log --env /etc/quantum/publisher.env --to app-clean.log
  journalctl -u quantum-publisher -o cat | qtops redact - | less
  qtops redact before.json.gz --env publisher.env --to shared.json.gz
  qtops redact /root/incident-0217 --env publisher.env --to /root/shared
"""
FILE = click.Path(path_type=Path, readable=False)  # that it may not be read is told by us, with a code of its own


@click.command("redact", epilog=EXAMPLES)
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True, readable=False))
@click.option(
    "--env",
    "environments",
    metavar="FILE",
    multiple=True,
    type=FILE,
    help="Hide the secrets of this EnvironmentFile however they are written: as they are, escaped, in a URL, in base64 or hex.",
)
@click.option("--to", "to", metavar="OUT", type=FILE, help="Write it there, for its owner only.  [default: standard output]")
@pass_context
def redact(context: Context, source: Path, environments: tuple[Path, ...], to: Path | None) -> None:
    """Hide secrets in FILE after the fact: a text, a bundle, the folder of a report, or `-` for standard input.

    Names are kept, values become ***. Without --env a secret is known by what stands beside it (a name, a header, an option) or by
    its form (a token, a key block): one that stands alone in a sentence is not. Lines stay where they are; where nothing is hidden,
    so does every byte. A text may be of any length, and compressed by gzip.

    A report is written anew from its redacted evidence, into a folder of its own: it can be checked as before.
    """
    from qtops.cli.redact_run import run

    run(context, source, environments, to)
