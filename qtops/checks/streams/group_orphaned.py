"""Nobody reads for a group that has entries waiting.

What it is: entries have been waiting for more than ten minutes, and the group has no consumer, or none that has asked for
anything in as long. Names of consumers prove nothing: they stay when their process is gone.

Why it matters: whatever these entries ask for is not done. Where it is the only group of the stream, nobody does it.

What to do: start the unit that reads. Where nobody is meant to, say so (`lanes` of the stream in the configuration), or let
an operator destroy the group.
"""

from collections.abc import Iterator

from qtops.checks.streams.looking import Reader, readers
from qtops.checks.streams.standing import consumers_told, standing, stands_at, waiting
from qtops.facts.progress import backlog
from qtops.facts.stream_ids import ZERO, split
from qtops.facts.streams import StreamFacts
from qtops.findings import Check, Doubt, Finding, Severity
from qtops.settings import Settings

CHECK = Check("STREAM103", "Nobody reads for a group", Severity.CRITICAL, ("streams",))


def check(facts: StreamFacts, settings: Settings) -> Iterator[Finding | Doubt]:
    """Critical where the group is declared or alone; another one may be a leftover. A group that could not be read is a doubt."""
    for reader in readers(facts, settings):
        if reader.group.trouble:
            yield CHECK.doubt(reader.stream.name, f"consumers of group {reader.group.name}: {reader.group.trouble}")
        if standing(reader) == "orphan":
            yield _finding(reader)


def _finding(reader: Reader) -> Finding:
    stream, group, before = reader.stream, reader.group, reader.before
    waits = backlog(stream, group)
    evidence = [consumers_told(reader), stands_at(reader)]
    if split(group.last_delivered_id) == ZERO:
        evidence.append("it begins at the very first entry: whoever starts to read is given all of them as if they were new")
    if before is not None and (more := waits.entries - backlog(reader.looked.before or stream, before).entries) > 0:
        evidence.append(f"{more} more than at the look before")
    declared = reader.looked.declared is not None and group.name in reader.looked.declared.groups
    severity = Severity.CRITICAL if declared or stream.groups_count == 1 else Severity.WARNING
    whom = f"{group.consumers_count} consumers are registered and none of them lives" if group.consumers_count else "no consumer"
    remedy = "Start the unit that reads it; `--plan` says in which order"
    return CHECK.finding(
        stream.name, f"group {group.name}: {whom}, {waiting(reader, waits)}", tuple(evidence), remedy, severity=severity
    )
