"""Under the name of a stream lies something else.

What it is: the configuration or the command line names a stream, and Redis has a key of another type there.

Why it matters: every XADD and every XREADGROUP on it fails with WRONGTYPE, on each cycle and often unseen.

What to do: find who writes there (`qtops map`), let that writer use another name, and move what is there out of the way by hand.
"""

from collections.abc import Iterator

from qtops.facts.streams import StreamFacts
from qtops.findings import Check, Finding, Severity
from qtops.settings import Settings

CHECK = Check("STREAM111", "No stream lies under its name", Severity.CRITICAL, ("streams",))


def check(facts: StreamFacts, _: Settings) -> Iterator[Finding]:
    """One finding for each name."""
    for stream in facts.looks[-1].streams if facts.looks else ():
        if stream.present and stream.kind != "stream":
            remedy = "`qtops map` says who writes there; nothing here is deleted by this tool"
            yield CHECK.finding(stream.name, f"is a {stream.kind}, no stream", (f"TYPE says {stream.kind}",), remedy)
