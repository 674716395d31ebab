"""What to do about a service that is down with nothing broken: start it, unless somebody decided that it is to be down.

A stop that somebody asked for is a decision, until it is old enough to have been forgotten.
"""

from collections.abc import Iterator
from typing import Final

from qtops.facts.journal import Event
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment, span
from qtops.facts.unit import UnitState
from qtops.findings import Finding
from qtops.steps import Remedy

FORGOTTEN_S: Final = 86_400.0  # a day: whoever stopped it for some work has come back by then, or never will
AT_ONCE_S: Final = 5.0  # who ends sooner than that ends again
UP: Final = frozenset({"active", "reloading", "refreshing", "activating", ""})  # the last: could not be asked
BEARING: Final = ("Requires", "Requisite", "BindsTo", "PartOf")
RIVALS: Final = ("Conflicts", "ConflictedBy")


def not_running(finding: Finding, service: ServiceFacts, facts: Facts) -> Iterator[Remedy]:
    """UNIT205."""
    unit, stop = service.unit, stop_request(service, facts)
    if unit is None:
        return
    stays = _decided(unit) or _asked(unit, stop, service, facts)
    if stop is not None and not stays:
        why = f"it was stopped at {moment(stop.at_s, facts.taken_at_s)}, and is enabled still: forgotten, as it seems"
    else:
        why = f"{finding.summary}: nothing that stops a start was found"
    yield start(finding, why, stays)


def ended_by_itself(finding: Finding, service: ServiceFacts, _: Facts) -> Iterator[Remedy]:
    """UNIT204: one that worked for a while is brought back; one that ends at once would end again."""
    unit = service.unit
    if unit is None:
        return
    began_s, ended_s = unit.exec_main_start_s, unit.exec_main_exit_s
    ran_s = ended_s - began_s if began_s is not None and ended_s is not None else None
    if unit.active_state in {"active", "activating"} or ran_s is None or ran_s < AT_ONCE_S or unit.exec_main_status:
        yield start(finding, finding.summary, f"it would end again: {finding.remedy}")
    else:
        lasted = f"it ran for {span(ran_s)} and ended with status 0, which nobody asked for"
        yield start(finding, f"{lasted}; why it did is not known, and it may do so again")


def start(finding: Finding, why: str, by_hand: str = "") -> Remedy:
    """Starting it, and nothing else. What it is called in the end depends on whether it is up."""
    title = f"Start {finding.subject}"
    return Remedy(name="start", code=finding.code, title=title, why=why, by_hand=by_hand, verb="restart")


def stop_request(service: ServiceFacts, facts: Facts) -> Event | None:
    """The stop that was asked for in this boot, if that was the last thing asked."""
    events = service.journal.events if service.journal else ()
    asked = next((event for event in reversed(events) if event.kind in {"stopping", "starting", "started"}), None)
    if asked is None or asked.kind != "stopping" or asked.at_s < (facts.booted_s or 0.0):
        return None
    return asked


def _decided(unit: UnitState) -> str:
    """What else than this unit is to be seen to first; empty where nothing is."""
    if triggers := unit.named("TriggeredBy"):
        return f"it is started by {' and '.join(other.unit for other in triggers)}: start that, and enable it"
    if unit.job:
        return f"a job of it waits ({unit.job}): `systemctl list-jobs --after` names what for"
    bearing = [other for other in unit.named(*BEARING) if other.active_state not in UP]
    if bearing:
        return f"{bearing[0].unit}, with which it goes down ({bearing[0].setting}=), is {bearing[0].active_state}: start that first"
    rivals = [other for other in unit.named(*RIVALS) if other.active_state in {"active", "activating", "reloading"}]
    return f"{rivals[0].unit} runs, and a start of this one would stop it ({rivals[0].setting}=)" if rivals else ""


def _asked(unit: UnitState, stop: Event | None, service: ServiceFacts, facts: Facts) -> str:
    """Why the stop counts as somebody's decision; empty where it does not."""
    if stop is not None and facts.taken_at_s - stop.at_s < FORGOTTEN_S:
        return f"somebody stopped it at {moment(stop.at_s, facts.taken_at_s)}: start it only if you know why"
    if stop is None and unit.inactive_exit_s is not None and (service.journal is None or service.lacks("journal")):
        return "whether somebody stopped it is not known: the journal could not be read"
    return ""
