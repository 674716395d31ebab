"""Streams that are in order by default: a test says what is sick."""

from typing import Any

from qtops.checks.streams.registry import judge
from qtops.facts.keys import ServerReading
from qtops.facts.streams import ClientReading, ConsumerReading, GroupReading, StreamFacts, StreamLook, StreamReading
from qtops.findings import Judged
from qtops.settings import Settings, Stream

NOW_S = 1_790_000_000.0
NAME = "app:orders"
HOUR = 3_600.0
SETTINGS = Settings(families=(), streams=())
SERVER = ServerReading("redis://127.0.0.1:6379/0", "ok")


def at(ago_s: float, sequence: int = 0) -> str:
    """The id of an entry that was written so long ago."""
    return f"{round((NOW_S - ago_s) * 1000)}-{sequence}"


def stream(count: int = 100, every_s: float = 60.0, newest_s: float = 5.0, **sick: Any) -> StreamReading:
    """So many entries, one every minute, the newest five seconds old, none ever trimmed, and no group."""
    ids = [at(newest_s + number * every_s) for number in range(count)]
    healthy: dict[str, Any] = {
        "name": NAME,
        "read_at_s": NOW_S,
        "length": count,
        "first_id": ids[-1] if ids else "",
        "last_id": ids[0] if ids else "",
        "last_generated_id": ids[0] if ids else "0-0",
        "entries_added": count,
        "recent_ids": tuple(ids[:50]),
    }
    groups = sick.get("groups", ())
    return StreamReading(**{**healthy, "groups_count": len(groups), **sick})


def consumer(name: str = "worker-1", pending: int = 0, idle_s: float = 2.0, inactive_s: float | None = None) -> ConsumerReading:
    """A consumer that asked two seconds ago, and holds nothing."""
    return ConsumerReading(name, pending, round(idle_s * 1000), None if inactive_s is None else round(inactive_s * 1000))


def group(*consumers: ConsumerReading, unread: int = 0, of: StreamReading | None = None, **sick: Any) -> GroupReading:
    """A group of one consumer that lives, which was given all but the last ``unread`` entries of ``of``."""
    whole = of or stream()
    every = [at(5 + 60 * number) for number in range(whole.length)] if of is None else ids_of(whole)
    given = every[unread] if unread < len(every) else "0-0"
    healthy: dict[str, Any] = {
        "name": "readers",
        "last_delivered_id": given,
        "entries_read": whole.length - unread,
        "lag": unread,
        "consumers": consumers or (consumer(),),
        "pending": sum(one.pending for one in consumers),
    }
    return GroupReading(**{**healthy, "consumers_count": len(sick.get("consumers", healthy["consumers"])), **sick})


def ids_of(reading: StreamReading) -> list[str]:
    """All ids of an evenly spaced stream, newest first."""
    newest, oldest = (int(one.partition("-")[0]) for one in (reading.last_id, reading.first_id))
    step = (newest - oldest) / max(1, reading.length - 1)
    return [f"{round(newest - number * step)}-0" for number in range(reading.length)]


def look(*streams: StreamReading, ago_s: float = 0.0, **sick: Any) -> StreamLook:
    """One look at these."""
    return StreamLook(**{"taken_at_s": NOW_S - ago_s, "server": SERVER, "streams": streams, **sick})


def facts(*streams: StreamReading, before: tuple[StreamReading, ...] = (), **sick: Any) -> StreamFacts:
    """One look, or two."""
    looks = (*((look(*before, ago_s=60),) if before else ()), look(*streams))
    return StreamFacts(**{"looks": looks, "clients": (), **sick})


def declared(**what: Any) -> Settings:
    """Settings that speak of the one stream."""
    return Settings(families=(), streams=(Stream(**{"name": NAME, **what}),))


def found(seen: StreamFacts, settings: Settings = SETTINGS) -> list[tuple[str, str]]:
    """Codes and severities of what was found."""
    return [(finding.code, str(finding.severity)) for finding in judged(seen, settings).findings]


def doubted(seen: StreamFacts, settings: Settings = SETTINGS) -> list[str]:
    """Codes of what could not be told."""
    return [doubt.code for doubt in judged(seen, settings).doubts]


def judged(seen: StreamFacts, settings: Settings = SETTINGS) -> Judged:
    """What all checks say."""
    return judge(seen, settings)


BLOCKED = ClientReading("", "xreadgroup", 4000, blocked=True)
