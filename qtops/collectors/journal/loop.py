"""Runs of a service that systemd starts again by itself, and which of them its words are taken from."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from qtops.collectors.journal.entries import Entry
from qtops.collectors.journal.events import event
from qtops.facts.journal import Event, Run

MOST_RUNS: Final = 20
YOUNG_S: Final = 60.0  # a run that has said nothing for longer is quiet, and what the one before said is no news


class Invocation(msgspec.Struct, frozen=True):
    """One run as far as the journal was read: systemd's events and the service's entries, oldest first."""

    name: str
    events: tuple[Event, ...] = ()
    stops: tuple[float, ...] = ()  # when a stop job was done, or begun
    own: tuple[Entry, ...] = ()

    def first(self, *kinds: str) -> Event | None:
        """The first event of some kind."""
        return next((event for event in self.events if event.kind in kinds), None)

    @property
    def exit(self) -> Event | None:
        """The end of the main process."""
        return next((event for event in self.events if event.kind == "exited" and event.command in {"", "ExecStart"}), None)

    @property
    def is_failure(self) -> bool:
        """Whether it ended, and not well."""
        return self.first("failed") is not None

    @property
    def began_s(self) -> float | None:
        """When it began, if that was read."""
        began = self.first("starting", "started")
        return began.at_s if began else None

    @property
    def ended_s(self) -> float | None:
        """When it ended, if it has."""
        ended = self.exit or self.first("failed", "deactivated")
        return ended.at_s if ended else None

    @property
    def restart(self) -> Event | None:
        """The automatic restart that follows it, unless the start limit or somebody came in between."""
        scheduled = next((event for event in reversed(self.events) if event.kind == "restart_scheduled"), None)
        if scheduled is None or any(stop_s >= scheduled.at_s for stop_s in self.stops):
            return None
        is_refused = any(event.kind == "start_limit" and event.at_s >= scheduled.at_s for event in self.events)
        return None if is_refused else scheduled


def invocations(entries: Iterable[Entry]) -> list[Invocation]:
    """The runs that entries of one unit belong to, in the order in which they began."""
    grouped: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.invocation:
            grouped.setdefault(entry.invocation, []).append(entry)
    return [_invocation(name, group) for name, group in grouped.items()]


def _invocation(name: str, entries: Sequence[Entry]) -> Invocation:
    systemds = [entry for entry in entries if entry.is_systemds]
    stops = tuple(entry.at_s for entry in systemds if entry.facts.get("JOB_TYPE") == "stop")
    return Invocation(name, tuple(map(event, systemds)), stops, tuple(entry for entry in entries if not entry.is_systemds))


def loop(known: Sequence[Invocation], current: str) -> list[Invocation]:
    """The runs that led to ``current`` with nothing but automatic restarts between them, oldest first."""
    names = [invocation.name for invocation in known]
    at = names.index(current) if current in names else len(known)
    chain = [known[at] if at < len(known) else Invocation(current)]
    for before in reversed(known[:at]):
        restart, following = before.restart, chain[0].restart
        is_counting = not following or not restart or (following.restarts or 0) > (restart.restarts or 0)
        if restart is None or not is_counting:  # the counter begins anew with a start by hand
            break
        chain.insert(0, before)
    return chain


def failing(chain: Sequence[Invocation]) -> list[Invocation]:
    """The end of a loop in which every run but the last has failed: what was said before a success explains nothing."""
    since = next((number for number in range(len(chain) - 1, 0, -1) if not chain[number - 1].is_failure), 0)
    return list(chain[since:])


def speaking(chain: Sequence[Invocation], now_s: float) -> Invocation:
    """The run whose words count: the last one, or the one before while that has only just begun and has said nothing yet."""
    for number in range(len(chain) - 1, 0, -1):
        run, before = chain[number], chain[number - 1]
        began_s = run.began_s or (before.restart.at_s if before.restart else now_s)
        if run.own or run.ended_s is not None or now_s - began_s > YOUNG_S or not before.is_failure:
            return run
    return chain[0]


def runs(chain: Sequence[Invocation], last_lines: dict[str, str]) -> tuple[Run, ...]:
    """A loop as facts. ``last_lines``: what the service wrote last in each invocation."""
    return tuple(_run(run, last_lines.get(run.name, "")) for run in chain[-MOST_RUNS:])


def _run(run: Invocation, last_line: str) -> Run:
    ended = run.exit or next((event for event in reversed(run.events) if event.kind == "exited"), None)
    code, status = (ended.code, ended.status) if ended else ("", None)
    failed = run.first("failed")
    return Run(run.name, run.began_s, run.ended_s, code, status, last_line, failed.result if failed else "")
