"""Entries were taken and are not finished.

What it is: entries are pending with consumers that have asked for nothing in more than an hour; or the oldest pending entry of
a group is more than an hour behind what the group was given since: it is left over, while its consumer lives.

Why it matters: a pending entry is given to nobody else. It stays so for ever, unless somebody claims it.

What to do: let the reader claim what is left over when it starts (XAUTOCLAIM), and acknowledge what it cannot handle as well;
`--plan` claims these for a consumer that lives.
"""

from collections.abc import Iterator

from qtops.checks.streams.looking import Reader, readers
from qtops.checks.streams.standing import standing
from qtops.facts.progress import is_gone
from qtops.facts.stream_ids import time_s
from qtops.facts.streams import StreamFacts
from qtops.facts.times import moment, span
from qtops.findings import Check, Finding, Severity
from qtops.settings import Settings

CHECK = Check("STREAM105", "Entries were taken and not finished", Severity.WARNING, ("streams",))
OLD_S = 3_600.0  # work that takes longer than an hour is not done from a stream
SHOWN = 3
REMEDY = "Let the reader claim and acknowledge what is left over; `--plan` does it once"


def check(facts: StreamFacts, settings: Settings) -> Iterator[Finding]:
    """One finding for each group."""
    for reader in readers(facts, settings):
        pending = f"{reader.group.pending} pending entries"
        holders = [consumer for consumer in reader.group.consumers if consumer.pending and is_gone(consumer)]
        if holders:
            holders.sort(key=lambda consumer: -consumer.pending)
            count = sum(consumer.pending for consumer in holders)
            summary = f"group {reader.group.name}: {count} of {pending} are with consumers that are gone"
            lines = [f"{one.name}: {one.pending} pending, idle for {span(one.idle_ms / 1000)}" for one in holders[:SHOWN]]
            lines += [f"and {len(holders) - SHOWN} more consumers"] if len(holders) > SHOWN else []
            yield CHECK.finding(reader.stream.name, summary, (*lines, _oldest(reader)), REMEDY)
        elif (behind_s := _left_behind_s(reader)) > OLD_S:
            summary = f"group {reader.group.name}: of {pending} the oldest was left behind {span(behind_s)} ago"
            yield CHECK.finding(reader.stream.name, summary, (_oldest(reader),), REMEDY)


def _left_behind_s(reader: Reader) -> float:
    """How much later the last entry that was given is than the first pending one; 0 where that cannot be told, or is work in
    progress: who catches up with the past is given hours of it at once.
    """
    group, before, now_s = reader.group, reader.before, reader.stream.read_at_s
    first, last = time_s(group.first_pending_id, now_s), time_s(group.last_delivered_id, now_s)
    finishes = before is not None and before.first_pending_id != group.first_pending_id
    if not group.pending or first is None or last is None or finishes or standing(reader) == "replaying":
        return 0.0
    return last - first


def _oldest(reader: Reader) -> str:
    first, now_s = reader.group.first_pending_id, reader.stream.read_at_s
    seconds = time_s(first, now_s)
    return f"the oldest pending entry is {first}" + (f": {moment(seconds, now_s)}" if seconds is not None else "")
