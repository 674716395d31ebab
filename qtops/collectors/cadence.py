"""Look at time fields again and again, and at the ids of streams once: what their real intervals follow from.

A look is one pipelined reading per key, the time that each key has left, and, for proposals, the inputs that they are made from.
Streams need no waiting: the newest entries, a bounded number of them, carry the times at which Redis took them.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from publisher.connection import Trouble
from publisher.contract import market_key, position_key
from publisher.link import Command
from qtops.checks.cadence.forms import moments
from qtops.checks.cadence.recorded import MARKET_INPUTS, POSITION_INPUTS, limits_of
from qtops.checks.intervals import sampling_period_s
from qtops.collectors.cadence_streams import IDS, MOST_IDS, of_families, of_streams, read
from qtops.collectors.keys import BATCH, Look, Selection
from qtops.collectors.redis import Source
from qtops.collectors.sampling import beats
from qtops.facts.cadence import CadenceFacts, LimitFact, Series
from qtops.facts.keys import KeyReading, ServerReading
from qtops.settings import Family, Stream

_Name = tuple[str, str]  # family and subject


@dataclass(slots=True)
class _Track:
    """What one time field held."""

    texts: list[str] = field(default_factory=list)
    seen_at_s: list[float] = field(default_factory=list)

    def add(self, text: str, at_s: float) -> None:
        if text not in self.texts[-1:]:
            self.texts.append(text)
            self.seen_at_s.append(at_s)


@dataclass(slots=True)
class _Key:
    """What was seen of one key, look by look."""

    tracks: list[_Track]
    looked_at_s: list[float] = field(default_factory=list)
    present: bool = False
    vanished: int = 0
    gone: bool = False
    ttl_ms: int = -1  # the longest that was seen
    inputs: object = None
    inputs_moved: int | None = None
    trouble: str = ""


def collect(
    source: Source,
    selections: Sequence[Selection],
    streams: Sequence[Stream],
    for_s: float,
    *,
    symbols: int = 1,
    sleep: Callable[[float], None] = time.sleep,
) -> CadenceFacts:
    """Look for ``for_s`` seconds; with no key selected, once. ``symbols`` may write into one stream. Raises ConfigError."""
    keys = [selection for selection in selections if selection.family.kind != "stream" and selection.subjects]
    watch = _Watch(source, keys)
    server = source.greet()
    if server.state == "ok" and keys:
        every_s = sampling_period_s(selection.family for selection in keys)
        for _ in beats(every_s, for_s, sleep=sleep):
            server = watch.look(server)
            if server.state != "ok":
                break
    by_ids = [*of_families([one for one in selections if one.family.kind == "stream"]), *of_streams(streams)]
    found = read(source, by_ids, min(IDS * symbols, MOST_IDS)) if server.state == "ok" else []
    series = (*watch.series(), *found)
    skew_s = server.clock.skew_s if server.clock else 0.0
    return CadenceFacts(server=server, taken_at_s=source.now_s() - skew_s, series=series)


class _Watch:
    """Takes look after look at the same keys."""

    def __init__(self, source: Source, selections: Sequence[Selection]) -> None:
        self._source, self._selections = source, selections
        self._families = {selection.family.name: selection.family for selection in selections}
        self._keys: dict[_Name, _Key] = {}

    def look(self, server: ServerReading) -> ServerReading:
        """Read every key once; how the server was by then."""
        look = Look(self._source, server, self._selections)
        present: dict[_Name, KeyReading] = {}
        for reading in look:
            name = reading.family, reading.subject
            key = self._keys.setdefault(name, _Key([_Track() for _ in self._families[reading.family].times]))
            _note(key, reading)
            if reading.present:
                present[name] = reading
        if look.server.state == "ok":
            self._ask_lives(present)
            self._ask_inputs([name for name in present if self._families[name[0]].content == "risk-proposal"])
        return look.server

    def series(self) -> tuple[Series, ...]:
        """One for each time field of each key that was there."""
        return tuple(
            _series(self._families[family], subject, index, key)
            for (family, subject), key in self._keys.items()
            for index in range(len(key.tracks))
        )

    def _ask_lives(self, present: dict[_Name, KeyReading]) -> None:
        for name, (reply,) in self._ask({name: [(b"PTTL", reading.key)] for name, reading in present.items()}):
            if isinstance(reply, int):
                self._keys[name].ttl_ms = max(self._keys[name].ttl_ms, reply)

    def _ask_inputs(self, names: Iterable[_Name]) -> None:
        commands: dict[_Name, list[Command]] = {
            name: [(b"HMGET", market_key(name[1]), *MARKET_INPUTS), (b"HMGET", position_key(name[1]), *POSITION_INPUTS)]
            for name in names
        }
        for name, replies in self._ask(commands):
            if any(isinstance(reply, BaseException | Trouble) for reply in replies):
                continue
            key = self._keys[name]
            if key.inputs is not None:
                key.inputs_moved = (key.inputs_moved or 0) + (key.inputs != replies)
            key.inputs = replies

    def _ask(self, commands: dict[_Name, list[Command]]) -> Iterable[tuple[_Name, list[Any]]]:
        names = list(commands)
        for start in range(0, len(names), BATCH):
            batch = names[start : start + BATCH]
            flat = [command for name in batch for command in commands[name]]
            replies = iter(self._source.ask(flat, [str(command[1]) for command in flat]))
            yield from ((name, [next(replies) for _ in commands[name]]) for name in batch)


def _note(key: _Key, reading: KeyReading) -> None:
    if reading.present is None:
        key.trouble = "; ".join(filter(None, (reading.trouble, reading.detail)))
        return
    key.looked_at_s.append(reading.read_at_s)
    key.vanished += bool(reading.present and key.gone)
    key.gone = key.present and not reading.present
    key.present = key.present or bool(reading.present)
    for track, text in zip(key.tracks, reading.values, strict=False):
        if text is not None:
            track.add(text, reading.read_at_s)


def _series(family: Family, subject: str, index: int, key: _Key) -> Series:
    rule, track = family.times[index], key.tracks[index]
    looked = key.looked_at_s
    between = sorted(later - earlier for earlier, later in pairwise(looked)) or [0.0]
    lacking = "its key is there, and has no such field" if key.present and rule.required and not track.texts else ""
    trouble = key.trouble or lacking
    life = (LimitFact("its TTL", key.ttl_ms / 1000 + between[-1], "", "ttl"),) if key.ttl_ms >= 0 else ()
    return Series(
        family=family.name, subject=subject, field=rule.field or "value", declared_s=rule.interval_s,
        moments_s=moments(tuple(track.texts)), seen_at_s=tuple(track.seen_at_s), texts=tuple(track.texts),
        watched_s=looked[-1] - looked[0] if looked else 0.0, sampled_every_s=between[len(between) // 2], blind_s=between[-1],
        vanished=key.vanished, inputs_moved=key.inputs_moved, limits=(*limits_of(rule, family.name), *life), trouble=trouble,
    )  # fmt: skip
