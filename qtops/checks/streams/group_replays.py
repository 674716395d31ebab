"""A group works on entries that are long past.

What it is: a consumer of the group lives, and the entries that it is given are more than an hour older than the newest. So it is
where a group is created at 0 (it is given everything that the stream still holds), set back, or slower than its writer.

Why it matters: it is busy, and whatever it does it does about the past: orders for positions that are closed, prices that are
gone. The entries of now are reached when the past is done.

What to do: decide whether the past matters. If not, an operator sets the group to the newest entry (`--plan` counts what
that skips); create groups at `$` and let readers drop what is too old.
"""

from collections.abc import Iterator

from qtops.checks.streams.looking import readers
from qtops.checks.streams.standing import consumers_told, moved, standing, stands_at, waiting
from qtops.facts.progress import backlog
from qtops.facts.streams import StreamFacts
from qtops.findings import Check, Finding, Severity
from qtops.settings import Settings

CHECK = Check("STREAM106", "A group works on the past", Severity.WARNING, ("streams",))
MOTION = {
    True: "it moves",
    None: "whether it moves, --observe 30s tells",
    False: "it was given nothing between two looks",
}


def check(facts: StreamFacts, settings: Settings) -> Iterator[Finding]:
    """One finding for each group that is far behind and has a consumer that lives."""
    for reader in readers(facts, settings):
        waits = backlog(reader.stream, reader.group)
        if standing(reader, waits) == "replaying":
            evidence = (stands_at(reader), MOTION[moved(reader)], consumers_told(reader))
            summary = f"group {reader.group.name} works on the past: {waiting(reader, waits)}"
            remedy = "Decide whether the past matters; `--plan` says what setting the group to the newest entry would skip"
            yield CHECK.finding(reader.stream.name, summary, evidence, remedy)
