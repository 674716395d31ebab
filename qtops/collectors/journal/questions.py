"""Which entries are asked for: two calls of ``journalctl``, however many services there are.

Of entries of several services one call gives the newest. So what is sick has a call of its own, and where one service's noise is in
front of what others said, that call is given up and made again for the others, from there on back; that is bounded as well.
"""

from collections.abc import Container, Sequence
from typing import Final

import msgspec

from qtops.collectors.journal.entries import FIELDS

SICK_ENTRIES: Final = 2000  # of one service, where it is the only one that is sick: some 80 ms of journalctl's time
WELL_ENTRIES: Final = 200
MOST_ENTRIES: Final = 5000  # of one call: an entry takes 30 µs, and 80 µs among 50 services
MOST_NOISE: Final = 1000  # entries of services that have had their share, before it is asked again without them
MOST_AGAIN: Final = 4


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
    since_s: float | None = None
    until_s: float | None = None

    @property
    def most(self) -> int:
        """Entries in all."""
        return min(sum(self.units.values()), MOST_ENTRIES)

    def arguments(self) -> list[str]:
        """The arguments of journalctl. No name is read as an option: each is behind a field and ``=``."""
        limits = {"--since": self.since_s, "--until": self.until_s}
        times = [f"{option}=@{at_s:.6f}" for option, at_s in limits.items() if at_s is not None]
        fields = f"--output-fields={','.join(FIELDS)}"
        terms = [word for name, values in self.terms.items() for word in ("+", *(f"{name}={value}" for value in values))]
        return ["-b", "-r", "-o", "json", "--all", "--no-pager", f"--lines={self.most}", *times, fields, *terms[1:]]


def first(wanted: Sequence[Wanted]) -> Question | None:
    """What is sick, of each its last invocation; of a single one everything."""
    sick = [item for item in wanted if item.sick]
    return _question(sick, sick if len(sick) == 1 else [], SICK_ENTRIES)


def again(wanted: Sequence[Wanted], unheard: Container[str], until_s: float) -> Question | None:
    """The same of those that noise was in front of, from where it was given up."""
    question = _question([item for item in wanted if item.unit in unheard], [], SICK_ENTRIES)
    return msgspec.structs.replace(question, until_s=until_s) if question else None


def second(wanted: Sequence[Wanted]) -> Question | None:
    """What is well, and the past of what is sick."""
    well, sick = ([item for item in wanted if item.sick is is_sick] for is_sick in (False, True))
    return _question(well, [item for item in sick if item.invocation] if len(sick) > 1 else [], WELL_ENTRIES)


def _question(own: Sequence[Wanted], around: Sequence[Wanted], most: int) -> Question | None:
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
    names = {item.unit for item in (*own, *around)}
    share = min(most, MOST_ENTRIES // max(len(names), 1))
    return Question(asked, dict.fromkeys(sorted(names), share), oldest_s) if asked else None
