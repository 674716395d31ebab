"""What ``qtops recover`` does once its options are read."""

import gc
import os
import platform
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import click

from qtops.actions.ledger_opening import look_into, open_ledger
from qtops.actions.lock import hold
from qtops.actions.state import open_state
from qtops.cli.checking import wide_console
from qtops.cli.context import Context
from qtops.cli.progress import Tell, progress
from qtops.collectors.doctor import EVERYTHING
from qtops.errors import Exit, QtopsError, UsageError
from qtops.recovery.applying import Records, apply, planned, resume, since_s
from qtops.recovery.gate import not_to_be_finished
from qtops.recovery.looking import Looked, again, look
from qtops.recovery.undone import chosen, undo
from qtops.reports.recovery import document, human
from qtops.reports.recovery.report import Listing, Report

Options = Mapping[str, Any]


def run(context: Context, mode: str, options: Options) -> int:
    """Run the command in one of its modes; the exit code is that of what became of it."""
    gc.disable()  # as in doctor: a short process full of syntax trees
    if mode == "list":
        return _list(context, options)
    with progress(context.console(stderr=True), quiet=options["quiet"]) as tell:
        report = _planned(context, options, tell) if mode == "plan" else _changed(context, mode, options, tell)
    _print(context, report, options)
    return report.exit_code


def _look(context: Context, options: Options, tell: Tell) -> Looked:
    if options["service"] == EVERYTHING:
        raise UsageError("one service at a time: name it")
    source = os.path.abspath(options["source"]) if options["source"] else ""  # noqa: PTH100  (text in, text out)
    return look(options["service"], context.settings, tell, redis_given=context.redis_url is not None, source=source)


def _planned(context: Context, options: Options, tell: Tell) -> Report:
    """A dry run. It writes nothing, but that the fault was looked at, where there are records already."""
    looked = _look(context, options, tell)
    with look_into(context.settings.state) as ledger:
        records = ledger.records() if ledger is not None else ()
    is_open = next((record for record in records if record.unit == looked.unit and record.state == "begun"), None)
    report, _ = planned(looked, options["remedy"], records, overruled=options["again"], automatic=options["automatic"])
    if report.outcome in {"planned", "refused"}:
        with suppress(QtopsError), open_ledger(open_state(context.settings.state)) as ledger:  # a dry run needs no right to write
            _notice(Records(ledger.state, ledger), looked)
    if is_open is None:
        return report
    return _interrupted(report, is_open.id)


def _interrupted(report: Report, recovery: str) -> Report:
    from msgspec.structs import replace

    unit = report.unit
    advice = (f"qtops recover {unit} --resume", f"qtops recover {unit} --undo")
    return replace(report, outcome="interrupted", why=f"{recovery} was begun and has not ended", advice=advice)


def _changed(context: Context, mode: str, options: Options, tell: Tell) -> Report:
    """Apply, resume or undo, with the lock of the unit held."""
    looked = _look(context, options, tell)
    state = open_state(context.settings.state)
    with hold(state, looked.unit, f"qtops recover {looked.unit} --{mode}"), open_ledger(state) as ledger:
        for notice in ledger.said:
            click.echo(notice, err=True)
        records = Records(state, ledger)
        earlier = ledger.open_recovery(looked.unit)
        if mode == "undo":
            return undo(chosen(records, looked.unit, options["id"]), looked, records, tell)
        with _telling_of_a_break(looked.unit):
            automatic = options["automatic"]
            if earlier is not None:
                if automatic and (refusal := not_to_be_finished(earlier, looked.auto_recover)):
                    at_s, host = looked.facts.taken_at_s, looked.facts.host
                    return Report(outcome="refused", unit=looked.unit, host=host, at_s=at_s, why=refusal.why, advice=refusal.advice)
                return resume(earlier, looked, records, tell)
            if mode == "resume":
                now_s = looked.facts.taken_at_s
                why = "no recovery of it was interrupted"
                return Report(outcome="nothing to do", unit=looked.unit, host=looked.facts.host, at_s=now_s, why=why)
            if any(record.unit == looked.unit and (record.ended_s or 0) > looked.facts.taken_at_s for record in ledger.records()):
                looked = again(looked.request, tell)  # somebody else was at it when this looked
            _notice(records, looked)
            return apply(looked, options["remedy"], records, tell, overruled=options["again"], automatic=automatic)


def _notice(records: Records, looked: Looked) -> None:
    """That somebody has seen this fault: the first time counts."""
    root = looked.diagnosis.root
    if root is not None:
        records.ledger.notice(looked.unit, root.code, since_s(looked.facts), looked.facts.taken_at_s)


@contextmanager
def _telling_of_a_break(unit: str) -> Iterator[None]:
    """What was begun stays begun when a person breaks it off: say how it is ended."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        with suppress(OSError):
            click.echo(f"broken off: `qtops recover {unit} --resume` finishes it, `--undo` puts everything back", err=True)
        raise


def _list(context: Context, options: Options) -> int:
    with look_into(context.settings.state) as ledger:
        records = ledger.records() if ledger is not None else ()
        notices = ledger.said if ledger is not None else ()
    if options["service"] is not None:
        wanted = options["service"]
        known = {service.name: service.unit for service in context.settings.services}
        unit = known.get(wanted, wanted if wanted.endswith(".service") else f"{wanted}.service")
        records = tuple(record for record in records if record.unit == unit)
    listing = Listing(host=platform.node(), at_s=time.time(), records=records, notices=notices)
    if options["output"] == "json":
        click.echo(document.records(listing))
    else:
        wide_console(context).print(human.listing(listing))
    return Exit.OK


def _print(context: Context, report: Report, options: Options) -> None:
    if options["output"] == "json":
        click.echo(document.render(report))
    else:
        wide_console(context).print(human.render(report, verbose=options["verbose"]))
        sys.stdout.flush()
