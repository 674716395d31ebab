"""Walk the key space for proposals that nobody asked for, and for open positions that nobody covers."""

import time
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from publisher.codec import POSITION_NAMES, Closed, PositionInput, decode_position
from publisher.connection import REDIS_ERRORS, trouble
from publisher.contract import position_key
from publisher.link import Command
from qtops.collectors.keys import BATCH
from qtops.collectors.proposals import Tell, untold
from qtops.collectors.redis import Source
from qtops.facts.text import printable
from qtops.settings import Family

SCAN_LIMIT_S: Final = 10.0  # for both walks together
TELL_EVERY: Final = 1000  # keys
NAMED: Final = 3  # positions that cannot be read: so many are named


class Walked(NamedTuple):
    """Symbols with a proposal, and symbols with an open position; what could not be looked at, and why.

    The symbols may hold bytes that are no UTF-8, as ``surrogateescape`` has them.
    """

    found: tuple[str, ...]
    open_positions: tuple[str, ...]
    missing: tuple[str, ...] = ()


def walk(source: Source, family: Family, tell: Tell = untold, limit_s: float = SCAN_LIMIT_S) -> Walked:
    """Look at all keys there are, in small steps, for ``limit_s`` at most. What was found until then counts."""
    deadline = time.monotonic() + limit_s
    found, cut = _symbols(source, family.pattern, deadline, tell)
    positions, cut_as_well = _symbols(source, position_key("{symbol}"), deadline, tell)
    is_open, unreadable = _open(source, positions)
    return Walked(tuple(found), tuple(is_open), tuple(filter(None, [cut, cut_as_well, unreadable])))


def _symbols(source: Source, pattern: str, deadline: float, tell: Tell) -> tuple[list[str], str]:
    """The symbols of all keys of a pattern; and where the walk did not come to its end, why."""
    before, _, after = pattern.partition("{symbol}")
    symbols: dict[str, None] = {}
    try:
        for key in source.scan(pattern, max(deadline - time.monotonic(), 0.0)):
            symbols[key[len(before) : len(key) - len(after)]] = None
            if not len(symbols) % TELL_EVERY:
                tell("keys found", len(symbols), 0)
    except REDIS_ERRORS as error:
        return list(symbols), f"keys of {pattern} besides those listed: {trouble(error).detail}"
    return list(symbols), ""


def _open(source: Source, symbols: Sequence[str]) -> tuple[list[str], str]:
    """Those with an open position, read as the publisher reads it; and of which that could not be told."""
    is_open, unreadable = list[str](), list[str]()
    for symbol, told in _positions(source, symbols):
        if told == "open":
            is_open.append(symbol)
        elif told:
            unreadable.append(f"{printable(symbol)} ({told})")
    more = f" and {len(unreadable) - NAMED} more" if len(unreadable) > NAMED else ""
    why = f"whether a position is open for {', '.join(unreadable[:NAMED])}{more}" if unreadable else ""
    return is_open, why


def _positions(source: Source, symbols: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each symbol with ``open``, nothing where no position is open, or why that cannot be told."""
    for start in range(0, len(symbols), BATCH):
        batch = symbols[start : start + BATCH]
        keys = [position_key(symbol).encode("utf-8", "surrogateescape") for symbol in batch]
        commands: list[Command] = [(b"HMGET", key, *POSITION_NAMES) for key in keys]
        for symbol, reply in zip(batch, source.ask(commands, keys), strict=True):
            if isinstance(reply, BaseException):
                yield symbol, trouble(reply).detail
                continue
            found = decode_position(reply)
            if isinstance(found, PositionInput):
                yield symbol, "open"
            else:
                yield symbol, "" if isinstance(found, Closed) else f"{found.reason}: {found.detail}"
