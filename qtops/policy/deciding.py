"""What is to be done about one unit: as little as possible, and only on proof. Pure.

The first of these that holds decides: a person's will (a stop, a hold); what systemd itself is about to do; what the unit depends
on; what is not known yet; what a restart cannot help against; and last the budget of restarts.
"""

from typing import Final

from qtops.facts.times import utc
from qtops.incidents import (
    Action,
    Diagnose,
    Diagnosed,
    GiveUp,
    Incident,
    Leave,
    Rearm,
    Recover,
    Restart,
    Standing,
    Stands,
    Wait,
)
from qtops.policy.backoff import pause_s, spent
from qtops.policy.joining import line
from qtops.policy.nature import LATENT, why_not
from qtops.policy.output_faults import UNTOLD
from qtops.policy.process_faults import LOADED, UP
from qtops.settings import Settings

FROZEN: Final = "PROCESS201"
"""The finding that proves that a process which systemd calls active does nothing: the kernel has stopped it. One that a debugger
traces is in another state and has no such finding.
"""
FROZEN_S: Final = 30.0  # whoever stops a process to look at it lets it go on within that, or sets a hold
NEXT_START: Final = "UNIT219"  # the finding that a running service could not be started again
RECOVER_AGAIN_S: Final = 86_400.0  # a remedy that did not last a day is no remedy: a person looks before it is tried again
LOOK_AGAIN_S: Final = 60.0  # a look that failed is tried again after that; of a unit that flaps, no more looks than that are taken
COMES: Final = frozenset({"activating", "deactivating", "maintenance"})  # states out of which systemd leads a unit by itself

Actions = tuple[Action, ...]


def decide(standing: Standing, diagnosed: Diagnosed | None, settings: Settings, now_s: float) -> Actions:
    """What is to be done now; nothing for what is well, and while something of the supervisor's own is under way.

    ``diagnosed`` is the last look of this run of the supervisor; what earlier looks proved stands in the incident.
    """
    incident, stands = standing.incident, standing.stands
    if incident is None or not incident.is_open or incident.kind not in {"process", "output"} or standing.busy:
        return ()
    unit = standing.unit
    if stands is None:
        return (Wait(unit, None, "systemd has not told yet how it stands"),)
    if stands.stopped:
        return (Leave(unit, "it was stopped on request"),)
    if standing.hold is not None and standing.hold.until_s > now_s:
        hold = standing.hold
        return (Leave(unit, line(f"on hold until {utc(hold.until_s)} by {hold.by}: {hold.why}")),)
    if incident.clear_since_s is not None:
        return (Diagnose(unit),) if incident.diagnosed_s is None else ()
    if stands.active_state in UP:
        return _of_running(standing, incident, diagnosed, settings, now_s)
    return _of_down(standing, incident, stands, diagnosed, settings, now_s)


def _of_running(standing: Standing, incident: Incident, diagnosed: Diagnosed | None, settings: Settings, now_s: float) -> Actions:
    """It is up. That helps nobody who needs what it writes, and is no reason to end it either, unless the kernel holds it."""
    unit = standing.unit
    is_output = incident.kind == "output"
    if incident.diagnosed_s is None or (is_output and _failed(diagnosed, now_s)):
        return (Diagnose(unit),)
    if not is_output:
        return ()
    if standing.down:
        return (_wait_for(standing),)
    if FROZEN in incident.findings and UNTOLD not in incident.findings:
        return _of_frozen(standing, incident, diagnosed, settings, now_s)
    if _may_recover(standing, incident, now_s):
        return (Recover(unit, incident.code, f"{incident.code} may be recovered from without asking"),)
    if incident.nature == "dependency":
        return (Wait(unit, None, f"{incident.code}: it can write once what it depends on is well again"),)
    return (Leave(unit, "it runs, and a restart is not proven to help: a person has to look at what it writes"),)


def _of_frozen(standing: Standing, incident: Incident, diagnosed: Diagnosed | None, settings: Settings, now_s: float) -> Actions:
    unit = standing.unit
    if diagnosed is None:  # by an earlier run of the supervisor: whether it would start again is not in the incident
        return (Diagnose(unit),)
    codes = {found.code for found in (diagnosed.root, *diagnosed.symptoms) if found is not None}
    if codes & (LATENT | {NEXT_START}):
        return (Leave(unit, "a signal holds its process, and its next start would fail: SIGCONT lets it go on"),)
    least_s = max(FROZEN_S, 2 * settings.supervise.every_s)  # after a restart, what was found before it has to be found anew
    return _within_budget(standing, incident, settings, now_s, f"{FROZEN}: a signal holds its process", least_s)


def _of_down(
    standing: Standing, incident: Incident, stands: Stands, diagnosed: Diagnosed | None, settings: Settings, now_s: float
) -> Actions:
    unit, code = standing.unit, incident.code
    if stands.job or stands.active_state in COMES:
        return _while_systemd_is_at_it(standing, incident, stands, now_s)
    if standing.down:
        return (_wait_for(standing),)
    if not _is_diagnosed(incident, now_s) or _failed(diagnosed, now_s):
        return (Diagnose(unit),)
    if _may_recover(standing, incident, now_s):
        return (Recover(unit, code, f"{code} may be recovered from without asking"),)
    if stands.load_state not in LOADED:
        return (Leave(unit, f"systemd cannot start it: {stands.load_state}"),)
    match incident.nature:
        case "deterministic":
            return (Leave(unit, f"{code}: a restart cannot help: {why_not(code)}{_recovered_lately(standing, incident)}"),)
        case "unknown":
            return (Leave(unit, "that a restart helps is not proven: a person has to look"),)
        case _:
            return _within_budget(standing, incident, settings, now_s, f"{code}, which may have passed")


def _while_systemd_is_at_it(standing: Standing, incident: Incident, stands: Stands, now_s: float) -> Actions:
    """Whoever has systemd restart it twice gets two processes' worth of trouble. Why it died is asked meanwhile, now and then."""
    is_due = incident.diagnosed_s is None or not 0 <= now_s - incident.diagnosed_s < LOOK_AGAIN_S
    if is_due and not standing.down and not _is_diagnosed(incident, now_s):
        return (Diagnose(standing.unit),)
    told = f"a {stands.job} job of it" if stands.job else f"{stands.active_state} ({stands.sub_state})"
    return (Wait(standing.unit, None, f"systemd is at it: {told}"),)


def _within_budget(
    standing: Standing, incident: Incident, settings: Settings, now_s: float, why: str, least_s: float = 0.0
) -> Actions:
    """A restart if one is left, and due: so long, ``least_s`` at least, after the fault and the last restart."""
    unit, budget = standing.unit, settings.supervise.budget
    if incident.gave_up_s is not None:
        if not 0 <= now_s - incident.gave_up_s < budget.rearm_s:  # a moment to come says nothing
            return (Rearm(unit, f"{why}: it may be restarted again"),)
        until_s = incident.gave_up_s + budget.rearm_s
        return (Wait(unit, until_s, f"given up until {utc(until_s)}"),)
    counted = spent(standing.restarts, budget, now_s)
    if len(counted) >= budget.restarts:
        until_s = now_s + budget.rearm_s
        told = f"{len(counted)} restarts within {budget.window_s:g} s did not help" if counted else "no restart is allowed"
        return (GiveUp(unit, f"{why}: {told}; none before {utc(until_s)}", until_s),)
    pause = max(pause_s(budget, len(counted)), least_s)
    if standing.stands is not None and _gave_up(standing.stands):
        pause = max(pause, min(standing.stands.start_limit_s or budget.most_s, budget.rearm_s))
    began = (at_s for at_s in (incident.last_s, *counted) if at_s <= now_s)  # a moment to come says nothing of when
    until_s = max((at_s + pause for at_s in began), default=now_s)
    number = f"restart {len(counted) + 1} of {budget.restarts} within {budget.window_s:g} s"
    if now_s < until_s:
        return (Wait(unit, until_s, f"{why}: {number} at {utc(until_s)}"),)
    return (Restart(unit, f"{why}: {number}"),)


def _gave_up(stands: Stands) -> bool:
    """Whether systemd had started it again by itself, and does not any more: its start limit refuses our starts too, for a time."""
    return stands.restart != "no" and stands.n_restarts > 0 and stands.active_state == "failed"


def _is_diagnosed(incident: Incident, now_s: float) -> bool:
    """Whether a look began after the fault was last seen anew. A moment to come proves nothing."""
    return incident.diagnosed_s is not None and incident.last_s <= incident.diagnosed_s <= now_s


def _failed(diagnosed: Diagnosed | None, now_s: float) -> bool:
    """Whether the last look came to nothing, and it is time for another."""
    return diagnosed is not None and diagnosed.condition == "unknown" and not 0 <= now_s - diagnosed.at_s < LOOK_AGAIN_S


def _may_recover(standing: Standing, incident: Incident, now_s: float) -> bool:
    """Whether the configuration lets its root be recovered from by itself, and that was not tried of late."""
    if incident.code not in standing.auto_recover or incident.nature != "deterministic":
        return False
    return standing.recovered_s is None or now_s - standing.recovered_s >= RECOVER_AGAIN_S


def _recovered_lately(standing: Standing, incident: Incident) -> str:
    """Why what may be recovered from is not, in words; empty where that is not the reason."""
    if incident.code not in standing.auto_recover or standing.recovered_s is None:
        return ""
    until_s = standing.recovered_s + RECOVER_AGAIN_S
    return f"; a recovery was tried at {utc(standing.recovered_s)}: none is before {utc(until_s)}"


def _wait_for(standing: Standing) -> Wait:
    return Wait(standing.unit, None, line(f"it waits for what it depends on: {', '.join(standing.down)}"))
