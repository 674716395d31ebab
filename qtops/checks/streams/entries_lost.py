"""Entries were trimmed before a group had read them.

What it is: more entries went from the stream than the group was given (its lag exceeds the length), or it stands before the
first entry that is left, or its pending entries are not in the stream any more and can never be finished.

Why it matters: what was in them is gone for this reader, and nothing says so: XREADGROUP simply goes on with what is left.
Redis tells no lag behind deleted entries and before version 7; that is "could not tell", and never zero.

What to do: make the reader faster than the cap or the cap wider than its longest rest; acknowledge what is dead; replay from
the source what matters.
"""

from collections.abc import Iterator

from qtops.checks.streams.looking import Reader, readers
from qtops.checks.streams.standing import stands_at
from qtops.facts.progress import backlog, dead_pending, lost
from qtops.facts.stream_ids import ZERO, split, time_s
from qtops.facts.streams import StreamFacts
from qtops.facts.times import moment
from qtops.findings import Check, Doubt, Finding, Severity
from qtops.settings import Settings

CHECK = Check("STREAM102", "Entries were lost to a group", Severity.CRITICAL, ("streams",))
REMEDY = "Let the stream keep more than the reader's longest rest; `--plan` clears what is dead"


def check(facts: StreamFacts, settings: Settings) -> Iterator[Finding | Doubt]:
    """What was lost unread, what is pending and dead, and what cannot be counted."""
    for reader in readers(facts, settings):
        yield from _unread(reader)
        yield from _dead(reader)


def _unread(reader: Reader) -> Iterator[Finding | Doubt]:
    stream, group = reader.stream, reader.group
    gone, stands = lost(stream, group), split(group.last_delivered_id)
    if gone:
        deleted = " or deleted" if split(stream.max_deleted_id) > stands else ""
        evidence = (
            f"{stream.entries_added} entries were ever added, {stream.length} are left, the group was given {group.entries_read}",
            stands_at(reader),
            f"the first entry that is left is {stream.first_id or 'none'}",
        )
        yield CHECK.finding(stream.name, f"group {group.name}: {gone} entries were trimmed{deleted} unread", evidence, REMEDY)
    elif gone is None and stands != ZERO and stream.entries_added is not None and split(stream.max_deleted_id) == ZERO:
        evidence = (stands_at(reader), f"the first entry that is left is {stream.first_id or 'none'}", "Redis keeps no count of it")
        summary = f"group {group.name} stands before the first entry that is left: what lay between was trimmed unread"
        yield CHECK.finding(stream.name, summary, evidence, REMEDY, severity=Severity.WARNING)
    elif (gone is None and stands != ZERO) or (group.lag is None and not backlog(stream, group).exact):
        yield _uncounted(reader)


def _uncounted(reader: Reader) -> Doubt:
    stream, group = reader.stream, reader.group
    seconds, waits = time_s(group.last_delivered_id, stream.read_at_s), backlog(stream, group)
    last = f"an entry of {moment(seconds, stream.read_at_s)}" if seconds is not None else group.last_delivered_id
    least = "" if waits.exact else "at least "
    why = f"group {group.name}: Redis does not tell its lag; it was last given {last}, and {least}{waits.entries} entries wait"
    return CHECK.doubt(stream.name, why, "Redis 7 counts, unless entries are deleted or the group was set to an id")


def _dead(reader: Reader) -> Iterator[Finding]:
    stream, group = reader.stream, reader.group
    dead = dead_pending(stream, group)
    if dead.entries:
        least = "" if dead.exact else "at least "
        evidence = (
            f"{group.pending} pending, from {group.first_pending_id} to {group.last_pending_id}",
            f"the first entry that is left is {stream.first_id or 'none'}",
        )
        summary = f"group {group.name}: {least}{dead.entries} of {group.pending} pending entries are not in the stream any more"
        yield CHECK.finding(stream.name, summary, evidence, REMEDY, severity=Severity.WARNING)
