"""Incidents: what is observed of services, what observing it changes, and what is done about it. Pure shapes, one home.

    Observation ──fold──▶ Change ──the store──▶ Incident, its timeline, and Notices for those who are to be told
                                                    └──decide──▶ Action

Seconds since the epoch in ``…_s``. ``unit`` is a unit's full name.
"""

from qtops.incidents.decided import Action, Diagnose, GiveUp, Leave, Rearm, Recover, Restart, Standing, Wait
from qtops.incidents.kept import Change, Entry, Event, Hold, Incident, Kind, Nature, Notice, State, Told
from qtops.incidents.observed import Diagnosed, Died, Observation, Outcome, Reached, Spoke, Stands

__all__ = [
    "Action",
    "Change",
    "Diagnose",
    "Diagnosed",
    "Died",
    "Entry",
    "Event",
    "GiveUp",
    "Hold",
    "Incident",
    "Kind",
    "Leave",
    "Nature",
    "Notice",
    "Observation",
    "Outcome",
    "Reached",
    "Rearm",
    "Recover",
    "Restart",
    "Spoke",
    "Standing",
    "Stands",
    "State",
    "Told",
    "Wait",
]
