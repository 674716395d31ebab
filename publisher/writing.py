"""Write proposals: one atomic step per symbol, so that no reader ever sees half of one, or one that cannot expire.

The step is a script over a single key, which works the same on a single server and in a Cluster. ``content`` replaces the whole
hash (whatever another dialect left there goes); ``heartbeat`` touches only a hash that this publisher wrote, and says so when it is
gone (evicted, flushed, expired) instead of leaving a hash with a heartbeat and no stop in it.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha1
from typing import Final, NamedTuple

from redis.exceptions import NoScriptError

from publisher import contract
from publisher.exchange import ERROR_REPLIES
from publisher.link import Asked, Command, Link, Reply

# KEYS[1]; ARGV: content | heartbeat, TTL in ms, publisher id, field, value, …; returns whether it was written, and the former owner
# "#!lua" lets the server refuse the whole step, rather than its second half, where nothing may be written: Redis 7 or newer.
# An end of 0 ms deletes the key, so a user who may not set an end fails here and never leaves a proposal without one.
SCRIPT: Final = b"""#!lua
local owner = redis.call('HGET', KEYS[1], 'publisher_id')
if ARGV[1] == 'heartbeat' then
  if owner ~= ARGV[3] then return {0, owner} end
else
  redis.call('PEXPIRE', KEYS[1], 0)
end
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {1, owner}
"""
_TRACK_TTL: Final = str(contract.TRACK_TTL_MS)
_SHA: Final = sha1(SCRIPT, usedforsecurity=False).hexdigest()


class Write(NamedTuple):
    """What to write for one symbol: content and track, field and value in turn, or a heartbeat only where content is None."""

    symbol: str
    content: Sequence[str] | None = None
    track: Sequence[str] = ()


class Written(NamedTuple):
    """What became of a Write. ``done`` is False where a heartbeat found no proposal of ours; ``error`` where Redis refused."""

    done: bool
    owner: str | None = None
    error: Exception | None = None
    track_error: Exception | None = None

    @property
    def doubtful(self) -> bool:
        """Whether nobody said what became of it: it may have been written all the same."""
        return self.error is None or not isinstance(self.error, ERROR_REPLIES)


class Order(NamedTuple):
    """Writes that are sent, their outcome not yet known."""

    writes: Sequence[Write]
    asked: Asked


class Writer:
    """Writes for one publisher."""

    def __init__(self, link: Link, publisher_id: str, ttl_ms: int) -> None:
        self._link, self._id, self._ttl_ms = link, publisher_id, str(ttl_ms)

    def write(self, writes: Sequence[Write], now_ms: int) -> list[Written]:
        """Write all in one round trip; the outcome of each, in order."""
        return self.collect(self.ask(writes, now_ms))

    def ask(self, writes: Sequence[Write], now_ms: int) -> Order:
        """Send what ``collect`` will have the outcome of."""
        calls: list[Command] = []
        keys: list[str] = []
        heartbeat = (b"heartbeat", self._ttl_ms, self._id, "heartbeat_ms", str(now_ms))
        for symbol, content, track in writes:
            keys.append(contract.proposal_key(symbol))
            if content is None:
                calls.append((b"EVALSHA", _SHA, b"1", keys[-1], *heartbeat))
                continue
            calls.append((b"EVALSHA", _SHA, b"1", keys[-1], b"content", self._ttl_ms, self._id, *content))
            keys += [contract.track_key(symbol)] * 2
            calls.append((b"HSET", keys[-1], *track))
            calls.append((b"PEXPIRE", keys[-1], _TRACK_TTL))
        return Order(writes, self._link.ask(calls, keys))

    def collect(self, order: Order) -> list[Written]:
        """Wait for the outcome of each write, in order."""
        replies = iter(self._taught(order.asked))
        return [_written(next(replies), () if write.content is None else (next(replies), next(replies))) for write in order.writes]

    def remove(self, symbols: Sequence[str], with_track: Sequence[str]) -> list[Reply]:
        """Delete the proposals of ``symbols``; of those in ``with_track`` forget the position too. Replies of the proposals."""
        keys = [contract.proposal_key(symbol) for symbol in symbols] + [contract.track_key(symbol) for symbol in with_track]
        return self._link.run([(b"DEL", key) for key in keys], keys)[: len(symbols)]

    def status(self, fields: Mapping[str, str]) -> Reply:
        """Write the publisher's own hash."""
        flat = [text for pair in fields.items() for text in pair]
        key = contract.publisher_key(self._id)
        asked = self._link.ask([(b"EVALSHA", _SHA, b"1", key, b"content", self._ttl_ms, self._id, *flat)], [key])
        return self._taught(asked)[0]

    def _taught(self, asked: Asked) -> list[Reply]:
        """The replies; a server that does not know the script yet (new, restarted, failed over) is sent its text."""
        replies = asked.replies()
        unknown = [index for index, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
        if unknown:
            calls: list[Command] = [(b"EVAL", SCRIPT, *asked.commands[index][2:]) for index in unknown]
            again = self._link.run(calls, [asked.keys[index] for index in unknown])
            for index, reply in zip(unknown, again, strict=True):
                replies[index] = reply
        return replies


def _written(proposal: Reply, track: tuple[Reply, ...]) -> Written:
    track_error = next((reply for reply in track if isinstance(reply, Exception)), None)
    if isinstance(proposal, Exception):
        return Written(False, error=proposal, track_error=track_error)
    done, owner = proposal
    return Written(done == 1, owner.decode("utf-8", "replace") if owner else None, track_error=track_error)
