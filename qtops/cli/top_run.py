"""What ``qtops top`` does once its options are read: look once and print, or again and again on the terminal's other screen."""

import signal
import time
from collections.abc import Mapping
from contextlib import closing
from functools import partial
from typing import Any, Final

import click
from rich.console import Console

from qtops.cli.checking import wide_console
from qtops.cli.context import Context
from qtops.cli.live import FRAME_S, Screen
from qtops.cli.top_look import BuiltIn, Looker
from qtops.collectors.sampling import beats
from qtops.config import DEFAULT
from qtops.demo.ending import Ending, has_keyboard
from qtops.errors import Exit
from qtops.reports.top import document, human
from qtops.reports.top.report import report

ENDS: Final = "q or Ctrl-C ends"


def run(context: Context, options: Mapping[str, Any]) -> int:
    """Run the command. The exit code of one look is that of its verdict; a view that was ended has none to tell."""
    console = wide_console(context)
    looker = Looker(context.settings, options["service"], redis_given=context.redis_url is not None, built_in=_built_in(context))
    with closing(looker):
        if options["output"] == "human" and not options["once"] and console.is_terminal:
            return _live(console, looker, options["every"])
        found = report(looker.look())
    if options["output"] == "json":
        click.echo(document.render(found))
    else:
        console.print(human.render(found))
    return found.verdict.exit_code


def _built_in(context: Context) -> BuiltIn:
    """What nobody has configured, where other services are."""
    settings, origins = context.settings, context.configuration.origins
    if all(origins.get(f"services.{one.name}") == DEFAULT for one in settings.services):
        return BuiltIn()
    return BuiltIn(
        units=frozenset(one.unit for one in settings.services if origins.get(f"services.{one.name}") == DEFAULT),
        families=frozenset(one.name for one in settings.families if origins.get(f"families.{one.name}") == DEFAULT),
        streams=frozenset(one.name for one in settings.streams if origins.get(f"streams.{one.name}") == DEFAULT),
    )


def _live(console: Console, looker: Looker, every_s: float) -> int:
    with Ending(keyboard=has_keyboard()) as ending, Screen(console, every_s, ENDS) as screen:
        before = None
        for _ in beats(every_s, sleep=partial(_wait, console, screen, ending)):
            if ending.asked:
                break
            look = looker.look()
            screen.show(partial(human.render, report(look, before)))
            before = look
    if ending.signal and ending.signal != signal.SIGINT:
        raise SystemExit(128 + ending.signal)
    return Exit.OK


def _wait(console: Console, screen: Screen, ending: Ending, seconds: float) -> None:
    """Until the next look, or the end; a terminal that has another size is drawn anew."""
    until, size = time.monotonic() + seconds, console.size
    while not ending.asked and (left_s := until - time.monotonic()) > 0:
        ending.wait(min(left_s, FRAME_S))
        if console.size != size:
            size = console.size
            screen.redraw()
