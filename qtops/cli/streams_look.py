"""``qtops verify streams``: choose, look once or twice, and judge."""

import os
from contextlib import closing
from typing import Final

from msgspec.structs import replace

from qtops.checks.streams.looking import joined
from qtops.cli.checking import Look, Options, now_s, run
from qtops.cli.context import Context
from qtops.cli.progress import Tell
from qtops.collectors.redact import Redactor
from qtops.collectors.redis import Source
from qtops.collectors.streams_found import look_at
from qtops.errors import UsageError
from qtops.facts.service import Facts
from qtops.reports.streams import document, human
from qtops.reports.streams.report import Report, report

LIVE: Final = {"names": "NAME", "no_scan": "--no-scan", "observe": "--observe"}


def verify_streams(context: Context, options: Options) -> int:
    """Run the command; the exit code is that of the verdict."""
    told = [name for option, name in LIVE.items() if options[option]]
    if options["bundle"] is not None and told:
        raise UsageError(f"--from judges what a file holds; it takes no {', '.join(told)}")
    if not all(options["names"]):
        raise UsageError("a NAME is empty: `qtops verify streams` without one looks at all streams")
    return run(LOOK, context, options)


def collect(context: Context, options: Options, tell: Tell) -> Facts:
    """Look once, or at the beginning and the end of ``observe``."""
    settings, names = context.settings, options.get("names", ())
    with closing(Source(settings.redis)) as source:
        scan, observe_s = not options.get("no_scan", False), options.get("observe")
        streams = look_at(source, settings, tell, names, scan=scan, observe_s=observe_s)
    return Facts(host=os.uname().nodename, taken_at_s=now_s(), streams=streams, settings=Redactor().facts(settings))


def after(earlier: Facts, now: Facts) -> Facts:
    """The looks before joined to the one now: what moved between them can be judged, and no more than two are kept."""
    if earlier.streams is None or now.streams is None:
        return now
    return replace(now, streams=joined(earlier.streams, now.streams))


def _report(facts: Facts, options: Options) -> Report:
    return report(facts, plan=bool(options.get("plan", False)))


LOOK: Final = Look(collect, _report, human.render, {"json": document.render}, after)  # what `qtops watch` repeats
