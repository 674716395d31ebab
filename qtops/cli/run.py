"""``qtops run``: the publisher, in the place of this process; or, with --embedded, the demo."""

import os
import signal
import sys
from typing import Any, NoReturn

import click
from click.core import ParameterSource

from qtops.cli.context import Context
from qtops.cli.duration import DURATION
from qtops.errors import Exit

EXAMPLES = """\b
Examples:
  qtops run publisher --embedded                    the whole chain, nothing needed, a minute
  qtops run publisher --embedded --seconds 20 -o json
  qtops run publisher --symbols BTCUSDT,ETHUSDT     for real, on REDIS_URL
  qtops --redis redis://127.0.0.1:6379/0 run publisher --once
  qtops run publisher -- --help                     the publisher's own options
"""
DEMO_INTERVAL_S, SHORTEST_DEMO_INTERVAL_S = 2.0, 0.2


@click.group("run", epilog=EXAMPLES)
def run_group() -> None:
    """Run the publisher, or the demo."""


@run_group.command("publisher", epilog=EXAMPLES, context_settings={"ignore_unknown_options": True})
@click.option(
    "--embedded", is_flag=True, help="Demo: a private Redis, a simulated market, the real publisher, verified throughout."
)
@click.option("--symbols", metavar="LIST", help="Comma list.  [default: BTCUSDT,ETHUSDT,SOLUSDT]")
@click.option("--interval", type=DURATION, help=f"Time between cycles.  [default: 10s, demo {DEMO_INTERVAL_S:g}s]")
@click.option(
    "--seconds",
    type=DURATION,
    default="60s",
    envvar="DEMO_SECONDS",
    show_envvar=True,
    show_default=True,
    help="Demo: how long it runs.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Demo: which market; the same seed gives the same one.")
@click.option("-o", "--output", type=click.Choice(["human", "json"]), default="human", show_default=True, help="Demo.")
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def publisher(
    ctx: click.Context, /, embedded: bool, symbols: str | None, interval: float | None, args: tuple[str, ...], **demo: Any
) -> int:
    """Run the publisher with ARGS: this process becomes `python -m publisher`, with the same pid and NOTIFY_SOCKET.

    With --embedded it ends by itself: 0 if every proposal was verified fresh throughout, 2 if not. In a terminal, q ends it.
    """
    redis_url = ctx.ensure_object(Context).redis_url
    if embedded:
        if args or redis_url:
            raise click.UsageError(f"--embedded brings its own Redis and publisher: it takes no {args[0] if args else '--redis'}")
        return _demo(ctx.obj, _symbols(symbols), interval or DEMO_INTERVAL_S, **demo)
    for name in demo:
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{name} goes with --embedded")
    shared = (("--redis-url", redis_url), ("--symbols", symbols), ("--interval", interval))
    return _become_publisher([text for name, value in shared if value is not None for text in (name, str(value))] + [*args])


def _become_publisher(args: list[str]) -> NoReturn:
    """Replace this process. -P: a folder of the same name where it is started must not win over the package."""
    os.execv(sys.executable, [sys.executable, "-P", "-m", "publisher", *args])  # noqa: S606 - no shell is wanted


def _symbols(text: str | None) -> tuple[str, ...]:
    from publisher.options import DEFAULT_SYMBOLS, OptionError, parse_symbols

    try:
        return parse_symbols(DEFAULT_SYMBOLS if text is None else text)
    except OptionError as error:
        raise click.UsageError(f"--symbols: {error}") from None


def _demo(context: Context, symbols: tuple[str, ...], interval: float, seconds: float, seed: int, output: str) -> int:
    import msgspec

    if interval < SHORTEST_DEMO_INTERVAL_S:
        raise click.UsageError(f"--interval: the demo wants {SHORTEST_DEMO_INTERVAL_S:g}s at least")
    from qtops.cli.demo_view import screen
    from qtops.demo.ending import Ending, has_keyboard
    from qtops.demo.run import run_demo
    from qtops.reports.demo import closing_lines

    talk = context.console(stderr=True)
    shown_on = talk if output == "json" else context.console()
    click.echo("Starting a private Redis, a SIMULATED market and the publisher …", err=True)
    with Ending(keyboard=shown_on.is_terminal and has_keyboard()) as ending, screen(shown_on, seconds) as view:
        result = run_demo(symbols, seconds, interval, seed, ending, view.show)
    if ending.signal and not (ending.signal == signal.SIGINT and shown_on.is_terminal):
        raise SystemExit(128 + ending.signal)
    for line in result.last_words:
        click.echo(line, err=True)
    if output == "json":
        click.echo(msgspec.json.encode(result.outcome))
    else:
        for line in closing_lines(result.outcome):
            click.echo(line)
    return Exit.OK if result.outcome.ok else Exit.CRITICAL
