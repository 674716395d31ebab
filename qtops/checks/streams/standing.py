"""Where a group stands that has entries waiting: does anybody read for it, and does it move?"""

from typing import Final, Literal

from qtops.checks.streams.looking import Reader
from qtops.facts.progress import ALIVE_S, Backlog, alive, backlog
from qtops.facts.stream_ids import time_s
from qtops.facts.times import moment, span

Standing = Literal["current", "orphan", "stuck", "replaying", "unclear"]
UNREAD_S: Final = ALIVE_S  # entries that wait for less are being worked at
REPLAY_S: Final = 3_600.0  # what is done about an event an hour after it is seldom what was meant
APART_S: Final = 30.0  # between two looks: one slow entry may take seconds


def standing(reader: Reader, waits: Backlog | None = None) -> Standing:
    """``stuck`` and ``replaying`` have a consumer that lives; whether it moves only two looks tell, or Redis 7.2 and later."""
    waits = waits or backlog(reader.stream, reader.group)
    group, now_s = reader.group, reader.stream.read_at_s
    if not waits.entries:
        return "current"
    for_s = None if waits.since_s is None else now_s - waits.since_s
    if for_s is not None and for_s <= UNREAD_S:
        return "current"
    living = alive(group)
    if not living:
        if group.trouble or (for_s is None and not group.consumers):
            return "unclear"
        return "orphan"
    old = for_s is not None and for_s > REPLAY_S
    if reader.before is not None:
        if reader.before.last_delivered_id != group.last_delivered_id:
            return "replaying" if old else "current"
        if reader.looked.apart_s >= APART_S:
            return "stuck"
    inactive = [consumer.inactive_ms for consumer in living]
    known = [one for one in inactive if one is not None]
    if known and len(known) == len(inactive):
        if min(known) > UNREAD_S * 1000:
            return "stuck"
        return "replaying" if old else "current"
    return "replaying" if old else "unclear"


def moved(reader: Reader) -> bool | None:
    """Whether the group was given something between two looks; None where there was one."""
    return None if reader.before is None else reader.before.last_delivered_id != reader.group.last_delivered_id


def waiting(reader: Reader, waits: Backlog) -> str:
    """``10014 entries``, ``at least 50 entries``, with the age of the oldest."""
    count = f"{'' if waits.exact else 'at least '}{waits.entries} {'entry' if waits.entries == 1 else 'entries'}"
    since = f", the oldest for about {span(reader.stream.read_at_s - waits.since_s)}" if waits.since_s is not None else ""
    return f"{count} unread{since}"


def stands_at(reader: Reader) -> str:
    """The last id that it was given, and what that is in time."""
    given = reader.group.last_delivered_id
    seconds = time_s(given, reader.stream.read_at_s)
    when = f": {moment(seconds, reader.stream.read_at_s)}" if seconds is not None else ""
    return f"it was last given {given}{when}; the newest entry is {reader.stream.last_id}"


def consumers_told(reader: Reader) -> str:
    """How many consumers there are, and when one last asked."""
    group = reader.group
    if not group.consumers_count:
        return "it has no consumer"
    if not group.consumers:
        return f"it has {group.consumers_count} consumers, of which nothing is known"
    latest = min(group.consumers, key=lambda consumer: consumer.idle_ms)
    return f"{group.consumers_count} consumers; the last that asked is {latest.name}, {span(latest.idle_ms / 1000)} ago"
