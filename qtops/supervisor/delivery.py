"""Tells people what is on record for them: each endpoint one notice at a time, none of them waiting for another.

A notice is on record as attempted before its child is started, and as sent once that child has said so. Between the two lies what
nobody can know: where the supervisor is killed after the child has delivered and before that is on record, the notice is told once
more. So each is told at least once, and a second copy bears the same id (``id`` of the document, QTOPS_NOTICE_ID, the last line of
a message): an endpoint that remembers ids drops it.
"""

import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NamedTuple
from zlib import crc32

from qtops.actions.incidents.store import Store
from qtops.errors import NotPermitted, Unavailable
from qtops.facts.times import utc
from qtops.incidents import Notice
from qtops.settings import Endpoint, Settings
from qtops.supervisor.children import Children, Ended
from qtops.supervisor.endpoints import failure, launch, objection

FIRST_S: Final = 5.0  # until the second attempt
MOST_S: Final = 600.0  # between two attempts of one notice
REST_S: Final = 60.0  # between two attempts at an endpoint that takes none: another notice may be one that it does take
_GONE: Final = 8  # endpoints that notices wait for, and that the configuration has no more
_FULL: Final = (Unavailable, NotPermitted)  # what the store raises where it cannot be written


class _Rest(NamedTuple):
    """An endpoint that failed so often in a row is left alone until then."""

    failures: int
    until_s: float


class Delivery:
    """What is told. ``sent`` and ``failed`` count attempts since the start; ``report`` is given a line when an endpoint first takes
    nothing, and when it does again.
    """

    def __init__(self, store: Store, settings: Settings, children: Children, *, report: Callable[[str], None]) -> None:
        self._store, self._children, self._report = store, children, report
        self._endpoints = {endpoint.name: endpoint for endpoint in settings.notify}
        self._host = os.uname().nodename
        self._rests: dict[str, _Rest] = {}
        self._owed: deque[Callable[[], object]] = deque()  # what came of attempts, and could not be put on record yet
        self.sent = self.failed = 0

    def poll(self, now_s: float) -> float | None:
        """Start what is due; when to call again, None where nothing waits. An ending of a child starts the next one by itself.

        Raises what the store raises where it cannot be written: nothing is told that is not on record.
        """
        self._settle()
        while (notice := self._next(now_s)) is not None:
            self._store.attempted(notice.id, now_s)
            self._start(notice, now_s)
        self._settle()
        if not self._store.waiting():
            return None
        ends_s = [rest.until_s for name, rest in self._rests.items() if not self._children.running(_child(name))]
        return min([*(end_s for end_s in ends_s if end_s > now_s), now_s + FIRST_S])

    def _next(self, now_s: float) -> Notice | None:
        """The next notice for an endpoint that is free; the store gives the endpoints by turns."""
        if self._endpoints and not any(self._is_free(name, now_s) for name in self._endpoints):
            return None
        due = self._store.due(now_s, len(self._endpoints) + _GONE)
        return next((notice for notice in due if self._is_free(notice.endpoint, now_s)), None)

    def _is_free(self, endpoint: str, now_s: float) -> bool:
        rest = self._rests.get(endpoint)
        return not self._children.running(_child(endpoint)) and (rest is None or rest.until_s <= now_s)

    def _start(self, notice: Notice, now_s: float) -> None:
        endpoint = self._endpoints.get(notice.endpoint)
        why = objection(endpoint) if endpoint else "the configuration has no such endpoint any more"
        if endpoint is None or why:
            self._failed(notice, why, now_s)
            return
        told = launch(endpoint, notice, self._host, now_s)
        self._children.start(
            _child(endpoint.name),
            told.argv,
            lambda ended: self._ended(notice, endpoint, ended, now_s + ended.took_s),
            timeout_s=endpoint.timeout_s,
            stdin=told.stdin,
            environ=told.environ,
            clean_environ=told.is_clean,
            nice=0,  # a host that is overloaded is one of which people are to hear
        )

    def _ended(self, notice: Notice, endpoint: Endpoint, ended: Ended, now_s: float) -> None:
        if why := failure(ended, endpoint):
            self._failed(notice, why, now_s)
        else:
            self.sent += 1
            rest = self._rests.pop(endpoint.name, None)
            if rest is not None:
                self._report(f"notify {endpoint.name}: told again, after {_times(rest.failures)} in a row that it took nothing")
            self._owed.append(lambda: self._store.sent(notice.id, now_s))
        with suppress(*_FULL):  # the loop hears of it when it polls
            self.poll(now_s)

    def _failed(self, notice: Notice, why: str, now_s: float) -> None:
        self.failed += 1
        before = self._rests.get(notice.endpoint)
        failures = before.failures + 1 if before else 1
        rest_s = min(REST_S, back_off_s(notice.endpoint, failures))
        next_s = now_s + back_off_s(notice.id, notice.attempts + 1)
        self._rests[notice.endpoint] = _Rest(failures, now_s + rest_s)
        self._owed.append(lambda: self._not_told(notice, why, next_s))
        if before is None:
            self._report(f"notify {notice.endpoint}: {notice.id} was not told, again at {utc(next_s)}: {why}")

    def _not_told(self, notice: Notice, why: str, next_s: float) -> None:
        if self._store.failed(notice.id, why, next_s):
            self._report(f"notify {notice.endpoint}: {notice.id} was never told, and is given up: {why}")

    def _settle(self) -> None:
        """Put on record what came of attempts, in its order."""
        while self._owed:
            self._owed[0]()
            self._owed.popleft()


def back_off_s(name: str, attempts: int) -> float:
    """How long to wait after so many attempts: 5 s, doubled up to 10 min, up to a fifth less by the name, always the same."""
    jitter = 0.8 + 0.2 * crc32(name.encode()) / 0xFFFF_FFFF
    return min(FIRST_S * 2.0 ** min(attempts - 1, 16), MOST_S) * jitter


def _child(endpoint: str) -> str:
    return f"notify {endpoint}"


def _times(count: int) -> str:
    return "one time" if count == 1 else f"{count} times"
