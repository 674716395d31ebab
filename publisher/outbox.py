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
        """Send what waits, oldest first. Returns the error that kept some of it here, for the caller to name.

        Of one symbol's entries only the oldest is sent: were its id refused, the next one's might not be, and their order lost.
        """
        batch, later = self._split()
        replies = self._link.run([_xadd(entry) for entry in batch], [PROPOSAL_STREAM] * len(batch))
        refused: list[Entry] = []
        lost: list[Entry] = []
        problem: Exception | None = None
        for entry, reply in zip(batch, replies, strict=True):
            if not isinstance(reply, Exception):
                continue
            if _id_is_taken(reply):
                refused.append(entry)
                continue
            problem = reply
            if trouble(reply).state in SERVER_WIDE:
                lost.append(entry)  # may or may not have arrived: the same id tells, next time
        self._waiting.clear()
        self._waiting.extend([*self._after_refused_ids(refused, now_ms), *lost, *later])
        return problem

    def _split(self) -> tuple[list[Entry], list[Entry]]:
        """The oldest entry of each symbol, and the others."""
        batch: list[Entry] = []
        later: list[Entry] = []
        seen: set[str] = set()
        for entry in self._waiting:
            symbol = _symbol(entry.fields)
            (later if symbol in seen else batch).append(entry)
            if symbol:
                seen.add(symbol)
        return batch, later

    def _after_refused_ids(self, refused: Sequence[Entry], now_ms: int) -> list[Entry]:
        """What to send next: nothing for an entry that the stream has already, a new id for one that is in another's place."""
        if not refused:
            return []
        commands: list[Command] = [(b"XRANGE", PROPOSAL_STREAM, entry.id, entry.id) for entry in refused]
        commands.append((b"XREVRANGE", PROPOSAL_STREAM, "+", "-", "COUNT", "1"))
        *found, newest = self._link.run(commands, [PROPOSAL_STREAM] * len(commands))
        if newest and not isinstance(newest, Exception):  # another publisher's clock may be ahead of ours: ids only grow
            milliseconds, _, number = newest[0][0].partition(b"-")
            self._last = max(self._last, (int(milliseconds), int(number)))
        again: list[Entry] = []
        for entry, there in zip(refused, found, strict=True):
            if isinstance(there, Exception):
                again.append(entry)
            elif not any(list(flat) == [text.encode() for text in entry.fields] for _, flat in there):
                again.append(Entry(self._next_id(now_ms), entry.fields))
        return again

    def _next_id(self, now_ms: int) -> str:
        last_ms, last_number = self._last
        self._last = (now_ms, 0) if now_ms > last_ms else (last_ms, last_number + 1)
        return f"{self._last[0]}-{self._last[1]}"


def _symbol(fields: Sequence[str]) -> str:
    return fields[fields.index("symbol") + 1] if "symbol" in fields else ""


def _xadd(entry: Entry) -> Command:
    return (b"XADD", PROPOSAL_STREAM, "MAXLEN", "~", str(PROPOSAL_STREAM_MAXLEN), entry.id, *entry.fields)


def _id_is_taken(reply: Reply) -> bool:
    return "equal or smaller than the target stream" in str(reply)
