"""A declared stream, or a declared group, is not there.

What it is: the configuration (or the command line) names a stream that does not exist, or a group that its stream does not have.

Why it matters: a stream that is written has to exist; a group that reads has to exist as well. What is driven by events may be
absent until the first event: that is only worth knowing.

What to do: look at the unit that writes or reads it, and compare the names; `optional` in the configuration says that a stream may
be absent.
"""

from collections.abc import Iterator

from qtops.checks.streams.expected import expected
from qtops.checks.streams.looking import streams
from qtops.facts.streams import StreamFacts, StreamReading
from qtops.findings import Check, Doubt, Finding, Severity
from qtops.settings import Settings, Stream

CHECK = Check("STREAM110", "A declared stream or group is not there", Severity.WARNING, ("streams",))
REMEDY = "Look at the unit that writes it, and compare the names: `qtops map`"
SEVERITIES = {"event": Severity.INFO, "periodic": Severity.CRITICAL, "continuous": Severity.CRITICAL}


def check(facts: StreamFacts, settings: Settings) -> Iterator[Finding | Doubt]:
    """What is absent, and what could not be read: of the latter a doubt, unless the server as a whole did not answer."""
    if not facts.looks:
        return
    known, look = expected(settings), facts.looks[-1]
    for stream in look.streams:
        if stream.present is False and stream.name in facts.declared:
            yield from _absent(stream, known.get(stream.name))
        elif stream.trouble and look.server.state == "ok":
            what = "its entries and groups could not be read" if stream.present else "could not be read"
            yield CHECK.doubt(stream.name, f"{what}: {stream.trouble}: {stream.detail}", stream.advice)
    for looked in streams(facts, settings):
        there = {group.name for group in looked.stream.groups}
        told = not looked.stream.trouble and looked.stream.groups_count <= len(there)
        for name in looked.declared.groups if looked.declared and told else ():
            if name not in there:
                evidence = (f"groups: {', '.join(sorted(there)) or 'none'}", f"{looked.stream.length} entries")
                summary = f"group {name} is declared and is not there: nobody has begun to read"
                yield CHECK.finding(looked.stream.name, summary, evidence, "Start the unit that reads it, or correct the name")


def _absent(stream: StreamReading, declared: Stream | None) -> Iterator[Finding]:
    if declared is None:
        yield CHECK.finding(stream.name, "there is no such stream", (), "Compare the name: `qtops verify streams` lists all")
    elif not declared.optional:
        severity = SEVERITIES.get(declared.kind, Severity.WARNING)
        why = "driven by events, of which there was none yet" if declared.kind == "event" else f"declared to be {declared.kind}"
        yield CHECK.finding(stream.name, f"absent; {why}", ("TYPE says none",), REMEDY, severity=severity)
