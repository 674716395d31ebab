"""Which entries are asked for: two calls of ``journalctl`` at the most, however many services there are."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from qtops.collectors.journal.entries import FIELDS

SICK_ENTRIES: Final = 2000  # of one service: some 60 ms of journalctl's time
WELL_ENTRIES: Final = 200
MOST_ENTRIES: Final = 20_000  # of one call


class Wanted(msgspec.Struct, frozen=True):
    """A service, its current or last invocation (empty: none is known), and whether it is sick, which makes its past matter."""

    unit: str
    invocation: str = ""
    since_s: float | None = None  # nothing older is of interest
    sick: bool = True


class Question(msgspec.Struct, frozen=True):
    """One call: which entries match, of which services, how many of each and in all."""

    terms: tuple[str, ...]
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
        return ["-b", "-r", "-o", "json", "--all", "--no-pager", f"--lines={self.most}", *since, fields, *self.terms]


def questions(wanted: Sequence[Wanted]) -> Iterator[Question]:
    """The calls. A sick service's own invocation shares one with those of other sick ones only: the noise of a loop, and of what
    runs well, is in the second, where it can crowd out nothing that matters as much.
    """
    sick, well = ([item for item in wanted if item.sick is is_sick] for is_sick in (True, False))
    around = [item for item in sick if item.invocation]
    first = [_own(item) for item in sick]
    if len(sick) == 1:
        first, around = first + [_around(item) for item in around], []
    yield from _question(first, sick, dict.fromkeys((item.unit for item in sick), SICK_ENTRIES))
    second = [_around(item) for item in around] + [_own(item) for item in well]
    limits = {item.unit: 2 * SICK_ENTRIES for item in around} | {item.unit: WELL_ENTRIES for item in well}
    yield from _question(second, [*around, *well], limits)


def _question(groups: Iterable[Sequence[str]], wanted: Sequence[Wanted], limits: dict[str, int]) -> Iterator[Question]:
    terms = [term for group in groups for term in ("+", *group)]
    since = [item.since_s for item in wanted]
    oldest_s = min((at_s for at_s in since if at_s is not None), default=None) if None not in since else None
    if terms:
        yield Question(tuple(terms[1:]), limits, oldest_s)


def _own(wanted: Wanted) -> list[str]:
    """What matches the entries of an invocation. PID 1's have it in another field, as those of processes that ended at once."""
    if not wanted.invocation:
        return [f"UNIT={wanted.unit}", "_PID=1"]
    return [f"_SYSTEMD_INVOCATION_ID={wanted.invocation}", "+", f"INVOCATION_ID={wanted.invocation}"]


def _around(wanted: Wanted) -> list[str]:
    """What matches everything of a unit: the runs before, jobs that came to nothing, its file."""
    unit = wanted.unit
    return [f"UNIT={unit}", "_PID=1", "+", f"OBJECT_SYSTEMD_UNIT={unit}", "_UID=0", "+", f"_SYSTEMD_UNIT={unit}"]
