"""What is shown of incidents and holds: taken from the store, and never judged anew."""

from shlex import join
from typing import Final

import msgspec

from qtops.errors import Exit
from qtops.findings import Verdict, worst
from qtops.incidents import Entry, Hold, Incident, Told

OPENING: Final = "opening.json.gz"


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents: those that are open first. ``holds`` are those in force; ``folder`` is where the store is.

    ``missing``: sources without which nobody can tell whether there are more.
    """

    host: str
    at_s: float
    incidents: tuple[Incident, ...]
    holds: tuple[Hold, ...] = ()
    folder: str = ""
    missing: tuple[str, ...] = ()

    @property
    def exit_code(self) -> Exit:
        """0 where none is open, else that of the worst which is, acknowledged ones included; 3 where a source is missing."""
        found = [incident.severity.verdict for incident in self.incidents if incident.is_open]
        return worst([Verdict.OK, *found, *([Verdict.UNKNOWN] if self.missing else [])]).exit_code


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One incident, and all that is on record of it. ``files`` are paths in ``folder``: bundles of facts, and reports."""

    host: str
    at_s: float
    incident: Incident
    timeline: tuple[Entry, ...]
    notices: tuple[Told, ...]
    folder: str
    files: tuple[str, ...]

    @property
    def next(self) -> tuple[str, ...]:
        """Commands that lead on, as they are typed."""
        return tuple(join(words) for words in _next(self.incident, self.bundles))

    @property
    def bundles(self) -> tuple[str, ...]:
        """Paths of the facts that were kept, those of the opening first."""
        names = [name for name in self.files if name.endswith(".json.gz")]
        return tuple(f"{self.folder}/{name}" for name in sorted(names, key=lambda name: (name != OPENING, name)))


class Holds(msgspec.Struct, frozen=True, kw_only=True):
    """The holds in force."""

    host: str
    at_s: float
    holds: tuple[Hold, ...]


def _next(incident: Incident, bundles: tuple[str, ...]) -> list[list[str]]:
    found: list[list[str]] = []
    if incident.is_open and incident.kind == "redis":
        found.append(["qtops", "runbook", "show", "recover-redis-down"])
    elif incident.is_open:
        found.append(["qtops", "doctor", incident.unit])
        if incident.code:
            found.append(["qtops", "recover", incident.unit])
    if incident.code:
        found.append(["qtops", "explain", incident.code])
    found += [["qtops", "doctor", "--from", bundle] for bundle in bundles[:1]]
    if incident.state == "open":
        found.append(["qtops", "incidents", "ack", str(incident.number)])
    return found


def ended_s(incident: Incident) -> float | None:
    """When it ended; None while it goes on."""
    return None if incident.is_open else incident.closed_s or incident.resolved_s
