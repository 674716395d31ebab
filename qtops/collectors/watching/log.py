"""The journal of the units that are watched, line by line as it is written.

The deaths in it are on record whoever listened, so that a supervisor that was itself down finds them here. What a unit says of a
failure while it goes on running is found nowhere else.
"""

import os
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from qtops.collectors.journal.entries import Entry, entry
from qtops.collectors.journal.reading import not_permitted, reads_own_only
from qtops.collectors.watching.aliases import Aliases, own_name
from qtops.collectors.watching.endings import Endings
from qtops.collectors.watching.journalctl import STARTED, STARTING, STOPPING, Journalctl, brief
from qtops.collectors.watching.secrets import UnitSecrets
from qtops.collectors.watching.sources import Back, Lost, Pause
from qtops.collectors.watching.talk import Talk
from qtops.incidents import Died, Spoke

Seen = Died | Spoke | Lost | Back
MOST_LINES: Final = 500  # of one read, so that the rest of the loop has its turn
CHECK_S: Final = 2.0  # between two looks at whether journald runs: without it there is silence, and no error
_SOON_S: Final = 0.3
_APART_S: Final = 2.0  # between two children, where unit after unit is new
_UNITS: Final = Path("/run/systemd/units")  # where systemd notes the invocation of each unit that is up, for journald
_JOURNALD: Final = _UNITS / "invocation:systemd-journald.service"
_WILD: Final = frozenset("*?[")
_CURSOR: Final = re.compile(r"s=[0-9a-f]{32};i=[0-9a-f]+;b=[0-9a-f]{32};m=[0-9a-f]+;t=[0-9a-f]+;x=[0-9a-f]+")
_MOMENT: Final = re.compile(r"@[0-9]{1,12}\.[0-9]{6}")  # where nothing was read yet: from when on
_REMEMBERED: Final = 1000  # cursors of what was read last: it is read again where a unit is new


class LogFollower:
    """What units say. One thread uses it: wait for ``fileno`` to be readable and until ``reopen_s``, then ``read``."""

    def __init__(
        self,
        since: str,
        watched: Sequence[str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``since``: a ``position`` from before; empty: from now on. ``watched``: full names of units, or patterns of them."""
        self._position = since if _CURSOR.fullmatch(since) else ""
        self._from = self._position  # where the next child begins
        self._patterns = tuple(name for name in watched if _WILD & set(name))
        self._aliases = Aliases()
        names = {name: own_name(name) for name in watched if not _WILD & set(name)}
        for name, own in names.items():
            self._aliases.learn(own, name, as_well=own in names)
        self._fixed = frozenset(names.values())
        self._names = self._fixed | _up(self._patterns)  # whose own lines are followed
        self._clock, self._began_s = clock, float(since[1:]) if _MOMENT.fullmatch(since) else time.time()
        self._endings, self._talk = Endings(), Talk(UnitSecrets().of)
        self._seen: OrderedDict[str, None] = OrderedDict.fromkeys([self._position] if self._position else [])
        self._child: Journalctl | None = None
        self._pause, self._is_lost, self._next_s = Pause(), False, time.monotonic()
        self._journald, self._check_s = _journald(), 0.0
        self._is_another = False  # unit that matches a pattern is starting: its lines are to be followed too
        self._began_anew_s = -_APART_S

    @property
    def position(self) -> str:
        """From where to go on after a restart: everything before it was told, and what is held back was not."""
        held_since = self._talk.held_since  # empty: the first line of all is held back
        return (self._position if held_since is None else held_since) or f"@{self._began_s:.6f}"

    @property
    def dropped(self) -> int:
        """Lines that were not looked at, for there were too many at once."""
        return self._talk.dropped

    @property
    def caught_up(self) -> bool:
        """Whether all was told that the journal holds, as far as it can be read at all."""
        return self._is_lost or (self._child is not None and self._child.is_idle and self._talk.held_since is None)

    def fileno(self) -> int | None:
        """The descriptor that becomes readable with a line; None while there is none."""
        return self._child.fileno() if self._child else None

    def reopen_s(self) -> float | None:
        """When ``read`` is to be called even where nothing is readable, by the monotonic clock."""
        if self._child is None:
            return self._next_s
        if self._child.has_more:
            return 0.0
        times_s = [self._check_s, self._talk.due_s, self._began_anew_s + _APART_S if self._is_another else None]
        return min(at_s for at_s in times_s if at_s is not None)

    def read(self) -> list[Seen]:
        """What was written since, without waiting for more."""
        now = time.monotonic()
        if self._child is None:
            return self._open() if now >= self._next_s else []
        found = list[Seen]()
        for line in self._child.read(MOST_LINES):
            found += self._hear(line, now)
            if self._is_another and now - self._began_anew_s >= _APART_S:
                break
        found += self._aliases.told(self._talk.told(now))
        if self._child.holds:
            self._pause.reset()
            found += [Back("journal", self._clock())] if self._is_lost else []
            self._is_lost = False
        if self._is_another and now - self._began_anew_s >= _APART_S:
            found += self._again()
        elif why := self._child.ended():
            found += self._lose(why, "journalctl --verify")
        elif now >= self._check_s:
            found += self._check(now)
        return found

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def _open(self) -> list[Seen]:
        if reads_own_only():
            missing = not_permitted()
            return self._lose(missing.why, missing.enable)
        if not self._journald_runs():
            return self._lose("systemd-journald does not run", "systemctl start systemd-journald.service")
        try:
            self._child = Journalctl(sorted(self._names), bool(self._patterns), self._from, self._began_s)
        except OSError as error:
            return self._lose(f"journalctl cannot be run: {error.strerror}", "apt install systemd")
        return []

    def _lose(self, why: str, advice: str) -> list[Seen]:
        """Give the child up. Another one is begun by a later call: who waits for its descriptor has to see it gone."""
        self.close()
        self._from = self._position
        self._next_s = time.monotonic() + self._pause.next_s()
        was_lost, self._is_lost = self._is_lost, True
        return [] if was_lost else [Lost("journal", self._clock(), why, advice)]

    def _check(self, now: float) -> list[Seen]:
        """See whether journald is still the one that it was."""
        self._check_s = now + (_SOON_S if self._is_lost else CHECK_S)
        before = self._journald
        if not self._journald_runs():
            return self._lose("systemd-journald does not run", "systemctl start systemd-journald.service")
        return self._again() if before and self._journald != before else []

    def _journald_runs(self) -> bool:
        """Where systemd notes its units at all (from 236 on), it notes this one while it runs."""
        self._journald = _journald()
        return bool(self._journald) or not _JOURNALD.parent.is_dir()

    def _again(self) -> list[Seen]:
        """Begin anew, and a little before where it stands: of a unit that is new, lines may have come before that was seen."""
        self.close()
        self._is_another = False
        self._names = self._fixed | _up(self._patterns)
        self._from = next(iter(self._seen), "")
        self._next_s = self._began_anew_s = time.monotonic()
        return []

    def _hear(self, line: bytes, now: float) -> Iterator[Seen]:
        short = brief(line)
        if short is None or not short.cursor:
            return
        before, self._position = self._position, short.cursor
        if short.cursor in self._seen:
            return
        self._seen[short.cursor] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        if short.pid != "1" and short.unit in self._names and not self._talk.wants(short, before, now):
            return
        found = entry(line)
        if found is not None and self._is_watched(found.unit):
            yield from self._take(found, before, now)

    def _take(self, found: Entry, before: str, now: float) -> Iterator[Seen]:
        if not found.is_systemds:
            if not self._endings.is_over(found.unit, found.invocation):
                self._talk.hear(found, before, now)
            return
        if found.pid != 1:
            return  # a child that has not become the program yet, or a program that pretends
        self._is_another |= found.message_id in {STARTED, STARTING} and found.unit not in self._names
        died = self._endings.hear(found, self._clock())
        if died is not None or found.message_id == STOPPING:
            self._talk.forget(found.unit, found.invocation)
        if died is not None:
            yield from self._aliases.told([died])

    def _is_watched(self, unit: str) -> bool:
        return unit in self._names or self._matches(unit)

    def _matches(self, unit: str) -> bool:
        return any(fnmatchcase(unit, pattern) for pattern in self._patterns)


def _up(patterns: Sequence[str]) -> frozenset[str]:
    """Units that are up, and match a pattern."""
    try:
        names = [name.partition(":")[2] for name in os.listdir(_UNITS) if name.startswith("invocation:")]  # noqa: PTH208
    except OSError:
        return frozenset()
    return frozenset(name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns))


def _journald() -> str:
    """The invocation of journald; empty where it does not run."""
    try:
        return str(_JOURNALD.readlink())
    except OSError:
        return ""
