"""When each thing of an incident was done: as the journal, systemd and the ledger have it, never typed in.

Where nothing tells there is no time, and ``source`` says why. Pure.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final, Literal, get_args

from qtops.checks.standing import ended_runs, runs
from qtops.facts.journal import JournalFacts
from qtops.facts.recovery import Moment
from qtops.facts.service import ServiceFacts
from qtops.facts.times import span, utc

Name = Literal["failed", "noticed", "diagnosed", "patched", "restarted", "verified", "undone"]
ORDER: Final[tuple[Name, ...]] = get_args(Name)
FIRST: Final = frozenset({"failed", "noticed", "diagnosed"})  # of these the first counts: later ones are noticed again
JUMPED_S: Final = 1.0  # stamps are cut, and taken by several programs: less than this is no jump of the clock
AFTER_RUN_S: Final = 5.0  # systemd says that a unit failed so soon after its main process ended
ENDS: Final = frozenset({"failed", "exited", "spawn_failed", "deactivated", "start_limit"})  # events that speak of an end
OLDER: Final = "journal, as far back as it was read: the loop is older"
UNTOLD: Final = {
    "noticed": "the ledger holds no notice of it",
    "diagnosed": "the ledger holds no diagnosis",
    "patched": "nothing was patched, or the ledger does not say when",
    "restarted": "neither the ledger nor systemd says when",
    "verified": "it has not been verified",
}


def moments(before: ServiceFacts, now: ServiceFacts | None, ledger: Iterable[tuple[Name, float]]) -> tuple[Moment, ...]:
    """All in the order in which they ought to lie. ``before``: the service as it was found; ``now``: as it is after the recovery;
    ``ledger``: what was recorded, any number of each, in any order. "undone" is there only where it was.
    """
    recorded: dict[Name, list[float]] = {name: [] for name in ORDER}
    for name, at_s in ledger:
        recorded[name].append(at_s)
    found = [failed(before)]
    for name in ORDER[1:]:
        times = recorded[name]
        if times:
            found.append(Moment(name, min(times) if name in FIRST else max(times), "ledger"))
        elif name == "restarted" and now is not None and (began_s := _began(before, now)) is not None:
            found.append(Moment(name, began_s, "systemd"))
        elif name != "undone":
            found.append(Moment(name, None, UNTOLD[name]))
    return tuple(found)


def failed(service: ServiceFacts) -> Moment:
    """When it failed: of a loop, when the first run ended that the journal still has."""
    unit, journal = service.unit, service.journal
    if unit is None:
        return Moment("failed", None, "its unit could not be read")
    if runs(unit):
        return Moment("failed", None, "it was running: since when something was wrong nothing says")
    told_s = _told(journal, unit.invocation_id)
    if told_s is not None:
        is_older = len(ended_runs(journal)) > 1 and unit.n_restarts > len(ended_runs(journal))
        return Moment("failed", told_s, OLDER if is_older else "journal")
    is_down = unit.active_state in {"failed", "inactive"}  # of a start that is under way, the last change is no end
    changed_s = unit.state_changed_s if is_down else None
    ended_s = next((s for s in (unit.exec_main_exit_s, unit.inactive_enter_s, changed_s) if s is not None), None)
    if ended_s is not None:
        return Moment("failed", ended_s, "systemd")
    return Moment("failed", None, _unknown_end(journal))


def _unknown_end(journal: JournalFacts | None) -> str:
    """Why nothing tells: systemd forgets a unit that is down and that nobody asks for, times included."""
    if journal is None:
        return "systemd holds no end of it, and its journal was not read"
    if any(event.kind in ENDS for event in journal.events):
        return "systemd holds no end of it any more, and what ends the journal holds are of runs that it does not speak of"
    return "neither systemd nor the journal, as far as it was read, holds an end of it"


def _told(journal: JournalFacts | None, invocation: str) -> float | None:
    """The end as the journal has it: of the oldest run of an unbroken loop, else the last event that speaks of one."""
    if journal is None:
        return None
    ended = ended_runs(journal)
    if len(ended) > 1:
        return ended[0].ended_s
    names = {"", invocation, journal.invocation}
    ends = [event.at_s for event in journal.events if event.kind in ENDS and event.invocation in names]
    if not ends:
        return ended[0].ended_s if ended else None
    return next(at_s for at_s in ends if ends[-1] - at_s <= AFTER_RUN_S)


def _began(before: ServiceFacts, now: ServiceFacts) -> float | None:
    """When the process began that was not there before."""
    unit = now.unit
    if unit is None or (before.unit is not None and unit.invocation_id == before.unit.invocation_id):
        return None
    return unit.exec_main_start_s if unit.exec_main_start_s is not None else unit.inactive_exit_s


def lines(known: Iterable[Moment]) -> tuple[str, ...]:
    """For people: each moment in UTC with the time since the one before it, the whole, and what cannot be right."""
    everything = tuple(known)
    told = [moment for moment in everything if moment.at_s is not None]
    since = {later.name: _since(earlier, later) for earlier, later in pairwise(told)}
    shown = [
        f"{moment.name}: could not tell: {moment.source}"
        if moment.at_s is None
        else f"{moment.name}: {utc(moment.at_s)}{since.get(moment.name, '')} ({moment.source})"
        for moment in everything
    ]
    ends = {moment.name: moment.at_s for moment in told}
    failed_s, verified_s = ends.get("failed"), ends.get("verified")
    if failed_s is not None and verified_s is not None and verified_s >= failed_s:
        shown.append(f"from failed to verified: {span(verified_s - failed_s)}")
    return (*shown, *disorders(everything))


def disorders(known: Iterable[Moment]) -> tuple[str, ...]:
    """Moments that lie before one that they ought to follow: a clock jumped, or a record is wrong."""
    told = [(moment.name, moment.at_s) for moment in known if moment.at_s is not None]
    return tuple(
        f"{later} lies {span(earlier_s - later_s)} before {earlier}: a clock was set in between, or one of them is wrong"
        for (earlier, earlier_s), (later, later_s) in pairwise(told)
        if later_s < earlier_s - JUMPED_S
    )


def _since(earlier: Moment, later: Moment) -> str:
    if earlier.at_s is None or later.at_s is None or later.at_s < earlier.at_s:
        return ""
    return f", {span(later.at_s - earlier.at_s)} after {earlier.name}"
