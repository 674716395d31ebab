"""Read what proposals are computed from: market states and positions, in as few commands as there are keys.

Position sources: ``redis_hash`` is a hash per symbol, else the single hash of JSON values; ``redis_stream`` the newest event of the
execution stream; ``auto`` the first of these that knows the symbol. ``synthetic`` invents positions and is never fallen back to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from publisher import contract
from publisher.codec import (
    MARKET_NAMES,
    POSITION_NAMES,
    Closed,
    MarketInput,
    PositionInput,
    Refused,
    decode_market,
    decode_position,
)
from publisher.codec_json import decode_event, decode_position_json
from publisher.connection import SERVER_WIDE, Trouble, trouble
from publisher.link import Asked, Command, Link, Reply
from publisher.synthetic import synthetic_positions
from publisher.tracking import TRACK_NAMES, Track, decode_track

PositionSource = Literal["auto", "redis_hash", "redis_stream", "synthetic"]
GivenMarket = MarketInput | Refused
GivenPosition = PositionInput | Closed | Refused

_FROM_HASHES: Final = ("auto", "redis_hash")
_EVENTS_AT_START = 1000
_EVENTS_A_CYCLE = 10_000


class ServerTrouble(Exception):
    """The server as a whole does not do what it is asked."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(f"{trouble.state}: {trouble.detail}")
        self.trouble = trouble


def key_trouble(reply: Reply) -> Refused | None:
    """None for a good reply, a refusal for an error that concerns one key; raises ServerTrouble for what concerns them all."""
    if not isinstance(reply, BaseException):
        return None
    found = trouble(reply)
    if found.state in SERVER_WIDE:
        raise ServerTrouble(found)
    wrong_type = "WRONGTYPE" in found.detail or "wrong kind of value" in found.detail
    return Refused("wrong_type" if wrong_type else found.state, found.detail)


@dataclass(frozen=True, slots=True)
class Given:
    """The inputs of some symbols. ``unreachable`` symbols live on a node that did not answer."""

    markets: dict[str, GivenMarket]
    positions: dict[str, GivenPosition]
    tracks: dict[str, Track]
    unreachable: dict[str, Trouble]


class Question(NamedTuple):
    """Inputs that are asked for and not yet read."""

    symbols: Sequence[str]
    untracked: Sequence[str]
    asked: Asked


class Inputs:
    """Reads the inputs of ``symbols``; remembers how far it has read the execution stream."""

    def __init__(self, link: Link, symbols: Sequence[str], source: PositionSource) -> None:
        self._link, self._source = link, source
        self._synthetic = synthetic_positions(symbols) if source == "synthetic" else {}
        self._symbols = frozenset(symbols)
        self._events: dict[str, GivenPosition] = {}
        self._events_missed: Trouble | None = None
        self._last_event = b""

    def read(self, symbols: Sequence[str], untracked: Sequence[str]) -> Given:
        """Read markets, positions and, for the ``untracked``, what a predecessor remembered of them."""
        return self.collect(self.ask(symbols, untracked))

    def ask(self, symbols: Sequence[str], untracked: Sequence[str]) -> Question:
        """Send for what ``collect`` will wait for."""
        commands: list[Command] = [(b"HMGET", contract.market_key(symbol), *MARKET_NAMES) for symbol in symbols]
        if self._source in _FROM_HASHES:
            commands += [(b"HMGET", contract.position_key(symbol), *POSITION_NAMES) for symbol in symbols]
        commands += [(b"HMGET", contract.track_key(symbol), *TRACK_NAMES) for symbol in untracked]
        return Question(symbols, untracked, self._link.ask(commands, [str(command[1]) for command in commands]))

    def collect(self, question: Question) -> Given:
        """Wait for the replies and decode them."""
        symbols, untracked, asked = question
        replies = iter(asked.replies())
        given = Given({}, {}, {}, {})
        for symbol in symbols:
            _file(symbol, next(replies), decode_market, given.markets, given)
        if self._source in _FROM_HASHES:
            for symbol in symbols:
                _file(symbol, next(replies), decode_position, given.positions, given)
        for symbol in untracked:
            _file(symbol, next(replies), decode_track, given.tracks, given)
        self._read_elsewhere(symbols, given)
        return given

    def read_events(self) -> Refused | None:
        """Follow the execution stream, where the mode uses it; says why when it cannot be read."""
        if self._source not in ("auto", "redis_stream"):
            return None
        stream = contract.EXECUTION_STREAM
        if not self._last_event:
            (reply,) = self._link.run([(b"XREVRANGE", stream, "+", "-", "COUNT", str(_EVENTS_AT_START))], [stream])
            entries = [] if isinstance(reply, BaseException) else list(reversed(reply))
        else:
            command: Command = (b"XRANGE", stream, b"(" + self._last_event, "+", "COUNT", str(_EVENTS_A_CYCLE))
            (reply,) = self._link.run([command], [stream])
            entries = reply
        try:
            refused = key_trouble(reply)
        except ServerTrouble as error:
            self._events_missed = error.trouble
            raise
        self._events_missed = None
        if refused:
            return refused
        for event_id, flat in entries:
            self._last_event = event_id
            fields = dict(zip(flat[::2], flat[1::2], strict=True))
            if self._source == "auto" and fields.get(b"event_type") == b"execution.result":
                continue  # an order was filled: whether that opened or closed a position, the other sources know
            event = decode_event(fields, int(event_id.partition(b"-")[0]) / 1000)
            if event and event[0] in self._symbols:
                self._events[event[0]] = event[1]
        return None

    def _read_elsewhere(self, symbols: Sequence[str], given: Given) -> None:
        """Fill in the positions of which there is no hash of their own."""
        positions = given.positions
        if self._source == "synthetic":
            positions.update({symbol: self._synthetic[symbol] for symbol in symbols})
            return
        missing = [symbol for symbol in symbols if _absent(positions.get(symbol)) and symbol not in given.unreachable]
        if self._source != "redis_stream" and missing:
            key = contract.POSITIONS_HASH
            (reply,) = self._link.run([(b"HMGET", key, *missing)], [key])
            values = [reply] * len(missing) if isinstance(reply, BaseException) else reply
            for symbol, value in zip(missing, values, strict=True):
                _file(symbol, value, decode_position_json, positions, given)
        for symbol in missing:
            if not _absent(positions.get(symbol)):
                continue
            if self._events_missed and symbol not in self._events:  # whether it is open cannot be told
                given.unreachable.setdefault(symbol, self._events_missed)
            positions[symbol] = self._events.get(symbol, Closed(stated=False))


def _absent(position: GivenPosition | None) -> bool:
    return position is None or (isinstance(position, Closed) and not position.stated)


def _file(symbol: str, reply: Reply, decode: Any, into: dict[str, Any], given: Given) -> None:
    try:
        refused = key_trouble(reply)
    except ServerTrouble as error:
        given.unreachable[symbol] = error.trouble
        return
    if refused is None:
        decoded = decode(reply)
        if decoded is not None:
            into[symbol] = decoded
    elif decode is not decode_track:  # a track of the wrong type is none
        into[symbol] = refused
