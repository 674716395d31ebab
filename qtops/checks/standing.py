"""How a unit stands: does it run, is it to run, is it in a loop, and how its last run ended."""

from typing import Final, NamedTuple

from qtops.checks.ending import BY_RESULT, STEPS, Ending, ending
from qtops.facts.journal import Event, JournalFacts, Run
from qtops.facts.service import ServiceFacts
from qtops.facts.unit import ExitCode, UnitState

LOOP_WINDOW_S: Final = 600  # ten minutes: longer pauses than this between two starts are seen as "auto-restart" itself
LOOP_ENDS: Final = 3  # two may be one fault that passed
SETTLED_S: Final = 30  # and so many times as long as any run before: then it stays
SETTLED_TIMES: Final = 3
UP: Final = frozenset({"active", "reloading", "refreshing"})
BEARING: Final = ("Requires", "Requisite", "BindsTo", "PartOf")  # when one of these stops, it stops as well
RIVALS: Final = ("Conflicts", "ConflictedBy")
BASIC: Final = (".slice", "sysinit.target", "dbus.socket", ".mount")  # what systemd has every service require
WANTING: Final = ("WantedBy", "RequiredBy", "RequisiteOf", "BoundBy", "UpheldBy")


class LastRun(NamedTuple):
    """The last run that ended, and when it began and ended."""

    end: Ending
    began_s: float | None = None
    ended_s: float | None = None

    @property
    def ran_s(self) -> float | None:
        """How long it ran."""
        return None if self.began_s is None or self.ended_s is None else max(self.ended_s - self.began_s, 0.0)


def runs(unit: UnitState) -> bool:
    """Whether it is up. One that waits for its next start is not."""
    return unit.load_state == "loaded" and unit.active_state in UP


def is_daemon(unit: UnitState) -> bool:
    """Whether it is to stay: no job, and nothing that a timer, a socket or a path starts when it is needed."""
    return unit.type != "oneshot" and not unit.remain_after_exit and not unit.named("TriggeredBy")


def is_wanted(unit: UnitState) -> bool:
    """Whether something that is up asks for it; where that could not be seen, whether it is enabled."""
    wanting = unit.named(*WANTING)
    if wanting:
        return any(other.active_state in {*UP, "activating", ""} for other in wanting)
    return unit.unit_file_state in {"enabled", "enabled-runtime"}


def ended_runs(journal: JournalFacts | None) -> tuple[Run, ...]:
    """Runs of which the end was seen, oldest first."""
    return tuple(run for run in journal.runs if run.ended_s is not None) if journal else ()


def is_looping(service: ServiceFacts, now_s: float) -> bool:
    """Whether systemd starts it again and again. A start by hand sets the counter to 0, so that those do not count."""
    unit = service.unit
    if unit is None or unit.load_state != "loaded" or unit.active_state in {"failed", "inactive"}:
        return False
    if unit.sub_state.startswith("auto-restart"):
        return True
    ended = ended_runs(service.journal)
    if not ended:
        began_s = unit.exec_main_start_s
        return unit.n_restarts >= LOOP_ENDS and began_s is not None and now_s - began_s <= LOOP_WINDOW_S
    recent = [run for run in ended if now_s - (run.ended_s or 0.0) <= LOOP_WINDOW_S]
    return unit.n_restarts >= LOOP_ENDS - 1 and len(recent) >= LOOP_ENDS and not _has_settled(unit, recent, now_s)


def _has_settled(unit: UnitState, recent: list[Run], now_s: float) -> bool:
    """Whether it has run for so much longer than before that the loop is over: what it waited for has come."""
    began_s = unit.exec_main_start_s
    longest_s = max((run.ended_s - run.began_s for run in recent if run.ended_s and run.began_s), default=0.0)
    return began_s is not None and unit.active_state in UP and now_s - began_s > max(SETTLED_S, SETTLED_TIMES * longest_s)


def last_run(service: ServiceFacts, now_s: float) -> LastRun:
    """The run whose end is why it is as it is; none for a service that runs, but for one that does so between two ends."""
    unit = service.unit
    if unit is None:
        return LastRun(Ending("none"))
    end = ending(unit, service.journal)
    if end.kind != "none":
        return LastRun(end, unit.exec_main_start_s, unit.exec_main_exit_s)
    ended = ended_runs(service.journal)
    if ended and is_looping(service, now_s):
        return LastRun(_end_of(ended[-1]), ended[-1].began_s, ended[-1].ended_s)
    return LastRun(end)


def taken_along(unit: UnitState) -> tuple[str, ...]:
    """What else a stop may have come from than from somebody who named the unit, in words: those that are down, or run, first."""
    bearing = [other for other in unit.named(*BEARING) if other.active_state not in {*UP, "activating", ""}]
    rivals = [other for other in unit.named(*RIVALS) if other.active_state in {*UP, "activating"}]
    sure = [f"{other.unit}, with which it goes down ({other.setting}=), is {other.active_state}" for other in bearing]
    sure += [f"{other.unit}, with which it cannot be up ({other.setting}=), runs" for other in rivals]
    named = [other for other in unit.named(*BEARING) if not other.unit.endswith(BASIC)]
    maybe = [f"a stop of {other.unit} takes it along ({other.setting}=)" for other in named if other not in bearing]
    return tuple(dict.fromkeys([*sure, *maybe]))


def stop_request(service: ServiceFacts) -> Event | None:
    """The stop that was asked for, by a person or by another unit's stop, if that was the last thing asked."""
    events = service.journal.events if service.journal else ()
    asked = next((event for event in reversed(events) if event.kind in {"stopping", "starting", "started"}), None)
    return asked if asked is not None and asked.kind == "stopping" else None


def asked_to_end(service: ServiceFacts) -> Event | None:
    """The stop after which it ended with an error status or by a signal, if that is how its last run ended."""
    unit, asked = service.unit, stop_request(service)
    if unit is None or asked is None or unit.exec_main_exit_s is None or unit.result not in {"exit-code", "signal"}:
        return None
    return asked if unit.exec_main_exit_s >= asked.at_s else None


def _end_of(run: Run) -> Ending:
    status = run.status or 0
    if run.result in BY_RESULT:
        return Ending(BY_RESULT[run.result], "", status, "ExecStart")
    if not run.code:  # systemd does not log how a process ended that ended well: status 0, or a signal that it takes for success
        return Ending("clean", "", 0, "ExecStart")
    if run.code in {"killed", "dumped"}:
        code: ExitCode = "dumped" if run.code == "dumped" else "killed"
        return Ending("signal", code, status, "ExecStart")
    kind = "step" if status in STEPS else "status" if status else "clean"
    return Ending(kind, "exited", status, "ExecStart")  # type: ignore[arg-type]
