"""``qtops explain CODE`` and ``qtops checks``: what each check looks for, why it matters, and what to do."""

from pathlib import Path
from typing import Final

import click

from qtops.errors import UsageError

PLACES: Final = (Path(__file__).parents[1] / "runbooks", Path(__file__).parents[2] / "runbooks")  # installed; in the repository
EXPLAIN_EXAMPLES = """\b
Examples:
  qtops explain IMPORT101
  qtops explain unit110
"""
CHECKS_EXAMPLES = """\b
Examples:
  qtops checks
  qtops checks | grep ^ENV
"""


@click.command(epilog=EXPLAIN_EXAMPLES)
@click.argument("code")
def explain(code: str) -> None:
    """Print what a finding's CODE means, and the runbook for it."""
    from qtops.checks.registry import BY_CODE

    wanted = code.upper()
    if wanted not in BY_CODE:
        from difflib import get_close_matches

        near = get_close_matches(wanted, BY_CODE, 1)
        hint = f"did you mean {near[0]}?" if near else "`qtops checks` lists them all"
        raise UsageError(f"no check is called {code!a}; {hint}")
    registered = BY_CODE[wanted]
    click.echo(f"{wanted} ({registered.check.severity}): {registered.check.title}\n\n{registered.explanation.strip()}")
    text = runbook(wanted)
    if text:
        click.echo(f"\n{text.rstrip()}")


@click.command(epilog=CHECKS_EXAMPLES)
def checks() -> None:
    """List all checks: code, severity, title."""
    from qtops.checks.registry import ALL

    for registered in sorted(ALL, key=lambda registered: registered.check.code):
        check = registered.check
        click.echo(f"{check.code:<10} {check.severity:<9} {check.title}")


def runbook(code: str) -> str | None:
    """The runbook of a check; None where there is none."""
    for folder in PLACES:
        path = folder / f"{code}.md"
        if path.is_file():
            return path.read_text("utf-8")
    return None
