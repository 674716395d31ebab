"""Replies as servers of several versions send them. Recorded by RESP2, on the wire; addresses and figures are made up."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtops.collectors import stream_replies as told

REDIS_6 = [
    b"length", 2, b"radix-tree-keys", 1, b"radix-tree-nodes", 2, b"last-generated-id", b"1771372692000-1", b"groups", 1,
    b"first-entry", [b"1771372632000-0", [b"event", b"x"]], b"last-entry", [b"1771372692000-1", [b"event", b"y", b"reason", b"z"]],
]  # fmt: skip
REDIS_7 = [
    b"length", 2, b"radix-tree-keys", 1, b"radix-tree-nodes", 2, b"last-generated-id", b"1771372692000-1",
    b"max-deleted-entry-id", b"0-0", b"entries-added", 7, b"recorded-first-entry-id", b"1771372632000-0", b"groups", 1,
    b"first-entry", [b"1771372632000-0", [b"event", b"x"]], b"last-entry", [b"1771372692000-1", [b"event", b"y", b"reason", b"z"]],
]  # fmt: skip
EMPTY_7 = [
    b"length", 0, b"radix-tree-keys", 0, b"radix-tree-nodes", 1, b"last-generated-id", b"0-0", b"max-deleted-entry-id", b"0-0",
    b"entries-added", 0, b"recorded-first-entry-id", b"0-0", b"groups", 1, b"first-entry", None, b"last-entry", None,
]  # fmt: skip
GROUP_6 = [b"name", b"g", b"consumers", 3, b"pending", 5, b"last-delivered-id", b"1-2"]
REDIS_8_2 = [*REDIS_7[:14], b"idmp-duration", 100, *REDIS_7[14:]]  # later versions tell more; what is not known is passed over


@pytest.mark.parametrize(("reply", "added"), [(REDIS_6, None), (REDIS_7, 7), (REDIS_8_2, 7)])
def test_a_stream_of_each_version(reply, added):
    assert told.stream(reply) == {
        "length": 2,
        "first_id": "1771372632000-0",
        "last_id": "1771372692000-1",
        "fields": ("event", "reason"),
        "last_generated_id": "1771372692000-1",
        "max_deleted_id": "0-0",
        "entries_added": added,
        "groups_count": 1,
    }


def test_a_stream_that_only_a_reader_made():
    found = told.stream(EMPTY_7)
    assert (found["length"], found["first_id"], found["entries_added"], found["last_generated_id"]) == (0, "", 0, "0-0")


def test_a_map_as_resp3_has_it():
    assert told.stream(dict(zip(REDIS_7[::2], REDIS_7[1::2], strict=True))) == told.stream(REDIS_7)


@pytest.mark.parametrize(
    ("reply", "entries_read", "lag"),
    [
        ([b"name", b"g", b"consumers", 3, b"pending", 5, b"last-delivered-id", b"1-2"], None, None),
        ([b"name", b"g", b"consumers", 3, b"pending", 5, b"last-delivered-id", b"1-2", b"entries-read", 2, b"lag", 0], 2, 0),
        (
            [b"name", b"g", b"consumers", 3, b"pending", 5, b"last-delivered-id", b"1-2", b"entries-read", None, b"lag", None],
            None,
            None,
        ),
    ],
)
def test_a_group_of_each_version(reply, entries_read, lag):
    ((asked, group),) = told.groups([reply])
    assert (asked, group.name, group.consumers_count, group.pending, group.last_delivered_id) == (b"g", "g", 3, 5, "1-2")
    assert (group.entries_read, group.lag) == (entries_read, lag)


def test_consumers_of_each_version():
    before, since = told.consumers([
        [b"name", b"a", b"pending", 1, b"idle", 12],
        [b"name", b"b", b"pending", 0, b"idle", 9, b"inactive", 500],
    ])  # fmt: skip
    assert (before.name, before.pending, before.idle_ms, before.inactive_ms) == ("a", 1, 12, None)
    assert since.inactive_ms == 500
    assert told.consumers([[b"name", b"c", b"pending", 0, b"idle", 9, b"inactive", -1]])[0].inactive_ms is None


def test_of_many_consumers_the_latest_and_those_who_hold_most_are_kept():
    many = [[b"name", b"c%d" % number, b"pending", number % 7, b"idle", number] for number in range(5_000)]
    kept = told.consumers(many)
    assert len(kept) == 1_000
    assert kept[0].idle_ms == 0
    assert {consumer.pending for consumer in kept[500:]} == {6}


def test_a_summary_of_pending_entries():
    assert told.pending([3, b"1-0", b"9-0", [[b"a", b"3"]]]) == ("1-0", "9-0")
    assert told.pending([0, None, None, None]) == ("", "")


def test_connections_without_their_addresses():
    line = (
        b"id=7 addr=10.0.0.9:5123 fd=8 name=worker age=90 idle=42 flags=b db=0 sub=0 cmd=xreadgroup user=default\n"
        b"id=8 addr=10.0.0.9:5124 fd=9 name= age=1 idle=0 flags=N db=0 cmd=client|list user=default resp=2\n"
    )
    worker, other = told.clients(line)
    assert (worker.name, worker.command, worker.idle_s, worker.blocked) == ("worker", "xreadgroup", 42, True)
    assert (other.name, other.command, other.blocked) == ("", "client|list", False)


def test_names_are_printable_and_of_bounded_length():
    ((asked, group),) = told.groups([[b"name", b"g\xff\x1b]0;x\x07\n", b"consumers", 0]])
    assert asked == b"g\xff\x1b]0;x\x07\n"
    assert group.name == "g\\xff\\x1b]0;x\\x07\\n"
    assert len(told.text(b"x" * 10**6)) == 257
    many = [part for number in range(10_000) for part in (b"f%d" % number, b"v")]
    assert len(told.stream([b"last-entry", [b"1-0", many]])["fields"]) == 200


ANYTHING = st.recursive(
    st.none() | st.integers() | st.binary(max_size=8) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=6),
    max_leaves=20,
)


@settings(deadline=None)
@given(ANYTHING)
def test_no_reply_makes_them_stumble(reply):
    told.stream(reply)
    told.largest_entry(reply)
    told.ids(reply)
    told.groups(reply)
    told.consumers(reply)
    told.pending(reply)
    told.clients(reply)
