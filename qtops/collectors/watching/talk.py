"""What units say of failures while they go on running.

A line is held back for a moment: what a process says just before it dies belongs to its death.
"""

import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from typing import Final

from qtops.collectors.journal.entries import Entry, text
from qtops.collectors.journal.signatures import signatures
from qtops.collectors.journal.spoken import spoken
from qtops.collectors.watching.journalctl import Brief
from qtops.incidents import Spoke

HOLD_S: Final = 1.0
AGAIN_S: Final = 10.0  # the same trouble of the same unit is not told more often
MOST_ALIKE: Final = 5  # lines of one moment that differ in digits alone
MOST_HELD: Final = 200  # lines of one invocation, whatever they say
MOST_SUSPICIOUS: Final = 400  # with those that may tell of a failure
MOST_KNOWN: Final = 1000  # signatures that are remembered
_SUSPICIOUS: Final = re.compile(
    r"(?i)error|exception|interrupt|exit|timeout|traceback|critical|fatal|panic|alert|emerg|severe|  File "
)
_DIGITS: Final = re.compile(r"\d[0-9a-f]*")
_LOOKED_AT: Final = 200  # characters


class _Held:
    def __init__(self, since: str, began_s: float) -> None:
        self.since, self.began_s = since, began_s
        self.entries: list[Entry] = []
        self.alike: Counter[str] = Counter()

    def wants(self, message: str, priority: str) -> bool:
        """Whether one more line is looked at."""
        if len(self.entries) >= MOST_HELD:
            is_suspicious = priority in {"0", "1", "2", "3"} or _SUSPICIOUS.search(message)
            if not is_suspicious or len(self.entries) >= MOST_SUSPICIOUS:
                return False
        alike = _DIGITS.sub("", message)
        self.alike[alike] += 1
        return self.alike[alike] <= MOST_ALIKE


class Talk:
    """Lines that are held back, by unit and invocation; times by the monotonic clock."""

    def __init__(self, redact: Callable[[str], Callable[[str], str]]) -> None:
        """``redact``: what takes secrets out of the words of a unit."""
        self.dropped = 0
        self._redact = redact
        self._held: dict[tuple[str, str], _Held] = {}
        self._told: OrderedDict[tuple[str, str], float] = OrderedDict()

    @property
    def held_since(self) -> str | None:
        """The position before the oldest line that is held back; None where none is."""
        return next((held.since for held in self._held.values()), None)

    @property
    def due_s(self) -> float | None:
        """When the oldest has been held for long enough."""
        return next((held.began_s + HOLD_S for held in self._held.values()), None)

    def wants(self, line: Brief, before: str, now: float) -> bool:
        """Whether a line is to be heard: among many that are alike, or at the same moment, some are dropped, and counted.

        ``before`` is the position before it.
        """
        key = (str(line.unit), str(line.invocation))
        held = self._held.get(key)
        if held is None:
            held = self._held[key] = _Held(before, now)
        is_wanted = held.wants(text(line.message)[:_LOOKED_AT], str(line.priority))
        self.dropped += not is_wanted
        return is_wanted

    def hear(self, entry: Entry, before: str, now: float) -> None:
        """Take a line."""
        self._held.setdefault((entry.unit, entry.invocation), _Held(before, now)).entries.append(entry)

    def forget(self, unit: str, invocation: str) -> None:
        """It has died, or is told to stop. Last words may have lost their invocation (see ``journal.facts``)."""
        self._held.pop((unit, invocation), None)
        self._held.pop((unit, ""), None)

    def told(self, now: float) -> Iterator[Spoke]:
        """The troubles in what was held for long enough."""
        ripe = [key for key, held in self._held.items() if now - held.began_s >= HOLD_S]
        for key in ripe:
            held = self._held.pop(key)
            if not signatures(spoken(held.entries, str)):
                continue  # there is nothing to tell, nor to hide
            for found in signatures(spoken(held.entries, self._redact(key[0]))):
                if self._is_new(key[0], found.pattern, now):
                    yield Spoke(unit=key[0], at_s=found.first_s, signature=found.pattern, line=found.sample, invocation=key[1])

    def _is_new(self, unit: str, pattern: str, now: float) -> bool:
        key = (unit, pattern)
        if now - self._told.get(key, -AGAIN_S) < AGAIN_S:
            return False
        self._told[key] = now
        self._told.move_to_end(key)
        if len(self._told) > MOST_KNOWN:
            self._told.popitem(last=False)
        return True
