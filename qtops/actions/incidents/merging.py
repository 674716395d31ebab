"""What a change comes to where the incident on record is not the one that it was made from. Pure.

The supervisor works from what it last read, and a person may have acknowledged or closed the incident since. What the person did
wins:

- *closed* stays closed. What the supervisor has to say of it is a line of its timeline and told to nobody; but a new fault (a
  death, a look that finds it anew) opens an incident of its own, because it came after the person had ended the earlier one.
- *acknowledged* stays so until it ends, and nobody is reminded of it.

Whether the supervisor knew is told by the time of what the person did: where the change has the same one, it was made knowingly.
"""

from typing import Final

from msgspec.structs import replace

from qtops.findings import Severity
from qtops.incidents import Change, Event, Incident

ENDS: Final[frozenset[Event]] = frozenset({"resolved", "closed"})
_ANEW: Final[frozenset[Event]] = frozenset({"opened", "seen again", "reopened"})
_GRAVITY: Final = tuple(Severity)


def merged(kept: Incident, change: Change) -> Change:
    """The change as it applies to the incident on record. Its ``number`` is 0 where it opens one of its own."""
    seen = change.incident
    if kept.closed_s is not None and seen.closed_s != kept.closed_s:
        return _anew(change) if change.event in _ANEW else replace(change, incident=kept, tell=False)
    if kept.state == "acknowledged" and seen.acknowledged_s != kept.acknowledged_s:
        by = kept.acknowledged_by
        state = "acknowledged" if seen.state == "open" else seen.state
        acknowledged = replace(seen, state=state, acknowledged_s=kept.acknowledged_s, acknowledged_by=by)
        return replace(change, incident=acknowledged, tell=change.tell and change.event != "reminded")
    return change


def joined(kept: Incident, change: Change) -> Change:
    """A change that would open an incident whose fault has an open one already: it is that one, seen again."""
    seen = change.incident
    worst = max(kept.severity, seen.severity, key=_GRAVITY.index)
    again = replace(kept, times=kept.times + 1, last_s=max(kept.last_s, seen.last_s), severity=worst, clear_since_s=None)
    return replace(change, incident=again, event="seen again", tell=False)


def _anew(change: Change) -> Change:
    at_s = change.at_s
    opened = replace(
        change.incident, number=0, state="open", began_s=at_s, opened_s=at_s, times=1, clear_since_s=None, resolved_s=None,
        closed_s=None, acknowledged_s=None, acknowledged_by="", reminded_s=None, gave_up_s=None, diagnosed_s=None,
    )  # fmt: skip
    return replace(change, incident=opened, event="opened", tell=True)
