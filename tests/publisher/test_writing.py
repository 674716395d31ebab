"""What a reader of a proposal may count on: all of it or none, always with an end, a heartbeat only on content of one's own."""

import threading

import pytest
import redis

from publisher.contract import TRACK_TTL_MS, proposal_key, publisher_key, track_key
from publisher.embedded import private_server
from publisher.link import Link
from publisher.writing import Write, Writer, Written

TTL_MS = 30_000
KEY = proposal_key("BTCUSDT")


@pytest.fixture
def writer(link: Link) -> Writer:
    return Writer(link, "me", TTL_MS)


def content(symbol: str = "BTCUSDT", seq: int = 1, by: str = "me") -> Write:
    fields = {"proposed_sl": f"{seq}.5", "publisher_id": by, "seq": str(seq), "heartbeat_ms": "1000"}
    return Write(symbol, [text for pair in fields.items() for text in pair], ["side", "LONG", "seq", str(seq)])


def heartbeat(symbol: str = "BTCUSDT") -> Write:
    return Write(symbol)


def test_content_has_an_end_and_so_has_its_track(writer: Writer, redis_client: redis.Redis) -> None:
    assert writer.write([content()], 1000) == [Written(done=True)]
    assert redis_client.hgetall(KEY) == {b"proposed_sl": b"1.5", b"publisher_id": b"me", b"seq": b"1", b"heartbeat_ms": b"1000"}
    assert TTL_MS - 1000 < redis_client.pttl(KEY) <= TTL_MS
    assert redis_client.hgetall(track_key("BTCUSDT")) == {b"side": b"LONG", b"seq": b"1"}
    assert TRACK_TTL_MS - 1000 < redis_client.pttl(track_key("BTCUSDT")) <= TRACK_TTL_MS


def test_content_replaces_whatever_another_dialect_left_there(writer: Writer, redis_client: redis.Redis) -> None:
    redis_client.hset(KEY, mapping={"proposed_sl": "9", "calibrated": "1", "action": "NONE"})
    assert redis_client.pttl(KEY) == -1
    writer.write([content()], 1000)
    assert b"calibrated" not in redis_client.hgetall(KEY)
    assert redis_client.pttl(KEY) > 0


def test_a_heartbeat_touches_nothing_but_its_field_and_the_end(writer: Writer, redis_client: redis.Redis) -> None:
    writer.write([content()], 1000)
    redis_client.pexpire(KEY, 5000)
    redis_client.delete(track_key("BTCUSDT"))
    assert writer.write([heartbeat()], 2000) == [Written(done=True, owner="me")]
    assert redis_client.hgetall(KEY) == {b"proposed_sl": b"1.5", b"publisher_id": b"me", b"seq": b"1", b"heartbeat_ms": b"2000"}
    assert redis_client.pttl(KEY) > 5000
    assert not redis_client.exists(track_key("BTCUSDT"))


def test_a_heartbeat_on_a_proposal_that_is_gone_writes_nothing_and_says_so(writer: Writer, redis_client: redis.Redis) -> None:
    assert writer.write([heartbeat()], 2000) == [Written(done=False)]
    assert redis_client.keys() == []


def test_a_heartbeat_on_anothers_proposal_writes_nothing_and_says_whose(writer: Writer, redis_client: redis.Redis) -> None:
    writer.write([content(by="another")], 1000)
    redis_client.pexpire(KEY, 5000)
    assert writer.write([heartbeat()], 2000) == [Written(done=False, owner="another")]
    assert redis_client.hget(KEY, "heartbeat_ms") == b"1000"
    assert redis_client.pttl(KEY) <= 5000


def test_content_over_anothers_says_whose_it_was(writer: Writer) -> None:
    writer.write([content(by="another")], 1000)
    assert writer.write([content()], 1000) == [Written(done=True, owner="another")]


def test_a_reader_sees_one_whole_proposal_or_the_next(writer: Writer, redis_url: str) -> None:
    names = [f"field{number}" for number in range(34)]
    torn: list[object] = []
    writer.write([Write("BTCUSDT", [text for name in names for text in (name, "0")])], 1000)

    def read() -> None:
        with redis.Redis.from_url(redis_url) as reader:
            while not done.is_set():
                found = reader.hgetall(KEY)
                if len(found) != len(names) or len(set(found.values())) != 1:
                    torn.append(found)

    done = threading.Event()
    thread = threading.Thread(target=read)
    thread.start()
    for number in range(300):
        writer.write([Write("BTCUSDT", [text for name in names for text in (name, str(number))])], 1000)
    done.set()
    thread.join()
    assert torn == []


def test_one_that_cannot_be_written_does_not_stop_the_others(writer: Writer, redis_client: redis.Redis) -> None:
    redis_client.set(proposal_key("B"), "somebody's text")
    redis_client.set(track_key("C"), "somebody's text")
    a, b, c, d = writer.write([content("A"), content("B"), content("C"), heartbeat("D")], 1000)
    assert (a, d) == (Written(done=True), Written(done=False))
    assert not b.done
    assert "WRONGTYPE" in str(b.error)
    assert c.done
    assert "WRONGTYPE" in str(c.track_error)
    assert redis_client.get(proposal_key("B")) == b"somebody's text"


def test_the_script_is_taught_to_a_server_that_does_not_know_it(writer: Writer, redis_client: redis.Redis) -> None:
    symbols = [f"S{number}" for number in range(5)]
    assert all(result.done for result in writer.write([content(symbol) for symbol in symbols], 1000))
    redis_client.config_resetstat()
    writer.write([heartbeat(symbol) for symbol in symbols], 1000)
    assert "cmdstat_eval" not in redis_client.info("commandstats")
    redis_client.script_flush()
    assert all(result.done for result in writer.write([heartbeat("S0"), content("S1", 2)], 2000))
    assert redis_client.hmget(proposal_key("S1"), "seq", "proposed_sl") == [b"2", b"2.5"]
    assert redis_client.hget(proposal_key("S0"), "heartbeat_ms") == b"2000"


def test_what_is_removed_is_gone_with_its_track_where_that_is_asked(writer: Writer, redis_client: redis.Redis) -> None:
    writer.write([content("A"), content("B")], 1000)
    assert writer.remove(["A", "B", "C"], with_track=["A"]) == [1, 1, 0]
    assert redis_client.keys() == [track_key("B").encode()]


def test_the_publishers_own_hash_has_an_end_too(writer: Writer, redis_client: redis.Redis) -> None:
    writer.status({"publisher_id": "me", "cycle": "3"})
    assert redis_client.hgetall(publisher_key("me")) == {b"publisher_id": b"me", b"cycle": b"3"}
    assert 0 < redis_client.pttl(publisher_key("me")) <= TTL_MS


@pytest.mark.parametrize("forbidden", ["-hget", "-hset", "-pexpire"])
def test_a_user_who_may_do_only_part_of_it_leaves_no_half_and_nothing_without_an_end(forbidden: str) -> None:
    with private_server() as server, redis.Redis.from_url(server.url) as admin:
        admin.hset(KEY, mapping={"proposed_sl": "1", "publisher_id": "me", "heartbeat_ms": "1"})
        admin.pexpire(KEY, 5000)
        admin.acl_setuser("partly", enabled=True, nopass=True, keys=["*"], commands=["+@all", forbidden])
        link = Link(f"{server.url}?username=partly&password=x")
        for write in (heartbeat(), content()):
            (result,) = Writer(link, "me", TTL_MS).write([write], 2000)
            found = admin.hgetall(KEY)
            assert not found or 0 < admin.pttl(KEY) <= TTL_MS
            assert not found or found.keys() >= {b"proposed_sl", b"publisher_id", b"heartbeat_ms"}
            assert result.done == (result.error is None)
            assert result.done or "can't run this command" in str(result.error)
        link.close()


def test_where_memory_is_full_the_former_proposal_stays_as_it_is() -> None:
    with private_server() as server, redis.Redis.from_url(server.url) as admin:
        link = Link(server.url)
        writer = Writer(link, "me", TTL_MS)
        writer.write([content()], 1000)
        before = admin.hgetall(KEY)
        admin.config_set("maxmemory", "1")
        for write in (content(seq=2), heartbeat()):
            (result,) = writer.write([write], 2000)
            assert not result.done
            assert isinstance(result.error, redis.exceptions.OutOfMemoryError)
        assert admin.hgetall(KEY) == before
        link.close()
