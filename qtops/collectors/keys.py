"""Read the time fields of many keys: one HMGET (GET, XREVRANGE) per key, in pipelined batches, and more only about absent keys.

Nothing is searched for: the keys are those of the selected families and subjects. A key that cannot be read says so in its own
reading; once the server as a whole does not answer, what is left is not asked for any more.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import msgspec

from publisher.codec import POSITION_NAMES, Closed, Refused, decode_position
from publisher.codec_json import decode_position_json
from publisher.connection import SERVER_WIDE, Trouble, trouble
from publisher.contract import POSITIONS_HASH, position_key
from publisher.link import Command, Reply
from qtops.collectors.redis import Source
from qtops.collectors.shown import shown
from qtops.facts.keys import KeyReading, Position, ServerReading
from qtops.facts.text import printable
from qtops.settings import Family

BATCH: Final = 1000
PATIENCE_S: Final = 3.0  # how long to go on after the first node of a cluster did not answer
_LONGEST_TIME: Final = 80  # bytes of a value that are kept: more is no time


@dataclass(frozen=True, slots=True)
class Selection:
    """What to look at in one family. ``subjects`` is ``("",)`` where the family is a single key."""

    family: Family
    subjects: Sequence[str]


class Look:
    """One look at the selected keys. Iterate, once, to read them; ``server`` says how Redis was until then.

    ``server`` is the source's greeting: where it says that Redis does not answer, no key is asked for.
    """

    def __init__(self, source: Source, server: ServerReading, selections: Sequence[Selection]) -> None:
        self._source, self._selections = source, selections
        self.server = server
        self._give_up_at: float | None = None

    def __iter__(self) -> Iterator[KeyReading]:
        for selection in self._selections:
            subjects = iter(selection.subjects)
            while batch := list(islice(subjects, BATCH)):
                yield from self._read(selection.family, batch)

    def _read(self, family: Family, subjects: list[str]) -> list[KeyReading]:
        keys = [family.pattern.replace("{symbol}", subject) for subject in subjects]
        wire_keys = [_wire(key) for key in keys]
        replies = self._ask(_commands(family, wire_keys), wire_keys)
        readings = _readings(family, subjects, keys, replies, self._source.now_s())
        self._note_trouble(readings)
        absent = [index for index, reading in enumerate(readings) if reading.present is False]
        if absent:
            asked = self._ask_about_absent(family, [subjects[i] for i in absent], [keys[i] for i in absent])
            for index, (present, witness, position) in zip(absent, asked, strict=True):
                readings[index] = _explained(readings[index], family, present, witness, position)
            self._note_trouble([readings[index] for index in absent])
        return readings

    def _ask_about_absent(
        self, family: Family, subjects: list[str], keys: list[str]
    ) -> Iterator[tuple[Reply, Reply | None, Position]]:
        """Is it really not there (a hash without the fields looks the same); was it ever; and ought it to be?"""
        present = [_wire(key) for key in keys]
        witness = [_wire(family.witness.replace("{symbol}", subject)) for subject in subjects] if family.witness else []
        asks_position = family.only_while == "open_position" and "{symbol}" in family.pattern
        position = [_wire(position_key(subject)) for subject in subjects] if asks_position else []
        commands: list[Command] = [(b"EXISTS", key) for key in present + witness]
        commands += [(b"HMGET", key, *POSITION_NAMES) for key in position]
        if position:
            commands.append((b"HMGET", POSITIONS_HASH, *(_wire(subject) for subject in subjects)))
        replies = iter(self._ask(commands, [*present, *witness, *position, *([POSITIONS_HASH] if position else [])]))
        presents = list(islice(replies, len(present)))
        witnesses = list(islice(replies, len(witness))) or [None] * len(subjects)
        own = list(islice(replies, len(position)))
        shared = next(replies, None)
        values = shared if isinstance(shared, list) else [shared] * len(subjects)
        positions = map(_position, own, values) if position else ("not_asked" for _ in subjects)
        yield from zip(presents, witnesses, positions, strict=True)

    def _ask(self, commands: list[Command], keys: Sequence[str | bytes]) -> list[Reply]:
        if self.server.state == "ok" or (self._give_up_at is not None and time.monotonic() < self._give_up_at):
            return self._source.ask(commands, keys)
        return [Trouble(self.server.state, "", f"not asked any more: {self.server.detail}")] * len(commands)

    def _note_trouble(self, readings: list[KeyReading]) -> None:
        """A plain server that is lost is lost for all; in a cluster the other nodes are asked on for a while."""
        lost = [reading for reading in readings if reading.trouble in SERVER_WIDE]
        if lost and self.server.state == "ok":
            first = lost[0]
            self.server = msgspec.structs.replace(self.server, state=first.trouble, advice=first.advice, detail=first.detail)
            self._give_up_at = time.monotonic() + PATIENCE_S if self._source.clustered else None


def _wire(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _commands(family: Family, keys: list[bytes]) -> list[Command]:
    match family.kind:
        case "hash":
            fields = [rule.field for rule in family.times]
            return [(b"HMGET", key, *fields) for key in keys]
        case "string":
            return [(b"GET", key) for key in keys]
        case "stream":
            return [(b"XREVRANGE", key, b"+", b"-", b"COUNT", b"1") for key in keys]


def _readings(family: Family, subjects: list[str], keys: list[str], replies: list[Reply], now_s: float) -> list[KeyReading]:
    name, values_of = family.name, _VALUES[family.kind]
    readings = []
    for subject, key, reply in zip(subjects, keys, replies, strict=True):
        if not key.isprintable():
            subject, key = printable(subject), printable(key)  # noqa: PLW2901 - what was asked for is not what is shown
        if isinstance(reply, (BaseException, Trouble)):
            readings.append(KeyReading(name, subject, key, now_s, None, (), *_refusal(family, reply)))
        else:
            values = values_of(family, reply)
            readings.append(KeyReading(name, subject, key, now_s, values.count(None) < len(values), values))
    return readings


def _hash_values(_: Family, reply: Any) -> tuple[str | None, ...]:
    return tuple([_text(value) for value in reply])


def _string_values(family: Family, reply: Any) -> tuple[str | None, ...]:
    return (_text(reply),) * len(family.times)


def _stream_values(family: Family, reply: Any) -> tuple[str | None, ...]:
    """Of the last entry; a rule without a field is judged by the time in its id."""
    if not reply:
        return (None,) * len(family.times)
    entry_id, flat = reply[0]
    fields = dict(zip(flat[::2], flat[1::2], strict=True))
    fields[b""] = entry_id.partition(b"-")[0]
    return tuple([_text(fields.get(rule.field.encode())) for rule in family.times])


_VALUES: Final = {"hash": _hash_values, "string": _string_values, "stream": _stream_values}


def _text(value: bytes | None) -> str | None:
    return None if value is None else shown(value[:_LONGEST_TIME].decode("utf-8", "backslashreplace"))


def _refusal(family: Family, reply: BaseException | Trouble) -> tuple[str, str, str]:
    """State, detail and advice."""
    found = reply if isinstance(reply, Trouble) else trouble(reply)
    if found.detail.startswith("WRONGTYPE"):
        return "wrong_type", f"the key is no {family.kind}", "correct the family's kind, or find who writes there"
    return found.state, found.detail, found.advice


def _explained(reading: KeyReading, family: Family, present: Reply, witness: Reply | None, position: Position) -> KeyReading:
    if isinstance(present, (BaseException, Trouble)):
        state, detail, advice = _refusal(family, present)
        return msgspec.structs.replace(reading, present=None, trouble=state, detail=detail, advice=advice)
    known = None if witness is None or isinstance(witness, (BaseException, Trouble)) else bool(witness)
    return msgspec.structs.replace(reading, present=bool(present), witness=known, position=position)


def _position(own: Reply, shared: Reply) -> Position:
    """Whether a position is open, read as the publisher reads it: a hash of its own, else its value in the single hash."""
    if isinstance(own, (BaseException, Trouble)):
        return "unknown"
    found = decode_position(own)
    if isinstance(found, Closed) and not found.stated:
        if isinstance(shared, (BaseException, Trouble)):
            return "unknown"
        found = decode_position_json(shared)
    if isinstance(found, Refused):
        return "unknown"
    return "closed" if isinstance(found, Closed) else "open"
