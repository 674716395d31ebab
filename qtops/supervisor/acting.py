"""Carry out what was decided: by child processes, each attempt on record before it is made, so that no budget forgets one."""

from collections import Counter
from collections.abc import Callable
from typing import Final

import msgspec

from qtops.actions.incidents.store import Store
from qtops.facts.text import printable
from qtops.incidents import Action, Change, Diagnose, Event, GiveUp, Incident, Leave, Rearm, Recover, Restart, Wait
from qtops.supervisor.children import Children, Ended
from qtops.supervisor.commands import Commands
from qtops.supervisor.examining import Examining

RESTART_S: Final = 150.0  # systemd's own limits, of 90 s for a stop and 90 s for a start, as a rule come first
RECOVER_S: Final = 900.0
_SOON_S: Final = 1.0


class _Told(msgspec.Struct):
    """What is wanted of ``qtops recover -o json``."""

    outcome: str
    why: str = ""


class Acting:
    """What is under way for each unit. ``record`` takes the changes of incidents that acting makes."""

    def __init__(
        self,
        children: Children,
        commands: Commands,
        store: Store,
        examining: Examining,
        record: Callable[[Change], None],
        now_s: Callable[[], float],
    ) -> None:
        self._children, self._commands, self._store = children, commands, store
        self._examining, self._record, self._now_s = examining, record, now_s
        self._said: dict[tuple[int, Event], str] = {}
        self.restarts: Counter[str] = Counter()

    def busy(self, unit: str) -> str:
        """What is under way for it; empty where nothing is."""
        if self._children.running(f"restart {unit}"):
            return "restart"
        if self._children.running(f"recover {unit}"):
            return "recover"
        return "diagnose" if self._examining.busy(unit) else ""

    def carry_out(self, action: Action, incident: Incident | None) -> float | None:
        """Begin it, or put on record why nothing is done; when to decide again (None: when something else changes)."""
        match action:
            case Diagnose():
                self._examining.look(action.unit, incident)
            case Restart():
                self._restart(action, incident)
            case Recover():
                self._recover(action, incident)
            case Wait():
                self._say_once(incident, "waits", action.why)
                return action.until_s
            case Leave():
                self._say_once(incident, "left alone", action.why)
            case GiveUp():
                if incident is not None:
                    given_up = msgspec.structs.replace(incident, gave_up_s=self._now_s())
                    self._say(given_up, "gave up", action.why, tell=True)
                return action.rearm_s
            case Rearm():
                if incident is not None:
                    self._say(msgspec.structs.replace(incident, gave_up_s=None), "armed again", action.why)
                return self._now_s() + _SOON_S
        return None

    def _restart(self, action: Restart, incident: Incident | None) -> None:
        unit = action.unit
        self._store.note_attempt(unit, "restart", self._now_s(), incident.number if incident else 0)
        self.restarts[unit] += 1
        self._say(incident, "restarting", action.why)

        def done(ended: Ended) -> None:
            if ended.returncode == 0 and not ended.timed_out:
                self._say(incident, "restarted", f"{unit}: systemd restarted it in {ended.took_s:.1f} s")
            else:
                self._say(incident, "restart failed", f"{unit}: {_why(ended)}")

        self._children.start(f"restart {unit}", self._commands.restart(unit), done, timeout_s=RESTART_S)

    def _recover(self, action: Recover, incident: Incident | None) -> None:
        unit = action.unit
        self._store.note_attempt(unit, "recover", self._now_s(), incident.number if incident else 0)
        self._say(incident, "recovering", action.why)

        def done(ended: Ended) -> None:
            told = outcome(ended, unit)
            event: Event = "recovered" if told.outcome in {"verified", "nothing to do"} else "not recovered"
            said = f"{unit}: {told.outcome}" + (f": {told.why}" if told.why else "")
            self._say(incident, event, said, tell=True)

        command = self._commands.recover(unit)
        self._children.start(f"recover {unit}", command, done, timeout_s=RECOVER_S, cwd=None, outlives=True)

    def _say(self, incident: Incident | None, event: Event, text: str, *, tell: bool = False) -> None:
        """Of an incident that may have changed since: whoever records it knows how it stands."""
        if incident is not None:
            self._record(Change(incident=incident, event=event, at_s=self._now_s(), text=printable(text), tell=tell))

    def _say_once(self, incident: Incident | None, event: Event, why: str) -> None:
        """The same is decided again and again: it is one line of the timeline."""
        if incident is None or self._said.get((incident.number, event)) == why:
            return
        self._said[incident.number, event] = why
        if not any(entry.event == event and entry.text == why for entry in self._store.timeline(incident.number)):
            self._say(incident, event, why)


def outcome(ended: Ended, unit: str) -> _Told:
    """What a recovery came to. Through a unit of root's, systemctl's exit code is all that is told."""
    if ended.timed_out:
        return _Told("not known", f"it had not ended after {ended.took_s:.0f} s")
    try:
        return msgspec.json.decode(ended.stdout, type=_Told)
    except msgspec.MsgspecError:
        if ended.returncode < 0:
            return _Told("broken off", f"{_why(ended)}; `qtops recover {unit} --resume` ends what it has begun")
        return _Told("verified") if ended.returncode == 0 else _Told("failed", _why(ended))


def _why(ended: Ended) -> str:
    if ended.timed_out:
        return f"systemd had not done it after {ended.took_s:.0f} s; systemctl list-jobs"
    if ended.returncode < 0:
        return f"signal {-ended.returncode} ended the command"
    return printable(ended.first_words)[:300] or f"systemctl ended with exit code {ended.returncode}"
