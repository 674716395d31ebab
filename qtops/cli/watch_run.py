"""The loop of ``qtops watch``: look at every beat, follow what changed, show it."""

from contextlib import ExitStack

import click
from rich.console import Console

from qtops.cli.checking import Options, wide_console
from qtops.cli.context import Context
from qtops.cli.live import Screen
from qtops.cli.watch_record import Record
from qtops.cli.watch_views import Documents, InPlace, Lines, View
from qtops.cli.watch_what import See, options_of
from qtops.collectors.sampling import beats
from qtops.errors import Unavailable, UsageError
from qtops.findings import Verdict


def run(context: Context, what: str, options: Options) -> int:
    """Watch until it is over; the exit code is that of the last look."""
    chosen, context, own = options_of(what, options["rest"], click.get_current_context())
    if options["plot"] and not chosen.plots:
        raise UsageError(f"--plot: nothing can be drawn of {what}; it goes with freshness, proposals, streams and doctor")
    record, console = Record(f"qtops watch {what}", options["every"]), wide_console(context)
    with ExitStack() as stack:
        see = chosen.see(context, {**own, **options}, stack)
        in_place = console.is_terminal and options["output"] == "human"
        with ExitStack() as shown:
            view = _view(console, record, options, shown) if in_place else _plain(console, options)
            verdict = _watch(see, record, view, options)
    if record.last is not None and in_place:
        console.print(record.last.human(options["verbose"]))  # the last report stays
    if options["plot"] and not in_place:
        console.print(record.plots(console.width, console.height, color=console.color_system is not None))
    return verdict.exit_code


def _view(console: Console, record: Record, options: Options, stack: ExitStack) -> View:
    screen = stack.enter_context(Screen(console, options["every"]))
    return InPlace(screen, console, record, verbose=options["verbose"], plot=options["plot"])


def _plain(console: Console, options: Options) -> View:
    return Documents() if options["output"] == "json" else Lines(console, every_look=not options["quiet"])


def _watch(see: See, record: Record, view: View, options: Options) -> Verdict:
    """Look until it is over; the verdict of the last look. A look that could not be made is one that could not tell."""
    verdict = Verdict.UNKNOWN
    try:
        for number, _ in enumerate(beats(options["every"]), 1):
            try:
                seen = see(view.tell)
            except Unavailable as error:
                verdict = Verdict.UNKNOWN
                view.lost(f"could not look: {error}")
            else:
                verdict = seen.verdict
                view.show(seen, record.follow(seen))
                _write_page(record, view, options)
            if number == options["count"] or (options["until_ok"] and verdict is Verdict.OK):
                break
    except KeyboardInterrupt:
        if record.last is None:
            raise
    return verdict


def _write_page(record: Record, view: View, options: Options) -> None:
    """A disk that is full for a while ends no watch; a place where nothing can be written does."""
    if options["html"] is not None and record.last is not None:
        try:
            record.write_page(options["html"], record.last)
        except Unavailable as error:
            view.lost(str(error))
