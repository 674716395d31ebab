"""Entries of a journal, as a service and as systemd write them. A story is told in order, one second after the other."""

from itertools import count

from qtops.collectors.journal.entries import Entry
from qtops.collectors.journal.events import KINDS
from qtops.collectors.journal.facts import put_together
from qtops.collectors.journal.spoken import Spoken

MESSAGE_IDS = {kind: message_id for message_id, kind in reversed(KINDS.items())}


class Story:
    """The journal of one service."""

    def __init__(self):
        self.entries, self._clock = [], count(1000)

    def says(self, run, *texts, pid=100, **fields):
        """The service writes lines."""
        for text in texts:
            at = next(self._clock)
            self.entries.append(Entry((at, at), float(at), text, "a.service", run, pid=pid, **fields))
        return self

    def systemd(self, run, kind, text="", **facts):
        """systemd tells an event."""
        at = next(self._clock)
        self.entries.append(
            Entry(
                (at, at), float(at), text or kind, "a.service", run, True, pid=1, message_id=MESSAGE_IDS.get(kind, ""), facts=facts
            )
        )
        return self

    def fails(self, run, *texts, status=1, restarts=None):
        """One run that writes lines and ends; systemd schedules the next one where ``restarts`` is its number."""
        self.systemd(run, "started", JOB_TYPE="start", JOB_RESULT="done").says(run, *texts)
        self.systemd(run, "exited", COMMAND="ExecStart", EXIT_CODE="exited", EXIT_STATUS=str(status))
        self.systemd(run, "failed", UNIT_RESULT="exit-code")
        return self.restarts(run, restarts) if restarts else self

    def restarts(self, run, number):
        """An automatic restart."""
        return self.systemd(run, "restart_scheduled", N_RESTARTS=str(number)).systemd(run, "stopped", JOB_TYPE="restart")

    def facts(self, current, age_s=1.0, is_whole=True):
        """What is made of it, some seconds after its last entry."""
        now_s = self.entries[-1].at_s + age_s
        return put_together(self.entries, current, is_whole=is_whole, now_s=now_s, redact=lambda text: text)


def spoken(text, pid=100, at_s=1000.0, invocation="a", start=0):
    """Lines that a process wrote at once, blank ones dropped and ends stripped, as the journal does."""
    lines = [line.rstrip() for line in text.split("\n") if line.strip()]
    return [Spoken(at_s, line, (pid, "s"), (start + number, 0), invocation) for number, line in enumerate(lines)]
