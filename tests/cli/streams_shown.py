"""Streams in a real Redis, as they are in incidents, and what ``qtops verify streams`` says of them."""

import json
import time
from pathlib import Path

import msgspec
import pytest
import redis
from msgspec.structs import replace

from qtops import bundle
from qtops.cli.streams_look import after
from qtops.facts.service import Facts
from qtops.reports.streams.document import Document
from tests.cli.running import qtops

DAY_MS = 86_400_000
HOUR_MS = 3_600_000


def verify(url: str, *arguments: str, **variables: str):
    return qtops("--redis", url, "verify", "streams", *arguments, **variables)


def found(url: str, *arguments: str, **variables: str) -> tuple[int, Document]:
    """Exit code and report, which is valid by its published type."""
    result = verify(url, *arguments, "-o", "json", **variables)
    assert result.stderr == ""
    json.loads(result.stdout, parse_constant=pytest.fail)
    return result.returncode, msgspec.json.decode(result.stdout, type=Document)


def codes(document: Document, name: str) -> set[str]:
    return {finding.code for finding in document.findings if finding.subject == name}


def write(client: redis.Redis, name: str, count: int, every_ms: int, *, newest_ms: int = 1_000) -> list[bytes]:
    """So many entries, evenly spaced, the newest a second old."""
    now_ms = int(time.time() * 1000) - newest_ms
    with client.pipeline(transaction=False) as pipe:
        for number in range(count):
            pipe.xadd(name, {"event": "x", "n": number}, id=f"{now_ms - (count - 1 - number) * every_ms}-0")
        return pipe.execute()


def read(client: redis.Redis, name: str, group: str, consumer: str, count: int, *, ack: bool = True) -> None:
    """Be given so many entries."""
    ((_, entries),) = client.xreadgroup(group, consumer, {name: ">"}, count=count)
    if ack:
        client.xack(name, group, *[one for one, _ in entries])


def stream(name: str, **what: object) -> str:
    lines = [f"{key} = {json.dumps(value)}" for key, value in {"name": name, **what}.items()]
    return "\n".join(["[[streams]]", *lines, ""])


def configuration(folder: Path, *streams: str) -> str:
    """A file that declares these streams, besides those of the founding system, and no family."""
    path = folder / "qtops.toml"
    path.write_text("families = []\nservices = []\n" + ("".join(streams) or "streams = []\n"))
    return str(path)


def _load(path: str) -> Facts:
    return bundle.load(Path(path))


def later(path: str, by_s: float) -> str:
    """What was seen, with every consumer idle for so much longer: a bundle like any other."""
    facts = _load(path)
    (look,) = facts.streams.looks
    streams = []
    for one in look.streams:
        groups = [
            replace(each, consumers=tuple(replace(who, idle_ms=who.idle_ms + round(by_s * 1000)) for who in each.consumers))
            for each in one.groups
        ]
        streams.append(replace(one, groups=tuple(groups)))
    later = f"{path}.later"
    bundle.save(replace(facts, streams=replace(facts.streams, looks=(replace(look, streams=tuple(streams)),))), Path(later))
    return later


def joined(before: str, now: str, *, apart_s: float) -> str:
    """Two looks as one bundle, as if the first were so much older."""
    early, late = _load(before), _load(now)
    (look,) = early.streams.looks
    moved = [replace(one, read_at_s=one.read_at_s - apart_s) for one in look.streams]
    look = replace(look, taken_at_s=look.taken_at_s - apart_s, streams=tuple(moved))
    both = after(replace(early, streams=replace(early.streams, looks=(look,))), late)
    bundle.save(both, Path(f"{now}.both"))
    return f"{now}.both"
