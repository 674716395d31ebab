"""What ``qtops map`` does once its options are read: look or load, join, judge, and draw."""

import gc
import os
from typing import Final

from msgspec.structs import replace

from qtops.cli.checking import Look, Options, run
from qtops.cli.context import Context
from qtops.cli.progress import Tell
from qtops.collectors.wiring import Request, look_at_wiring
from qtops.errors import UsageError
from qtops.facts.service import Facts
from qtops.facts.text import printable
from qtops.reports.wiring import document, drawing, human, markdown
from qtops.reports.wiring.report import MapReport, report
from qtops.settings import Settings

LIVE: Final = {"everything": "--all", "units": "--units", "sources": "--source", "no_redis": "--no-redis"}


def draw_map(context: Context, options: Options) -> int:
    """Run the command; the exit code is that of the verdict."""
    told = [name for option, name in LIVE.items() if options[option]]
    if options["bundle"] is not None and told:
        raise UsageError(f"--from draws what a file holds; it takes no {', '.join(told)}")
    if options["control_plane"] and options["pattern"]:
        raise UsageError("--control-plane asks about the streams of the configuration; it takes no --name")
    if options["control_plane"] and options["bundle"] is None and not any(s.control_plane for s in context.settings.streams):
        raise UsageError("no stream of the configuration has control_plane = true; `qtops explain WIRING101`, runbooks/wiring.md")
    return run(LOOK, context, options)


def collect(context: Context, options: Options, tell: Tell) -> Facts:
    """Look once. Without a unit, a pattern or a folder all units of this host's own are meant.

    One unit alone has nobody to be joined with: the others are looked at too, and the report shows the part that was asked for.
    """
    names, patterns, sources = options.get("names", ()), options.get("units", ()), options.get("sources", ())
    gc.disable()  # a process full of syntax trees: looking through them for cycles takes as long again, and frees nothing
    try:
        return look_at_wiring(
            Request(
                names=() if sources else names,
                patterns=patterns,
                everything=options.get("everything", False) or not (patterns or sources),
                sources=tuple(os.path.abspath(source) for source in sources),  # noqa: PTH100  (text in, text out)
                redis=not options.get("no_redis", False),
                redis_given=context.redis_url is not None,
                settings=context.settings,
            ),
            tell,
        )
    finally:
        gc.enable()


def after(earlier: Facts, now: Facts) -> Facts:
    """The last look at the streams of before in front of this one: what moved between them has a writer."""
    if earlier.wiring is None or now.wiring is None:
        return now
    old, new = earlier.wiring.streams, now.wiring.streams
    if old is None or new is None or not (old.looks and new.looks):
        return now
    return replace(now, wiring=replace(now.wiring, streams=replace(new, looks=(old.looks[-1], new.looks[-1]))))


def _report(facts: Facts, options: Options) -> MapReport:
    if facts.wiring is None:
        raise UsageError("this file holds no map; one is kept with `qtops map --all --save FILE`")
    wanted = _wanted(facts.settings, options.get("names", ()))
    known = {unit.unit for unit in facts.wiring.units}
    if wanted - known:
        listed = ", ".join(sorted(known)[:10]) + (", …" if len(known) > 10 else "")
        raise UsageError(f"the map has no {printable(', '.join(sorted(wanted - known)))}; it has {printable(listed) or 'no unit'}")
    return report(facts, units=wanted, pattern=options.get("pattern", ""), control_plane=options.get("control_plane", False))


def _wanted(settings: Settings, names: tuple[str, ...]) -> set[str]:
    """Full names of units."""
    services = {service.name: service.unit for service in settings.services}
    return {services.get(name, name if name.endswith(".service") else f"{name}.service") for name in names}


LOOK: Final = Look(
    collect,
    _report,
    human.render,
    {"json": document.render, "mermaid": drawing.mermaid, "dot": drawing.dot, "markdown": markdown.render},
    after,
)  # what `qtops watch` repeats
