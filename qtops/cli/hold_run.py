"""What ``qtops hold`` does once its options are read."""

import platform
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Final

import click

from qtops.actions.incidents.opening import look_into_store, reach_store
from qtops.actions.incidents.place import store_path
from qtops.actions.lock import login
from qtops.cli.checking import wide_console
from qtops.cli.context import Context
from qtops.cli.duration import DURATION
from qtops.collectors.redact import Redactor
from qtops.collectors.systemd.names import service_name
from qtops.collectors.watching.aliases import own_name
from qtops.errors import Exit, UsageError
from qtops.facts.text import printable, quoted
from qtops.facts.times import utc
from qtops.incidents import Hold
from qtops.reports.incidents import document, human
from qtops.reports.incidents.report import Holds
from qtops.settings import Settings
from qtops.supervisor.memory import watched

LONGEST_S: Final = 30 * 86_400.0


def run(context: Context, options: Mapping[str, Any]) -> int:
    """Hold, lift, or list."""
    folder, now_s = store_path(context.settings), time.time()
    unit = unit_of(options["service"], context.settings) if options["service"] is not None else ""
    if options["until"]:
        until_s = moment_s(options["until"], now_s)
        _tell_unwatched(unit, context.settings)
        made = Hold(unit=unit, until_s=until_s, why=Redactor().text(options["why"].strip()), by=login(), made_s=now_s)
        with reach_store(folder) as store:
            store.hold(made)
            holds = store.holds(now_s)
    else:
        holds = _lifted(folder, unit, now_s) if options["lift"] else _in_force(folder, now_s)
    shown = Holds(host=platform.node(), at_s=now_s, holds=tuple(hold for hold in holds if unit in {"", hold.unit}))
    if options["output"] == "json":
        click.echo(document.holds(shown))
    else:
        wide_console(context).print(human.holds(shown))
        sys.stdout.flush()
    return Exit.OK


def unit_of(service: str, settings: Settings) -> str:
    """The unit of a service by the name that the configuration gives it, or by its own. Raises UsageError."""
    return {one.name: one.unit for one in settings.services}.get(service) or service_name(service)


def moment_s(when: str, now_s: float) -> float:
    """The moment that is meant: so long after now, or a date of ISO 8601, in UTC unless it says otherwise. Raises UsageError."""
    text = when.strip()
    try:
        named = datetime.fromisoformat(text)
        until_s = (named if named.tzinfo else named.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        try:
            until_s = now_s + DURATION.convert(text, None, None)
        except click.UsageError:
            told = "give a length of time (90m, 2h, 3d) or a date (2026-11-24, 2026-11-24T06:00Z, 2026-11-24T06:00+01:00)"
            raise UsageError(f"--until: {quoted(when)} is no moment: {told}") from None
    if until_s <= now_s:
        raise UsageError(f"--until: {utc(until_s)} is over, it is {utc(now_s)} now")
    if until_s > now_s + LONGEST_S:
        raise UsageError(f"--until: {utc(until_s)} is more than 30 days away: take the service out of what is watched instead")
    return until_s


def _in_force(folder: str, now_s: float) -> tuple[Hold, ...]:
    with look_into_store(folder) as store:
        return store.holds(now_s) if store else ()


def _lifted(folder: str, unit: str, now_s: float) -> tuple[Hold, ...]:
    if not any(hold.unit == unit for hold in _in_force(folder, now_s)):
        click.echo(f"{printable(unit)} is not on hold", err=True)
        return ()
    with reach_store(folder) as store:
        store.lift(unit)
        return store.holds(now_s)


def _tell_unwatched(unit: str, settings: Settings) -> None:
    own = own_name(unit)
    if not any(fnmatchcase(own, own_name(name)) for name in watched(settings)):
        click.echo(f"{printable(unit)}: nothing in the configuration has it watched: is the name right?", err=True)
