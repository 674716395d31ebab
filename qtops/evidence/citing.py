"""Which records bear a claim: by what was looked at, and when. What is not there cites nothing, and so shows as unbacked. Pure."""

from collections.abc import Iterable
from typing import Final

from qtops.evidence.document import Cites
from qtops.evidence.naming import MISSING, label, unit_files
from qtops.evidence.records import Record

_SPEAKS_OF: Final = {  # a source that could not be read, and the records in whose place its own stands
    "systemd": ("unit", "process", "changed"),
    "source": ("start", "changed"),
    "unit files": ("start",),
    "redis": ("redis", "keys", "proposals", "events"),
    "keys": ("keys",),
    "proposals": ("proposals", "events"),
}


class Citing:
    """The records of one report, to be found by what they are of."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._ids = {record.name: record.id for record in records}

    def named(self, name: str) -> Cites:
        """The record of this name: "case", "recovery", "ledger", "plan", "patch", "settling", "failed/now", "failed/before" …."""
        return (self._ids[name],) if name in self._ids else ()

    def unit_file(self, path: str) -> Cites:
        """The record of a unit's file."""
        return self.named(unit_files((path,))[0])

    def of(self, look: str, subject: str, source: str) -> Cites:
        """What a look ("before", "after", "now") shows of a service: "unit", "journal", "keys" …; or of the host itself, for
        which the subject does not matter: "host", "settings", "streams", "cadence", "wiring".

        Where the source could not be read, the record that says why.
        """
        own = f"{look}/{label(subject)}" if subject else look
        found = [name for name in (f"{own}/{source}", f"{look}/{source}") if name in self._ids][:1]
        found += [name for name in self._ids if _is_instead(name, look, own, source)]
        return tuple(self._ids[name] for name in found)


def _is_instead(name: str, look: str, own: str, source: str) -> bool:
    """Whether a record says why this source could not be read."""
    place, _, missing = name.rpartition(f"/{MISSING}/")
    lacking = missing.partition("/")[2]
    return place in (own, look) and source in _SPEAKS_OF.get(lacking, (lacking,))
