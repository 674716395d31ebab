"""From properties of a unit to how it stands and to its death. Pure.

systemd sends the properties of a service and those of its unit in two signals, one right after the other and both of one moment
(dbus-unit.c: clients may rely on this order). So they are judged together, and a death is that of the invocation beside it.
"""

from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from qtops.collectors.systemd.properties import CODES, Properties
from qtops.facts.text import printable
from qtops.incidents import Died, Stands

Source = Literal["signal", "look"]
DOWN: Final = frozenset({"inactive", "failed"})
_ONLY_AFTER_FAILURE: Final = frozenset({"on-failure", "on-abnormal", "on-abort", "on-watchdog"})
_EVEN_SO: Final = frozenset({"timeout", "signal", "core-dump"})
"""Results of what was told to end, and had to be killed or crashed on its way out: it was stopped even so."""
_ENDED_SO: Final = {"exit-code": "exited", "signal": "killed", "core-dump": "dumped"}  # where its own end is the failure


class Unit:
    """What is known of one unit: what was told of it is not told again."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.properties: Properties = {}
        self._stands: Stands | None = None
        self._dead = ""  # the invocation whose death was told last
        self._job = (0, "")
        self._told_to_end = ""  # the invocation that was last seen to be stopped by a job

    def hear(self, properties: Properties, at_s: float, source: Source) -> Iterator[Died | Stands]:
        """Take all of its properties, or those that change; yields what is new, and by a look always how it stands."""
        before, self.properties = self.properties, self.properties | properties
        if "JobNumber" in properties:
            self.properties["Job"] = self._job_of(properties["JobNumber"])
        if _is_stopped_by_a_job(self.properties):
            self._told_to_end = _text(self.properties, "InvocationID")
        for death in (unseen_death(self.name, before, self.properties, at_s), death_of(self.name, self.properties, at_s, source)):
            if death is not None and death.invocation != self._dead:
                self._dead = death.invocation
                yield death
        if is_between(self.properties):
            return
        stands = standing(self.name, self.properties, at_s, source)
        if stands.invocation == self._told_to_end != "" and _ended_badly_after_a_stop(self.properties):
            stands = msgspec.structs.replace(stands, stopped=True)
        if self._stands and self._stands.stopped and stands.active_state in DOWN and not stands.invocation:
            stands = msgspec.structs.replace(stands, stopped=True)  # unloaded meanwhile: systemd has forgotten it, we have not
        is_same = self._stands is not None and self._stands == msgspec.structs.replace(
            stands, at_s=self._stands.at_s, source=self._stands.source
        )
        self._stands = stands
        if not is_same or source == "look":
            yield stands

    def _job_of(self, number: int) -> str:
        """What a job is about: a signal has its number alone, but it stops what was up when it was first seen, and what has begun
        anew is being started. A restart is both, one after the other.
        """
        invocation = _text(self.properties, "InvocationID")
        if number != self._job[0]:
            is_up = _text(self.properties, "ActiveState") in {"active", "reloading", "deactivating"}
            self._job = (number, invocation if is_up else "")
        return ("stop" if self._job[1] and self._job[1] == invocation else "start") if number else ""


def standing(unit: str, properties: Properties, at_s: float, source: Source) -> Stands:
    """How it stands."""
    active = _text(properties, "ActiveState")
    return Stands(
        unit=unit,
        at_s=at_s,
        load_state=_text(properties, "LoadState") or "loaded",
        active_state=active,
        sub_state=_text(properties, "SubState"),
        result=_text(properties, "Result") or "success",
        main_pid=properties.get("MainPID", 0),
        invocation=_text(properties, "InvocationID"),
        n_restarts=properties.get("NRestarts", 0),
        since_s=_seconds(properties, "StateChangeTimestamp"),
        restart=_text(properties, "Restart") or "no",
        start_limit_s=_seconds(properties, "StartLimitIntervalUSec") or 0.0,
        job=_text(properties, "Job"),
        stopped=was_stopped(properties),
        source=source,
    )


def death_of(unit: str, properties: Properties, at_s: float, source: Source) -> Died | None:
    """The death of its invocation, where that ended in failure; None where it lives, ended well, or was stopped by a job.

    What ends with a status of its own, such as 143, when it is told to end, is called failed, and has done as it was told.
    """
    result = _text(properties, "Result") or "success"
    invocation = _text(properties, "InvocationID")
    if result == "success" or properties.get("MainPID", 0) or not invocation:
        return None
    if result == "exit-code" and _left_before_it_ended(properties):
        return None
    if source == "look" and was_stopped(properties):
        return None  # it failed, and was stopped since, so that nobody waits for it
    is_its_own = _ended_in_this_invocation(properties)
    ended_s = _seconds(properties, "ExecMainExitTimestamp") if is_its_own else _changed_s(properties)
    return Died(
        unit=unit,
        invocation=invocation,
        at_s=at_s if ended_s is None else ended_s,
        noticed_s=at_s,
        code=CODES.get(properties.get("ExecMainCode", 0), "") if is_its_own else "",
        status=properties.get("ExecMainStatus", 0) if is_its_own else 0,
        result=result,
        source=source,
    )


def unseen_death(unit: str, before: Properties, now: Properties, at_s: float) -> Died | None:
    """The death of the invocation before, where it was started again meanwhile, and that is done only after a failure."""
    invocation = _text(before, "InvocationID")
    is_again = now.get("NRestarts", 0) > before.get("NRestarts", 0) and invocation not in {"", _text(now, "InvocationID")}
    if not is_again or _text(now, "Restart") not in _ONLY_AFTER_FAILURE:
        return None
    ended_s = _seconds(now, "InactiveEnterTimestamp")
    return Died(unit=unit, invocation=invocation, at_s=at_s if ended_s is None else ended_s, noticed_s=at_s, source="look")


def was_stopped(properties: Properties) -> bool:
    """Whether it is down because a stop job took it down: then it left its active state first, and its process ended after."""
    if _text(properties, "ActiveState") not in DOWN or properties.get("MainPID", 0):
        return False
    result = _text(properties, "Result") or "success"
    if result not in {"success", "exit-code", "signal", "core-dump"} and _text(properties, "ActiveState") == "failed":
        return False
    if result != "success" and _text(properties, "ActiveState") == "inactive":
        return not properties.get("Job")  # while it waited to be started again; with a job it is started now
    return _left_before_it_ended(properties)


def _is_stopped_by_a_job(properties: Properties) -> bool:
    """Whether it ends because of a job, and nothing has gone wrong yet. A job to reload it has one of its own, but ends nothing."""
    is_ending = _text(properties, "ActiveState") == "deactivating" and _text(properties, "Result") == "success"
    return is_ending and properties.get("Job") == "stop"


def _ended_badly_after_a_stop(properties: Properties) -> bool:
    """Whether it is down, nothing is to become of it, and how it ended is what a stop may come to."""
    is_down = _text(properties, "ActiveState") in DOWN and not properties.get("MainPID", 0)
    return is_down and not properties.get("Job") and _text(properties, "Result") in _EVEN_SO


def is_gone(properties: Properties) -> bool:
    """Whether systemd has forgotten it and knows no file of it: a transient unit that has ended. To ask for it names it anew."""
    return properties.get("LoadState") == "not-found" and _text(properties, "ActiveState") == "inactive"


def is_between(properties: Properties) -> bool:
    """Whether it is being started: for an instant it has a process, and is down still."""
    return _text(properties, "ActiveState") in DOWN and properties.get("MainPID", 0) != 0


def _left_before_it_ended(properties: Properties) -> bool:
    began, left, ended = (
        properties.get(name, 0) for name in ("InactiveExitTimestamp", "ActiveExitTimestamp", "ExecMainExitTimestamp")
    )
    if properties.get("RemainAfterExit") and _text(properties, "SubState") == "dead" and 0 < began <= left:
        return True
    return bool(0 < began <= left <= ended)


def _ended_in_this_invocation(properties: Properties) -> bool:
    """Whether the end of the main process that is on record is that of this invocation: one that fails before has none."""
    ended = properties.get("ExecMainExitTimestamp", 0)
    if not ended:
        return False
    if _text(properties, "SubState") == "auto-restart":  # counts as a beginning
        expected = _ENDED_SO.get(_text(properties, "Result"))
        return expected in {None, CODES.get(properties.get("ExecMainCode", 0), "")}
    return bool(ended >= properties.get("InactiveExitTimestamp", 0))


def _changed_s(properties: Properties) -> float | None:
    """When its state changed; None where it has not yet, and is that of before the start that failed."""
    return None if _text(properties, "ActiveState") == "inactive" else _seconds(properties, "StateChangeTimestamp")


def _text(properties: Properties, name: str) -> str:
    return printable(properties.get(name) or "")


def _seconds(properties: Properties, name: str) -> float | None:
    moment = properties.get(name) or 0
    return moment / 1e6 if moment else None
