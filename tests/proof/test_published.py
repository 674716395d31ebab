"""What it publishes after the recovery: fresh, sane, and by whose hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from publisher.timestamps import utc_iso
from qtops.checks.proposals import registry
from qtops.facts.keys import ClockReading, KeyReading, ServerReading
from qtops.facts.recovery import Proof
from qtops.facts.service import Missing, RedisFacts
from qtops.settings import Service, Settings
from tests.checks import services
from tests.checks.proposals.proposals import absent, looks
from tests.proof.recovered import (
    AFTER,
    BEFORE,
    BEGAN_S,
    NOW_S,
    PID,
    PLAIN,
    RESTARTED_S,
    WRITTEN,
    answers,
    evidence,
    observed,
    proposing,
    proven,
)  # fmt: skip

NAME = "written by the new process"
ENDED_S = services.ENDED_S


def by(publisher_id: str, **fields: str):
    """The proposal under another name."""
    return replace(WRITTEN, fields={**WRITTEN.fields, "publisher_id": publisher_id, **fields})


def named(publisher_id: str, before=BEFORE, **changes) -> Proof:
    return proven(observed(proposing(AFTER, by(publisher_id)), **changes), before)


# --- by its name ---


def test_a_process_of_its_control_group_is_its_own():
    assert answers(named("trader-1:4900", pids=(PID, 4900)))[NAME] == "yes"
    assert answers(named("trader-1:4900"))[NAME] == "no"
    assert "publisher_id trader-1:4900 is no process of it" in evidence(named("trader-1:4900"), NAME)


def test_whether_it_is_of_its_group_may_not_be_known():
    several = replace(AFTER, process=replace(AFTER.process, processes=3))
    proof = proven(observed(proposing(several, by("trader-1:4900")), pids=()))
    assert answers(proof)[NAME] == "could not tell"
    unseen = replace(AFTER, process=None)
    assert answers(proven(observed(proposing(unseen, by("trader-1:4900")), pids=())))[NAME] == "could not tell"
    assert answers(proven(observed(proposing(AFTER, by("trader-1:4900")), pids=())))[NAME] == "no"  # it has one process only
    assert answers(proven(observed(proposing(several, by("trader-1:4900")))))[NAME] == "no"  # all of them were seen


@pytest.mark.parametrize("publisher_id", ["", "risk-a", "risk:1", "trader-2:4812", "trader-1:४८१२"])
def test_a_name_that_is_no_process_of_this_host_leaves_it_to_logic(publisher_id):
    assert answers(named(publisher_id))[NAME] == "yes"  # it was absent while the service was down
    running = proposing(replace(AFTER, unit=services.UNIT), by(publisher_id, heartbeat_ms=str(int((RESTARTED_S - 3) * 1000))))
    assert answers(named(publisher_id, before=running))[NAME] == "could not tell"


def test_what_was_written_before_it_began_is_not_its_own_yet():
    old = str(int((BEGAN_S - 3) * 1000))
    left = by("trader-1:99", heartbeat_ms=old, computed_at_utc=utc_iso(BEGAN_S - 4))
    proof = proven(observed(proposing(AFTER, left)))
    assert answers(proof)[NAME] == "no"
    assert "last written 2026-09-21 14:13:09 UTC, 3 s before the process began" in evidence(proof, NAME)
    same_number = by(f"trader-1:{PID}", heartbeat_ms=old, computed_at_utc=utc_iso(BEGAN_S - 4))
    assert answers(proven(observed(proposing(AFTER, same_number))))[NAME] == "no"


def test_a_hostile_name_is_shown_as_what_it_is():
    assert "\\x1b[31mred" in evidence(named("\x1b[31mred"), NAME)


# --- by logic: a family that names nobody ---

PLAIN_SETTINGS = Settings(
    symbols=("BTC", "ETH"), families=(PLAIN,), services=(Service(name="app", unit="app.service", families=("app",)),)
)


def plain(at_s: float | None, subject: str = "BTC", text: str = "") -> KeyReading:
    """A key of such a family that was written then; None: it is absent."""
    values = (None,) if at_s is None else (text or utc_iso(at_s),)
    return KeyReading("app", subject, f"app:{subject}", NOW_S, at_s is not None, values)


def writing(facts, *keys: KeyReading):
    return replace(facts, families=("app",), keys=keys, proposals=None)


def logical(*now: KeyReading, before=(), down: bool = True, after=AFTER) -> Proof:
    earlier = writing(BEFORE if down else replace(BEFORE, unit=services.UNIT), *before)
    return proven(observed(writing(after, *now)), earlier, settings=PLAIN_SETTINGS)


SINCE_S = BEGAN_S + 2
BY_LOGIC = {
    "absent before, and written since": (plain(SINCE_S), plain(None), "yes", "it stood still before the restart"),
    "stood still since the failure": (plain(SINCE_S), plain(ENDED_S - 5), "yes", "it stood still before the restart"),
    "moved while it was down": (plain(SINCE_S), plain(NOW_S - 60), "could not tell", "another writer is at work"),
    "not known how it was": (plain(SINCE_S), None, "could not tell", "how it was before the restart is not known"),
    "held no time before": (plain(SINCE_S), plain(1, text="soon"), "could not tell", "how it was before the restart is not known"),
    "not written since": (
        plain(BEGAN_S - 1),
        plain(None),
        "no",
        "last written 2026-09-21 14:13:11 UTC, 1 s before the process began",
    ),
    "absent": (plain(None), plain(None), "no", "it is absent"),
}


@pytest.mark.parametrize("case", BY_LOGIC)
def test_who_wrote_it_follows_from_when_it_moved(case):
    now, earlier, answer, words = BY_LOGIC[case]
    proof = logical(now, before=[earlier] if earlier else [])
    assert answers(proof)[NAME] == answer
    assert words in evidence(proof, NAME)


def test_what_holds_what_it_held_was_not_written():
    stale = replace(
        plain(SINCE_S), read_at_s=NOW_S + 3600
    )  # of a service that was up, and whose clock was ahead of Redis' by an hour
    assert "it holds what it held before the restart" in evidence(logical(plain(SINCE_S), before=[stale], down=False), NAME)
    assert answers(logical(plain(SINCE_S), before=[stale], down=False))[NAME] == "could not tell"


def test_a_key_that_could_not_be_read_is_not_told_about():
    unread = replace(plain(None), present=None, trouble="wrong_type")
    proof = logical(unread, before=[plain(None)])
    assert (answers(proof)[NAME], answers(proof)["fresh"]) == ("could not tell", "could not tell")
    assert "not read: wrong_type" in evidence(proof, NAME)


def test_redis_clock_may_be_behind():
    clock = ClockReading(NOW_S, NOW_S - 5, 0.001)
    behind = replace(AFTER, redis=RedisFacts(ServerReading("redis://x", "ok", clock=clock), "REDIS_URL"))
    early = replace(plain(BEGAN_S - 1), read_at_s=NOW_S - 5)
    assert answers(logical(early, before=[plain(None)], after=behind))[NAME] == "no"


@pytest.mark.parametrize(("after_s", "answer"), [(1.0, "yes"), (1.1, "could not tell")])
def test_what_it_wrote_last_may_be_dated_a_little_after_its_end(after_s, answer):
    assert answers(logical(plain(SINCE_S), before=[plain(ENDED_S + after_s)]))[NAME] == answer


def test_where_systemd_has_no_exit_its_inactivity_counts():
    endless = replace(BEFORE, unit=replace(BEFORE.unit, exec_main_exit_s=None, inactive_enter_s=NOW_S - 70))
    for at_s, answer in ((NOW_S - 75, "yes"), (NOW_S - 60, "could not tell")):
        seen = observed(writing(AFTER, plain(SINCE_S)))
        assert answers(proven(seen, writing(endless, plain(at_s)), settings=PLAIN_SETTINGS))[NAME] == answer


def test_a_service_that_was_up_wrote_it_before_as_well():
    fresh, stale = plain(NOW_S - 12), plain(NOW_S - 600)
    assert answers(logical(plain(SINCE_S), before=[fresh], down=False))[NAME] == "could not tell"
    assert answers(logical(plain(SINCE_S), before=[stale], down=False))[NAME] == "yes"


def test_a_time_in_whole_seconds_is_cut():
    whole = plain(BEGAN_S, text=str(int(BEGAN_S)))
    assert int(BEGAN_S) < BEGAN_S
    assert answers(logical(whole, before=[plain(None)]))[NAME] == "yes"
    assert answers(logical(plain(1, text=str(int(BEGAN_S) - 1)), before=[plain(None)]))[NAME] == "no"


@given(st.floats(0.5, 3600))
def test_redis_clock_may_be_ahead(ahead_s):
    clock = ClockReading(NOW_S, NOW_S + ahead_s, 0.001)
    skewed = replace(AFTER, redis=RedisFacts(ServerReading("redis://x", "ok", clock=clock), "REDIS_URL"))
    written_s = BEGAN_S + ahead_s - 0.1  # by the clock of Redis: before the process began
    reading = replace(plain(written_s), read_at_s=NOW_S + ahead_s)
    assert answers(logical(reading, before=[plain(None)], after=skewed))[NAME] == "no"
    assert answers(logical(replace(plain(written_s + 0.2), read_at_s=NOW_S + ahead_s), before=[plain(None)], after=skewed))[
        NAME
    ] == ("yes")


def test_keys_that_are_alike_are_told_once():
    proof = logical(plain(SINCE_S), plain(SINCE_S, "ETH"), before=[plain(None), plain(None, "ETH")])
    assert answers(proof)[NAME] == "yes"
    assert evidence(proof, NAME) == (
        "all of 2 keys, such as app:BTC: it stood still before the restart, and was written 2026-09-21 14:13:14 UTC, "
        "2 s after the process began"
    )


def test_the_worst_key_decides():
    proof = logical(plain(SINCE_S), plain(NOW_S - 1, "ETH"), before=[plain(None), plain(NOW_S - 100, "ETH")])
    assert answers(proof)[NAME] == "could not tell"
    assert evidence(proof, NAME).startswith("1 of 2 keys: app:ETH: it moved while the service was down")


# --- nothing to publish, and nothing read ---


def idle(**more):
    reading = absent(market={"ts_timestamp": str(int(NOW_S))}, **more)
    key = KeyReading("risk-proposal", "BTCUSDT", reading.key, NOW_S, False, (None, None), position="closed")
    look = looks(replace(reading, read_at_s=NOW_S))
    return replace(AFTER, keys=(key,), proposals=look)


def test_where_no_position_is_open_nothing_is_to_be_published():
    proof = proven(observed(idle()))
    assert proof.is_proven
    assert evidence(proof, "fresh") == "1 key absent, and rightly so: no position is open"
    assert evidence(proof, NAME) == "no position is open: nothing is to be published"


def test_an_empty_database_may_be_another_one():
    void = idle()
    look = void.proposals.looks[0]
    empty = replace(look, readings=tuple(replace(reading, market={}) for reading in look.readings))
    proof = proven(observed(replace(void, proposals=replace(void.proposals, looks=(empty,)))))
    assert answers(proof)["sane"] == "could not tell"
    assert "an empty database, or another one" in evidence(proof, "sane")


def test_redis_that_is_down_is_said_to_be():
    down = Missing("keys", "Redis at redis://127.0.0.1:6379/0 does not answer: unreachable")
    proof = proven(observed(replace(AFTER, keys=(), proposals=None, missing=(down,))))
    for name in ("fresh", "sane", NAME):
        assert answers(proof)[name] == "could not tell"
        assert evidence(proof, name) == "keys: Redis at redis://127.0.0.1:6379/0 does not answer: unreachable"


def test_a_family_that_is_not_configured_is_named():
    other = replace(AFTER, families=("risk-proposal", "gone"))
    proof = proven(observed(other))
    assert answers(proof)["fresh"] == "could not tell"
    assert evidence(proof, "fresh") == "gone is no family of the configuration"


def test_every_family_has_to_be_read():
    proof = proven(observed(replace(AFTER, keys=())))
    assert evidence(proof, "fresh") == "no key of risk-proposal was read"


def test_proposals_of_before_the_restart_say_nothing_of_it():
    service = replace(
        AFTER, proposals=replace(AFTER.proposals, looks=(replace(AFTER.proposals.looks[0], taken_at_s=RESTARTED_S - 1),))
    )
    assert answers(proven(observed(service)))["sane"] == "could not tell"


def test_many_keys_are_counted():
    late = [plain(NOW_S - 25, f"S{number}") for number in range(5)]
    told = evidence(logical(*late, before=[plain(None)]), "fresh")
    assert told.startswith("5 of 5 keys: app:S0: LATE: beat is 25.0 s old, limit 20 s; app:S1: ")
    assert told.endswith("; and 2 more")
    assert "more" not in evidence(logical(*late[:3], before=[plain(None)]), "fresh")


def test_warnings_are_told_and_do_not_count():
    proof = proven(observed(proposing(AFTER, replace(WRITTEN, ttl_ms=-1))))
    assert proof.is_proven
    assert evidence(proof, "sane") == f"{len(registry.CHECKS)} checks of 1 proposal find nothing critical; warnings of PROPOSAL113"


def test_one_without_an_end_is_taken_for_what_it_is():
    endless = replace(BEFORE, unit=replace(BEFORE.unit, exec_main_exit_s=None, inactive_enter_s=None))
    stale = proposing(endless, by("", heartbeat_ms=str(int((NOW_S - 7200) * 1000)), computed_at_utc=utc_iso(NOW_S - 7200)))
    assert answers(proven(observed(proposing(AFTER, by(""))), stale))[NAME] == "yes"
