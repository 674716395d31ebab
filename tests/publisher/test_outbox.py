"""Each proposal once in the stream, whatever became of the reply."""

from pathlib import Path

import pytest
import redis

from publisher.contract import PROPOSAL_STREAM
from publisher.embedded import private_server
from publisher.link import Link
from publisher.outbox import Outbox

NOW_MS = 1_771_372_692_000


@pytest.fixture
def outbox(link: Link) -> Outbox:
    return Outbox(link)


def proposal(number: int, by: str = "me") -> list[str]:
    return ["publisher_id", by, "seq", str(number)]


def entries(client: redis.Redis) -> list[tuple[str, int]]:
    return [(entry_id.decode(), int(fields[b"seq"])) for entry_id, fields in client.xrange(PROPOSAL_STREAM)]


def test_entries_carry_ids_of_our_own_choosing(outbox: Outbox, redis_client: redis.Redis) -> None:
    for number in range(3):
        outbox.add(proposal(number), NOW_MS)
    outbox.add(proposal(3), NOW_MS + 5)
    assert outbox.flush(NOW_MS) is None
    assert entries(redis_client) == [(f"{NOW_MS}-0", 0), (f"{NOW_MS}-1", 1), (f"{NOW_MS}-2", 2), (f"{NOW_MS + 5}-0", 3)]
    assert len(outbox) == 0


def test_ids_grow_although_the_clock_steps_back(outbox: Outbox, redis_client: redis.Redis) -> None:
    for number, step_ms in enumerate((0, -3_600_000, -1, 1)):
        outbox.add(proposal(number), NOW_MS + step_ms)
        outbox.flush(NOW_MS + step_ms)
    assert [number for _, number in entries(redis_client)] == [0, 1, 2, 3]


def test_an_entry_whose_reply_was_lost_is_not_there_twice(link: Link, redis_client: redis.Redis) -> None:
    outbox = Outbox(link)
    outbox.add(proposal(1), NOW_MS)
    outbox.add(proposal(2), NOW_MS)
    redis_client.xadd(PROPOSAL_STREAM, {"publisher_id": "me", "seq": "1"}, id=f"{NOW_MS}-0")  # it arrived, its reply did not
    assert outbox.flush(NOW_MS) is None
    assert outbox.flush(NOW_MS) is None
    assert entries(redis_client) == [(f"{NOW_MS}-0", 1), (f"{NOW_MS}-1", 2)]
    assert len(outbox) == 0


def test_an_id_that_is_anothers_is_exchanged_for_a_later_one(outbox: Outbox, redis_client: redis.Redis) -> None:
    redis_client.xadd(PROPOSAL_STREAM, {"publisher_id": "another", "seq": "1"}, id=f"{NOW_MS}-0")
    outbox.add(proposal(1), NOW_MS)
    outbox.flush(NOW_MS)
    assert len(outbox) == 1
    outbox.flush(NOW_MS)
    assert len(outbox) == 0
    assert entries(redis_client) == [(f"{NOW_MS}-0", 1), (f"{NOW_MS}-1", 1)]


def test_a_stream_whose_newest_entry_is_ahead_of_our_clock_is_joined_there(outbox: Outbox, redis_client: redis.Redis) -> None:
    redis_client.xadd(PROPOSAL_STREAM, {"publisher_id": "another", "seq": "9"}, id=f"{NOW_MS + 3_600_000}-7")
    for number in (1, 2):
        outbox.add(proposal(number), NOW_MS)
    outbox.flush(NOW_MS)
    outbox.flush(NOW_MS)
    outbox.add(proposal(3), NOW_MS + 10_000)
    outbox.flush(NOW_MS + 10_000)
    ahead = NOW_MS + 3_600_000
    assert entries(redis_client) == [(f"{ahead}-7", 9), (f"{ahead}-8", 1), (f"{ahead}-9", 2), (f"{ahead}-10", 3)]


def test_what_cannot_be_sent_waits_and_is_sent_once_in_its_order(tmp_path: Path) -> None:
    link = Link(f"unix://{tmp_path}/redis.sock", timeout_s=0.3)
    outbox = Outbox(link)
    for number in range(3):
        outbox.add(proposal(number), NOW_MS + number)
    assert isinstance(outbox.flush(NOW_MS), redis.ConnectionError)
    assert len(outbox) == 3
    outbox.add(proposal(3), NOW_MS + 3)
    with private_server(tmp_path) as server, redis.Redis.from_url(server.url) as client:
        assert outbox.flush(NOW_MS) is None
        assert [number for _, number in entries(client)] == [0, 1, 2, 3]
    link.close()


def test_a_stream_that_is_none_is_said_and_nothing_piles_up(outbox: Outbox, redis_client: redis.Redis) -> None:
    redis_client.set(PROPOSAL_STREAM, "x")
    outbox.add(proposal(1), NOW_MS)
    problem = outbox.flush(NOW_MS)
    assert "WRONGTYPE" in str(problem)
    assert len(outbox) == 0


def test_the_oldest_give_way_where_more_wait_than_the_stream_keeps(
    link: Link, monkeypatch: pytest.MonkeyPatch, redis_client: redis.Redis
) -> None:
    monkeypatch.setattr("publisher.outbox.PROPOSAL_STREAM_MAXLEN", 5)
    outbox = Outbox(link)
    for number in range(8):
        outbox.add(proposal(number), NOW_MS)
    assert len(outbox) == 5
    outbox.flush(NOW_MS)
    assert [number for _, number in entries(redis_client)] == [3, 4, 5, 6, 7]


def test_the_stream_keeps_about_as_many_as_the_contract_says(outbox: Outbox, redis_client: redis.Redis) -> None:
    for number in range(25):
        for _ in range(500):
            outbox.add(proposal(number), NOW_MS + number)
        outbox.flush(NOW_MS)
    assert 10_000 <= redis_client.xlen(PROPOSAL_STREAM) < 10_500
