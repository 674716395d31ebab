"""The case of a phase: what its services publish, measured on a real server, and how phases stood before."""

import threading
import time

import pytest
from msgspec.structs import replace

from qtops.casework.keeping import STOOD, remember
from qtops.casework.phase_gathering import gather_phase, gather_phases
from qtops.errors import ConfigError, Exit, UsageError
from qtops.evidence.case import Stood
from qtops.settings import Phase, Service, Settings
from qtops.settings.phases import Deliverable, PhaseCriterion
from tests.casework.records import here, lay

KEY = "quantum:risk:proposal:BTCUSDT"
PLAN = (
    Phase(number=1, title="Streams", criteria=(PhaseCriterion(title="read", clear=("STREAM101",), about=("acme:stream",)),)),
    Phase(number=3, title="Proposals", services=("risk-proposal",)),
    Phase(number=4, title="Others", services=("acme-other.service",)),
)


def quiet(*_):
    return None


@pytest.fixture
def settings(tmp_path, redis_url):
    found = Settings(state=str(tmp_path / "state"), phases=PLAN, symbols=("BTCUSDT",))
    return replace(found, redis=replace(found.redis, url=redis_url))


def test_a_phase_that_the_plan_has_not_is_told_from_those_that_it_has(settings):
    with pytest.raises(UsageError, match=r"no phase 9; there are: 1 \(Streams\), 3 \(Proposals\)") as raised:
        gather_phase(9, settings, quiet, observe_s=0)
    assert raised.value.exit_code == Exit.USAGE
    with pytest.raises(UsageError, match="the plan is empty"):
        gather_phase(1, replace(settings, phases=()), quiet, observe_s=0)


def test_a_plan_that_names_what_can_be_no_service_is_wrong_configuration(settings):
    plan = (Phase(number=1, title="Odd", services=("a.timer",)),)
    with pytest.raises(ConfigError, match=r"phases: a\.timer is a timer"):
        gather_phase(1, replace(settings, phases=plan), quiet, observe_s=0)


def test_without_time_to_watch_its_keys_are_looked_at_once(settings, redis_client):
    redis_client.hset(KEY, mapping={"computed_at_utc": "2026-11-23T10:00:00+00:00"})
    case = gather_phase(3, settings, quiet, observe_s=0)
    assert (case.kind, case.subject, case.now.cadence, case.now.events) == ("phase", "phase 3", None, None)
    assert [(key.key, key.present) for key in case.now.services[0].keys] == [(KEY, True)]


def test_what_is_watched_is_measured_with_the_events_of_its_redis(settings, redis_client):
    done = threading.Event()
    redis_client.xadd("quantum:stream:risk.events", {"event": "DRAWDOWN"})
    redis_client.hset(KEY, mapping={"heartbeat_ms": "0"})

    def beat():
        while not done.wait(0.1):
            redis_client.hset(KEY, "heartbeat_ms", str(int(time.time() * 1000)))

    writer = threading.Thread(target=beat)
    writer.start()
    try:
        case = gather_phase(3, quick(settings), quiet, observe_s=1.0)
    finally:
        done.set()
        writer.join()
    series = next(one for one in case.now.cadence.series if one.field == "heartbeat_ms")
    assert len(series.moments_s) >= 3
    assert series.watched_s >= 0.8
    assert len(case.now.events.events) == 1


def test_what_stood_still_while_it_was_watched_is_seen(settings, redis_client):
    redis_client.hset(KEY, mapping={"computed_at_utc": "2026-11-23T10:00:00+00:00", "proposed_sl": "1"})
    proposals = gather_phase(3, quick(settings), quiet, observe_s=0.6).now.services[0].proposals
    assert [look.readings[0].fields["proposed_sl"] for look in proposals.looks] == ["1", "1"]
    assert proposals.looks[1].taken_at_s - proposals.looks[0].taken_at_s >= 0.5


def quick(settings):
    """The same, with keys that are declared to move twice a second."""
    family = settings.families[0]
    rule = replace(family.times[0], interval_s=0.5, warn_s=1.0, critical_s=2.0)
    return replace(settings, families=(replace(family, times=(rule,)),))


def test_a_service_in_another_redis_is_told_not_to_have_been_watched(settings, redis_url, redis_client):
    redis_client.hset(KEY, mapping={"heartbeat_ms": "1"})
    services = (
        *settings.services,
        Service(name="other", unit="acme-other.service", families=("marketstate",), redis_url=f"{redis_url}?db=1"),
    )
    plan = (Phase(number=1, title="Both", services=("risk-proposal", "other")),)
    case = gather_phase(1, replace(quick(settings), services=services, phases=plan), quiet, observe_s=0.6)
    assert {series.family for series in case.now.cadence.series} == {"risk-proposal"}
    assert not case.now.cadence.missing
    families = (*quick(settings).families, settings.families[1])
    case = gather_phase(1, replace(settings, services=services, phases=plan, families=families), quiet, observe_s=0.6)
    assert "marketstate: in another Redis, which was not watched" in case.now.cadence.missing[0]


def test_streams_that_a_criterion_asks_about_are_looked_at(settings, redis_client):
    redis_client.xadd("acme:stream", {"a": "1"})
    case = gather_phase(1, settings, quiet, observe_s=0)
    assert [stream.name for stream in case.now.streams.looks[-1].streams] == ["acme:stream"]
    assert gather_phase(4, settings, quiet, observe_s=0).now.streams is None


def test_the_map_is_drawn_where_a_deliverable_or_a_criterion_asks_for_it(settings):
    plan = (
        Phase(number=1, title="Delivered", deliverables=(Deliverable(title="Who reads what", by="wiring"),)),
        Phase(number=2, title="Measured", criteria=(PhaseCriterion(title="fed", clear=("WIRING101",)),)),
    )
    planned = replace(settings, phases=plan)
    assert [gather_phase(number, planned, quiet, observe_s=0).now.wiring is not None for number in (1, 2)] == [True, True]
    assert gather_phase(3, settings, quiet, observe_s=0).now.wiring is None


def test_where_nothing_answers_the_case_says_so(settings):
    dead = replace(settings, redis=replace(settings.redis, url="redis://127.0.0.1:1/0"))
    case = gather_phase(3, dead, quiet, observe_s=0.5)
    assert case.now.cadence is None
    assert case.now.services[0].redis.reading.state == "down"


def test_the_newest_verified_recovery_of_its_services_is_in_it(settings, tmp_path):
    state = lay(tmp_path / "state", here())
    case = gather_phase(3, settings, quiet, observe_s=0)
    assert (case.recovery.id, case.plan) == (here().plan.id, here().plan)
    assert (case.before, case.after, case.patch, case.recoveries) == (None, None, "", ())
    assert state.path in case.recovery.folder
    assert gather_phase(4, settings, quiet, observe_s=0).recovery is None


def test_how_phases_stood_before_is_in_it_and_what_cannot_be_read_is_told(settings, tmp_path):
    before = Stood(number=1, state="PARTIAL", reported_s=1.0)
    remember(settings, before)
    assert gather_phase(3, settings, quiet, observe_s=0).last == (before,)
    (tmp_path / "state" / STOOD).write_text("{")
    case = gather_phase(3, settings, quiet, observe_s=0)
    assert case.last == ()
    assert any("is damaged" in told for told in case.lacking)


def test_all_phases_are_gathered_from_one_look(settings):
    cases = gather_phases(settings, quiet)
    assert [case.subject for case in cases] == ["phase 1", "phase 3", "phase 4"]
    assert [[service.subject for service in case.now.services] for case in cases] == [
        [], ["quantum-risk-proposal.service"], ["acme-other.service"],
    ]  # fmt: skip
    assert len({case.now.taken_at_s for case in cases}) == 1
