"""What ``qtops events`` does once its options are read: read or replay, judge."""

import os
from contextlib import closing
from typing import Final

from publisher.contract import RISK_EVENT_STREAM
from qtops.cli.checking import Look, Options, run
from qtops.cli.context import Context
from qtops.cli.progress import Tell
from qtops.collectors import events
from qtops.collectors.redis import Source
from qtops.errors import UsageError
from qtops.facts.service import Facts
from qtops.reports.events import document, human, markdown
from qtops.reports.events.report import EventReport, build


def show_events(context: Context, options: Options) -> int:
    """Run the command; the exit code is that of the verdict."""
    return run(LOOK, context, options)


def collect(context: Context, options: Options, tell: Tell) -> Facts:  # noqa: ARG001
    """One look at the stream and the guards."""
    stream = options.get("stream") or RISK_EVENT_STREAM
    if not stream.isprintable() or " " in stream:
        raise UsageError(f"--stream: no stream has such a name: {stream!a}")
    with closing(Source(context.settings.redis)) as source:
        found = events.collect(source, stream, options.get("limit") or events.LIMIT)
    return Facts(host=os.uname().nodename, taken_at_s=found.taken_at_s, events=found, settings=context.settings)


def report(facts: Facts, options: Options) -> EventReport:
    """Judge what was read. Raises UsageError for a bundle without events."""
    if facts.events is None:
        raise UsageError("there are no events in it: `qtops events --save FILE` makes a bundle that has them")
    return build(facts.events, facts.settings, facts.host, since_s=options.get("since_s"))


LOOK: Final = Look(collect, report, human.render, {"json": document.render, "markdown": markdown.render})
