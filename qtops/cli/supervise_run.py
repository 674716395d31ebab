"""What ``qtops supervise`` does once its options are read: open the records, be the only one, and go round."""

import gc
import os
import platform
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import click
from msgspec.structs import replace

from qtops.actions.incidents.opening import open_store
from qtops.actions.incidents.place import store_path
from qtops.actions.incidents.store import Store
from qtops.actions.lock import hold_file
from qtops.cli.checking import wide_console
from qtops.cli.context import Context
from qtops.collectors.systemd.listing import matching_services
from qtops.config import DEFAULT, Layer, load
from qtops.errors import ConfigError, Unavailable
from qtops.settings import Configuration, Settings
from qtops.supervisor.announcing import Announcing
from qtops.supervisor.clock import Clock
from qtops.supervisor.commands import Commands
from qtops.supervisor.journal_fields import Journal
from qtops.supervisor.loop import Supervisor
from qtops.supervisor.metrics import Metrics

OPTIONS = ("textfile", "metrics")
_UNDER_SYSTEMD = "INVOCATION_ID"


def run(context: Context, options: Mapping[str, Any]) -> int:
    """Supervise until a signal ends it, or once; the exit code."""
    configuration = _configuration(context, options)
    settings, absent = _here(configuration)
    if not (settings.services or settings.supervise.watch):
        raise ConfigError("there is nothing to watch: name services in [[services]], or units in supervise.watch")
    with ExitStack() as stack:
        clock = Clock()
        store = open_store(store_path(settings))
        stack.callback(store.close)
        told, advice = "another supervisor is at work here", "systemctl status qtops-supervisor"
        stack.enter_context(hold_file(f"{store.folder}/supervise.lock", told, advice, "qtops supervise"))
        journal = Journal() if _UNDER_SYSTEMD in os.environ else Journal("")  # in a terminal: on stderr
        stack.callback(journal.close)
        metrics, untold = _metrics("" if options["once"] else settings.supervise.metrics)
        stack.callback(metrics.close)
        announcing = Announcing(journal, metrics, settings.supervise.textfile)
        for said in (*store.said, *absent, *untold):
            announcing.note(said)
        commands = Commands(settings, context.config_file, context.redis_url)
        supervisor = Supervisor(settings, store, commands, announcing, clock)
        gc.freeze()  # what is loaded by now stays: it need not be looked through again and again
        if options["once"]:
            return _once(context, supervisor, store, announcing, options)
        supervisor.run()
    return 0


def _configuration(context: Context, options: Mapping[str, Any]) -> Configuration:
    """What is configured, with what the command line says over it. Raises ConfigError."""
    given = [Layer("--redis", {"redis": {"url": context.redis_url}})] if context.redis_url is not None else []
    given += [Layer(f"--{name}", {"supervise": {name: options[name]}}) for name in OPTIONS if options[name] is not None]
    return load(context.config_file, options=given)


def _here(configuration: Configuration) -> tuple[Settings, tuple[str, ...]]:
    """The settings without the services that nobody configured and that are not on this host, and what is said of these."""
    settings, origins = configuration.settings, configuration.origins
    built_in = [service for service in settings.services if origins.get(f"services.{service.name}") == DEFAULT]
    there = set(matching_services([service.unit for service in built_in]))
    absent = [service for service in built_in if service.unit not in there]
    told = tuple(f"{one.unit} is not watched: it is not on this host, and only the built-in settings name it" for one in absent)
    return replace(settings, services=tuple(one for one in settings.services if one not in absent)), told


def _metrics(listen: str) -> tuple[Metrics, tuple[str, ...]]:
    """Served there; or nowhere, with why: that nobody can read how services are is no reason not to watch them."""
    try:
        return Metrics(listen), ()
    except Unavailable as error:
        return Metrics(""), (f"no /metrics: {error}",)


def _once(context: Context, supervisor: Supervisor, store: Store, announcing: Announcing, options: Mapping[str, Any]) -> int:
    from qtops.reports.incidents import document, human
    from qtops.reports.incidents.report import Listing

    open_ = supervisor.once(options["patience"])
    missing = tuple(f"{source}: {why}" for source, why in announcing.lost_why.items())
    listing = Listing(host=platform.node(), at_s=time.time(), incidents=open_, folder=store.folder, missing=missing)
    if options["output"] == "json":
        click.echo(document.listing(listing))
    else:
        wide_console(context).print(human.listing(listing))
        sys.stdout.flush()
    return listing.exit_code
