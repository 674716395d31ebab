"""What Redis replies about streams, as values. Versions differ: what a version does not tell is None. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from qtops.facts.streams import ClientReading, ConsumerReading, GroupReading
from qtops.facts.text import printable

KEPT_CONSUMERS: Final = 1_000  # of one group; how many there are is known all the same
LONGEST_NAME: Final = 256  # characters of a name that are kept
MOST_FIELDS: Final = 200  # names of fields of one entry that are kept
Entry: TypeAlias = tuple[str, tuple[str, ...], int]
"""An id, the names of the fields, and how many bytes names and values have."""


def text(value: object) -> str:
    """A name or an id, printable, whatever bytes it is made of."""
    found = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)
    return printable(found if len(found) <= LONGEST_NAME else found[:LONGEST_NAME] + "…")


def pairs(reply: object) -> dict[str, Any]:
    """A flat list of names and values (or a map, as RESP3 has it) by name. Empty for anything else."""
    if isinstance(reply, Mapping):
        return {text(name): value for name, value in reply.items()}
    if isinstance(reply, Sequence) and not isinstance(reply, (bytes, str)):
        return {text(name): value for name, value in zip(reply[::2], reply[1::2], strict=False)}
    return {}


def entry(reply: object) -> Entry | None:
    """One entry, as XREVRANGE and XINFO STREAM have it; None where there is none."""
    if not isinstance(reply, Sequence) or isinstance(reply, (bytes, str)) or len(reply) != 2:
        return None
    parts = list(_items(reply[1]))
    size = sum(len(part) for part in parts if isinstance(part, bytes))
    return text(reply[0]), tuple(text(name) for name in parts[: 2 * MOST_FIELDS : 2]), size


def stream(reply: object) -> dict[str, Any]:
    """XINFO STREAM as fields of ``StreamReading``."""
    told = pairs(reply)
    first, last = entry(told.get("first-entry")), entry(told.get("last-entry"))
    return {
        "length": _count(told.get("length")) or 0,
        "first_id": first[0] if first else "",
        "last_id": last[0] if last else "",
        "fields": last[1] if last else (),
        "last_generated_id": text(told.get("last-generated-id", b"0-0")),
        "max_deleted_id": text(told.get("max-deleted-entry-id", b"0-0")),
        "entries_added": _count(told.get("entries-added")),
        "groups_count": _count(told.get("groups")) or 0,
    }


def largest_entry(reply: object) -> int:
    """Bytes of the larger of the first and the last entry in XINFO STREAM: what one more of them may cost."""
    told = pairs(reply)
    return max((found[2] for name in ("first-entry", "last-entry") if (found := entry(told.get(name)))), default=0)


def ids(reply: object) -> tuple[str, ...]:
    """The ids of XREVRANGE."""
    return tuple(found[0] for item in _items(reply) if (found := entry(item)))


def groups(reply: object) -> tuple[tuple[bytes, GroupReading], ...]:
    """XINFO GROUPS: the name to ask with, and what is told."""
    return tuple(_group(told) for item in _items(reply) if "name" in (told := pairs(item)))


def consumers(reply: object) -> tuple[ConsumerReading, ...]:
    """XINFO CONSUMERS. Of many, those who hold pending entries and those who asked last are kept."""
    found = [
        ConsumerReading(
            text(told["name"]), _count(told.get("pending")) or 0, _count(told.get("idle")) or 0, _count(told.get("inactive"))
        )
        for item in _items(reply)
        if "name" in (told := pairs(item))
    ]
    if len(found) <= KEPT_CONSUMERS:
        return tuple(found)
    recent = sorted(found, key=lambda consumer: consumer.idle_ms)
    half = KEPT_CONSUMERS // 2
    rest = sorted(recent[half:], key=lambda consumer: (-consumer.pending, -consumer.idle_ms))
    return (*recent[:half], *rest[: KEPT_CONSUMERS - half])


def pending(reply: object) -> tuple[str, str]:
    """The first and the last id of an XPENDING summary, empty where nothing is pending."""
    items = list(_items(reply))
    return (text(items[1]), text(items[2])) if len(items) >= 3 and items[1] and items[2] else ("", "")


def clients(reply: object) -> tuple[ClientReading, ...]:
    """CLIENT LIST, without addresses."""
    lines = reply.decode("utf-8", "backslashreplace").splitlines() if isinstance(reply, bytes) else []
    return tuple(_client(line) for line in lines if line)


def _group(told: Mapping[str, Any]) -> tuple[bytes, GroupReading]:
    name = told["name"]
    found = GroupReading(
        name=text(name),
        pending=_count(told.get("pending")) or 0,
        last_delivered_id=text(told.get("last-delivered-id", b"0-0")),
        entries_read=_count(told.get("entries-read")),
        lag=_count(told.get("lag")),
        consumers_count=_count(told.get("consumers")) or 0,
    )
    return name if isinstance(name, bytes) else str(name).encode(), found


def _client(line: str) -> ClientReading:
    told = dict(part.partition("=")[::2] for part in line.split(" "))
    idle = told.get("idle", "")
    return ClientReading(
        printable(told.get("name", "")),
        printable(told.get("cmd", "")),
        int(idle) if idle.isascii() and idle.isdigit() and len(idle) < 19 else 0,
        "b" in told.get("flags", ""),
    )


def _items(reply: object) -> Iterable[Any]:
    return reply if isinstance(reply, Sequence) and not isinstance(reply, (bytes, str)) else ()


def _count(value: object) -> int | None:
    """A number; a negative one (no time to live, not known) and what is no number are None."""
    return value if isinstance(value, int) and value >= 0 else None
