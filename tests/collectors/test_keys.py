"""Keys as they are read from a real Redis: what each reading says, and how many commands it takes."""

import time

import pytest
import redis

from qtops.collectors import keys
from qtops.settings import MARKET_STATE, PROPOSALS
from tests.checks.readings import family, rule
from tests.collectors.scene import NO_WAY, OPEN, commands, look, now_text, read

FLAT = OPEN | {"side": "FLAT", "quantity": "0"}
WRITTEN = "quantum:state:positions:BTC"


def test_a_hash_is_read_by_its_time_fields(redis_url, redis_client):
    redis_client.hset("app:BTC", mapping={"beat": "1771372692", "slow": "2026-02-17T23:58:12", "secret": "x"})
    (reading,) = read(redis_url, family(rule("slow"), rule("beat"), rule("gone")))
    assert (reading.family, reading.subject, reading.key, reading.present) == ("app", "BTC", "app:BTC", True)
    assert reading.values == ("2026-02-17T23:58:12", "1771372692", None)
    assert reading.read_at_s == pytest.approx(time.time(), abs=1)


def test_a_string_is_itself_the_time(redis_url, redis_client):
    redis_client.set("app:BTC", "1771372692")
    (reading,) = read(redis_url, family(rule(""), kind="string"))
    assert (reading.present, reading.values) == (True, ("1771372692",))


def test_a_stream_is_read_by_its_last_entry(redis_url, redis_client):
    redis_client.xadd("app:BTC", {"at": "1"}, id="1771372000000-0")
    redis_client.xadd("app:BTC", {"at": "1771372690", "x": "y"}, id="1771372692000-7")
    (reading,) = read(redis_url, family(rule(""), rule("at"), rule("gone"), kind="stream"))
    assert reading.values == ("1771372692000", "1771372690", None)


def test_an_empty_stream_is_there_and_has_no_time(redis_url, redis_client):
    redis_client.xgroup_create("app:BTC", "readers", mkstream=True)
    (reading,) = read(redis_url, family(rule(""), kind="stream"))
    assert (reading.present, reading.values) == (True, (None,))


@pytest.mark.parametrize("kind", ["hash", "string", "stream"])
def test_an_absent_key_is_absent(redis_url, kind):
    (reading,) = read(redis_url, family(rule("" if kind != "hash" else "beat"), kind=kind))
    assert (reading.present, reading.witness, reading.position) == (False, None, "not_asked")


def test_a_hash_without_any_of_the_fields_is_not_absent(redis_url, redis_client):
    redis_client.hset("app:BTC", "other", "1")
    (reading,) = read(redis_url)
    assert (reading.present, reading.values) == (True, (None,))


@pytest.mark.parametrize(("witness", "seen"), [("track:{symbol}", True), ("track:other", False), ("", None)])
def test_the_witness_of_an_absent_key_is_asked(redis_url, redis_client, witness, seen):
    redis_client.set("track:BTC", "1")
    (reading,) = read(redis_url, family(witness=witness))
    assert (reading.present, reading.witness) == (False, seen)


# positions


@pytest.mark.parametrize(
    ("hash_fields", "json_value", "position"),
    [
        ({}, None, "closed"),
        (OPEN, None, "open"),
        (FLAT, None, "closed"),
        (OPEN | {"quantity": "0"}, None, "closed"),
        (OPEN | {"side": "SIDEWAYS"}, None, "unknown"),
        (OPEN | {"side": "FLAT"}, None, "unknown"),  # flat, and of size one
        ({"side": "LONG", "entry_price": "1"}, None, "unknown"),  # no price now
        ({}, '{"side":"SHORT","entry_price":1,"current_price":1,"quantity":2}', "open"),
        ({}, '{"side":"FLAT"}', "closed"),
        ({}, "[]", "unknown"),
        (FLAT, '{"side":"LONG","entry_price":1,"current_price":1}', "closed"),  # the hash has the first word
    ],
)
def test_whether_a_position_is_open_is_asked_for_absent_keys(redis_url, redis_client, hash_fields, json_value, position):
    if hash_fields:
        redis_client.hset(WRITTEN, mapping=hash_fields)
    if json_value:
        redis_client.hset("quantum:state:positions", "BTC", json_value)
    (reading,) = read(redis_url, family(only_while="open_position"))
    assert (reading.present, reading.position) == (False, position)


@pytest.mark.parametrize("key", [WRITTEN, "quantum:state:positions"])
def test_a_position_of_another_type_is_unknown(redis_url, redis_client, key):
    redis_client.set(key, "x")
    (reading,) = read(redis_url, family(only_while="open_position"))
    assert reading.position == "unknown"


def test_a_family_of_one_key_belongs_to_no_position(redis_url):
    (reading,) = read(redis_url, family(pattern="app:heartbeat", only_while="open_position"), subjects=("",))
    assert (reading.key, reading.position) == ("app:heartbeat", "not_asked")


# one bad key says so itself


@pytest.mark.parametrize(
    ("command", "kind"),
    [(("SET", "app:BTC", "x"), "hash"), (("LPUSH", "app:BTC", "x"), "stream"), (("HSET", "app:BTC", "x", "y"), "string")],
)
def test_a_key_of_another_type_is_told_and_the_others_are_read(redis_url, redis_client, command, kind):
    redis_client.execute_command(*command)
    readings = read(redis_url, family(rule("" if kind != "hash" else "beat"), kind=kind), subjects=("AAA", "BTC", "CCC"))
    assert [one.present for one in readings] == [False, None, False]
    assert (readings[1].trouble, readings[1].detail) == ("wrong_type", f"the key is no {kind}")


def test_bytes_that_are_no_text_hide_nothing(redis_url, redis_client):
    redis_client.hset("app:BTC", "beat", b"\xff\xfe\x1b[31m")
    redis_client.hset("app:ETH", "beat", now_text())
    bad, good = read(redis_url, subjects=("BTC", "ETH"))
    assert bad.values == ("\\xff\\xfe\x1b[31m",)
    assert good.present


def test_a_huge_value_is_cut(redis_url, redis_client):
    redis_client.hset("app:BTC", mapping={"beat": "x" * 1_000_000, **{f"f{number}": "y" for number in range(10_000)}})
    (reading,) = read(redis_url)
    assert reading.values == ("x" * 80,)


@pytest.mark.parametrize(
    "subject", ["new\nline", "NUL\x00", "*?[a]\\", "{tag}", "\x1b]0;title\x07", "\u202eTDSU", "\udcff", " ", "x" * 300]
)
def test_any_key_can_be_read_and_shown(redis_url, redis_client, subject):
    redis_client.hset(f"app:{subject}".encode("utf-8", "surrogateescape"), "beat", "1771372692")
    redis_client.hset("app:decoy", "beat", "1")
    (reading,) = read(redis_url, subjects=(subject,))
    assert reading.values == ("1771372692",)
    assert (reading.subject + reading.key).isprintable()


def test_a_key_that_the_acl_forbids_is_told_and_the_others_are_read(redis_url, redis_client):
    redis_client.hset("app:BTC", "beat", "1")
    redis_client.execute_command("ACL", "SETUSER", "narrow", "on", ">pw", "~app:BTC", "+@all")
    try:
        forbidden, allowed = read(redis_url.replace("unix://", "unix://narrow:pw@"), subjects=("ETH", "BTC"))
    finally:
        redis_client.execute_command("ACL", "DELUSER", "narrow")
    assert (forbidden.present, forbidden.trouble) == (None, "no_permission")
    assert allowed.present


# the price in commands


def test_fresh_keys_cost_one_command_each_and_nothing_is_searched(redis_url, redis_client):
    subjects = [f"S{number}" for number in range(2500)]
    with redis_client.pipeline(transaction=False) as pipe:
        for subject in subjects:
            pipe.hset(f"quantum:risk:proposal:{subject}", mapping={"heartbeat_ms": "1771372692000", "computed_at_utc": "x"})
        pipe.execute()
    redis_client.config_resetstat()
    readings = read(redis_url, PROPOSALS, subjects=subjects)
    assert [reading.subject for reading in readings] == subjects
    assert commands(redis_client) == {"hmget": 2500, "time": 2}


def test_absent_keys_cost_a_second_round_and_their_positions_one_command_each(redis_url, redis_client):
    read(redis_url, PROPOSALS, MARKET_STATE, subjects=("A", "B", "C"))
    # 2 families x 3, positions 3, single hash 1; existence of 6 keys and 3 witnesses
    assert commands(redis_client) == {"hmget": 10, "exists": 9, "time": 2}


# a server that does not answer


def test_a_server_that_is_not_there_is_asked_once():
    started = time.monotonic()
    taken, readings = look(NO_WAY, PROPOSALS, MARKET_STATE, subjects=[f"S{number}" for number in range(3000)])
    assert taken.server.state == "down"
    assert len(readings) == 6000
    assert {(reading.present, reading.trouble) for reading in readings} == {(None, "down")}
    assert time.monotonic() - started < 1.0


class FallsSilent:
    """A source whose server answers some questions, then no more; what it answers is not real, that it stops is the point."""

    clustered = False

    def __init__(self, answers: int) -> None:
        self.answers, self.asked = answers, 0

    def now_s(self) -> float:
        return 1_771_372_692.0

    def ask(self, commands, keys):
        self.asked += 1
        if self.asked > self.answers:
            return [redis.TimeoutError("Timeout reading from socket")] * len(commands)
        return [[None] for _ in commands]


@pytest.mark.parametrize(("answers", "asked"), [(0, 1), (1, 2)])
def test_a_server_that_falls_silent_on_the_way_is_not_asked_again(answers, asked):
    """Nothing that was not answered is called absent: no verdict hangs on a question that got no reply."""
    silent = FallsSilent(answers)
    greeted = keys.ServerReading("redis://x", "ok")
    taken = keys.Look(silent, greeted, [keys.Selection(PROPOSALS, [f"S{number}" for number in range(5000)])])
    readings = list(taken)
    assert silent.asked == asked
    assert taken.server.state == "hung"
    assert {(reading.present, reading.trouble) for reading in readings} == {(None, "hung")}
