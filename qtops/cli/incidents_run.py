"""What ``qtops incidents`` does once its options are read."""

import platform
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import click

from qtops.actions.incidents.opening import look_into_store, reach_store
from qtops.actions.incidents.place import folders_of, store_path
from qtops.actions.incidents.store import Store
from qtops.actions.lock import login
from qtops.cli.checking import wide_console
from qtops.cli.context import Context
from qtops.collectors.redact import Redactor
from qtops.errors import ConfigError, Exit, NotPermitted, Unavailable, UsageError
from qtops.facts.text import printable
from qtops.reports.incidents import document, human
from qtops.reports.incidents.report import Listing, Story

LAST: Final = 20  # incidents that ended and are listed all the same

Options = Mapping[str, Any]


def show_all(context: Context, options: Options) -> int:
    """List them; the exit code is that of the worst which is open, 3 where they cannot be read."""
    folder, now_s = store_path(context.settings), time.time()
    try:
        with look_into_store(folder) as store:
            incidents = store.incidents(None if options["everything"] else LAST) if store else ()
            holds = store.holds(now_s) if store else ()
    except (Unavailable, NotPermitted, ConfigError) as error:
        click.echo(f"qtops: error: {printable(str(error))}", err=True)
        return Exit.UNKNOWN
    shown = Listing(host=platform.node(), at_s=now_s, incidents=incidents, holds=holds, folder=folder)
    if options["output"] == "json":
        click.echo(document.listing(shown))
    else:
        wide_console(context).print(human.listing(shown))
        sys.stdout.flush()
    return shown.exit_code


def show_one(context: Context, options: Options) -> int:
    """All that is on record of one."""
    with look_into_store(store_path(context.settings)) as store:
        if store is None:
            raise _nothing(context)
        story = _story(store, options["number"])
    _print(context, story, options)
    return Exit.OK


def acknowledge(context: Context, options: Options) -> int:
    """Say that somebody cares for it."""
    by = login()
    with reach_store(_there(context)) as store:
        store.acknowledge(options["number"], by, Redactor().text(options["why"]), time.time())
        story = _story(store, options["number"])
    return _done(story, options)


def end(context: Context, options: Options) -> int:
    """End it, and have those told who know of it: by the supervisor, which takes notices from the store."""
    by = login()
    if not options["why"].strip():
        raise UsageError("--why: say why it is over: the timeline keeps it")
    with reach_store(_there(context)) as store:
        store.end(options["number"], by, Redactor().text(options["why"]), time.time(), context.settings.notify)
        story = _story(store, options["number"])
    return _done(story, options)


def _there(context: Context) -> str:
    """The folder of the store, which nothing is to be made for."""
    folder = store_path(context.settings)
    with look_into_store(folder) as store:
        if store is None:
            raise _nothing(context)
    return folder


def _nothing(context: Context) -> UsageError:
    return UsageError(f"no incident is on record in {printable(store_path(context.settings))}: `qtops supervise` opens them")


def _story(store: Store, number: int) -> Story:
    incident = store.incident(number)
    if incident is None:
        raise UsageError(f"there is no incident {number}: `qtops incidents --all` lists them")
    folder = f"{folders_of(store.folder)}/{number}"
    return Story(
        host=platform.node(),
        at_s=time.time(),
        incident=incident,
        timeline=store.timeline(number),
        notices=store.told(number),
        folder=folder,
        files=tuple(sorted(_files(Path(folder)))),
    )


def _files(folder: Path) -> Iterator[str]:
    """Bundles, and what each report consists of: links are named, and not followed. What cannot be listed is not."""
    if folder.is_symlink() or folder.parent.is_symlink():
        return
    with suppress(OSError):
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                with suppress(OSError):
                    yield from (f"{path.name}/{below.name}" for below in path.iterdir())
            else:
                yield path.name


def _done(story: Story, options: Options) -> int:
    incident = story.incident
    if options["output"] == "json":
        click.echo(document.story(story))
    else:
        click.echo(printable(f"incident {incident.number} is {incident.state}: {incident.unit}: {incident.title}"))
    return Exit.OK


def _print(context: Context, story: Story, options: Options) -> None:
    if options["output"] == "json":
        click.echo(document.story(story))
    else:
        wide_console(context).print(human.story(story))
        sys.stdout.flush()
