"""``qtops verify proposals``: choose, look once or twice, and judge."""

import gc
import os
import time
from collections.abc import Iterable
from contextlib import closing
from typing import Final

from msgspec.structs import replace

from qtops.cli.checking import Look, Options, now_s, run
from qtops.cli.context import Context
from qtops.cli.progress import Tell
from qtops.cli.selection import select
from qtops.collectors.keys import Selection
from qtops.collectors.proposals import Wanted, look
from qtops.collectors.proposals_found import walk
from qtops.collectors.redact import Redactor
from qtops.collectors.redis import Source
from qtops.errors import UsageError
from qtops.facts.proposals import ProposalFacts
from qtops.facts.service import Facts
from qtops.facts.text import printable
from qtops.reports.proposals import document, human, prometheus
from qtops.reports.proposals.report import Report, report
from qtops.settings import Settings

NAP_S: Final = 0.25
LIVE: Final = {"symbol": "SYMBOL", "families": "--family", "scan": "--scan", "observe": "--observe", "since": "--since"}


def verify_proposals(context: Context, options: Options) -> int:
    """Run the command; the exit code is that of the verdict."""
    told = [name for option, name in LIVE.items() if options[option]]
    if options["bundle"] is not None and told:
        raise UsageError(f"--from judges what a file holds; it takes no {', '.join(told)}")
    gc.disable()  # a short process full of texts: looking through them for cycles takes long, and frees nothing
    return run(LOOK, context, options)


def collect(context: Context, options: Options, tell: Tell) -> Facts:
    """Look once, or at the beginning and the end of ``observe``; ``since`` brings the earlier look from a file."""
    settings = context.settings
    selection = _selection(settings, options)
    earlier = _earlier(options, selection)
    with closing(Source(settings.redis)) as source:
        proposals = _look(source, selection, settings, options, tell)
    facts = Facts(host=os.uname().nodename, taken_at_s=now_s(), proposals=proposals, settings=Redactor().facts(settings))
    if options.get("save") is not None:
        facts = Redactor().facts(facts)
    return facts if earlier is None else after(earlier, facts)


def after(earlier: Facts, now: Facts) -> Facts:
    """The last look of before in front of the last one of now: what moved between them can be judged, and no more is kept."""
    old, new = earlier.proposals, now.proposals
    if old is None or new is None or not (old.looks and new.looks) or old.family != new.family:
        return now
    return replace(now, proposals=replace(new, looks=(old.looks[-1], new.looks[-1])))


def _report(facts: Facts, _: Options) -> Report:
    return report(facts)


LOOK: Final = Look(
    collect, _report, human.render, {"json": document.render, "prometheus": prometheus.render}, after
)  # what `qtops watch` repeats


def _selection(settings: Settings, options: Options) -> Selection:
    """The one family to look at, and its symbols. Raises UsageError."""
    symbols, names, scan = options.get("symbol", ()), options.get("families", ()), options.get("scan", False)
    if symbols and scan:
        raise UsageError("--scan looks for what nobody named; it takes no SYMBOL")
    if not names:
        names = [family.name for family in settings.families if family.content == "risk-proposal"]
        if not names:
            raise UsageError("no configured family has content = 'risk-proposal'; name one with --family")
    if len(set(names)) > 1:
        raise UsageError(f"one family at a time: --family {' or --family '.join(dict.fromkeys(names))}")
    (selection,) = select(settings, symbols, names, None, scan=scan)
    family = selection.family
    if family.kind != "hash" or "{symbol}" not in family.pattern:
        raise UsageError(f"--family {family.name}: proposals are hashes, one per symbol; this is a {family.kind}, {family.pattern}")
    return selection


def _earlier(options: Options, selection: Selection) -> Facts | None:
    path = options.get("since")
    if path is None:
        return None
    if options.get("observe") is not None:
        raise UsageError("--since and --observe exclude each other: both say what to compare with")
    from qtops import bundle

    facts = bundle.load(path)
    if facts.proposals is None or not facts.proposals.looks or facts.proposals.family != selection.family.name:
        why = f"it holds no proposals of {selection.family.name}; `qtops verify proposals --save` makes such a file"
        raise UsageError(f"--since {path}: {why}")
    return facts


def _look(source: Source, selection: Selection, settings: Settings, options: Options, tell: Tell) -> ProposalFacts:
    server, symbols = source.greet(), tuple(selection.subjects)
    walked = walk(source, selection.family, tell) if options.get("scan", False) and server.state == "ok" else None
    found = walked.found if walked else ()
    wanted = Wanted(selection.family, tuple(dict.fromkeys((*symbols, *found))), settings.prices)
    looks = [look(source, server, wanted, tell)]
    for_s = options.get("observe")
    if for_s is not None and looks[0].server.state == "ok":
        _wait(for_s, tell)
        looks.append(look(source, source.greet(), wanted, tell))
    return ProposalFacts(
        family=selection.family.name,
        symbols=_printable(symbols),
        looks=tuple(looks),
        found=_printable(walked.found) if walked else None,
        open_positions=_printable(walked.open_positions) if walked else None,
        missing=walked.missing if walked else (),
    )


def _wait(for_s: float, tell: Tell) -> None:
    """Let the time pass, and tell meanwhile how much of it has."""
    began = time.monotonic()
    while (left_s := began + for_s - time.monotonic()) > 0:
        tell("seconds observed", for_s - left_s, for_s)
        time.sleep(min(left_s, NAP_S))


def _printable(symbols: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(printable, symbols))
