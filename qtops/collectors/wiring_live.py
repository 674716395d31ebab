"""What is in Redis now under the names that source speaks of: a few cheap commands for each, pipelined, and one walk for patterns.

Every command is one of O(1) or of a bounded count; nothing writes, and nothing asks for all of what may be huge.
"""

import time
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from publisher.connection import REDIS_ERRORS, Trouble, trouble
from publisher.link import Command, Reply
from qtops.collectors.redis import Source
from qtops.collectors.wiring_patterns import Patterns
from qtops.facts.text import printable
from qtops.facts.wiring import NameState

BATCH: Final = 500
MOST_NAMES: Final = 20_000
MOST_FIELDS: Final = 200  # of a hash whose names of fields are asked for at once
SOME_FIELDS: Final = b"100"  # of a larger one, in one step of HSCAN
WALK_S: Final = 3.0  # for all patterns together, and for streams that no source speaks of
MOST_FOUND: Final = 1_000
_LENGTHS: Final[Mapping[str, bytes]] = {
    "stream": b"XLEN", "hash": b"HLEN", "list": b"LLEN", "set": b"SCARD", "zset": b"ZCARD", "string": b"STRLEN",
}  # fmt: skip


class Live(NamedTuple):
    """What Redis holds of the names that were given, further streams, and what could not be looked at."""

    names: tuple[NameState, ...]
    found: tuple[str, ...]
    missing: tuple[str, ...]


def read_names(source: Source, names: Sequence[str], give_up_s: float = WALK_S) -> Live:
    """The state of every name; one that holds placeholders stands for the keys that match it."""
    missing = [f"Redis: {len(names) - MOST_NAMES} of {len(names)} names were not asked for"] if len(names) > MOST_NAMES else []
    asked = list(dict.fromkeys(names))[:MOST_NAMES]
    exact, patterns = [name for name in asked if "<" not in name], Patterns(name for name in asked if "<" in name)
    deadline = time.monotonic() + give_up_s
    cut = _walk(source, patterns, deadline) if patterns.names else ""
    missing += [f"keys that match a pattern: {cut}"] if cut else []
    found, untold = _streams(source, set(exact), patterns, deadline)
    missing += [f"streams of which no source speaks: {untold}"] if untold else []
    matched = [(name, patterns.count(name), patterns.sample(name)) for name in patterns.names]
    states = _states(source, [*exact, *(sample for _, _, sample in matched if sample)])
    samples = iter(states[len(exact) :])
    of_patterns = [
        replace(next(samples), name=name, keys=count, sample=printable(sample)) if sample else _unmatched(name, cut)
        for name, count, sample in matched
    ]
    of_names = [replace(state, name=name) for name, state in zip(exact, states, strict=False)]
    return Live((*of_names, *of_patterns), found, tuple(missing))


def _unmatched(name: str, cut: str) -> NameState:
    return NameState(name=name, present=None if cut else False, detail=cut)


def _walk(source: Source, patterns: Patterns, deadline: float) -> str:
    """Hold every key against all patterns; why the walk was cut short, if it was."""
    try:
        for key in source.scan("{symbol}", deadline - time.monotonic()):
            patterns.add(key)
    except REDIS_ERRORS as error:
        return _cut(error)
    return ""


def _streams(source: Source, exact: set[str], patterns: Patterns, deadline: float) -> tuple[tuple[str, ...], str]:
    """Streams that neither a name nor a pattern speaks of, as Redis has them, and why there may be more."""
    found: list[str] = []
    try:
        for key in source.scan("{symbol}", max(deadline - time.monotonic(), 0.0), kind="stream"):
            if key not in exact and not patterns.speak_of(key):
                found.append(key)
            if len(found) == MOST_FOUND:
                return tuple(sorted(found)), f"{MOST_FOUND} were found, and the search ended there"
    except REDIS_ERRORS as error:
        return tuple(sorted(found)), _cut(error)
    return tuple(sorted(found)), ""


def _cut(error: BaseException) -> str:
    return str(error) if isinstance(error, TimeoutError) else printable(trouble(error).detail)


def _states(source: Source, keys: Sequence[str]) -> list[NameState]:
    """Type, time to live and length of keys, and the names of the fields that they hold."""
    states: list[NameState] = []
    pending = iter(keys)
    while batch := list(islice(pending, BATCH)):
        wire = [key.encode("utf-8", "surrogateescape") for key in batch]
        replies = _ask(source, [(command, key) for key in wire for command in (b"TYPE", b"PTTL")])
        typed = [_typed(kind, ttl) for kind, ttl in zip(replies[::2], replies[1::2], strict=True)]
        sized = [index for index, state in enumerate(typed) if state.kind in _LENGTHS]
        lengths = _ask(source, [(_LENGTHS[typed[index].kind], wire[index]) for index in sized])
        for index, length in zip(sized, lengths, strict=True):
            typed[index] = _sized(typed[index], length)
        held = [index for index in sized if typed[index].length and typed[index].kind in {"hash", "stream"}]
        inside = _ask(source, [_names_of(typed[index], wire[index]) for index in held])
        for index, reply in zip(held, inside, strict=True):
            typed[index] = replace(typed[index], fields=_fields(reply))
        states += typed
    return states


def _ask(source: Source, commands: list[Command]) -> list[Reply]:
    return source.ask(commands, [command[1] for command in commands]) if commands else []


def _typed(kind: Reply, ttl: Reply) -> NameState:
    for reply in (kind, ttl):
        if isinstance(reply, BaseException | Trouble):
            found = reply if isinstance(reply, Trouble) else trouble(reply)
            return NameState(name="", detail=printable(found.detail))
    text = kind.decode("ascii", "replace")
    if text == "none":
        return NameState(name="", present=False)
    return NameState(name="", present=True, keys=1, kind=text, ttl_ms=ttl if ttl >= 0 else None)


def _sized(state: NameState, length: Reply) -> NameState:
    if isinstance(length, BaseException | Trouble):
        return replace(state, detail="its length could not be asked")
    return replace(state, length=length)


def _names_of(state: NameState, key: bytes) -> Command:
    """What tells the names of fields: of the newest entry of a stream, of a hash all of them, or some where there are many."""
    if state.kind == "stream":
        return (b"XREVRANGE", key, b"+", b"-", b"COUNT", b"1")
    return (b"HKEYS", key) if state.length <= MOST_FIELDS else (b"HSCAN", key, b"0", b"COUNT", SOME_FIELDS)


def _fields(reply: Any) -> tuple[str, ...]:
    """Names out of XREVRANGE ([[id, flat]]), HSCAN ([cursor, flat]) or HKEYS (flat)."""
    if isinstance(reply, BaseException | Trouble) or not reply:
        return ()
    flat = reply[0][1] if isinstance(reply[0], list) else reply[1] if len(reply) == 2 and isinstance(reply[1], list) else None
    names = list(reply if flat is None else flat[::2] if isinstance(flat, list) else flat)
    return tuple(printable(name.decode("utf-8", "backslashreplace")) for name in names[:MOST_FIELDS])
