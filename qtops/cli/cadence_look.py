"""What ``qtops verify cadence`` does once its options are read: choose, watch or replay, judge."""

import os
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Final

from msgspec.structs import replace

from qtops.checks.cadence.joined import joined
from qtops.checks.cadence.recorded import cadence_of
from qtops.cli.checking import Look, Options, run
from qtops.cli.context import Context
from qtops.cli.progress import Tell
from qtops.cli.selection import select
from qtops.collectors import cadence
from qtops.collectors.keys import Selection
from qtops.collectors.redis import Source
from qtops.errors import UsageError
from qtops.facts.cadence import Series
from qtops.facts.service import Facts
from qtops.reports.cadence import document, human
from qtops.reports.cadence.report import CadenceReport, build
from qtops.settings import Settings, Stream

INTERVALS: Final = 3  # of the slowest field: so long it is watched, unless --for says otherwise
LONGEST_S: Final = 180.0
NAP_S: Final = 0.25


def verify_cadence(context: Context, options: Options) -> int:
    """Run the command; the exit code is that of the verdict."""
    return run(LOOK, context, options)


def collect(context: Context, options: Options, tell: Tell) -> Facts:
    """Watch the selected keys, and read the selected streams."""
    settings = context.settings
    selections, streams = chosen(settings, options["subject"], options["families"])
    keys = [selection.family for selection in selections if selection.family.kind != "stream" and selection.subjects]
    wanted = [rule.interval_s for family in keys for rule in family.times]
    for_s = options.get("for_s") or min(INTERVALS * max(wanted, default=0.0), LONGEST_S)
    with closing(Source(settings.redis)) as source:
        found = cadence.collect(source, selections, streams, for_s, symbols=len(settings.symbols), sleep=_sleep(tell, for_s))
    return Facts(host=os.uname().nodename, taken_at_s=found.taken_at_s, cadence=found, settings=settings)


def report(facts: Facts, options: Options) -> CadenceReport:
    """Judge what was seen; of a bundle, what it shows of cadence. Raises UsageError where it shows nothing."""
    found = cadence_of(facts)
    if found is None:
        raise UsageError(
            "nothing in it tells how often: make it with `qtops verify cadence --save`, or with two looks at proposals"
        )
    wanted = [series for series in found.series if _is_wanted(series, options)]
    return build(replace(found, series=tuple(wanted)), facts.settings, facts.host)


def chosen(settings: Settings, subjects: Sequence[str], names: Sequence[str]) -> tuple[list[Selection], list[Stream]]:
    """Keys and streams; without a word about them, all that are configured. Raises UsageError."""
    known = {stream.name: stream for stream in settings.streams if "{symbol}" not in stream.name}
    streams = [known[name] for name in dict.fromkeys((*subjects, *names)) if name in known]
    symbols, families = [name for name in subjects if name not in known], [name for name in names if name not in known]
    if streams and not symbols and not families:
        return [], streams
    everything = not subjects and not names
    if everything and not settings.families and known:
        return [], list(known.values())
    return select(settings, symbols, families, None, scan=False), list(known.values()) if everything else streams


def _is_wanted(series: Series, options: Options) -> bool:
    subjects, families = options.get("subject") or (), options.get("families") or ()
    of_a_key = (not subjects or series.subject in subjects) and (not families or series.family in families)
    return of_a_key or series.family in subjects or (not series.field and series.family in families)


def _sleep(tell: Tell, total_s: float) -> Callable[[float], None]:
    """Sleep, and tell meanwhile how much of the time has passed."""
    started = time.monotonic()

    def sleep(seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left_s := until - time.monotonic()) > 0:
            tell("seconds watched", time.monotonic() - started, total_s)
            time.sleep(min(left_s, NAP_S))

    return sleep


def after(earlier: Facts, later: Facts) -> Facts:
    """A later look, with what earlier ones showed."""
    if earlier.cadence is None or later.cadence is None:
        return later
    return replace(later, cadence=joined(earlier.cadence, later.cadence))


LOOK: Final = Look(collect, report, human.render, {"json": document.render}, after)
