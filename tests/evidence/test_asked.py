"""What was asked is told as an operator would ask it himself, truthfully, and whether there was an answer."""

import subprocess

import pytest
from msgspec.structs import replace

from qtops.collectors.events import GLANCE, LIMIT
from qtops.evidence.asked import FEW, LONGEST, of_look, of_missing, of_service
from qtops.evidence.splitting import split
from qtops.facts.events import EventFacts, GuardReading, Statement
from qtops.facts.journal import JournalFacts, Run
from qtops.facts.keys import KeyReading, ServerReading
from qtops.facts.service import Missing, RedisFacts, ServiceFacts
from qtops.settings import Price, Settings
from tests.bundle.looks import NOW_S, SERVER, facts, proposals, service, streams
from tests.evidence.cases import founding_case

UNIT = "quantum-risk-proposal.service"
ASKED = {part.name: part for part in split(founding_case())}


def key(subject="BTCUSDT", family="risk-proposal", **changes):
    given = {"key": f"quantum:risk:proposal:{subject}", "read_at_s": NOW_S - 1, "present": True, "values": ("1", "2")}
    return KeyReading(family=family, subject=subject, **given | changes)


def asked(source, looked, **changes):
    return of_service(source, looked, facts(looked, **changes))


def test_a_unit_is_asked_for_over_the_bus_or_by_command_as_the_look_says():
    bus = asked("unit", service(subject="a-b.service"), via="pystemd").what
    assert bus.startswith("D-Bus org.freedesktop.DBus.Properties.GetAll on /org/freedesktop/systemd1/unit/a_2db_2eservice ")
    command = asked("unit", service(subject="a-b.service"), via="systemctl").what
    assert command == "systemctl show --all --timestamp=us+utc -- a-b.service"


@pytest.mark.systemd
def test_the_object_path_is_the_one_that_systemd_has(box):
    """As ``LoadUnit`` of its manager tells it."""
    manager = ("org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager")
    done = box.run("busctl", "call", *manager, "LoadUnit", "s", "1a-b@c.service")
    path = done.stdout.decode().split('"')[1]
    assert path in asked("unit", service(subject="1a-b@c.service"), via="pystemd").what


def test_the_journal_is_asked_by_invocation():
    mine = JournalFacts(invocation="8f1c", runs=(Run("8f1c", 1.0, None),))
    expected = "journalctl -b -r -o json --all _SYSTEMD_INVOCATION_ID=8f1c + INVOCATION_ID=8f1c"
    assert asked("journal", service(journal=mine)).what == expected
    of_several = replace(mine, runs=(Run("77aa", 0.5, 0.7), *mine.runs))
    assert asked("journal", service(journal=of_several)).what == (
        f"{expected} + UNIT=app.service + OBJECT_SYSTEMD_UNIT=app.service + _SYSTEMD_UNIT=app.service"
    )
    assert asked("journal", service(journal=JournalFacts())).what.startswith("journalctl -b -r -o json --all UNIT=app.service")


def test_keys_are_asked_for_one_by_one_by_the_fields_of_their_family():
    found = asked("keys", service(keys=(key(), key("ETHUSDT", present=False, values=(None, None)))))
    assert found.what.split("; ") == [
        "HMGET quantum:risk:proposal:BTCUSDT heartbeat_ms computed_at_utc",
        "HMGET quantum:risk:proposal:ETHUSDT heartbeat_ms computed_at_utc",
        "EXISTS quantum:risk:proposal:ETHUSDT",
    ]
    assert (found.at_s, found.exit) == (NOW_S - 1, 0)


def test_what_was_asked_of_a_key_is_a_command_that_redis_answers(redis_server, redis_client):
    redis_client.hset("quantum:risk:proposal:BTCUSDT", mapping={"heartbeat_ms": "1795438543650"})
    (command,) = asked("keys", service(keys=(key(),))).what.split("; ")
    assert redis_client.execute_command(*command.split()) == [b"1795438543650", None]


def test_keys_that_could_all_not_be_read_are_no_answer():
    assert asked("keys", service(keys=(key(present=None, trouble="hung"),))).exit == 1


def test_of_many_keys_a_few_are_told_and_the_others_counted():
    found = asked("keys", service(keys=tuple(key(f"S{number}") for number in range(1000))))
    assert found.what.count("HMGET") == FEW
    assert found.what.endswith(f"; and {1000 - FEW} more like these")


def test_whatever_stands_in_a_name_what_was_asked_is_one_printable_line():
    found = asked("keys", service(keys=(key(key="\x1b[2J\n" + "x" * 10_000),)))
    assert found.what.isprintable()
    assert len(found.what) <= LONGEST + 1


@pytest.mark.parametrize(("state", "code"), [("ok", 0), ("hung", 1), ("wrong_password", 1)])
def test_a_redis_that_does_not_answer_is_no_answer(state, code):
    assert asked("redis", service(redis=RedisFacts(ServerReading("redis://h:1/0", state), "--redis"))).exit == code


def test_what_commands_of_their_own_looked_at_is_told_as_well():
    looked = facts(proposals=proposals({"proposed_sl": "1"}), streams=streams())
    assert "quantum:risk:proposal:{symbol}" in of_look("proposals", looked).what
    assert of_look("streams", looked).what.startswith("TYPE, PTTL, XINFO STREAM")
    lost = replace(proposals(), looks=(replace(proposals({}).looks[0], server=replace(SERVER, state="down")),))
    assert of_look("proposals", facts(proposals=lost)).exit == 1


def test_the_numbers_of_events_are_those_that_are_asked_for():
    stream = streams().looks[0].streams[0]
    guard = GuardReading("EMERGENCY_FLATTEN", "quantum:risk:guard_active:EMERGENCY_FLATTEN", present=True)
    said = (Statement("quantum:equity:current", "equity", "1"), Statement("quantum:equity:current", "peak", "2"))
    seen = EventFacts(taken_at_s=NOW_S, read_at_s=NOW_S, server=SERVER, stream=stream, guards=(guard,), statements=said)
    assert asked("events", service(events=seen)).what.split("; ") == [
        f"XREVRANGE app + - COUNT {GLANCE}", "XINFO GROUPS app", f"PTTL {guard.key}", "the newest of quantum:equity:current",
    ]  # fmt: skip
    assert of_look("events", facts(events=seen)).what.startswith(f"XREVRANGE app + - COUNT {LIMIT}; ")


def test_prices_are_asked_for_by_field_or_as_a_whole():
    settings = Settings(prices=(Price(pattern="m:{symbol}", field="price"), Price(pattern="p:{symbol}")))
    found = of_look("proposals", facts(proposals=proposals({"proposed_sl": "1"}), settings=settings))
    assert "; HMGET m:{symbol} price; GET p:{symbol}; for BTCUSDT" in found.what


def test_settings_are_no_question():
    assert of_look("settings", facts()).exit is None


@pytest.mark.parametrize("source", ["systemd", "journal", "process", "redis", "keys", "proposals", "source", "unit files", "probe"])
def test_what_was_not_answered_was_asked_all_the_same(source):
    for looked in (ServiceFacts(subject="app.service"), None):
        found = of_missing(Missing(source, "x"), facts(), looked)
        assert found.exit == 1
        assert found.what
    assert (
        source != "journal" or "journalctl" in of_missing(Missing(source, "x"), facts(), ServiceFacts(subject="app.service")).what
    )


def test_records_of_qtops_itself_have_no_exit_code():
    assert {name for name, part in ASKED.items() if part.exit is None} == {
        "before/settings", "after/settings", "now/settings", "recovery", "plan", "ledger", "patch", "case",
    }  # fmt: skip


def test_each_record_has_the_time_at_which_it_was_read():
    whole = founding_case()
    assert whole.before is not None
    assert whole.settling is not None
    assert ASKED[f"before/{UNIT}/unit"].at_s == whole.before.taken_at_s
    assert ASKED[f"before/{UNIT}/keys"].at_s == whole.before.services[0].keys[0].read_at_s
    assert ASKED["settling"].at_s == whole.settling.samples[-1].at_s
    assert ASKED[f"unit-files/etc-systemd-system-{UNIT}"].at_s == whole.units[0].read_at_s
    assert ASKED["ledger"].at_s == ASKED["case"].at_s == whole.made_at_s


def test_the_recovery_is_told_by_its_id():
    assert founding_case().recovery is not None
    assert ASKED["ledger"].asked == f"ledger of qtops, entries about recovery {founding_case().recovery.id}"


def test_failed_units_are_asked_for_as_the_look_asks():
    assert ASKED["failed/now"].asked.startswith("D-Bus org.freedesktop.systemd1.Manager.ListUnitsFiltered failed ")
    by_command = split(replace(founding_case(), now=None, after=facts(via="systemctl")))
    assert next(part.asked for part in by_command if part.name == "failed/now") == "systemctl list-units --all --state=failed"


def test_systemctl_knows_the_option():
    done = subprocess.run(["systemctl", "show", "--help"], capture_output=True, text=True, check=False)
    assert "--timestamp" in done.stdout
