"""A group stands still although its consumer lives.

What it is: entries wait, a consumer of the group has asked for something a moment ago, and yet the group has been given
nothing new: the last-delivered-id does not move between two looks half a minute apart, or (Redis 7.2 and later) no
consumer has been given anything for ten minutes.

Why it matters: the unit is active, its consumer is listed, and nothing is done. It happens where a consumer reads its
own pending entries again and again (one that it cannot parse and never acknowledges), or waits for something else.

What to do: read the journal of the unit that reads; acknowledge or set aside the entry that it cannot handle; restart it.
"""

from collections.abc import Iterator

from qtops.checks.streams.looking import Reader, readers
from qtops.checks.streams.standing import consumers_told, standing, stands_at, waiting
from qtops.facts.progress import backlog
from qtops.facts.streams import StreamFacts
from qtops.findings import Check, Doubt, Finding, Severity
from qtops.settings import Settings

CHECK = Check("STREAM101", "A group stands still", Severity.CRITICAL, ("streams",))


def check(facts: StreamFacts, settings: Settings) -> Iterator[Finding | Doubt]:
    """One finding for each group that stands still, one doubt for each of which one look does not tell."""
    for reader in readers(facts, settings):
        waits = backlog(reader.stream, reader.group)
        state = standing(reader, waits)
        if state == "stuck":
            yield _finding(reader, waiting(reader, waits))
        elif state == "unclear" and not reader.group.trouble:
            why = f"group {reader.group.name} has {waiting(reader, waits)}: whether it moves, one look does not tell"
            yield CHECK.doubt(reader.stream.name, why, "qtops verify streams --observe 30s")


def _finding(reader: Reader, told: str) -> Finding:
    group, stream, before = reader.group, reader.stream, reader.looked.before
    evidence = [stands_at(reader), consumers_told(reader), f"{group.pending} pending"]
    if before is not None and before.last_generated_id != stream.last_generated_id:
        evidence.append(f"the stream went on from {before.last_generated_id} to {stream.last_generated_id} between two looks")
    summary = f"group {group.name} stands still with {told}"
    remedy = "Read the journal of the unit that reads it, then restart that unit; `--plan` says in which order"
    return CHECK.finding(stream.name, summary, tuple(evidence), remedy)
