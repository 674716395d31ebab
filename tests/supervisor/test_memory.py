"""What the supervisor keeps in mind: who waits for whom."""

from qtops.incidents import Died, Reached, Stands
from qtops.settings import Service, Settings, Supervision
from qtops.supervisor.memory import Memory, unit_of, watched

FEED = Service(name="feed", unit="quantum-feed.service")
RISK = Service(name="risk", unit="quantum-risk.service", depends=("feed", "redis-server.service"))
SETTINGS = Settings(services=(FEED, RISK))


def memory(*seen) -> Memory:
    memory = Memory(SETTINGS)
    for one in seen:
        memory.see(one)
    return memory


def stands(unit: str, active_state: str = "active") -> Stands:
    return Stands(unit=unit, at_s=1.0, active_state=active_state)


def test_services_and_what_they_depend_on_are_watched():
    assert watched(SETTINGS) == (FEED.unit, RISK.unit, "redis-server.service")


def test_a_name_stands_for_its_unit():
    assert [unit_of(name, SETTINGS) for name in ("feed", "other", "a.timer")] == [FEED.unit, "other.service", "a.timer"]


def test_what_is_up_or_was_never_seen_keeps_nobody_waiting():
    assert memory(stands(FEED.unit), stands(RISK.unit)).down(RISK.unit) == ()


def test_a_dependency_that_is_down_is_waited_for():
    for state in ("failed", "inactive"):
        assert memory(stands(FEED.unit, state)).down(RISK.unit) == (FEED.unit,)
    assert memory(stands(FEED.unit, "activating")).down(RISK.unit) == ()


def test_so_is_a_redis_that_does_not_answer():
    away = Reached(redis="redis://127.0.0.1:6379/0", at_s=1.0, trouble="refused", units=(RISK.unit,))
    assert memory(away).down(RISK.unit) == (away.redis,)
    assert memory(away).down(FEED.unit) == ()
    assert memory(away, Reached(redis=away.redis, at_s=2.0, units=(RISK.unit,))).down(RISK.unit) == ()


def test_who_waits_for_each_other_waits_for_nobody():
    one, two = (Service(name=name, unit=f"{name}.service", depends=(other,)) for name, other in (("one", "two"), ("two", "one")))
    user = Service(name="user", unit="user.service", depends=("one",))
    memory = Memory(Settings(services=(one, two, user)))
    for unit in (one.unit, two.unit):
        memory.see(stands(unit, "failed"))
    assert [memory.down(unit) for unit in (one.unit, two.unit, user.unit)] == [(), (), (one.unit,)]


def test_a_unit_goes_by_the_name_of_its_service_whatever_it_is_called_elsewhere(monkeypatch):
    monkeypatch.setattr("qtops.supervisor.memory.own_name", lambda name: name.replace("redis.service", "redis-server.service"))
    redis = Service(name="store", unit="redis.service")
    settings = Settings(services=(redis, RISK, FEED), supervise=Supervision(watch=("redis-server.service", "redis*.service")))
    assert watched(settings) == ("redis.service", RISK.unit, FEED.unit, "redis*.service")
    assert Memory(settings).needs[RISK.unit] == (FEED.unit, "redis.service")
    assert watched(Settings(services=(RISK, FEED)))[-1] == "redis-server.service"


def test_units_that_are_no_more_are_forgotten():
    known = memory(stands(FEED.unit), stands("run-1.service"), Died(unit="run-1.service", invocation="a", at_s=1.0, noticed_s=1.0))
    known.forget_all_but({FEED.unit})
    assert (*known.stands, *known.deaths) == (FEED.unit,)
