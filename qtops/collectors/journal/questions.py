"""Which entries are asked for: two calls of ``journalctl`` at the most, however many services there are."""

from collections.abc import Container, Sequence
from typing import Final

import msgspec

from qtops.collectors.journal.entries import FIELDS

SICK_ENTRIES: Final = 2000  # of one service, where it is the only one that is sick: some 80 ms of journalctl's time
WELL_ENTRIES: Final = 200
MOST_ENTRIES: Final = 5000  # of one call: an entry takes 30 µs, and 80 µs among 50 services


class Wanted(msgspec.Struct, frozen=True):
    """A service, its current or last invocation (empty: none is known), and whether it is sick, which makes its past matter."""

    unit: str
    invocation: str = ""
    since_s: float | None = None  # nothing older is of interest
    sick: bool = True


class Question(msgspec.Struct, frozen=True):
    """One call: the values of each field that entries match, of which services, and how many of each."""

    terms: dict[str, list[str]]
    units: dict[str, int]
    since_s: float | None

    @property
    def most(self) -> int:
        """Entries in all."""
        return min(sum(self.units.values()), MOST_ENTRIES)

    def arguments(self) -> list[str]:
        """The arguments of journalctl. No name is read as an option: each is behind a field and ``=``."""
        since = [f"--since=@{self.since_s:.6f}"] if self.since_s is not None else []
        fields = f"--output-fields={','.join(FIELDS)}"
        terms = [word for name, values in self.terms.items() for word in ("+", *(f"{name}={value}" for value in values))]
        return ["-b", "-r", "-o", "json", "--all", "--no-pager", f"--lines={self.most}", *since, fields, *terms[1:]]


def first(wanted: Sequence[Wanted]) -> Question | None:
    """What is sick: of each its last invocation, so that no loop's noise hides another one's words; of a single one everything."""
    sick = [item for item in wanted if item.sick]
    around = sick if len(sick) == 1 else []
    return _question(sick, around, dict.fromkeys((item.unit for item in sick), _share(SICK_ENTRIES, sick)))


def second(wanted: Sequence[Wanted], unheard: Container[str]) -> Question | None:
    """What is well, and the past of what is sick. Where sick services were not heard for the noise of others, those alone."""
    again = [item for item in wanted if item.unit in unheard]
    if again:
        return _question(again, [], dict.fromkeys((item.unit for item in again), _share(SICK_ENTRIES, again)))
    well, sick = ([item for item in wanted if item.sick is is_sick] for is_sick in (False, True))
    around = [item for item in sick if item.invocation] if len(sick) > 1 else []
    share = _share(WELL_ENTRIES, [*well, *around])
    return _question(well, around, dict.fromkeys((item.unit for item in (*well, *around)), share))


def _share(most: int, wanted: Sequence[Wanted]) -> int:
    return min(most, MOST_ENTRIES // max(len(wanted), 1))


def _question(own: Sequence[Wanted], around: Sequence[Wanted], limits: dict[str, int]) -> Question | None:
    """``own``: asked for by invocation, which PID 1 has in another field; ``around``: by unit, all of its runs and jobs.

    ``journalctl -u`` would miss lines of processes that had ended before journald looked.
    """
    invocations = [item.invocation for item in own if item.invocation]
    never = [item.unit for item in own if not item.invocation]
    units = [item.unit for item in around if item.invocation]
    terms = {
        "_SYSTEMD_INVOCATION_ID": invocations,
        "INVOCATION_ID": invocations,
        "UNIT": [*never, *units],
        "OBJECT_SYSTEMD_UNIT": units,
        "_SYSTEMD_UNIT": units,
    }
    since = [item.since_s for item in (*own, *around)]
    oldest_s = None if None in since else min((at_s for at_s in since if at_s is not None), default=None)
    asked = {name: values for name, values in terms.items() if values}
    return Question(asked, limits, oldest_s) if asked else None
