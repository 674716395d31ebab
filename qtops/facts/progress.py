"""How far a consumer group has come in its stream, counted from what Redis told of both.

Redis' own ``lag`` is the first source and not the only one: it is nil behind a deleted entry and before Redis 7, and it exceeds the
length where entries were trimmed unread. What cannot be counted is said to be so, and is never zero.
"""

from bisect import bisect_left
from typing import Final

import msgspec

from qtops.facts.stream_ids import split, time_s
from qtops.facts.streams import ConsumerReading, GroupReading, StreamReading

IDLE_S: Final = 3_600.0  # a consumer that asked for nothing in so long is gone: loops block for seconds, not for an hour
ALIVE_S: Final = 600.0  # within that a reader is restarted, or busy with one entry


class Backlog(msgspec.Struct, frozen=True):
    """What of a stream a group has not been given yet."""

    entries: int
    exact: bool = True  # False: at least so many
    since_s: float | None = None  # about when the oldest of them was written; None: nothing waits, or ids are no times


def backlog(stream: StreamReading, group: GroupReading) -> Backlog:
    """Entries that are there and that the group has not been given."""
    stands = split(group.last_delivered_id)
    if not stream.length or stands >= split(stream.last_id):
        return Backlog(0)
    unread = stream.recent_ids[: bisect_left(stream.recent_ids, True, key=lambda one: split(one) <= stands)]  # newest first
    entries, exact = len(unread), len(unread) < len(stream.recent_ids) or len(unread) >= stream.length
    if not exact and stands < split(stream.first_id):
        entries, exact = stream.length, True
    elif not exact and group.lag is not None:
        entries, exact = max(min(group.lag, stream.length), entries), True
    return Backlog(entries, exact, _since_s(stream, group, unread, entries))


def _since_s(stream: StreamReading, group: GroupReading, unread: tuple[str, ...], entries: int) -> float | None:
    """The time of the entry that is next, or of the first where all waits; where neither was read, that of the oldest known one,
    less what the others took at the latest pace.
    """
    now_s = stream.read_at_s
    if group.first_unread_id:
        return time_s(group.first_unread_id, now_s)
    if split(group.last_delivered_id) < split(stream.first_id):
        return time_s(stream.first_id, now_s)
    if not unread:
        return time_s(stream.last_id, now_s)
    oldest, newest = time_s(unread[-1], now_s), time_s(unread[0], now_s)
    if oldest is None or newest is None:
        return None
    pace_s = (newest - oldest) / (len(unread) - 1) if len(unread) > 1 else 0.0
    guess = oldest - max(0, entries - len(unread)) * pace_s
    return max(guess, time_s(group.last_delivered_id, now_s) or guess)


def lost(stream: StreamReading, group: GroupReading) -> int | None:
    """Entries that went from the stream before the group was given them; None where Redis does not tell."""
    if split(group.last_delivered_id) >= split(stream.first_id if stream.length else stream.last_generated_id):
        return 0
    if stream.entries_added is None or group.entries_read is None:
        return None
    return max(0, stream.entries_added - stream.length - group.entries_read)


def dead_pending(stream: StreamReading, group: GroupReading) -> Backlog:
    """Pending entries that are not in the stream any more: nobody can finish them."""
    if not group.pending or not group.first_pending_id:
        return Backlog(0)
    first = split(stream.first_id)
    if not stream.length or split(group.last_pending_id) < first:
        return Backlog(group.pending)
    return Backlog(1, exact=group.pending == 2) if split(group.first_pending_id) < first else Backlog(0)


def is_gone(consumer: ConsumerReading) -> bool:
    """Whether it has asked for nothing in longer than ``IDLE_S``."""
    return consumer.idle_ms > IDLE_S * 1000


def alive(group: GroupReading) -> tuple[ConsumerReading, ...]:
    """Consumers that asked for something within ``ALIVE_S``, the latest first."""
    found = [consumer for consumer in group.consumers if consumer.idle_ms <= ALIVE_S * 1000]
    return tuple(sorted(found, key=lambda consumer: consumer.idle_ms))
