"""Append proposals to the stream so that none is there twice, although a reply may be lost after the server did its work.

Every entry carries an id of our own choosing and keeps it until it is acknowledged. Sent again, the server refuses the id that it
already has; whether it has it from us is then read back.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from publisher.connection import SERVER_WIDE, trouble
from publisher.contract import PROPOSAL_STREAM, PROPOSAL_STREAM_MAXLEN
from publisher.link import Command, Link, Reply


@dataclass(frozen=True, slots=True)
class Entry:
    """One proposal for the stream: its id, and field and value in turn."""

    id: str
    fields: Sequence[str]


class Outbox:
    """Entries that are not yet known to be in the stream; the oldest are given up where more wait than the stream keeps."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._waiting: deque[Entry] = deque(maxlen=PROPOSAL_STREAM_MAXLEN)
        self._last = (0, 0)

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, fields: Sequence[str], now_ms: int) -> None:
        """Queue one proposal."""
        self._waiting.append(Entry(self._next_id(now_ms), fields))

    def flush(self, now_ms: int) -> Exception | None:
        """Send what waits, oldest first. Returns the error that kept some of it here, for the caller to name."""
        waiting = list(self._waiting)
        replies = self._link.run([_xadd(entry) for entry in waiting], [PROPOSAL_STREAM] * len(waiting))
        self._waiting.clear()
        problem: Exception | None = None
        for entry, reply in zip(waiting, replies, strict=True):
            if not isinstance(reply, Exception):
                continue
            if _id_is_taken(reply):
                again = self._after_refused_id(entry, now_ms)
                if again is not None:
                    self._waiting.append(again)
            else:
                problem = reply
                if trouble(reply).state in SERVER_WIDE:
                    self._waiting.append(entry)  # may or may not have arrived: the same id tells, next time
        return problem

    def _after_refused_id(self, entry: Entry, now_ms: int) -> Entry | None:
        """None when the stream has the entry already; else the entry to send next, under a new id if another's is in its place."""
        found, newest = self._link.run(
            [(b"XRANGE", PROPOSAL_STREAM, entry.id, entry.id), (b"XREVRANGE", PROPOSAL_STREAM, "+", "-", "COUNT", 1)],
            [PROPOSAL_STREAM] * 2,
        )
        if isinstance(found, Exception) or isinstance(newest, Exception):
            return entry
        if any(list(flat) == [text.encode() for text in entry.fields] for _, flat in found):
            return None
        if newest:  # another publisher's clock may be ahead of ours: ids only grow
            milliseconds, _, number = newest[0][0].partition(b"-")
            self._last = max(self._last, (int(milliseconds), int(number)))
        return Entry(self._next_id(now_ms), entry.fields)

    def _next_id(self, now_ms: int) -> str:
        last_ms, last_number = self._last
        self._last = (now_ms, 0) if now_ms > last_ms else (last_ms, last_number + 1)
        return f"{self._last[0]}-{self._last[1]}"


def _xadd(entry: Entry) -> Command:
    return (b"XADD", PROPOSAL_STREAM, "MAXLEN", "~", PROPOSAL_STREAM_MAXLEN, entry.id, *entry.fields)


def _id_is_taken(reply: Reply) -> bool:
    return "equal or smaller than the target stream" in str(reply)
