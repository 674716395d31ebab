"""What the supervisor says of itself while it runs: entries of the journal, /metrics, a text file, and one line to systemd."""

from collections import Counter
from collections.abc import Callable
from typing import Final

from qtops.errors import QtopsError
from qtops.facts.times import span
from qtops.incidents import Change, Incident
from qtops.supervisor import journal_fields as fields
from qtops.supervisor.journal_fields import Journal
from qtops.supervisor.metrics import Metrics, write_textfile
from qtops.supervisor.snapshot import Snapshot

PUBLISH_S: Final = 1.0
TEXTFILE_S: Final = 15.0


class Announcing:
    """``metrics``: None where nothing is served."""

    def __init__(self, journal: Journal, metrics: Metrics | None, textfile: str) -> None:
        self._journal, self._metrics, self._textfile = journal, metrics, textfile
        self._publish_s = self._textfile_s = 0.0
        self._textfile_why = ""
        self.sources: dict[str, bool] = {"systemd": True, "journal": True, "store": True}
        self.notices: Counter[str] = Counter()
        self.status = "starting"

    def change(self, change: Change, incident: Incident) -> None:
        """An incident changed, and that is on record."""
        self._journal.event(**fields.for_change(change, incident))

    def lost(self, source: str, why: str) -> None:
        """A source cannot be read, or the store not written."""
        if self.sources.get(source, True):
            self._journal.event(**fields.for_source(source, why))
        self.sources[source] = False

    def back(self, source: str) -> None:
        """It can again."""
        if not self.sources.get(source, True):
            self._journal.event(**fields.for_source(source, ""))
        self.sources[source] = True

    def clock(self, jump_s: float) -> None:
        """The wall clock was set."""
        self._journal.event(**fields.for_clock(f"the clock was set by {'+' if jump_s > 0 else '-'}{span(abs(jump_s))}"))

    def note(self, text: str) -> None:
        """Something else that an operator ought to find in the journal."""
        self._journal.event(**fields.for_note(text))

    def publish(self, make: Callable[[], Snapshot], now_s: float) -> None:
        """Show how all stands, at most once a second."""
        if now_s < self._publish_s:
            return
        self._publish_s = now_s + PUBLISH_S
        snapshot = make()
        self.status = _status(snapshot)
        if self._metrics is None:
            return
        self._metrics.update(snapshot)
        if self._textfile and now_s >= self._textfile_s:
            self._textfile_s = now_s + TEXTFILE_S
            self._write(self._metrics.text())

    def _write(self, text: bytes) -> None:
        try:
            write_textfile(self._textfile, text)
            why = ""
        except QtopsError as error:
            why = str(error)
        if why and why != self._textfile_why:
            self.note(why)
        self._textfile_why = why


def _status(snapshot: Snapshot) -> str:
    """How all stands, in a line."""
    up = sum(unit.active_state == "active" for unit in snapshot.units)
    open_ = [one for one in snapshot.incidents if one.is_open]
    away = [name for name, answers in snapshot.sources.items() if not answers]
    told = f"{up} of {len(snapshot.units)} units up, {len(open_)} incident{'s' * (len(open_) != 1)} open"
    return told + (f"; not readable: {', '.join(away)}" if away else "")
