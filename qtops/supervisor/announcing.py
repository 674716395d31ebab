"""What the supervisor says of itself while it runs: entries of the journal, /metrics, a text file, and one line to systemd."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from qtops.errors import QtopsError
from qtops.facts.times import span
from qtops.incidents import Change, Incident
from qtops.supervisor import journal_fields as entries
from qtops.supervisor.journal_fields import Journal
from qtops.supervisor.metrics import Metrics, write_textfile
from qtops.supervisor.snapshot import Snapshot

PUBLISH_S: Final = 1.0
TEXTFILE_S: Final = 15.0
SOURCES: Final = ("systemd", "journal", "store")


class Announcing:
    """``metrics``: None where nothing is served."""

    def __init__(self, journal: Journal, metrics: Metrics | None, textfile: str) -> None:
        self._journal, self._metrics, self._textfile = journal, metrics, textfile
        self._publish_s = self._textfile_s = 0.0
        self._textfile_why = ""
        self.lost_why: dict[str, str] = {}  # by source that cannot be read, or the store
        self.status = "starting"

    def started(self, what: str) -> None:
        """It begins to watch."""
        self._journal.event(f"watching {what}", message_id=entries.SUPERVISOR_STARTED, priority=entries.INFO)

    def stopped(self) -> None:
        """It ends, because it was told to."""
        self._journal.event("stopped watching", message_id=entries.SUPERVISOR_STOPPED, priority=entries.INFO)

    def change(self, change: Change, incident: Incident) -> None:
        """An incident changed, and that is on record."""
        self._journal.change(replace(change, incident=incident))

    def lost(self, source: str, why: str) -> None:
        """A source cannot be read, or the store not be written."""
        if source not in self.lost_why:
            self._source(f"{source}: {why}", entries.SOURCE_LOST, entries.ERROR, source)
        self.lost_why[source] = why

    def back(self, source: str) -> None:
        """It can again."""
        if self.lost_why.pop(source, ""):
            self._source(f"{source}: it answers again", entries.SOURCE_BACK, entries.NOTICE, source)

    @property
    def sources(self) -> dict[str, bool]:
        """Whether each of those that everything rests on can be used."""
        return {name: name not in self.lost_why for name in SOURCES}

    def clock(self, jump_s: float) -> None:
        """The wall clock was set."""
        told = f"the clock was set {'forward' if jump_s > 0 else 'back'} by {span(abs(jump_s))}"
        self._journal.event(told, message_id=entries.CLOCK_JUMPED, priority=entries.WARNING)

    def telling(self, text: str) -> None:
        """An endpoint takes no notices, or takes them again."""
        self._journal.event(text, message_id=entries.NOTICE_FAILED, priority=entries.WARNING)

    def note(self, text: str) -> None:
        """Something of the supervisor's own that an operator ought to know."""
        self._journal.event(text, message_id=entries.NOTED, priority=entries.WARNING)

    def _source(self, text: str, message_id: str, priority: int, source: str) -> None:
        self._journal.event(text, message_id=message_id, priority=priority, fields={"QTOPS_SOURCE": source})

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
