"""Each criterion of the other phases of the plan follows from its own evidence as well."""

import pytest
from msgspec.structs import replace

from qtops.facts.service import Facts, Missing
from qtops.facts.streams import GroupReading, StreamFacts, StreamLook, StreamReading
from qtops.facts.wiring import WiringFacts
from qtops.settings import PHASES, Phase, Settings
from tests.checks.wiring.maps import off, reads, unit, writes

from .phases import at_s, judged, look, seen, watched

EXECUTIONS = ("quantum:stream:execution.result",)
CONTROL = ("quantum:stream:policy.updated", "quantum:stream:model.retrain", "quantum:stream:reconcile.close")
LAST = f"{int((at_s() - 5) * 1000)}-0"


def group(**sick) -> GroupReading:
    return GroupReading(**{"name": "g", "last_delivered_id": LAST, "entries_read": 3, "lag": 0, "consumers_count": 1, **sick})


def stream(name: str, **sick) -> StreamReading:
    """A stream with three entries, all of them read."""
    healthy = {"read_at_s": at_s(), "length": 3, "entries_added": 3, "first_id": "1-0", "last_id": LAST, "last_generated_id": LAST}
    return StreamReading(**{"name": name, **healthy, "groups": (group(),), "groups_count": 1, **sick})


def flowing(names: tuple[str, ...], writer: dict | None = None, **sick) -> Facts:
    """One unit that writes these streams, one that reads them; what is sick is the first stream."""
    units = (unit("a", *(writes("a", name) for name in names), **(writer or {})), unit("b", *(reads("b", name) for name in names)))
    first, *others = names
    readings = (stream(first, **sick), *map(stream, others))
    looks = (StreamLook(taken_at_s=at_s(), server=watched().server, streams=readings),)
    given = look(services=(), cadence=None, wiring=WiringFacts(taken_at_s=at_s(), units=units), streams=StreamFacts(looks=looks))
    return replace(given, settings=replace(given.settings, phases=PHASES))


def running(name: str, unit: dict | None = None, **sick) -> Facts:
    """A service that runs and writes no keys."""
    state = replace(seen().unit, name=name, **(unit or {}))
    plain = replace(seen(), subject=name, unit=state, families=(), keys=(), proposals=None, events=None, redis=None)
    return look(services=(replace(plain, **sick),), cadence=None)


HARVEST, AGENT = PHASES[1].services[0], PHASES[4].services[0]
ENDED = {"active_state": "failed", "sub_state": "failed", "result": "exit-code", "exec_main_code": "exited", "exec_main_status": 1}
HEALTHY = {1: flowing(EXECUTIONS), 2: running(HARVEST), 4: flowing(CONTROL), 5: running(AGENT)}
HOUR = f"{int((at_s() - 3600) * 1000)}-0"
NEVER = {"length": 0, "entries_added": 0, "first_id": "", "last_id": "", "last_generated_id": "0-0"}
GONE = (group(consumers_count=0, consumers=(), last_delivered_id="0-0", entries_read=0, lag=3, first_unread_id=HOUR),)

AWAITED = tuple(replace(one, kind="periodic", interval_s=60.0) if one.control_plane else one for one in Settings().streams)
SILENT = flowing(CONTROL, groups=(group(last_delivered_id="0-0", entries_read=0),), **NEVER)
FLIPPED = [
    (4, 2, replace(SILENT, settings=replace(SILENT.settings, streams=AWAITED))),
    (1, 0, flowing(EXECUTIONS, off())),
    (1, 1, flowing(EXECUTIONS, groups=GONE, last_id=HOUR, last_generated_id=HOUR)),
    (4, 0, flowing(CONTROL, off())),
    (4, 1, flowing(CONTROL, groups=GONE, last_id=HOUR, last_generated_id=HOUR)),
    *((number, 0, running(name, {"n_restarts": 1})) for number, name in ((2, HARVEST), (5, AGENT))),
    *((number, 1, running(name, process=replace(seen().process, pid=4711))) for number, name in ((2, HARVEST), (5, AGENT))),
    *((number, 2, running(name, ENDED | {"main_pid": 0}, process=None)) for number, name in ((2, HARVEST), (5, AGENT))),
]
TAKEN = [
    (1, 0, replace(HEALTHY[1], wiring=None)),
    (1, 1, replace(HEALTHY[1], streams=None)),
    (4, 0, replace(HEALTHY[4], wiring=None)),
    (4, 1, replace(HEALTHY[4], streams=None)),
    (4, 2, replace(HEALTHY[4], streams=None)),
    *((number, 0, running(name, {"active_enter_s": None})) for number, name in ((2, HARVEST), (5, AGENT))),
    *((number, 2, running(name, missing=(Missing("systemd", "no bus"),))) for number, name in ((2, HARVEST), (5, AGENT))),
]


def phase(number: int) -> Phase:
    return PHASES[number - 1]


@pytest.mark.parametrize("number", HEALTHY)
def test_a_healthy_phase_is_complete(number):
    verdict = judged(HEALTHY[number], phase(number))
    assert [(one.title, one.holds, one.seen) for one in verdict.criteria if one.holds != "yes"] == []
    assert verdict.state == "COMPLETE"


@pytest.mark.parametrize(("number", "criterion", "facts"), FLIPPED)
def test_a_criterion_is_flipped_by_its_own_evidence(number, criterion, facts):
    verdict = judged(facts, phase(number))
    assert verdict.criteria[criterion].holds == "no"
    assert verdict.state == "PARTIAL"


@pytest.mark.parametrize(("number", "criterion", "facts"), TAKEN)
def test_without_its_evidence_nobody_can_tell(number, criterion, facts):
    verdict = judged(facts, phase(number))
    assert verdict.criteria[criterion].holds == "could not tell"
    assert verdict.against == ()
    assert verdict.state == "UNVERIFIED"
