"""Read proposals and what they were made from: everything of one symbol in one pipeline, and so at one moment.

Per symbol it is one HLEN, one HMGET and one PTTL of the proposal, one HMGET of the market state, one of the position and one
HMGET or GET per price; per batch one HMGET of the hash of all positions. No hash is read as a whole: one may have ten million
fields. A key that cannot be read says so in its own reading; once the server does not answer, what is left is not asked for.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from msgspec.structs import replace

from publisher.codec import MARKET_NAMES, POSITION_NAMES
from publisher.connection import SERVER_WIDE, Trouble, trouble
from publisher.contract import POSITIONS_HASH, PROPOSAL_FIELDS, market_key, position_key
from publisher.link import Command, Reply
from qtops.collectors.keys import PATIENCE_S
from qtops.collectors.redis import Source
from qtops.collectors.shown import shown
from qtops.facts.keys import ServerReading
from qtops.facts.proposals import PriceReading, ProposalLook, ProposalReading
from qtops.facts.text import printable
from qtops.settings import Family, Price

BATCH: Final = 200  # symbols; with their market state, position and price some 800 keys
LONGEST: Final = 256  # bytes of a value that are kept: more is no number, and no list of reasons either
LONGEST_JSON: Final = 4096
ODD_KEYS: Final = 20  # proposals with unknown fields whose names are asked for
NAMED: Final = 20  # unknown fields of one proposal that are named
_AT_ONCE: Final = b"100"  # fields that one HSCAN looks at: more than a proposal has
_OWN: Final = 5  # commands per symbol, besides those for prices
_NAMES: Final = tuple(field.name for field in PROPOSAL_FIELDS)
_PROPOSAL: Final = tuple(name.encode() for name in _NAMES)
_MARKET: Final = tuple(name.encode() for name in MARKET_NAMES)
_POSITION: Final = tuple(name.encode() for name in POSITION_NAMES)
_KNOWN: Final = frozenset(_PROPOSAL)
Tell = Callable[[str, float, float], None]


def untold(_what: str, _done: float, _total: float) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which proposals to look at. The symbols may hold bytes that are no UTF-8, as ``surrogateescape`` has them."""

    family: Family
    symbols: Sequence[str]
    prices: Sequence[Price] = ()


def look(source: Source, server: ServerReading, wanted: Wanted, tell: Tell = untold) -> ProposalLook:
    """One look at all that is wanted. ``server`` is the source's greeting: where it does not answer, nothing is asked for."""
    reader = _Reader(source, server)
    readings: list[ProposalReading] = []
    for start in range(0, len(wanted.symbols), BATCH):
        readings += reader.read(wanted, wanted.symbols[start : start + BATCH])
        tell("proposals read", len(readings), len(wanted.symbols))
    reader.name_others(wanted, readings)
    return ProposalLook(taken_at_s=time.time(), server=reader.server, readings=tuple(readings))


class _Reader:
    """Asks one server, for as long as it answers."""

    def __init__(self, source: Source, server: ServerReading) -> None:
        self._source, self.server = source, server
        self._give_up_at = 0.0

    def read(self, wanted: Wanted, symbols: Sequence[str]) -> Iterator[ProposalReading]:
        """One reading per symbol."""
        commands, keys = _commands(wanted, symbols)
        replies = self._ask(commands, keys)
        now_s, each = self._source.now_s(), _OWN + len(wanted.prices)
        shared = replies[-1]
        jsons = shared if isinstance(shared, list) else [shared] * len(symbols)
        for number, symbol in enumerate(symbols):
            found = _Found(symbol, wanted, now_s)
            reading = found.reading(replies[number * each : (number + 1) * each], jsons[number])
            self._note(reading)
            yield reading

    def name_others(self, wanted: Wanted, readings: list[ProposalReading]) -> None:
        """Ask for the names of fields that the contract does not know: of few proposals, and one bounded step each."""
        odd = [index for index, reading in enumerate(readings) if reading.others_count][:ODD_KEYS]
        keys = [_key(wanted.family.pattern, wanted.symbols[index]) for index in odd]
        replies = self._ask([(b"HSCAN", key, b"0", b"COUNT", _AT_ONCE) for key in keys], keys)
        for index, reply in zip(odd, replies, strict=True):
            if isinstance(reply, list):
                names = [name for name in reply[1][::2] if name not in _KNOWN]
                readings[index] = replace(readings[index], others=tuple(printable(_text(name)) for name in names[:NAMED]))

    def _ask(self, commands: Sequence[Command], keys: Sequence[bytes]) -> list[Reply]:
        if self.server.state == "ok" or time.monotonic() < self._give_up_at:
            return self._source.ask(commands, keys)
        advice = self.server.advice
        return [Trouble(self.server.state, advice, f"not asked any more: {self.server.detail}")] * len(commands)

    def _note(self, reading: ProposalReading) -> None:
        """A plain server that is lost is lost for all; in a cluster the other nodes are asked on for a while."""
        if reading.trouble in SERVER_WIDE and self.server.state == "ok":
            self.server = replace(self.server, state=reading.trouble, advice=reading.advice, detail=reading.detail)
            self._give_up_at = time.monotonic() + PATIENCE_S if self._source.clustered else 0.0


def _commands(wanted: Wanted, symbols: Sequence[str]) -> tuple[list[Command], list[bytes]]:
    commands: list[Command] = []
    for symbol in symbols:
        key = _key(wanted.family.pattern, symbol)
        commands += (
            (b"HLEN", key),
            (b"HMGET", key, *_PROPOSAL),
            (b"PTTL", key),
            (b"HMGET", _wire(market_key(symbol)), *_MARKET),
            (b"HMGET", _wire(position_key(symbol)), *_POSITION),
            *(_price_command(price, symbol) for price in wanted.prices),
        )
    commands.append((b"HMGET", POSITIONS_HASH.encode(), *map(_wire, symbols)))
    return commands, [command[1] for command in commands]  # type: ignore[misc]  # every key above is bytes


def _price_command(price: Price, symbol: str) -> Command:
    key = _key(price.pattern, symbol)
    if not price.field:
        return (b"GET", key)
    times = (price.time_field.encode(),) if price.time_field else ()
    return (b"HMGET", key, price.field.encode(), *times)


class _Found:
    """Replies about one symbol, on their way to a reading."""

    def __init__(self, symbol: str, wanted: Wanted, now_s: float) -> None:
        self._symbol, self._wanted, self._now_s = symbol, wanted, now_s
        self._unread: list[str] = []

    def reading(self, replies: Sequence[Reply], json: Reply) -> ProposalReading:
        """Everything that is known of it."""
        size, values, ttl_ms, market, position, *prices = replies
        symbol, key = self._symbol, self._wanted.family.pattern.replace("{symbol}", self._symbol)
        if not key.isprintable():
            symbol, key = printable(symbol), printable(key)
        state = detail = advice = ""
        present: bool | None = None
        fields: dict[str, str] = {}
        if _failed(values):  # the first reply says why: after that the connection may be gone
            state, detail, advice = _refusal(size if _failed(size) else values)
            size = ttl_ms = None
        else:
            fields = _texts(_NAMES, values)
            size, ttl_ms = self._whole("the number of its fields", size), self._whole("its time to live", ttl_ms)
            present = bool(fields or (size and ttl_ms != -2))  # -2: it was there, and is gone meanwhile
        given = self._fields("position", POSITION_NAMES, position)
        return ProposalReading(
            symbol=symbol,
            key=key,
            read_at_s=self._now_s,
            present=present,
            fields=fields,
            others_count=max((size or 0) - len(fields), 0) if present else 0,
            ttl_ms=None if ttl_ms == -2 else ttl_ms,
            market=self._fields("market state", MARKET_NAMES, market),
            position=given,
            position_json=self._json(json, is_wanted=not given),
            prices=tuple(self._prices(prices)),
            trouble=state,
            detail=detail,
            advice=advice,
            unread=() if state in SERVER_WIDE else tuple(self._unread),
        )

    def _whole(self, what: str, reply: Reply) -> int | None:
        return None if self._is_unread(what, reply) else int(reply)

    def _fields(self, what: str, names: Sequence[str], reply: Reply) -> dict[str, str]:
        return {} if self._is_unread(what, reply) else _texts(names, reply)

    def _json(self, reply: Reply, *, is_wanted: bool) -> str:
        """Its value in the hash of all positions; where it has a hash of its own, nobody asks for that."""
        if reply is None or (_failed(reply) and not is_wanted) or self._is_unread("the hash of all positions", reply):
            return ""
        return _text(reply, LONGEST_JSON)

    def _prices(self, replies: Sequence[Reply]) -> Iterator[PriceReading]:
        for price, reply in zip(self._wanted.prices, replies, strict=True):
            name = printable(price.pattern.replace("{symbol}", self._symbol))
            if not self._is_unread(f"price {name}", reply, "hash" if price.field else "string"):
                value, *times = reply if isinstance(reply, list) else [reply]
                if value is not None:
                    at = _text(times[0]) if times and times[0] is not None else ""
                    yield PriceReading(f"{name} {price.field}".strip(), _text(value), at)

    def _is_unread(self, what: str, reply: Reply, kind: str = "hash") -> bool:
        """Whether there is no reply; then it is noted why."""
        if not _failed(reply):
            return False
        state, detail, _ = _refusal(reply, kind)
        self._unread.append(f"{what}: {state}: {detail}")
        return True


def _failed(reply: Reply) -> bool:
    return isinstance(reply, (BaseException, Trouble))


def _refusal(reply: Any, kind: str = "hash") -> tuple[str, str, str]:
    """State, detail and advice."""
    found = reply if isinstance(reply, Trouble) else trouble(reply)
    if found.detail.startswith("WRONGTYPE"):
        return "wrong_type", f"the key is no {kind}", "find who writes there"
    return found.state, found.detail, found.advice


def _texts(names: Sequence[str], values: Sequence[bytes | None]) -> dict[str, str]:
    return {name: shown(_text(value), name) for name, value in zip(names, values, strict=True) if value is not None}


def _text(value: bytes, longest: int = LONGEST) -> str:
    if len(value) <= longest:
        return value.decode("utf-8", "backslashreplace")
    return value[:longest].decode("utf-8", "backslashreplace") + "…"


def _key(pattern: str, symbol: str) -> bytes:
    return _wire(pattern.replace("{symbol}", symbol))


def _wire(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
