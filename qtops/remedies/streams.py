"""What to do about a group that does not read, what it left pending, and a stream that grows: steps in order, not carried out.

The order matters. XGROUP DELCONSUMER drops what the consumer holds, so that everything is claimed before anyone is deleted. What
cannot be undone, or skips entries, carries its risk: a person asks for it by name. No step deletes a stream.
"""

from collections.abc import Iterator, Set
from shlex import join
from typing import Final
from urllib.parse import unquote, urlsplit

from qtops.facts.progress import IDLE_S, Backlog, alive, backlog, dead_pending, is_gone
from qtops.facts.stream_ids import ZERO, split, time_s
from qtops.facts.streams import ConsumerReading, GroupReading, StreamReading
from qtops.facts.times import span
from qtops.steps import Plan, Step

OF_GROUPS: Final = ("STREAM103", "STREAM101", "STREAM106", "STREAM112", "STREAM105", "STREAM104", "STREAM102")
SUCCESSOR: Final = "recovery"  # the consumer that takes over where none lives
AT_ONCE: Final = 1_000  # entries of one XAUTOCLAIM or XACK: Redis does nothing else meanwhile
PER_TRIM: Final = 10_000  # entries that one XTRIM MAXLEN ~ takes at most (its LIMIT is 100 nodes of 100)
SKIP_S: Final = 3_600.0  # entries younger than that are read, not skipped
_UNPLAIN: Final = "\\…"  # printable text escapes what no command line can carry, and cuts what is too long


def group_plan(stream: StreamReading, group: GroupReading, codes: Set[str], cli: tuple[str, ...], unit: str = "") -> Plan:
    """What to do about one group on which checks of these ``codes`` found something. ``unit`` reads it, if that is known."""
    subject, code = f"{stream.name} {group.name}", next((code for code in OF_GROUPS if code in codes), "")
    if group.trouble:
        return Plan(code, subject, (), f"its consumers could not be read: {group.trouble}")
    names = (stream.name, group.name, *(consumer.name for consumer in group.consumers))
    if any(mark in name for name in names for mark in _UNPLAIN):
        return Plan(code, subject, (), "a name in it cannot be written on a command line: use a client that sends bytes")
    steps = (*_acknowledge(stream, group, cli), *_claim(stream, group, cli), *_delete(stream, group, cli))
    waits = backlog(stream, group)
    restart = tuple(_restart(stream, group, waits, unit)) if codes & {"STREAM101", "STREAM103", "STREAM106", "STREAM112"} else ()
    skip = tuple(_skip(stream, group, waits, cli)) if restart else ()
    return Plan(code, subject, (*steps, *restart, *skip), "" if steps or restart else "nothing is left that a command could mend")


def trim_plan(stream: StreamReading, maxlen: int | None, cli: tuple[str, ...]) -> Plan:
    """What to do about a stream that is too long: nothing, unless every group has read and finished what would go."""

    def no(why: str) -> Plan:
        return Plan("STREAM109", stream.name, (), why)

    if any(mark in stream.name for mark in _UNPLAIN):
        return no("its name cannot be written on a command line: use a client that sends bytes")
    if maxlen is None:
        return no("nobody has said how long it is meant to be: declare maxlen, and let its writer add with MAXLEN ~ n")
    if stream.trouble or stream.groups_count > len(stream.groups):
        return no("its groups could not all be read: what trimming would take from them is not known")
    for group in stream.groups:
        waits = backlog(stream, group)
        if group.pending:
            return no(f"group {group.name} has {group.pending} pending entries, which trimming may kill: see to these first")
        if not waits.exact or waits.entries > maxlen:
            return no(f"group {group.name} has not read {waits.entries} entries or more, which trimming to {maxlen} would take")
    goes = max(0, stream.length - maxlen)
    calls = -(-goes // PER_TRIM)
    step = Step(
        (*cli, "XTRIM", stream.name, "MAXLEN", "~", str(maxlen)),
        "what every group has read and finished takes up memory",
        f"removes up to {goes} of {stream.length} entries, at most {PER_TRIM} per call: call it {calls} times, until it says 0",
        risk="what is trimmed is gone",
    )
    return Plan("STREAM109", stream.name, (step,))


def redis_cli(url: str) -> tuple[str, ...]:
    """How an operator calls redis-cli for this Redis. A password belongs in REDISCLI_AUTH, and is never here."""
    parts = urlsplit(url.replace("redis+cluster:", "redis:"))
    if parts.scheme == "unix":
        return ("redis-cli", "-s", unquote(parts.path))
    if parts.scheme not in ("redis", "rediss") or "," in parts.netloc:
        return ("redis-cli",)  # a Sentinel's master, or many nodes: which one, the operator says
    host, _, port = parts.netloc.rpartition("@")[2].partition(":")
    database = parts.path.strip("/")
    return (
        "redis-cli",
        *(("-c",) if url.startswith("redis+cluster:") else ()),
        *(("--tls",) if parts.scheme == "rediss" else ()),
        *("-h", host or "127.0.0.1", "-p", port or "6379"),
        *(("-n", database) if database not in ("", "0") else ()),
    )


def _acknowledge(stream: StreamReading, group: GroupReading, cli: tuple[str, ...]) -> Iterator[Step]:
    """Pending entries that are no longer there. All that lies before the first entry is dead, and nothing else is named here."""
    dead = dead_pending(stream, group)
    if not dead.entries:
        return
    if group.pending <= 2:
        ids = dict.fromkeys((group.first_pending_id, *((group.last_pending_id,) if dead.entries == group.pending else ())))
        command = (*cli, "XACK", stream.name, group.name, *ids)
    else:
        end = f"({stream.first_id}" if stream.length else "+"
        listing = join((*cli, "--raw", "XPENDING", stream.name, group.name, "-", end, str(AT_ONCE)))
        command = ("sh", "-c", f"{listing} | awk 'NR % 4 == 1' | xargs -r {join((*cli, 'XACK', stream.name, group.name))}")
    count = f"{'' if dead.exact else 'at least '}{dead.entries} of {group.pending}"
    again = f", {AT_ONCE} per call: repeat it until nothing is left" if dead.entries > AT_ONCE or not dead.exact else ""
    why = "their entries are not in the stream any more: nobody can finish them"
    yield Step(command, why, f"takes {count} off the list of pending entries{again}", risk="")


def _claim(stream: StreamReading, group: GroupReading, cli: tuple[str, ...]) -> Iterator[Step]:
    holders = [consumer for consumer in group.consumers if consumer.pending and is_gone(consumer)]
    if not holders:
        return
    count, living = sum(consumer.pending for consumer in holders), [one for one in alive(group) if one not in holders]
    name = living[0].name if living else SUCCESSOR
    whom = (
        f"consumer {name}, which lives"
        if living
        else f"consumer {name}, which this makes: a reader of that name has to finish them"
    )
    words = (f"{IDLE_S * 1000:.0f}", "0-0", "COUNT", str(min(count, AT_ONCE)), "JUSTID")
    more = "" if count <= AT_ONCE else f", {AT_ONCE} per call: go on from the id that it gives back, until that is 0-0"
    yield Step(
        (*cli, "XAUTOCLAIM", stream.name, group.name, name, *words),
        f"{len(holders)} consumers that are gone hold them, and nobody else is given them",
        f"moves up to {count} pending entries to {whom}{more}",
        f"claim them for {holders[0].name} in the same way" if len(holders) == 1 else "claim them by id for whoever held them",
    )


def _delete(stream: StreamReading, group: GroupReading, cli: tuple[str, ...]) -> Iterator[Step]:
    """Those that are gone and hold nothing; then those that hold nothing any more once all is claimed."""
    gone = sorted((one for one in group.consumers if is_gone(one)), key=lambda one: (one.pending, -one.idle_ms, one.name))
    if sum(consumer.pending for consumer in gone) > AT_ONCE:
        gone = [consumer for consumer in gone if not consumer.pending]
    yield from (_delete_one(stream, group, consumer, cli) for consumer in gone if consumer.name != SUCCESSOR)


def _delete_one(stream: StreamReading, group: GroupReading, consumer: ConsumerReading, cli: tuple[str, ...]) -> Step:
    idle = span(consumer.idle_ms / 1000)
    held = f"; it held {consumer.pending}, which have to be claimed by now" if consumer.pending else ""
    risk = f"what it still holds goes with it: first see that XINFO CONSUMERS says 0 pending for {consumer.name}" if held else ""
    return Step(
        (*cli, "XGROUP", "DELCONSUMER", stream.name, group.name, consumer.name),
        f"{consumer.name} is gone: idle for {idle}",
        f"takes the name off the group; 0 pending entries go with it{held}",
        risk=risk,
    )


def _restart(stream: StreamReading, group: GroupReading, waits: Backlog, unit: str) -> Iterator[Step]:
    least = "" if waits.exact else "at least "
    effect = f"it reads on after {group.last_delivered_id}: {least}{waits.entries} entries wait, none is skipped"
    if unit:
        yield Step(("systemctl", "restart", unit), f"it reads for group {group.name}", effect)
    else:
        why = f"says which unit reads {stream.name} for group {group.name}: start or restart that one"
        yield Step(("qtops", "map"), why, effect)


def _skip(stream: StreamReading, group: GroupReading, waits: Backlog, cli: tuple[str, ...]) -> Iterator[Step]:
    """Only where what it skips is counted, and old: XGROUP SETID to the head as it was seen, so that nothing newer is skipped."""
    if not waits.exact or waits.since_s is None or stream.read_at_s - waits.since_s <= SKIP_S:
        return
    head, old = stream.last_id, group.last_delivered_id
    counted = ("ENTRIESREAD", str(stream.entries_added)) if stream.entries_added is not None and _at_head(stream) else ()
    restored = f" ENTRIESREAD {group.entries_read}" if group.entries_read is not None else ""
    newest = time_s(head, stream.read_at_s)
    until = f", the newest {span(stream.read_at_s - newest)} old" if newest is not None else ""
    yield Step(
        (*cli, "XGROUP", "SETID", stream.name, group.name, head, *counted),
        "only where the past does not matter: whoever reads begins with what comes after",
        f"skips exactly {waits.entries} unread entries, those after {old} up to {head}{until}",
        join((*cli, "XGROUP", "SETID", stream.name, group.name, old)) + restored,
        f"this group is never given these {waits.entries} entries",
    )


def _at_head(stream: StreamReading) -> bool:
    return split(stream.last_id) == split(stream.last_generated_id) != ZERO
