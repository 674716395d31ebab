"""Plans of recovery: their order, their numbers, what they refuse; and carried out on a real server, step by step."""

import pytest
from msgspec.structs import replace

from qtops.facts.streams import GroupReading, StreamReading
from qtops.remedies.streams import group_plan, redis_cli, trim_plan
from qtops.settings import Settings
from tests.checks.streams.looks import HOUR, at, consumer, group, stream

BUSY = stream(5_000)
CLI = ("redis-cli",)
GONE = 2 * 86_400.0
NOTHING = Settings(families=(), streams=())


def plan(*groups: GroupReading, codes=("STREAM105",), of: StreamReading = BUSY, unit: str = ""):
    return group_plan(replace(of, groups=groups), groups[0], set(codes), CLI, unit)


def verbs(made):
    return [" ".join(word for word in step.command if word.isupper()) or step.command[0] for step in made.steps]


# order and numbers


def test_what_is_pending_is_claimed_before_anybody_is_deleted():
    held = group(
        consumer("live"), consumer("old", 12, GONE), consumer("empty", 0, GONE), unread=0, of=BUSY, first_pending_id=at(GONE),
        last_pending_id=at(HOUR),
    )  # fmt: skip
    made = plan(held)
    assert verbs(made) == ["XAUTOCLAIM COUNT JUSTID", "XGROUP DELCONSUMER", "XGROUP DELCONSUMER"]
    claim, empty, old = made.steps
    assert claim.command[1:5] == ("XAUTOCLAIM", BUSY.name, "readers", "live")
    assert "moves up to 12 pending entries to consumer live" in claim.effect
    assert empty.command[-1] == "empty"
    assert not empty.risk
    assert old.command[-1] == "old"
    assert "first see that XINFO CONSUMERS says 0 pending" in old.risk


def test_where_nobody_lives_a_successor_is_named():
    made = plan(group(consumer("old", 12, GONE), unread=0, of=BUSY, first_pending_id=at(GONE), last_pending_id=at(HOUR)))
    assert made.steps[0].command[4] == "recovery"
    assert "which this makes" in made.steps[0].effect


def test_who_holds_more_than_one_call_can_claim_is_not_deleted():
    crowd = group(
        consumer("live"), consumer("old", 1_782, GONE), consumer("empty", 0, GONE), unread=0, of=BUSY, first_pending_id=at(GONE),
        last_pending_id=at(HOUR),
    )  # fmt: skip
    made = plan(crowd)
    assert "1000 per call" in made.steps[0].effect
    assert [step.command[-1] for step in made.steps if "DELCONSUMER" in step.command] == ["empty"]


def test_a_consumer_that_lives_is_never_deleted():
    made = plan(group(consumer("live"), consumer("quiet", idle_s=HOUR - 1), unread=0, of=BUSY), codes=("STREAM104",))
    assert (made.steps, made.why_none) == ((), "nothing is left that a command could mend")


def test_setting_the_group_ahead_is_a_risk_with_the_exact_number():
    made = plan(group(unread=4_000, of=BUSY), codes=("STREAM106",), unit="app.service")
    restart, skip = made.steps
    assert restart.command == ("systemctl", "restart", "app.service")
    assert skip.command == ("redis-cli", "XGROUP", "SETID", BUSY.name, "readers", BUSY.last_id, "ENTRIESREAD", "5000")
    assert "skips exactly 4000 unread entries" in skip.effect
    assert skip.risk
    assert skip.way_back == f"redis-cli XGROUP SETID {BUSY.name} readers {at(5 + 4_000 * 60)} ENTRIESREAD 1000"


def test_what_cannot_be_counted_is_not_skipped():
    unknown = group(unread=4_000, of=BUSY, lag=None, entries_read=None)
    made = plan(unknown, codes=("STREAM106",), of=replace(BUSY, entries_added=None))
    assert verbs(made) == ["qtops"]
    assert "at least 50 entries wait" in made.steps[0].effect


def test_what_is_young_is_read_and_not_skipped():
    assert verbs(plan(group(unread=30, of=BUSY, consumers=()), codes=("STREAM103",))) == ["qtops"]


@pytest.mark.parametrize("name", ["new\\nline", "\\xff", "x" * 256 + "…"])
def test_a_name_that_no_command_line_carries_makes_no_step(name):
    made = plan(group(consumer(name, 3, GONE), unread=0, of=BUSY))
    assert made.steps == ()
    assert "cannot be written on a command line" in made.why_none


def test_consumers_that_could_not_be_read_make_no_step():
    assert plan(group(trouble="no_permission: NOPERM")).steps == ()


def test_no_step_deletes_a_stream_or_a_group():
    worst = group(consumer("old", 12, GONE), unread=4_000, of=BUSY, first_pending_id=at(9e6), last_pending_id=at(9e6))
    for made in (plan(worst, codes=("STREAM101", "STREAM102", "STREAM103", "STREAM105")), trim_plan(BUSY, 100, CLI)):
        assert not {"DEL", "UNLINK", "DESTROY", "FLUSHALL", "FLUSHDB"} & {word for step in made.steps for word in step.command}


# trimming


def test_what_every_group_has_read_and_finished_is_trimmed_in_portions():
    long = stream(100_000, every_s=1, groups=(group(unread=10, of=stream(100_000, every_s=1)),))
    (step,) = trim_plan(long, 60_000, CLI).steps
    assert step.command == ("redis-cli", "XTRIM", long.name, "MAXLEN", "~", "60000")
    assert step.effect == "removes up to 40000 of 100000 entries, at most 10000 per call: call it 4 times, until it says 0"
    assert step.risk
    assert not step.way_back


@pytest.mark.parametrize(
    ("sick", "why"),
    [
        ({"groups": (group(unread=4_000, of=BUSY),)}, "has not read 4000 entries"),
        ({"groups": (group(consumer(pending=1), unread=0, of=BUSY),)}, "1 pending entries"),
        ({"groups": (group(unread=300, of=BUSY, lag=None),), "entries_added": None}, "has not read 50 entries or more"),
        ({"groups_count": 3}, "could not all be read"),
        ({"trouble": "no_permission"}, "could not all be read"),
    ],
)
def test_what_trimming_would_take_from_a_reader_is_not_trimmed(sick, why):
    made = trim_plan(stream(5_000, **sick), 1_000, CLI)
    assert made.steps == ()
    assert why in made.why_none


def test_without_a_declared_cap_nobody_knows_what_to_trim():
    assert "declare maxlen" in trim_plan(BUSY, None, CLI).why_none


@pytest.mark.parametrize(
    ("url", "command"),
    [
        ("redis://127.0.0.1:6379/0", "redis-cli -h 127.0.0.1 -p 6379"),
        ("rediss://cache/3", "redis-cli --tls -h cache -p 6379 -n 3"),
        ("unix:///run/my%20redis.sock?db=0", "redis-cli -s /run/my redis.sock"),
        ("redis+cluster://a:7000", "redis-cli -c -h a -p 7000"),
        ("redis+cluster://a:7000,b:7001", "redis-cli"),
        ("redis+sentinel://a:26379/mymaster", "redis-cli"),
    ],
)
def test_how_redis_is_called(url, command):
    assert " ".join(redis_cli(url)) == command
