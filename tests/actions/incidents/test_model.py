"""Whatever is done in whatever order: the store says what a model of plain dicts and lists says, over closing and opening again."""

import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from qtops.actions.incidents.opening import look_into_store, open_store, reach_store
from qtops.incidents import Hold, Incident
from tests.actions.incidents.builders import NOW, changed, endpoint, opened, resolved

UNITS = st.sampled_from("abc")
FEW = endpoint("few", most_per_hour=2)
PAGER = endpoint("pager", severity="critical")
WHOM = st.sampled_from([(), (FEW,), (FEW, PAGER)])


@dataclass
class Model:
    """What has to be on record."""

    incidents: dict[int, Incident] = field(default_factory=dict)
    lines: Counter[int] = field(default_factory=Counter)
    faults: set[str] = field(default_factory=set)
    holds: dict[str, float] = field(default_factory=dict)
    sent: Counter[str] = field(default_factory=Counter)

    def open_one(self, unit: str) -> Incident | None:
        return next((one for one in self.incidents.values() if one.is_open and one.unit == f"{unit}.service"), None)

    def put(self, incident: Incident) -> None:
        self.incidents[incident.number] = incident
        self.lines[incident.number] += 1


class Records(RuleBasedStateMachine):
    """The supervisor, a person beside it, and an endpoint."""

    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.mkdtemp(prefix="qtops-model-")
        self.store = open_store(f"{self.place}/state")
        self.model = Model()
        self.stale: tuple[Incident, ...] = ()  # as the supervisor knows them
        self.now_s = NOW

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.place)

    @rule(after_s=st.sampled_from([1.0, 100.0, 2000.0, 4000.0]))
    def time_passes(self, after_s):
        self.now_s += after_s

    @rule()
    def the_supervisor_looks(self):
        self.stale = self.store.live(self.now_s, 600)
        last = {one.unit: one for one in self.model.incidents.values()}
        assert {one.number for one in self.stale} == {
            one.number
            for one in self.model.incidents.values()
            if one.is_open
            or (one.state == "resolved" and one.resolved_s >= self.now_s - 600)
            or (one.state == "closed" and one.clear_since_s is None and last[one.unit] is one)
        }

    @rule(unit=UNITS, fault=st.integers(0, 20), whom=WHOM)
    def it_dies(self, unit, fault, whom):
        key, on_record = f"{unit}|{fault}", self.model.open_one(unit)
        known = next((one for one in self.stale if one.is_open and one.unit == f"{unit}.service"), None)
        change = opened(unit, self.now_s)
        if known is not None:
            change = changed(known, "seen again", self.now_s, times=known.times + 1, last_s=self.now_s)
        applied = self.store.apply([change], whom, fault=key)
        if key in self.model.faults:
            assert applied == ()
            return
        self.model.faults.add(key)
        (incident,) = applied
        if on_record is not None:  # whatever the supervisor knew
            assert incident.number == on_record.number
        else:
            assert incident.number == (known.number if known and known.number not in self.ended() else max(self.numbers()) + 1)
        self.model.put(incident)

    @precondition(lambda self: self.model.incidents)
    @rule(data=st.data(), whom=WHOM)
    def a_person_acts(self, data, whom):
        number = data.draw(st.sampled_from(sorted(self.model.incidents)))
        kept = self.model.incidents[number]
        if not kept.is_open:
            return
        with reach_store(self.store.folder) as persons:
            if data.draw(st.booleans()):
                self.model.put(persons.end(number, "alice", "gone", self.now_s, whom))
            elif kept.state == "open":
                self.model.put(persons.acknowledge(number, "alice", "", self.now_s))

    @precondition(lambda self: self.stale)
    @rule(data=st.data(), whom=WHOM)
    def it_is_well(self, data, whom):
        known = data.draw(st.sampled_from(self.stale))
        kept = self.model.incidents[known.number]
        if not known.is_open or (not kept.is_open and kept.state != "closed"):
            return
        (incident,) = self.store.apply([resolved(known, self.now_s)], whom)
        assert incident == kept if kept.state == "closed" else incident.state == "resolved"
        assert incident.acknowledged_s == kept.acknowledged_s
        self.model.put(incident)
        self.stale = ()

    @rule(most=st.integers(1, 5), works=st.booleans())
    def people_are_told(self, most, works):
        for notice in self.store.due(self.now_s, most):
            self.store.attempted(notice.id, self.now_s)
            if works:
                self.model.sent[notice.id] += 1
                self.store.sent(notice.id, self.now_s)
            else:
                self.store.failed(notice.id, "refused", self.now_s + 60)

    @rule(unit=UNITS, for_s=st.sampled_from([10.0, 5000.0]))
    def it_is_held(self, unit, for_s):
        self.store.hold(Hold(unit=unit, until_s=self.now_s + for_s, why="x", by="alice", made_s=self.now_s))
        self.model.holds[unit] = self.now_s + for_s

    @rule(unit=UNITS)
    def the_hold_is_lifted(self, unit):
        assert self.store.lift(unit) == (self.model.holds.pop(unit, None) is not None)

    @rule()
    def the_supervisor_starts_again(self):
        self.store.close()
        self.store = open_store(f"{self.place}/state")
        assert self.store.said == ()
        self.stale = ()

    def ended(self):
        return {number for number, one in self.model.incidents.items() if not one.is_open}

    def numbers(self):
        return {0, *self.model.incidents}

    @invariant()
    def what_is_on_record_is_what_was_done(self):
        with look_into_store(self.store.folder) as store:
            assert {one.number: one for one in store.incidents()} == self.model.incidents
            assert {number: len(store.timeline(number)) for number in self.model.incidents} == dict(self.model.lines)
            assert store.faults(0) == len(self.model.faults)
            assert {hold.unit for hold in store.holds(self.now_s)} == {
                unit for unit, until_s in self.model.holds.items() if until_s > self.now_s
            }

    @invariant()
    def one_incident_of_a_fault_is_open(self):
        units = Counter(one.unit for one in self.model.incidents.values() if one.is_open)
        assert set(units.values()) <= {1}

    @invariant()
    def nothing_is_told_twice_nothing_is_lost_and_nobody_too_often(self):
        assert set(self.model.sent.values()) <= {1}
        told = [one for number in self.model.incidents for one in self.store.told(number)]
        assert len({one.id for one in told}) == len(told)
        by_itself = Counter(
            one.endpoint for one in told
            if one.state != "folded" and one.event not in {"resolved", "closed"} and one.at_s > self.now_s - 3600
        )  # fmt: skip
        assert by_itself[FEW.name] <= FEW.most_per_hour
        for one in told:
            if one.state == "folded":
                self.digest_names(one)
            else:
                assert (one.state == "sent") == (one.id in self.model.sent)

    def digest_names(self, one):
        """Its text names the incident, for ever."""
        row = self.store._connection.execute("SELECT text, digest FROM notices WHERE id = ?", (one.why,)).fetchone()
        assert f"#{one.id.partition('-')[0]} " in row[0]
        assert int(one.id.partition("-")[0]) in [int(number) for number in row[1].strip("[]").split(",")]


pytestmark = pytest.mark.slow
Records.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestRecords = Records.TestCase
